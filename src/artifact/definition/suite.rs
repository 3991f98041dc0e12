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
    /// What it takes on 2 cores, for `list` and for the estimate before it starts.
    pub minutes: f64,
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

/// One workload in one mode over a list of live payloads and budgets.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CellGroup {
    pub workload: String,
    pub mode: Mode,
    pub axes: Vec<Axis>,
    /// Values of the workload's variant parameter; absent: its default.
    pub variants: Option<Vec<String>>,
    /// "64MiB", "1GiB"; absent: the preset's.
    pub live: Option<Vec<String>>,
    /// Collectors of this group beyond the suite's: settings and rivals that only its question needs.
    #[serde(default)]
    pub also: Vec<String>,
    /// Multiples of the live payload; 0 is "no limit is set". Absent: no limit.
    pub budgets: Option<Vec<f64>>,
    /// The payloads form a series for the large-heap axis; `axes` then belongs to the smallest and LargeHeap to all.
    #[serde(default)]
    pub series: bool,
    /// Overrides of the preset.
    pub ops: Option<u64>,
    pub warmup_ops: Option<u64>,
    pub open_seconds: Option<f64>,
    pub return_ms: Option<u64>,
    #[serde(default)]
    pub parameters: std::collections::BTreeMap<String, String>,
    /// Share of the slowest capacity to offer; open loop only. 0.5 unless said.
    pub load: Option<f64>,
    /// Beside the common rate a ladder: shares of each collector's own capacity, ascending; open loop only. Its rungs inform no axis,
    /// and are made at the first budget, and in a series at the first payload, where the capacity is known.
    pub loads: Option<Vec<f64>>,
}
