//! Stops of the log against Java Flight Recorder's events of the same process.
//!
//! The log's n-th safepoint is the one that JFR numbers n, so safepoints that were recorded whole are compared one for one. JFR's own span to
//! where threads begin to be let go ends before the log's total does, and its span to the end of SafepointEnd ends after it, since that event is
//! posted when the line of the log has been printed (safepoint.cpp, SafepointSynchronize::end). The log of JDK 21 and later tells the first span too.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::artifact::selftest::{Bound, Figure, Proof, Unit};

/// Thresholds are 0, so that nothing is too short.
pub const SETTINGS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<configuration version="2.0" label="selftest" description="stops" provider="gcrucible">
  <event name="jdk.SafepointBegin"><setting name="enabled">true</setting><setting name="threshold">0 ns</setting></event>
  <event name="jdk.SafepointEnd"><setting name="enabled">true</setting><setting name="threshold">0 ns</setting></event>
  <event name="jdk.ExecuteVMOperation"><setting name="enabled">true</setting><setting name="threshold">0 ns</setting></event>
</configuration>
"#;

pub const EVENTS: &str = "jdk.SafepointBegin,jdk.SafepointEnd,jdk.ExecuteVMOperation";

/// Beside the process's log; `{log}` is filled in when it runs.
pub const RECORDING: &str = "{log}.jfr";

/// The flags that record, and say nothing of it on stdout, which is the runner's.
pub fn flags(settings: &Path) -> Vec<String> {
    let recording = format!(
        "-XX:StartFlightRecording=filename={RECORDING},settings={}",
        settings.display()
    );
    vec!["-Xlog:jfr+startup=off".to_owned(), recording]
}

/// Fewer stops than this say nothing.
const STOPS: usize = 10;
const TOLERANCE: f64 = 0.02;

/// A safepoint as the log has it, in its order; ns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    pub operation: String,
    pub collection: bool,
    pub total: u64,
    /// To where threads begin to be let go, where the release tells.
    pub until_leaving: Option<u64>,
}

/// A safepoint as JFR has it; ns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    pub operation: String,
    pub until_leaving: u64,
    pub with_printing: u64,
}

/// `jfr print --json`: safepointId -> safepoint, those that were recorded from begin to end.
pub fn read(json: &[u8]) -> Result<BTreeMap<u64, Recorded>, String> {
    let all: Value = serde_json::from_slice(json).map_err(|e| e.to_string())?;
    let events = all["recording"]["events"].as_array().ok_or("it has no events")?;
    let of = |kind: &'static str| {
        events
            .iter()
            .filter(move |e| e["type"] == kind)
            .map(|e| &e["values"])
    };
    let id = |values: &Value| values["safepointId"].as_u64();
    let ends: BTreeMap<u64, (u64, u64)> = of("jdk.SafepointEnd")
        .filter_map(|v| Some((id(v)?, span(v)?)))
        .collect();
    let operations: BTreeMap<u64, &str> = of("jdk.ExecuteVMOperation")
        .filter(|v| v["safepoint"] == true)
        .filter_map(|v| Some((id(v)?, v["operation"].as_str()?)))
        .collect();
    Ok(of("jdk.SafepointBegin")
        .filter_map(|v| {
            let id = id(v)?;
            let (asked, _) = span(v)?;
            let (leaving, end) = ends.get(&id)?;
            let stop = Recorded {
                operation: (*operations.get(&id)?).to_owned(),
                until_leaving: leaving.checked_sub(asked)?,
                with_printing: end.checked_sub(asked)?,
            };
            Some((id, stop))
        })
        .collect())
}

/// (begin, end), ns since the epoch.
fn span(values: &Value) -> Option<(u64, u64)> {
    let begun: jiff::Timestamp = values["startTime"].as_str()?.parse().ok()?;
    let lasted: jiff::SignedDuration = values["duration"].as_str()?.parse().ok()?;
    let begun = u64::try_from(begun.as_nanosecond()).ok()?;
    Some((begun, begun.checked_add(u64::try_from(lasted.as_nanos()).ok()?)?))
}

pub fn what() -> &'static str {
    "collectors' stops, log over JFR"
}

/// Stops that the log calls the collector's, and JFR's of the same numbers.
pub fn proof(subject: &str, logged: &[Logged], recorded: &BTreeMap<u64, Recorded>) -> Proof {
    let what = what();
    let mut pairs: Vec<(&Logged, &Recorded)> = Vec::new();
    for (id, theirs) in recorded {
        let ours = usize::try_from(*id)
            .ok()
            .and_then(|id| logged.get(id.checked_sub(1)?));
        match ours {
            Some(ours) if ours.operation == theirs.operation => pairs.push((ours, theirs)),
            other => {
                let ours = other.map_or("nothing", |o| &o.operation);
                let why = format!(
                    "safepoint {id} is {} to JFR and {ours} to the log",
                    theirs.operation
                );
                return Proof::failed(what, subject, why);
            }
        }
    }
    pairs.retain(|(ours, _)| ours.collection);
    if pairs.len() < STOPS {
        let why = format!(
            "{} stops of the collector were recorded, {STOPS} are needed",
            pairs.len()
        );
        return Proof::not_applicable(what, subject, why);
    }
    let until: Option<u64> = pairs.iter().map(|(ours, _)| ours.until_leaving).sum();
    let total: u64 = pairs.iter().map(|(ours, _)| ours.total).sum();
    let leaving: u64 = pairs.iter().map(|(_, theirs)| theirs.until_leaving).sum();
    let printing: u64 = pairs.iter().map(|(_, theirs)| theirs.with_printing).sum();
    let mut figures = Vec::new();
    if let Some(until) = until {
        figures.push(Figure::bounded(
            "ratio, to where threads are let go",
            until as f64 / leaving as f64,
            Unit::Ratio,
            Bound::Within(1.0 - TOLERANCE, 1.0 + TOLERANCE),
        ));
    }
    figures.extend([
        // The total lies between JFR's two spans.
        Figure::bounded(
            "log, whole stops",
            total as f64,
            Unit::Ns,
            Bound::Within(
                leaving as f64 * (1.0 - TOLERANCE),
                printing as f64 * (1.0 + TOLERANCE),
            ),
        ),
        Figure::plain("JFR, to where threads are let go", leaving as f64, Unit::Ns),
        Figure::plain("JFR, with printing the line", printing as f64, Unit::Ns),
        Figure::plain("stops", pairs.len() as f64, Unit::Count),
    ]);
    Proof::of(what, subject, figures)
}
