//! A run folder is one machine's and one build's: what is measured elsewhere, or by a runner that was built anew, is not added to it.

use std::collections::BTreeMap;
use std::path::Path;

use super::usage;
use crate::artifact::envelope::{self, hash_file};
use crate::artifact::goal::Stopped;
use crate::artifact::host::Host;
use crate::artifact::plan::Plan;
use crate::artifact::run_dir::RunDir;
use crate::run;

/// Refuses to go on with a folder whose host.json is not this machine's, or whose runners are no longer those that it began with. One that
/// has nothing left to run is only looked at.
pub fn check(dir: &RunDir, plan: &Plan) -> anyhow::Result<()> {
    let ran = |id: &str| dir.raw(id).exit().exists();
    let left = plan.invocations.iter().any(|i| !ran(&i.id));
    if !left || dir.root().join(<Stopped as envelope::Body>::FILE).exists() {
        return Ok(());
    }
    let began: Host = envelope::read(dir.root()).map_err(usage)?;
    let here = run::host::look(String::new(), BTreeMap::new(), BTreeMap::new());
    let elsewhere = began.differences(&here);
    if !elsewhere.is_empty() {
        return Err(usage(format!(
            "{0}: was begun on another machine ({1}); one run is one machine's: go on there, or measure here with `gcrucible bench --suite {2}` \
             (`gcrucible report {0}` renders what is there)",
            dir.root().display(),
            elsewhere.join("; "),
            plan.suite
        )));
    }
    for collector in plan.collectors.iter().filter(|c| c.unavailable.is_none()) {
        if let Some(runner) = rebuilt(plan, &collector.name, &began) {
            return Err(usage(format!(
                "{0}: {1} was built anew since this run began; one run is one build's: begin another with `gcrucible bench --suite {2}` \
                 (`gcrucible report {0}` renders what is there)",
                dir.root().display(),
                runner,
                plan.suite
            )));
        }
    }
    Ok(())
}

/// The runner that the collector's command names, if no file of the command is one that host.json knows. None where that cannot be told.
fn rebuilt<'a>(plan: &'a Plan, collector: &str, began: &Host) -> Option<&'a str> {
    let cell = plan.cells.iter().find(|c| c.collector == collector)?;
    let files = cell.argv.iter().filter(|word| Path::new(word).is_file());
    let files: Vec<&String> = files.collect();
    let known = |file: &String| {
        hash_file(Path::new(file)).is_ok_and(|hash| began.binaries.values().any(|b| *b == hash))
    };
    if began.binaries.is_empty() || files.is_empty() || files.iter().any(|f| known(f)) {
        return None;
    }
    files.last().map(|f| f.as_str())
}
