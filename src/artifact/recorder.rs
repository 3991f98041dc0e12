//! recorder.json: what a runner's recorder cost on this machine, timed by itself before the first process of a run.

use serde::{Deserialize, Serialize};

use super::envelope::Body;

/// With `record=2` a closed loop records so many operations in a row (docs/PROTOCOL.md) ...
pub const IN_A_ROW: f64 = 4.0;
/// ... of each so many.
pub const OF_EACH: f64 = 16.0;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recorder {
    pub timings: Vec<Timing>,
}

/// One process of the workload `recording`: `rounds` times `times` recordings on one path.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timing {
    /// Folder under raw/.
    pub invocation: String,
    pub runtime: String,
    /// The collector whose command line was used.
    pub collector: String,
    /// `clock`, `closed`, `open` or `waited`.
    pub path: String,
    pub times: u64,
    pub rounds: u64,
    /// Durations of the rounds: HdrHistogram V2 compressed, base64; ns. None where the process failed.
    pub durations: Option<String>,
    pub failure: Option<String>,
}

impl Body for Recorder {
    const KIND: &'static str = "recorder";
    const FILE: &'static str = "recorder.json";
    const FORMAT: u32 = 1;
}
