//! The JVM's own account of a run: Java Flight Recorder's events of stops, pauses and stalls, each of any length.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Thresholds are 0, so that nothing is too short; stacks would take time.
const SETTINGS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<configuration version="2.0" label="truth" description="stops, pauses and stalls" provider="gcrucible">
  <event name="jdk.SafepointBegin"><setting name="enabled">true</setting><setting name="threshold">0 ns</setting></event>
  <event name="jdk.SafepointEnd"><setting name="enabled">true</setting><setting name="threshold">0 ns</setting></event>
  <event name="jdk.ExecuteVMOperation"><setting name="enabled">true</setting><setting name="threshold">0 ns</setting></event>
  <event name="jdk.GCPhasePause"><setting name="enabled">true</setting><setting name="threshold">0 ns</setting></event>
  <event name="jdk.GarbageCollection"><setting name="enabled">true</setting><setting name="threshold">0 ns</setting></event>
  <event name="jdk.ZAllocationStall"><setting name="enabled">true</setting><setting name="threshold">0 ns</setting><setting name="stackTrace">false</setting></event>
</configuration>
"#;

const EVENTS: &str = "jdk.SafepointBegin,jdk.SafepointEnd,jdk.ExecuteVMOperation,jdk.GCPhasePause,jdk.GarbageCollection,jdk.ZAllocationStall";

/// The flag that records into the folder.
pub fn flag(folder: &Path) -> String {
    let settings = folder.join("truth.jfc");
    std::fs::write(&settings, SETTINGS).unwrap();
    format!(
        "-XX:StartFlightRecording=filename={},settings={}",
        folder.join("run.jfr").display(),
        settings.display()
    )
}

/// Times in ns.
#[derive(Default)]
pub struct Stop {
    pub operation: String,
    /// From the request to stop to where the threads begin to be let go.
    pub until_leaving: u64,
    /// To the end of SafepointEnd, which is posted when the line of the log has been printed (safepoint.cpp,
    /// SafepointSynchronize::end): threads run again before that.
    pub with_printing: u64,
    /// The collector paused in it.
    pub pauses: bool,
}

#[derive(Default)]
pub struct Recording {
    /// By safepointId, which counts safepoints from 1; begun and ended while it was recording.
    pub stops: BTreeMap<u64, Stop>,
    /// gcId -> how many pauses, and how long together. Without the first and the last, which may be recorded in part.
    pub pauses: BTreeMap<u64, (u64, u64)>,
    /// Thread -> how many allocation stalls, and how long together.
    pub stalls: BTreeMap<String, (u64, u64)>,
}

/// Lasted from, to.
type Span = (u64, u64);

impl Recording {
    pub fn read(jfr: &Path, folder: &Path) -> Recording {
        let output = Command::new(jfr)
            .args(["print", "--json", "--events", EVENTS])
            .arg(folder.join("run.jfr"))
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let all: Value = serde_json::from_slice(&output.stdout).unwrap();
        let events = all["recording"]["events"].as_array().unwrap();
        let of = |kind: &str| {
            let these = events.iter().filter(|e| e["type"] == kind);
            these.map(|e| &e["values"]).collect::<Vec<_>>()
        };
        let ends: BTreeMap<u64, Span> = of("jdk.SafepointEnd")
            .into_iter()
            .map(|v| (number(v, "safepointId"), span(v)))
            .collect();
        let operations: BTreeMap<u64, &str> = of("jdk.ExecuteVMOperation")
            .into_iter()
            .filter(|v| v["safepoint"] == true)
            .map(|v| (number(v, "safepointId"), v["operation"].as_str().unwrap()))
            .collect();
        let mut recording = Recording::default();
        let pauses: Vec<(u64, Span)> = of("jdk.GCPhasePause")
            .into_iter()
            .map(|v| (number(v, "gcId"), span(v)))
            .collect();
        for begin in of("jdk.SafepointBegin") {
            let id = number(begin, "safepointId");
            let Some(((leaving, end), operation)) = ends.get(&id).zip(operations.get(&id)) else {
                continue; // the recording began or ended in it
            };
            let (asked, _) = span(begin);
            let stop = Stop {
                operation: (*operation).to_owned(),
                until_leaving: leaving - asked,
                with_printing: end - asked,
                pauses: pauses.iter().any(|(_, (from, _))| asked <= *from && from <= end),
            };
            recording.stops.insert(id, stop);
        }
        for (gc, (from, to)) in pauses {
            let sum = recording.pauses.entry(gc).or_default();
            *sum = (sum.0 + 1, sum.1 + (to - from));
        }
        recording.pauses.pop_first();
        recording.pauses.pop_last();
        for stall in of("jdk.ZAllocationStall") {
            let thread = stall["eventThread"]["osName"].as_str().unwrap_or_default();
            let (from, to) = span(stall);
            let sum = recording.stalls.entry(thread.to_owned()).or_default();
            *sum = (sum.0 + 1, sum.1 + (to - from));
        }
        recording
    }
}

fn number(values: &Value, name: &str) -> u64 {
    values[name].as_u64().unwrap()
}

fn span(values: &Value) -> Span {
    let begun: jiff::Timestamp = values["startTime"].as_str().unwrap().parse().unwrap();
    let lasted: jiff::SignedDuration = values["duration"].as_str().unwrap().parse().unwrap();
    let begun = u64::try_from(begun.as_nanosecond()).unwrap();
    (begun, begun + u64::try_from(lasted.as_nanos()).unwrap())
}
