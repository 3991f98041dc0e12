//! The commands. The only place that knows two stages.

pub mod bench;
pub mod calibrate;
pub mod claims;
pub mod cli;
pub mod compare;
pub mod doctor;
pub mod explain;
pub mod folder;
pub mod info;
pub mod live;
pub mod pairs;
pub mod planning;
pub mod precision;
pub mod progress;
pub mod publish;
pub mod runners;
pub mod same_machine;
pub mod selftest;
pub mod stages;
pub mod summary;
mod tour;
pub mod until;
pub mod verify;
mod works;

use std::sync::atomic::AtomicBool;

/// Set by Ctrl-C.
pub static STOP: AtomicBool = AtomicBool::new(false);

/// How a command ends, as an exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Everything ran and is valid: 0.
    Ok,
    /// A result is invalid, or the person stopped it: 1.
    Invalid,
}

/// A mistake in what was asked: exit status 2. Everything else that goes wrong is 1.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub String);

/// RFC 3339, to the second.
fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Turns an error of definitions, plans and artifacts into a usage error: the person can mend those.
pub fn usage(error: impl std::fmt::Display) -> anyhow::Error {
    anyhow::Error::new(Usage(error.to_string()))
}
