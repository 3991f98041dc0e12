//! Stage observe: raw/ -> observed/. What each process left behind becomes one typed observation; no statistics yet.
//!
//! `lines` streams, `unified` and the grammars (`g1`, `zgc`, `shenandoah`, `stop_the_world`, `gctrace`, `gopacer`) turn a log into events,
//! [`reader`] finds out who wrote it, [`collections::Log`] keeps what a run needs of them; `runner_output` reads the protocol, `outcome` and
//! `agreement` decide whether the run counts; [`Observer`] does it for one work after the other, and not again what is stored and unchanged.

mod agreement;
pub mod collections;
mod counters;
mod cursor;
mod g1;
mod gctrace;
mod gopacer;
mod invocation;
mod jvm_log;
mod layout;
mod lines;
mod listener;
mod memory;
mod observer;
pub mod outcome;
mod phrase;
mod quantity;
pub mod reader;
pub mod reading;
pub mod runner_output;
mod safepoint;
mod scrapes;
mod shenandoah;
pub mod source;
mod stop_the_world;
mod threads;
mod ticks;
mod unified;
mod zgc;

use std::io;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use crate::artifact::RunDir;
use crate::artifact::envelope::ArtifactError;
use crate::artifact::observation::Observation;
use crate::artifact::plan::Plan;

pub use observer::Observer;
pub use scrapes::scraped;

/// A fault of the run folder. What is wrong with a runner or its log is an outcome, not an error.
#[derive(Debug, thiserror::Error)]
pub enum ObserveError {
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    #[error("{path}: cannot be read: {source}")]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{path}:{line}: {what}")]
    Malformed { path: PathBuf, line: u64, what: String },
    #[error("plan.json: {0}")]
    Plan(String),
}

/// Observes every invocation of the plan that has run (has an exit.json) anew, in the plan's order, and writes each to `observed/`.
///
/// Errors: files of the driver's own that are unreadable or malformed, with file and line; a plan whose parts do not fit.
pub fn parse(plan: &Plan, dir: &RunDir) -> Result<Vec<Observation>, ObserveError> {
    Observer::anew(plan, dir)?.all()
}

/// Did the runtime cap its collector's CPU at any time, since it could not stay within its memory limit otherwise? (Go: the GC CPU limiter, see
/// runtime/mgclimit.go.)
pub fn collector_was_capped(observation: &Observation) -> bool {
    let cycle = observation.after.get("go.limiter_last_enabled_cycle");
    cycle.is_some_and(|cycle| *cycle > 0)
}

/// The file's bytes; None if there is no such file.
fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>, ObserveError> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(ObserveError::Unreadable {
            path: path.into(),
            source,
        }),
    }
}

/// All rows of a CSV file with a header; none if there is no such file.
fn read_csv<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, ObserveError> {
    let Some(bytes) = read_if_there(path)? else {
        return Ok(Vec::new());
    };
    let malformed = |e: csv::Error| ObserveError::Malformed {
        path: path.into(),
        line: e.position().map_or(1, csv::Position::line),
        what: e.to_string(),
    };
    csv::Reader::from_reader(bytes.as_slice())
        .deserialize()
        .map(|row| row.map_err(malformed))
        .collect()
}
