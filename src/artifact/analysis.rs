//! analysis.json: per cell, every metric with its interval; curves and timelines for the pictures.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::distilled::Distilled;
use super::doubt::Doubt;
use super::envelope::Body;
use super::fragmentation::Fragmentation;
use super::goal::{Precision, Stopped};
use super::growth::Growth;
use super::outcome::Outcome;
use super::steady::Steady;
use super::tradeoff::Tradeoff;
use super::unit::{Bytes, Ns};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Analysis {
    /// Cell id -> its summary; every cell of the plan is here, also one without a valid run.
    pub cells: BTreeMap<String, CellSummary>,
    /// Every invocation that is not `finished`.
    pub failures: Vec<Failure>,
    /// Lower bounds on what collectors cost, per task, runtime and measure of cost.
    #[serde(default)]
    pub distilled: Vec<Distilled>,
    /// What memory buys, per task and measure of cost.
    #[serde(default)]
    pub tradeoffs: Vec<Tradeoff>,
    /// How figures grow over the series of live payloads.
    #[serde(default)]
    pub growths: Vec<Growth>,
    /// What the idle control watcher saw beside the runs, all rounds: the floor under which a gap is no finding.
    pub noise: Option<Noise>,
    /// What it saw before the rounds, with nothing of ours running: the machine's own noise.
    #[serde(default)]
    pub quiet: Option<Noise>,
    /// Cost of measuring, over all invocations.
    pub instrument: Instrument,
    /// How narrow every headline of every judged cell is, against the plan's goal.
    #[serde(default)]
    pub precision: Vec<Precision>,
    /// Why and where a run with a stopping rule ended; None without one, or while it has not.
    #[serde(default)]
    pub stopped: Option<Stopped>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CellSummary {
    /// Measured invocations that count.
    pub valid: u32,
    pub invalid: u32,
    /// Rounds of the runs that count, in the order of their values. Cells with the same rounds ran in turn, those of a work next to each other, and
    /// their costs are compared round by round; empty where that is not so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rounds: Vec<u32>,
    /// Metric name -> estimate over valid invocations.
    pub metrics: BTreeMap<String, Estimate>,
    /// Pooled over invocations, for pictures only. Keys: response, service, pause, watcher, control.
    pub curves: BTreeMap<String, Curve>,
    /// One representative invocation (median of the cell's headline) on one clock, 0 = begin of the window.
    pub timeline: Option<Timeline>,
    /// None where nobody tells of pauses.
    #[serde(default)]
    pub mmu: Option<Mmu>,
    /// What the slowest requests met, all runs together; None without an open loop.
    #[serde(default)]
    pub attribution: Option<Attribution>,
    /// What threads suffered, run by run, in order of rounds.
    #[serde(default)]
    pub suffered: Vec<Suffered>,
    /// Did its runs reach a steady state? None in open loop, and where the runner did not tell.
    #[serde(default)]
    pub steady: Option<Steady>,
    /// Per epoch, medians over invocations, over the live payload.
    pub epochs: Vec<EpochSummary>,
    /// What came of the epochs and of the drop of the load; None for a work that has neither.
    #[serde(default)]
    pub fragmentation: Option<Fragmentation>,
    pub doubts: Vec<Doubt>,
}

/// Median over invocations with its interval; raw values kept in samples.csv and here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Estimate {
    pub median: f64,
    /// 95 % interval of the median; equal to min and max where n is too small for less.
    pub lo: f64,
    pub hi: f64,
    pub n: u32,
    /// In order of rounds.
    pub values: Vec<f64>,
}

/// Points of a percentile curve.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Curve {
    /// Values recorded.
    pub n: u64,
    /// (quantile 0..1, value); only quantiles with n(1-q) >= 10.
    pub points: Vec<(f64, Ns)>,
    pub max: Ns,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timeline {
    pub invocation: String,
    /// Length of the window.
    pub window: Ns,
    /// (ns since begin, may be negative for set-up; resident).
    pub rss: Vec<(i64, Bytes)>,
    /// (ns since begin, duration, operation).
    pub pauses: Vec<(i64, Ns, String)>,
    pub stalls: Vec<(i64, Ns, String)>,
    /// (ns since begin, heap before, heap after).
    pub heap: Vec<(i64, Option<Bytes>, Option<Bytes>)>,
    /// Open loop: the slowest request of each slice of the window.
    #[serde(default)]
    pub slow: Vec<SlowRequest>,
    /// The run's own p99.9 of response time.
    #[serde(default)]
    pub p999: Option<Ns>,
    /// Of this run alone.
    #[serde(default)]
    pub attribution: Option<Attribution>,
    /// What happened around its slowest request.
    #[serde(default)]
    pub close_up: Option<CloseUp>,
}

/// Minimum mutator utilisation over windows of given lengths (Cheng & Blelloch, PLDI'01): the least share of any such window that is
/// left to the mutators.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mmu {
    /// Lost: the world is stopped, from the request to stop until all threads run again.
    pub stopped: Vec<MmuPoint>,
    /// Lost: also allocation and relocation stalls, as the thread sees it that loses most. Empty where the runtime tells no stalls.
    pub stalled: Vec<MmuPoint>,
    /// Stalls that are in `stalled`, over all runs.
    pub stalls: u64,
    /// Sums of waiting without a place in time (pacing), over all runs: in neither curve.
    pub unplaced: Ns,
    /// CPU that mutators gave to the collector (assists), over all runs: it has no place in time and is in neither curve. None where
    /// the runtime has no such account.
    pub assists: Option<Ns>,
    /// How far an event may stand from its true place; the largest of all runs.
    pub placed_to: Ns,
    /// Pauses are known to three digits, from the log, beside an exact account without places.
    pub rounded: bool,
}

/// Only of windows that no run was shorter than.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MmuPoint {
    pub window: Ns,
    /// Median over runs, 0..1.
    pub median: f64,
    /// Least over runs.
    pub worst: f64,
    pub n: u32,
}

/// What the slowest requests of slices of time met.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attribution {
    /// Least and greatest p99.9 of the runs.
    pub p999: (Ns, Ns),
    /// Slices whose slowest request took longer than its run's p99.9.
    pub beyond: Met,
    /// The other slices: what requests meet that are not slow.
    pub within: Met,
    /// Of `beyond`: what overlaps the request most, and in how many slices that is so; most frequent first. A cycle counts where no stop or
    /// stall overlaps.
    pub most: Vec<(String, u32)>,
    /// The slowest request of all, and the run it was in.
    pub slowest: Option<SlowRequest>,
    pub invocation: String,
    /// An event counts as overlapping if it does when moved by this much: as far as its place may be wrong.
    pub tolerance: Ns,
}

/// Slices by what overlapped `[intended start, intended start + response]` of their slowest request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Met {
    pub slices: u32,
    /// A stop; perhaps a stall, too.
    pub stop: u32,
    /// A thread's stall; perhaps a stop, too.
    pub stall: u32,
    /// Neither, but a cycle.
    pub cycle: u32,
    pub nothing: u32,
    /// Stops together, or one stall, cover half of the response time and more.
    pub half: u32,
}

/// A request, and the event that overlaps it most.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlowRequest {
    /// Intended start, ns since begin.
    pub at: i64,
    pub response: Ns,
    /// A stop or a stall, or else a cycle.
    pub met: Option<Overlap>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overlap {
    /// VM operation, kind of stall, kind of cycle.
    pub what: String,
    pub duration: Ns,
    /// Of the two, where the log places the event: 0 where only the tolerance lets them meet.
    pub overlap: Ns,
}

/// A request and everything of the collector's that was near it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CloseUp {
    pub request: SlowRequest,
    /// In order of their begin.
    pub events: Vec<Event>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    pub kind: EventKind,
    /// VM operation, kind of stall, kind of cycle.
    pub what: String,
    /// ns since begin.
    pub at: i64,
    pub duration: Ns,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventKind {
    Stop,
    /// Of one thread.
    Stall,
    Cycle,
}

/// A run's own values of the metrics that tell what threads suffered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suffered {
    pub invocation: String,
    pub round: u32,
    pub values: BTreeMap<String, f64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EpochSummary {
    pub index: u32,
    pub committed_over_live: f64,
    pub resident_over_live: f64,
    pub used_over_live: f64,
    /// Committed but free, by the runtime's own account; None where it does not tell.
    #[serde(default)]
    pub held_over_live: Option<f64>,
    /// What the runtime calls waste inside what is in use; None where it does not tell.
    #[serde(default)]
    pub waste_over_live: Option<f64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    pub invocation: String,
    pub cell: String,
    pub outcome: Outcome,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Noise {
    pub p50: Ns,
    pub p99: Ns,
    pub max: Ns,
    pub n: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instrument {
    /// CPU of the sampler over wall time of the runs it watched, share of one core.
    pub sampler_share: Option<f64>,
    pub samples: u64,
    /// Highest resident memory of the driver itself.
    pub driver_rss: Bytes,
    /// Runtime -> what its recorder takes; empty where it was not timed in this run.
    #[serde(default)]
    pub recorder: BTreeMap<String, RecorderCost>,
    /// Live metrics that were asked for while processes ran; None where none were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scraped: Option<Scraped>,
}

/// What serving live metrics took from the machine while it was measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scraped {
    /// Processes beside which at least one request was answered.
    pub processes: u64,
    pub scrapes: u64,
    /// Of the thread that answers.
    pub cpu: Ns,
}

/// What measuring may cost.
impl Instrument {
    /// ns to record an operation, clock readings included.
    pub const RECORDING_GOAL: f64 = 60.0;
    /// Share of a closed loop's throughput that recording takes.
    pub const THROUGHPUT_GOAL: f64 = 0.02;
    /// Share of a core that the sampler takes.
    pub const SAMPLER_GOAL: f64 = 0.005;
    /// Bytes of the driver that are resident during a run.
    pub const DRIVER_GOAL: f64 = 50e6;
}

/// What one recording takes, clock reads included.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecorderCost {
    /// A reading of the clock, nothing else.
    pub clock: Option<PerOperation>,
    /// Closed loop: a reading, a value.
    pub closed: Option<PerOperation>,
    /// Open loop, the request was late: a reading, two values, a note of the slowest.
    pub open: Option<PerOperation>,
    /// Open loop, the request was waited for: two readings, two values, a note of the slowest.
    pub waited: Option<PerOperation>,
}

/// ns an operation, over rounds of many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PerOperation {
    pub median: f64,
    /// The fastest round: what it takes where nothing interferes.
    pub fastest: f64,
    pub rounds: u64,
}

impl Body for Analysis {
    const KIND: &'static str = "analysis";
    const FILE: &'static str = "analysis.json";
    const FORMAT: u32 = 1;
}
