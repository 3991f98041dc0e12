//! interference.json: what the driver does on purpose to processes of a plan, to prove what it sees. A run without the file is left alone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::envelope::Body;
use super::unit::Ns;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interference {
    /// Invocation -> what is done to it; the others are left alone.
    pub of: BTreeMap<String, Disturbance>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disturbance {
    /// In order of time, none before the end of another.
    pub stalls: Vec<AskedStall>,
    /// Its memory is not sampled while it runs.
    pub unsampled: bool,
}

/// The process is to be stopped as a whole (SIGSTOP) and to go on (SIGCONT).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedStall {
    /// After the runner was told to begin its window.
    pub after: Ns,
    pub length: Ns,
}

/// A line of raw/<invocation>/stalls.csv: what became of a stall, all CLOCK_MONOTONIC. Between `stopped` and `continuing` no thread ran;
/// before `stopping` and after `continued` none was kept from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stalled {
    /// Before SIGSTOP was sent.
    pub stopping: Ns,
    /// The kernel had said that every thread stands still.
    pub stopped: Ns,
    /// Before SIGCONT was sent.
    pub continuing: Ns,
    /// After it was.
    pub continued: Ns,
}

impl Body for Interference {
    const KIND: &'static str = "interference";
    const FILE: &'static str = "interference.json";
    const FORMAT: u32 = 1;
}
