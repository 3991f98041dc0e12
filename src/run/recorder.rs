//! The recorder, timed by itself: once in each runtime, before the first process of a run.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use super::{RunError, Surroundings, procfs, supervise};
use crate::artifact::envelope;
use crate::artifact::exit::{End, Exit, SamplerCost};
use crate::artifact::plan::{Cell, Plan};
use crate::artifact::recorder::{Recorder, Timing};
use crate::artifact::run_dir::RunDir;
use crate::artifact::unit::Ns;

const PATHS: [&str; 4] = ["clock", "closed", "open", "waited"];
/// Short rounds, so that most of them are undisturbed; long beside the two clock readings around each.
const TIMES: u64 = 2000;
const ROUNDS: u64 = 500;
const WARMUP: u64 = 300;
const TIMEOUT_S: u64 = 10;

/// Writes recorder.json, once: nothing is timed where it is there, or where the run has begun without it. A runtime whose recorder
/// cannot be timed is an entry that says why.
pub fn time_recorders(plan: &Plan, dir: &RunDir, around: &Surroundings) -> Result<(), RunError> {
    let begun = plan.invocations.iter().any(|i| dir.raw(&i.id).exit().exists());
    if begun || dir.root().join("recorder.json").exists() {
        return Ok(());
    }
    super::child::adopt_orphans();
    let alone = Surroundings {
        control: Vec::new(),
        stop: around.stop,
    };
    let mut found = Recorder::default();
    for (runtime, cell) in one_of_each_runtime(plan) {
        for path in PATHS {
            if around.stop.load(Ordering::Relaxed) {
                return Ok(());
            }
            found.timings.push(time(runtime, cell, path, dir, &alone)?);
        }
    }
    if around.stop.load(Ordering::Relaxed) {
        return Ok(()); // the last one may have been cut
    }
    envelope::write(dir.root(), &found, &["plan.json"])?;
    Ok(())
}

/// Runtime -> a cell of its first collector that can be started.
fn one_of_each_runtime(plan: &Plan) -> BTreeMap<&str, &Cell> {
    let mut chosen = BTreeMap::new();
    for collector in plan.collectors.iter().filter(|c| c.unavailable.is_none()) {
        if let Some(cell) = plan.cells.iter().find(|c| c.collector == collector.name) {
            chosen.entry(collector.runtime.as_str()).or_insert(cell);
        }
    }
    chosen
}

fn time(
    runtime: &str,
    cell: &Cell,
    path: &str,
    dir: &RunDir,
    around: &Surroundings,
) -> Result<Timing, RunError> {
    let mut timing = Timing {
        invocation: format!("recorder-{runtime}-{path}"),
        runtime: runtime.to_owned(),
        collector: cell.collector.clone(),
        path: path.to_owned(),
        times: TIMES,
        rounds: ROUNDS,
        durations: None,
        failure: None,
    };
    let raw = dir.raw(&timing.invocation);
    let io = |source| RunError::Io {
        path: raw.dir().into(),
        source,
    };
    std::fs::create_dir_all(raw.dir()).map_err(io)?;
    let request = format!(
        "protocol=1\nworkload=recording\nmode=closed\nthreads=1\nseed=0\nwarmup_ops={WARMUP}\nops={ROUNDS}\np.path={path}\np.times={TIMES}\nrun\n"
    );
    std::fs::write(raw.request(), &request).map_err(io)?;
    let log = std::path::absolute(raw.gc_log()).map_err(io)?;
    let log = log.display().to_string();
    let mut exit = Exit {
        invocation: timing.invocation.clone(),
        cell: cell.id.clone(),
        round: 0,
        argv: cell.argv.iter().map(|a| a.replace("{log}", &log)).collect(),
        env: cell.env.clone(),
        spawned: procfs::now(),
        ended: Ns(0),
        end: End::Interrupted,
        user_cpu: Ns(0),
        system_cpu: Ns(0),
        strays_killed: 0,
        sampler: SamplerCost::default(),
        rate: None,
        load_before: procfs::load_average(),
    };
    let nobody = &mut |_: super::Event| {};
    supervise::supervise(
        &raw,
        &request,
        &supervise::Watch {
            timeout_s: TIMEOUT_S,
            by_second: false,
        },
        &super::LEFT_ALONE,
        around,
        &mut exit,
        nobody,
    )?;
    envelope::write_at(&raw.exit(), dir.root(), &exit, &["plan.json"])?;
    let output = std::fs::read_to_string(raw.stdout()).unwrap_or_default();
    match durations(&output, &exit.end) {
        Ok(text) => timing.durations = Some(text),
        Err(why) => timing.failure = Some(why),
    }
    Ok(timing)
}

/// The histogram of the rounds, if all of them were done.
fn durations(output: &str, end: &End) -> Result<String, String> {
    let field = |key: &str| {
        let find = |l: &str| l.strip_prefix(key)?.strip_prefix('=').map(str::to_owned);
        output.lines().find_map(find)
    };
    if *end != (End::Exited { status: 0 }) {
        let said = field("error").map_or(String::new(), |e| format!(": {e}"));
        return Err(format!("{end:?}{said}"));
    }
    if field("ops").as_deref() != Some(ROUNDS.to_string().as_str()) || field("done").is_none() {
        return Err("the answer is not that of all rounds".to_owned());
    }
    field("hist.service").ok_or_else(|| "the answer has no hist.service".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_answer_to_all_rounds_is_a_timing() {
        let ok = End::Exited { status: 0 };
        let whole = format!("ops={ROUNDS}\nhist.service=abc\nhist.watcher=def\ndone=1\n");
        assert_eq!(durations(&whole, &ok), Ok("abc".to_owned()));
        let lost = End::Exited { status: 3 };
        let why = durations("error=recording: 1 values counted, 2 recorded\n", &lost).unwrap_err();
        assert!(
            why.ends_with(": recording: 1 values counted, 2 recorded"),
            "{why}"
        );
        for cut in [
            whole.replace("done=1\n", ""),
            whole.replace("hist.service", "hist.other"),
            whole.replace(&format!("ops={ROUNDS}"), "ops=1"),
        ] {
            assert!(durations(&cut, &ok).is_err(), "{cut}");
        }
    }
}
