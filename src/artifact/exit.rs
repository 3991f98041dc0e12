//! raw/<invocation>/exit.json: how the process ended, as the driver saw it. Written last: without it the invocation did not run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::envelope::Body;
use super::unit::{Bytes, Ns};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exit {
    pub invocation: String,
    pub cell: String,
    pub round: u32,
    pub argv: Vec<String>,
    pub env: BTreeMap<String, String>,
    /// CLOCK_MONOTONIC.
    pub spawned: Ns,
    pub ended: Ns,
    pub end: End,
    /// From wait4: the process and all its threads, whole life.
    pub user_cpu: Ns,
    pub system_cpu: Ns,
    /// Processes of its group that outlived it and were killed.
    pub strays_killed: u32,
    /// RSS samples taken, and the driver's own CPU while taking them (share of one core, 0..1).
    pub sampler: SamplerCost,
    /// Open loop: the rate offered, operations per second.
    pub rate: Option<f64>,
    /// Load average over one minute before the start.
    pub load_before: f64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SamplerCost {
    pub samples: u64,
    pub cpu: Ns,
    pub driver_rss: Bytes,
}

/// A runner's exit status where the request is right, but this machine or this release of the runtime cannot do it. Its stdout is
/// then empty, and a line on stderr says why.
pub const UNABLE: i32 = 5;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "end", rename_all = "kebab-case")]
pub enum End {
    Exited { status: i32 },
    Signalled { signal: i32 },
    TimedOut { after_s: u64 },
    NotStarted { reason: String },
    Interrupted,
}

impl Body for Exit {
    const KIND: &'static str = "exit";
    const FILE: &'static str = "exit.json";
    const FORMAT: u32 = 1;
}
