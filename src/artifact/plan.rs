//! plan.json: every process that will be started, before any is.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::axis::Axis;
use super::definition::Minimum;
use super::envelope::Body;
use super::goal::{Goal, Stopping};
use super::unit::Bytes;

/// The whole run, decided: cells (what is compared) and invocations (fresh processes, in the order in which they run).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    pub suite: String,
    /// The question this suite answers, in a sentence.
    pub question: String,
    /// Seeds the workloads, the order of cells within a round and the bootstrap.
    pub seed: u64,
    pub rounds: u32,
    /// Pairs of collectors to judge, in the order of the report; the first pair leads.
    pub pairs: Vec<Pair>,
    pub collectors: Vec<Collector>,
    pub works: Vec<Work>,
    pub cells: Vec<Cell>,
    /// With `stopping`, those of all rounds up to the limit.
    pub invocations: Vec<Invocation>,
    /// Smallest budgets that were found for these tasks and collectors, on this machine or another.
    #[serde(default)]
    pub minimums: Vec<Minimum>,
    /// How narrow the suite wants its headlines; None: [`Goal::USUAL`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goal: Option<Goal>,
    /// The rule by which the run may end before `rounds`; None: all rounds are run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopping: Option<Stopping>,
}

/// Two collectors to compare: ratios are `a / b`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    pub a: String,
    pub b: String,
}

/// A collector as a person names it, with its flags: `go`, `g1`, `g1@17`, `rust-mimalloc`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Collector {
    pub name: String,
    /// For legends: "Go (GOGC=100)".
    pub label: String,
    /// `go`, `jvm`, `rust`: the folder of its runtime.toml decides.
    pub runtime: String,
    /// What the version receipt printed, first line.
    pub version: String,
    /// `default`, `concurrent`, `moving`, `generational`, `stw`, `no-gc`, `never-frees`.
    pub tags: Vec<String>,
    /// Grammar of its log: `gctrace`, `unified`, `none`.
    pub log: String,
    /// Patterns of the names of collector threads, `*` at the end only; empty where collectors have no threads of their own.
    pub gc_threads: Vec<String>,
    /// The collector of which this is a setting: its runs are points of that one's time-space curve, too.
    #[serde(default)]
    pub setting_of: Option<String>,
    /// Why it cannot run here; its invocations are rows with the outcome `not started`.
    pub unavailable: Option<String>,
}

impl Collector {
    /// False for those that only allocate (tag `no-gc`).
    pub fn collects(&self) -> bool {
        !self.tagged("no-gc")
    }

    /// Does it move objects, so that what is free between them becomes one?
    pub fn moves(&self) -> bool {
        self.tagged("moving")
    }

    /// False for one under which nothing that was allocated is ever free again.
    pub fn frees(&self) -> bool {
        !self.tagged("never-frees")
    }

    fn tagged(&self, name: &str) -> bool {
        self.tags.iter().any(|tag| tag == name)
    }
}

/// The same work for every collector: cells of one work are comparable and must agree on their checksum.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Work {
    /// `cache.open@256MiB`, `slices.values.closed@64MiB:3x`, `stacks.light.closed@64MiB+sleepers=1000:3x`.
    pub id: String,
    pub workload: String,
    /// Layout or shape, where the workload has several.
    pub variant: Option<String>,
    pub mode: Mode,
    pub live: Bytes,
    pub budget: Budget,
    pub threads: u32,
    /// Axes whose verdict this work informs.
    pub axes: Vec<Axis>,
    /// Works of one series over live payload share this name (the large-heap axis).
    pub series: Option<String>,
    /// A rung: the work at the common rate whose ladder of loads this one belongs to. Each collector is offered a share of its own
    /// capacity here, so that rates are unequal: no axis, no verdict, no comparison of costs.
    #[serde(default)]
    pub ladder: Option<String>,
    /// Works of one block are compared with each other whatever they ask, and run next to each other; None: those of one task are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block: Option<String>,
    /// Made in the first so many rounds only; None: in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rounds: Option<u32>,
    /// Works that differ in one parameter of the workload: which, and its value here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub swept: Option<Swept>,
    /// One sentence: what it stresses.
    pub summary: String,
    /// Known in advance where the parameters are exactly a preset's.
    pub expected_checksum: Option<String>,
}

/// A parameter of the workload over whose values works are compared, all else being equal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Swept {
    pub parameter: String,
    /// What it means, as the workload's definition says.
    pub what: String,
    pub value: u64,
}

impl Swept {
    /// What the id of a work has of it: `+sleepers=1000`.
    pub fn suffix(&self) -> String {
        format!("+{}={}", self.parameter, self.value)
    }
}

/// Where several budgets were measured, works are compared at this many times the live payload, or as near to it as they come.
pub const REFERENCE_BUDGET: f64 = 3.0;

impl Work {
    /// How far its budget is from the reference, as a ratio in logarithms; infinite without a budget.
    pub fn off_reference(&self) -> f64 {
        match self.budget {
            Budget::TimesLive(times) => (times / REFERENCE_BUDGET).ln().abs(),
            Budget::Default => f64::INFINITY,
        }
    }

    /// Its id without the parameter that is swept, the same for all of its sweep; None outside of one.
    pub fn sweep(&self) -> Option<String> {
        let swept = self.swept.as_ref()?;
        Some(self.id.replacen(&swept.suffix(), "", 1))
    }

    /// Its id without the memory budget: works of one task are the same work, but for the memory that they are given.
    pub fn task(&self) -> &str {
        match self.budget {
            Budget::Default => &self.id,
            Budget::TimesLive(times) => self.id.strip_suffix(&format!(":{times}x")).unwrap_or(&self.id),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    Closed,
    Open,
}

impl Mode {
    pub fn id(self) -> &'static str {
        match self {
            Mode::Closed => "closed",
            Mode::Open => "open",
        }
    }
}

/// Memory the runtime is told it may use.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Budget {
    /// Out of the box: no limit is set.
    Default,
    /// This many times the live payload.
    TimesLive(f64),
}

/// One work under one collector.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cell {
    /// `<work id>/<collector name>`
    pub id: String,
    pub work: String,
    pub collector: String,
    /// Program and arguments. `{log}` stands for the invocation's gc.log; nothing else is left to fill in.
    pub argv: Vec<String>,
    pub env: BTreeMap<String, String>,
    /// The request, but for `rate` and `ops` in open loop, which calibration decides.
    pub request: Vec<(String, String)>,
    pub timeout_s: u64,
    /// How the open-loop rate is found; None in closed loop.
    pub load: Option<Load>,
}

impl Cell {
    /// False where the request says that no collection is forced inside the window (docs/PROTOCOL.md, `force`).
    pub fn forces_collections(&self) -> bool {
        !self
            .request
            .iter()
            .any(|(key, value)| key == "force" && value == "0")
    }
}

/// Offered load: one absolute rate for every collector of the work, or a share of what this one carries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Load {
    /// Share of a calibrated capacity, 0..1.
    pub fraction: f64,
    #[serde(default)]
    pub of: Capacity,
    /// Length of the measured window; operations = rate x seconds.
    pub seconds: f64,
    /// The rate in operations per second where the person fixed it; otherwise it is calibrated.
    pub rate: Option<f64>,
}

/// Whose capacity a load is a share of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Capacity {
    /// The slowest collector's: the same rate for all.
    #[default]
    Slowest,
    /// The collector's own.
    Own,
}

/// A fresh process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Invocation {
    /// Folder under raw/: `c-001-...` for calibration, `r1-001-...` for round 1.
    pub id: String,
    pub cell: String,
    /// 0 for calibration.
    pub round: u32,
    pub purpose: Purpose,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// Closed loop, flat out, to learn the capacity; never a result.
    Calibrate,
    Measure,
}

impl Body for Plan {
    const KIND: &'static str = "plan";
    const FILE: &'static str = "plan.json";
    const FORMAT: u32 = 1;
}

impl Plan {
    pub fn cell(&self, id: &str) -> Option<&Cell> {
        self.cells.iter().find(|c| c.id == id)
    }

    pub fn goal(&self) -> Goal {
        self.goal.unwrap_or(Goal::USUAL)
    }

    pub fn work(&self, id: &str) -> Option<&Work> {
        self.works.iter().find(|w| w.id == id)
    }

    /// Each series with its works, by live payload; in the order in which they are planned.
    pub fn series(&self) -> Vec<(&str, Vec<&Work>)> {
        let mut all: Vec<(&str, Vec<&Work>)> = Vec::new();
        for work in &self.works {
            let Some(name) = work.series.as_deref() else {
                continue;
            };
            match all.iter_mut().find(|(known, _)| *known == name) {
                Some((_, works)) => works.push(work),
                None => all.push((name, vec![work])),
            }
        }
        for (_, works) in &mut all {
            works.sort_by_key(|w| w.live);
        }
        all
    }

    pub fn collector(&self, name: &str) -> Option<&Collector> {
        self.collectors.iter().find(|c| c.name == name)
    }
}
