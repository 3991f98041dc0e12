//! Distilled costs and lower bounds on what collectors cost above them (Cai et al., ISPASS'22).

use serde::{Deserialize, Serialize};

/// One task of one runtime, by one measure of cost. A task is the same fixed work; collectors, tunings and memory budgets differ.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Distilled {
    /// `churn.closed@64MiB`
    pub task: String,
    /// `go`, `jvm`, `rust`. Runtimes never share a distilled cost: compilers differ.
    pub runtime: String,
    pub cost: Cost,
    /// Least of total - attributable over the runtime's cells, ns: what the work costs without collecting, or more.
    pub least: f64,
    /// The cell that has it.
    pub of: String,
    pub overheads: Vec<Overhead>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cost {
    /// Attributable: stopped time.
    Wall,
    /// Attributable: CPU of the collector's threads; Go: what `/cpu/classes/gc` has, without idle marking.
    Cpu,
}

/// Total over the distilled cost: the true one is at least this.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overhead {
    pub cell: String,
    pub ratio: f64,
    /// 95 % interval, given which cell has the least.
    pub lo: f64,
    pub hi: f64,
    /// Runs of this cell.
    pub n: u32,
}
