//! Which processes count: those that finished and whose every number can be true.

use std::collections::BTreeMap;

use base64::Engine;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::Deserializer;

use crate::artifact::analysis::Failure;
use crate::artifact::metric::{VALUE, metric, unit};
use crate::artifact::observation::Observation;
use crate::artifact::outcome::Outcome;
use crate::artifact::sample::Sample;

/// Metrics that may be below zero: a slope, and a share of memory given back by a process that grew instead.
const SIGNED: [&str; 2] = ["frag_slope", "return_share"];

/// A process that counts.
pub(super) struct Admitted<'a> {
    pub observation: Observation,
    /// Metric name -> value.
    pub values: BTreeMap<&'a str, f64>,
    /// Decoded; emptied once they are pooled, for they are large.
    pub histograms: BTreeMap<String, Histogram<u64>>,
    /// Name of the histogram -> number of values.
    pub counts: BTreeMap<String, u64>,
}

impl Admitted<'_> {
    pub(super) fn without_histograms(mut self) -> Self {
        self.histograms.clear();
        self.observation.histograms.clear();
        self
    }

    /// Once its cell is summarised.
    pub(super) fn figures(self) -> Figures {
        // Cells are not compared by what a workload measured itself.
        let table = |(name, value)| Some((metric(name)?.name, value));
        Figures {
            round: self.observation.round,
            values: self.values.into_iter().filter_map(table).collect(),
        }
    }
}

/// As much of a process as cells are compared by. A run may have thousands, and their observations do not fit into memory.
pub(super) struct Figures {
    pub round: u32,
    /// Metric name -> value.
    pub values: BTreeMap<&'static str, f64>,
}

/// Err: the row among the failures that the process is.
pub(super) fn admit<'s>(observation: Observation, samples: &[&'s Sample]) -> Result<Admitted<'s>, Failure> {
    match numbers(&observation, samples) {
        Ok((values, histograms)) => Ok(Admitted {
            observation,
            values,
            counts: histograms
                .iter()
                .map(|(name, h)| (name.clone(), h.len()))
                .collect(),
            histograms,
        }),
        Err(outcome) => Err(Failure {
            invocation: observation.invocation,
            cell: observation.cell,
            outcome,
        }),
    }
}

/// Also what a workload measured itself, which may be a difference.
fn may_be_negative(name: &str) -> bool {
    SIGNED.contains(&name) || name.starts_with(VALUE)
}

type Numbers<'s> = (BTreeMap<&'s str, f64>, BTreeMap<String, Histogram<u64>>);

/// Err: the outcome under which the process is a row among the failures.
fn numbers<'s>(observation: &Observation, samples: &[&'s Sample]) -> Result<Numbers<'s>, Outcome> {
    if !observation.outcome.is_finished() {
        return Err(observation.outcome.clone());
    }
    let refuse = |reason: String| Outcome::Failed { status: None, reason };
    let mut values = BTreeMap::new();
    for sample in samples {
        let (name, value) = (sample.metric.as_str(), sample.value);
        if unit(name).is_none() {
            return Err(refuse(format!("samples.csv: `{name}` is not a metric")));
        }
        if !value.is_finite() || (value < 0.0 && !may_be_negative(name)) {
            return Err(refuse(format!("samples.csv: {name} cannot be {value}")));
        }
        if values.insert(name, value).is_some() {
            return Err(refuse(format!("samples.csv: {name} is given twice")));
        }
    }
    let mut histograms = BTreeMap::new();
    for (name, text) in &observation.histograms {
        let decoded = decode(text).map_err(|e| refuse(format!("histogram `{name}`: {e}")))?;
        histograms.insert(name.clone(), decoded);
    }
    Ok((values, histograms))
}

pub(super) fn decode(text: &str) -> Result<Histogram<u64>, String> {
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(text.trim())
        .map_err(|e| e.to_string())?;
    Deserializer::new()
        .deserialize(&mut bytes.as_slice())
        .map_err(|e| e.to_string())
}
