//! `workloads/minimums/<preset>.toml`: the smallest memory budget with which each collector does a task. Written by `gcrucible calibrate`,
//! reviewed and kept as a definition; refreshed only when asked.

use serde::{Deserialize, Serialize};

/// What one machine found, for one preset.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MinimumFile {
    pub preset: String,
    #[serde(default, rename = "minimum")]
    pub minimums: Vec<Minimum>,
}

/// One task under one collector.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Minimum {
    /// `churn.closed@64MiB`
    pub task: String,
    pub collector: String,
    /// Smallest budget of which every run passed, as a multiple of the live payload. Absent: none that was tried did.
    pub times_live: Option<f64>,
    /// Greatest budget below it that failed, and how. Absent: the least that is tried passed.
    pub fails_at: Option<f64>,
    pub fails_with: Option<String>,
    /// Runs at `times_live`, all of which passed.
    pub runs: u32,
    /// Their highest measured peak / live payload.
    pub peak_over_live: Option<f64>,
    /// Median of their wall time / that of a run without a limit.
    pub slowdown: Option<f64>,
    /// What passing meant.
    pub rule: String,
    /// First line of the version receipt.
    pub version: String,
    /// CPU, cores and memory.
    pub host: String,
    /// RFC 3339.
    pub found: String,
}
