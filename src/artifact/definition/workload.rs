//! `workloads/<name>.toml`: what the work is.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::name::unknown;
use super::quantity;
use crate::artifact::plan::Mode;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkloadDef {
    pub name: String,
    pub summary: String,
    pub stresses: String,
    pub does_not_stress: String,
    pub modes: Vec<Mode>,
    /// Those that have a counterpart of it; absent: all.
    pub runtimes: Option<Vec<String>>,
    /// The parameter whose words are layouts or shapes worth telling apart in the report; absent: one layout.
    pub variant: Option<String>,
    /// Further variants, each made of several parameters.
    #[serde(default, rename = "case")]
    pub cases: BTreeMap<String, Case>,
    #[serde(rename = "parameter")]
    pub parameters: BTreeMap<String, Parameter>,
    /// What it measures itself, beside the metrics: `value.<name>` in the answer of a runner, and what that is. A name ends in its unit
    /// ([`crate::artifact::metric::unit`]).
    #[serde(default, rename = "value")]
    pub values: BTreeMap<String, String>,
    #[serde(rename = "preset")]
    pub presets: BTreeMap<String, Preset>,
}

impl WorkloadDef {
    /// Does the runtime have it?
    pub fn is_in(&self, runtime: &str) -> bool {
        let named = self.runtimes.as_ref();
        named.is_none_or(|names| names.iter().any(|name| name == runtime))
    }

    /// The words of the variant parameter, then the cases.
    pub fn variants(&self) -> Vec<&str> {
        let words = self
            .variant
            .as_ref()
            .and_then(|v| self.parameters.get(v)?.words.as_ref());
        let words = words.into_iter().flatten();
        words.chain(self.cases.keys()).map(String::as_str).collect()
    }
}

/// A variant that no one word makes: these parameters instead of the preset's.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub what: String,
    pub parameters: BTreeMap<String, String>,
}

/// A whole number with a range, or one of a list of words.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    pub what: String,
    pub unit: Option<String>,
    /// Written as text so that numbers and words have one type; "64MiB" is understood for bytes.
    pub default: String,
    pub min: Option<u64>,
    pub max: Option<u64>,
    pub words: Option<Vec<String>>,
}

impl Parameter {
    /// The value as it goes into a request: sizes become bytes, words and ranges are checked.
    pub fn value(&self, name: &str, text: &str) -> Result<String, String> {
        if let Some(words) = &self.words {
            return if words.iter().any(|w| w == text) {
                Ok(text.to_owned())
            } else {
                Err(unknown(
                    &format!("word for {name}"),
                    text,
                    words.iter().map(String::as_str),
                ))
            };
        }
        let number = quantity::bytes(text)?;
        let (min, max) = (self.min.unwrap_or(0), self.max.unwrap_or(u64::MAX));
        if number < min || number > max {
            return Err(format!("{name} = {number} is out of range: {min} to {max}"));
        }
        Ok(number.to_string())
    }
}

/// Sizes of a run: smoke, quick, standard, large.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    pub threads: u32,
    /// Operations per thread.
    pub warmup_ops: u64,
    pub ops: u64,
    #[serde(default)]
    pub return_ms: u64,
    /// The largest block to ask for after the window; absent: none. Less is asked for where a budget or the machine is small.
    pub probe_bytes: Option<String>,
    /// Length of the open-loop window.
    pub open_seconds: Option<f64>,
    /// Open-loop operations per thread and rate for `verify`, where no calibration is made.
    pub verify_ops: Option<u64>,
    pub verify_rate: Option<u64>,
    pub parameters: BTreeMap<String, String>,
    /// `<variant or "-">.<mode>` -> checksum for seed 42 and exactly this preset.
    #[serde(default)]
    pub checksum: BTreeMap<String, String>,
    pub timeout_s: u64,
}
