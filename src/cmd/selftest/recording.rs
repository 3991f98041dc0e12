//! A JVM's log and its own Flight Recorder's file, read for comparison.

use std::path::Path;

use crate::artifact::event::{Event, What, Writer};
use crate::artifact::observation::Observation;
use crate::artifact::plan::Collector;
use crate::artifact::run_dir::RunDir;
use crate::artifact::selftest::Proof;
use crate::artifact::unit::Ns;
use crate::observe;
use crate::prove::jfr;

/// The log of one process against its own recording.
pub fn recorded_stops(tool: &Path, dir: &RunDir, run: &Observation, collector: &Collector) -> Proof {
    let failed = |why: String| Proof::failed(jfr::what(), &collector.label, why);
    let log = dir.raw(&run.invocation).gc_log();
    let recording = jfr::RECORDING.replace("{log}", &log.display().to_string());
    let output = std::process::Command::new(tool)
        .args(["print", "--json", "--events", jfr::EVENTS])
        .arg(&recording)
        .stdin(std::process::Stdio::null())
        .output();
    let output = match output {
        Ok(output) if output.status.success() => output.stdout,
        Ok(output) => return failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
        Err(error) => return failed(format!("{}: {error}", tool.display())),
    };
    let recorded = match jfr::read(&output) {
        Ok(recorded) => recorded,
        Err(why) => return failed(format!("{recording}: {why}")),
    };
    match logged(&log) {
        Ok(logged) => jfr::proof(&collector.label, &logged, &recorded),
        Err(error) => failed(format!("{}: {error}", log.display())),
    }
}

/// Every safepoint of a log.
fn logged(log: &Path) -> std::io::Result<Vec<jfr::Logged>> {
    let mut stops = Vec::new();
    let mut hear = |event: &Event| {
        if let What::Stop(stop) = &event.what {
            stops.push(jfr::Logged {
                operation: stop.operation.to_owned(),
                collection: stop.collection,
                total: stop.total.0,
                until_leaving: stop
                    .leaving
                    .map(|leaving: Ns| stop.total.0.saturating_sub(leaving.0)),
            });
        }
    };
    let mut reader = observe::reader::Reader::of(Writer::Jvm);
    reader.read(std::fs::File::open(log)?, 1, &mut hear)?;
    reader.finish(&mut hear);
    Ok(stops)
}
