//! Runs a plan: the only stage that needs the machine. Every invocation is a fresh process with a folder of its own under raw/, which
//! ends with exit.json; an invocation that has one is never run again, so an interrupted run is resumed by running it again.

mod calibrate;
mod child;
mod control;
pub mod host;
mod procfs;
mod quiet;
mod recorder;
mod sampler;
mod seconds;
mod stall;
mod supervise;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::artifact::envelope::{self, ArtifactError};
use crate::artifact::exit::{End, Exit, SamplerCost};
use crate::artifact::interference::{Disturbance, Interference};
use crate::artifact::plan::{Invocation, Plan, Purpose};
use crate::artifact::run_dir::RunDir;
use crate::artifact::unit::Ns;
use crate::artifact::usage::Usage;

pub use control::watch as control_watch;
pub use procfs::Stat;
pub use quiet::hear;
pub use recorder::time_recorders;

#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    #[error("{path}: {source}")]
    Io { path: PathBuf, source: std::io::Error },
    #[error("plan.json names the cell `{0}`, which it does not define")]
    NoSuchCell(String),
}

/// What the run needs from its surroundings.
pub struct Surroundings<'a> {
    /// Program and arguments of the idle control watcher; empty: none is run.
    pub control: Vec<String>,
    /// Set when the person wants to stop.
    pub stop: &'a AtomicBool,
}

/// What happens, for whoever shows progress.
#[derive(Clone, Copy)]
pub enum Event<'a> {
    Started {
        index: usize,
        total: usize,
        invocation: &'a Invocation,
    },
    /// Its process runs and has its request. It is not reaped before [`Event::Reaped`], so that the id is its own until then.
    Spawned { pid: u32 },
    /// It has ended, by itself or not; its raw files are not yet whole.
    Reaped { used: Usage },
    Finished {
        index: usize,
        total: usize,
        invocation: &'a Invocation,
        exit: &'a Exit,
    },
    /// A common rate was chosen.
    Rate { work: &'a str, rate: f64 },
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Every invocation has run.
    Complete,
    /// The person stopped it.
    Interrupted,
    /// No round after this one was asked for.
    Enough { after: u32 },
}

/// True when everything was run, false when the person stopped it.
pub fn execute(
    plan: &Plan,
    dir: &RunDir,
    around: &Surroundings,
    tell: &mut dyn FnMut(Event),
) -> Result<bool, RunError> {
    Ok(execute_while(plan, dir, around, tell, &mut |_| true)? == Ended::Complete)
}

/// As [`execute`], but before a round that has not begun, `more` is asked with the number of the round before it.
pub fn execute_while(
    plan: &Plan,
    dir: &RunDir,
    around: &Surroundings,
    tell: &mut dyn FnMut(Event),
    more: &mut dyn FnMut(u32) -> bool,
) -> Result<Ended, RunError> {
    child::adopt_orphans();
    let total = plan.invocations.len();
    let mut calibration = calibrate::Calibrator::resume(plan, dir)?;
    let interference = interference(dir)?;
    let mut round = 0;
    for (index, invocation) in plan.invocations.iter().enumerate() {
        if invocation.purpose == Purpose::Measure {
            for (work, rate) in calibration.settle(dir)? {
                tell(Event::Rate { work: &work, rate });
            }
        }
        if around.stop.load(Ordering::Relaxed) {
            return Ok(Ended::Interrupted);
        }
        let raw = dir.raw(&invocation.id);
        let before = std::mem::replace(&mut round, invocation.round);
        if raw.exit().exists() {
            continue;
        }
        if before > 0 && invocation.round > before && !more(before) {
            return Ok(Ended::Enough { after: before });
        }
        quiet::listen(dir, invocation, around)?;
        tell(Event::Started {
            index,
            total,
            invocation,
        });
        let disturbance = interference.of.get(&invocation.id).unwrap_or(&LEFT_ALONE);
        let exit = one(plan, dir, invocation, &calibration, disturbance, around, tell)?;
        if exit.end == End::Interrupted {
            // Not a result: the next run of this folder does it afresh.
            let _ = std::fs::remove_dir_all(raw.dir());
            return Ok(Ended::Interrupted);
        }
        envelope::write_at(&raw.exit(), dir.root(), &exit, &["plan.json"])?;
        calibration.learn(plan, dir, invocation, &exit)?;
        tell(Event::Finished {
            index,
            total,
            invocation,
            exit: &exit,
        });
    }
    Ok(Ended::Complete)
}

fn one(
    plan: &Plan,
    dir: &RunDir,
    invocation: &Invocation,
    calibration: &calibrate::Calibrator,
    disturbance: &Disturbance,
    around: &Surroundings,
    tell: &mut dyn FnMut(Event),
) -> Result<Exit, RunError> {
    let cell = plan
        .cell(&invocation.cell)
        .ok_or_else(|| RunError::NoSuchCell(invocation.cell.clone()))?;
    let raw = dir.raw(&invocation.id);
    let io = |path: PathBuf| move |source| RunError::Io { path, source };
    // What an interrupted run left is not a result.
    if raw.dir().exists() {
        std::fs::remove_dir_all(raw.dir()).map_err(io(raw.dir().into()))?;
    }
    std::fs::create_dir_all(raw.dir()).map_err(io(raw.dir().into()))?;
    let (request, rate) = calibration.request(plan, cell, invocation.purpose);
    let text: String = request
        .iter()
        .map(|(k, v)| format!("{k}={v}\n"))
        .collect::<String>()
        + "run\n";
    std::fs::write(raw.request(), &text).map_err(io(raw.request()))?;
    let log = std::path::absolute(raw.gc_log()).map_err(io(raw.gc_log()))?;
    let argv: Vec<String> = cell
        .argv
        .iter()
        .map(|a| a.replace("{log}", &log.display().to_string()))
        .collect();
    let mut exit = Exit {
        invocation: invocation.id.clone(),
        cell: cell.id.clone(),
        round: invocation.round,
        argv,
        env: cell.env.clone(),
        spawned: procfs::now(),
        ended: Ns(0),
        end: End::Interrupted,
        user_cpu: Ns(0),
        system_cpu: Ns(0),
        strays_killed: 0,
        sampler: SamplerCost::default(),
        rate,
        load_before: procfs::load_average(),
    };
    let collector = plan.collector(&cell.collector);
    let missing = collector.and_then(|c| c.unavailable.clone());
    let missing = missing.or_else(|| {
        (cell.load.is_some() && invocation.purpose == Purpose::Measure && rate.is_none())
            .then(|| calibrate::Calibrator::without_rate(cell))
    });
    if let Some(reason) = missing {
        exit.end = End::NotStarted { reason };
        exit.ended = procfs::now();
        return Ok(exit);
    }
    let watch = supervise::Watch {
        timeout_s: cell.timeout_s,
        // Where the collector has no threads of its own, nobody would read what they spend.
        by_second: collector.is_some_and(|c| !c.gc_threads.is_empty()),
    };
    supervise::supervise(&raw, &text, &watch, disturbance, around, &mut exit, tell)?;
    Ok(exit)
}

static LEFT_ALONE: Disturbance = Disturbance {
    stalls: Vec::new(),
    unsampled: false,
};

/// What is to be done to processes of this folder on purpose; nothing, but in a self-test.
fn interference(dir: &RunDir) -> Result<Interference, RunError> {
    if dir.root().join("interference.json").exists() {
        return Ok(envelope::read(dir.root())?);
    }
    Ok(Interference::default())
}
