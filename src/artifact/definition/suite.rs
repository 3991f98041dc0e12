//! `workloads/suites/<name>.toml`: which cells, how often, which question.

use serde::{Deserialize, Serialize};

use crate::artifact::axis::Axis;
use crate::artifact::goal::Goal;
use crate::artifact::plan::{Mode, Pair};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuiteDef {
    pub name: String,
    pub question: String,
    /// What it takes on 2 cores, for `list`.
    pub minutes: f64,
    /// For a suite whose sizes depend on the machine: from what its duration is estimated before it starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pace: Option<Pace>,
    pub rounds: u32,
    pub seed: u64,
    pub preset: String,
    /// Names or tags (`tag:default`); the order is the report's.
    pub collectors: Vec<String>,
    pub pairs: Vec<Pair>,
    /// `bench` first has the instrument prove itself on the machine.
    #[serde(default)]
    pub selftest: bool,
    /// How narrow its headlines should come out; said in the report, changes nothing of what is run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goal: Option<Goal>,
    #[serde(rename = "cells")]
    pub groups: Vec<CellGroup>,
}

/// How long a process takes, so stated that slow runtimes are no slower by much: an estimate, never a result.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pace {
    /// Beside its live set and its window.
    pub process_seconds: f64,
    /// Live payload of one mutator thread: built, walked, and twice collected at rest. "40MiB"
    pub live_per_second: String,
    /// Of one thread, flat out.
    pub ops_per_second: f64,
}

/// Values of one parameter, each as the workload's own definition would take it, ascending.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Over {
    pub parameter: String,
    pub values: Vec<String>,
}

/// One workload in one mode over a list of live payloads and budgets.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CellGroup {
    pub workload: String,
    pub mode: Mode,
    pub axes: Vec<Axis>,
    /// Behind the names of its works, `+long`: for a group that does otherwise what another group does under the same name.
    pub mark: Option<String>,
    /// Values of the workload's variant parameter, or cases; absent: its default.
    pub variants: Option<Vec<String>>,
    /// "64MiB", "1GiB"; absent: the preset's.
    pub live: Option<Vec<String>>,
    /// Sizes, windows and threads that follow from the payload and the machine.
    #[serde(default)]
    pub grow: Grow,
    /// Collectors of this group beyond the suite's: settings and rivals that only its question needs.
    #[serde(default)]
    pub also: Vec<String>,
    /// The only collectors of this group; absent: the suite's, and `also`.
    pub only: Option<Vec<String>>,
    /// Multiples of the live payload; 0 is "no limit is set". Absent: no limit.
    pub budgets: Option<Vec<f64>>,
    /// The payloads form a series for the large-heap axis; `axes` then belongs to the smallest and LargeHeap to all.
    #[serde(default)]
    pub series: bool,
    /// Made in the first so many rounds only; absent: in all. For groups that inform no axis: a verdict has every round.
    pub rounds: Option<u32>,
    /// Overrides of the preset.
    pub ops: Option<u64>,
    pub warmup_ops: Option<u64>,
    pub open_seconds: Option<f64>,
    pub return_ms: Option<u64>,
    pub probe_bytes: Option<String>,
    /// False: no collection is forced where the runner would force one in the window. The same work, with its name marked.
    pub force: Option<bool>,
    #[serde(default)]
    pub parameters: std::collections::BTreeMap<String, String>,
    /// A parameter of the workload that is a dimension of its own: a work for each value, all else being equal.
    pub over: Option<Over>,
    /// Share of the slowest capacity to offer; open loop only. 0.5 unless said.
    pub load: Option<f64>,
    /// Beside the common rate a ladder: shares of each collector's own capacity, ascending; open loop only. Its rungs inform no axis,
    /// and are made at the first budget, and in a series at the first payload, where the capacity is known.
    pub loads: Option<Vec<f64>>,
}

/// Share of the machine's memory that a runtime may be given; the rest is for what it takes beside that, and for the machine.
pub const MOST_OF_MEMORY: f64 = 0.7;

/// What grows: payloads with the machine's memory, windows with the payload, threads with the cores.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grow {
    /// "256MiB": payloads are this one and its doublings, as far as `to` allows; in place of `live`.
    pub from: Option<String>,
    /// "0.7 of memory": payloads with whose largest budget a runtime would be given more than that are left out. Without a budget, four times the payload is
    /// reckoned.
    pub to: Option<String>,
    /// "0.5 of cores": mutator threads, two at least; absent: the preset's.
    pub threads: Option<String>,
    /// A closed loop has at least so many operations a thread for each GiB of live payload: a larger heap takes longer to fill.
    pub ops_per_gib: Option<f64>,
    /// An open loop's window has at least so many seconds for each GiB.
    pub seconds_per_gib: Option<f64>,
}
