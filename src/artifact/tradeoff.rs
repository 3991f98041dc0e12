//! What memory buys: cost against measured peak memory, per task (the same fixed work, or the same load) and collector.

use serde::{Deserialize, Serialize};

use super::unit::Bytes;

/// One task by one measure of cost; only tasks that some collector did with several amounts of memory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tradeoff {
    /// `churn.closed@64MiB`
    pub task: String,
    pub live: Bytes,
    pub cost: Price,
    /// In the plan's order of collectors; settings of one are points of its curve.
    pub curves: Vec<Curve>,
}

/// What is paid for the work beside memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Price {
    /// Wall time of fixed work.
    Wall,
    /// CPU of the whole process for it.
    Cpu,
    /// p99.9 response time at one absolute rate.
    Tail,
}

impl Price {
    pub const ALL: [Price; 3] = [Price::Wall, Price::Cpu, Price::Tail];

    /// Name of its metric.
    pub fn metric(self) -> &'static str {
        match self {
            Price::Wall => "wall_ns",
            Price::Cpu => "cpu_ns",
            Price::Tail => "response_p999_ns",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Curve {
    pub collector: String,
    /// Ascending in memory.
    pub points: Vec<Point>,
    /// Memory with which it does the work within 10 % of its own least cost.
    pub enough: Option<Enough>,
}

/// One cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Point {
    pub cell: String,
    /// Measured peak, bytes: median and 95 % interval.
    pub memory: Spread,
    /// ns: median and 95 % interval.
    pub cost: Spread,
    /// (round, cost of its run)
    pub runs: Vec<(u32, f64)>,
    /// Runs that did not work: a setting that fails sometimes is none to choose, and never on the front.
    pub failed: u32,
    /// No other point of this curve has both less memory and less cost.
    pub own_front: bool,
    /// No point of any collector of the task has; false for references, which do not collect.
    pub front: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spread {
    pub value: f64,
    pub lo: f64,
    pub hi: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enough {
    /// Bytes: median over rounds and 95 % interval.
    pub memory: Spread,
    /// A value a round.
    pub values: Vec<f64>,
    /// Rounds in which the least memory that was tried was already enough: the true value is that or less.
    pub at_most: u32,
}

impl Curve {
    /// (memory, cost) of the points worth having, ascending in memory.
    pub fn own_front(&self) -> impl Iterator<Item = &Point> {
        self.points.iter().filter(|p| p.own_front)
    }
}
