//! What one log tells about the process that wrote it: the result of `gcrucible explain`.

use serde::{Deserialize, Serialize};

use super::envelope::Body;
use super::event::{Place, Reading};
use super::finding::{Check, Finding};
use super::unit::{Bytes, Ns};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// As given; a place's file counts them from 1.
    pub files: Vec<String>,
    pub subject: Subject,
    pub figures: Figures,
    /// In order of harm.
    pub findings: Vec<Finding>,
    /// Everything that was looked for, with its threshold.
    pub checks: Vec<Check>,
    pub timeline: Timeline,
    #[serde(default)]
    pub predictions: Vec<Prediction>,
}

impl Body for Explanation {
    const KIND: &'static str = "explanation";
    const FILE: &'static str = "explanation.json";
    const FORMAT: u32 = 1;
}

impl Explanation {
    /// Rates of fewer collections than this are a program's start, not its habit: nothing is found in them, and nothing is ruled out.
    pub const FEWEST_CYCLES: u64 = 10;

    /// `app.log:17`
    pub fn place(&self, place: Place) -> String {
        let file = (place.file as usize)
            .checked_sub(1)
            .and_then(|at| self.files.get(at));
        format!("{}:{}", file.map_or("?", String::as_str), place.line)
    }
}

/// What would happen at another setting.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    pub setting: String,
    pub cycles_per_s: Option<f64>,
    pub peak_heap: Option<Bytes>,
    /// 0..1 of the CPUs' time.
    pub gc_cpu_share: Option<f64>,
    pub note: String,
}

/// What the log is about.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Subject {
    pub reading: Reading,
    /// As the JVM prints it; Go's traces do not tell.
    pub release: Option<String>,
    /// In the log's own words, in its order.
    pub settings: Vec<Setting>,
    /// CPUs that the process may use: the JVM's count, or GOMAXPROCS.
    pub cpus: Option<u32>,
    pub heap_max: Option<Bytes>,
    pub region: Option<Bytes>,
    /// Processes whose lines the log holds.
    pub processes: u32,
    /// Where the second one begins.
    pub second: Option<Place>,
    /// From the first event to the last; of several processes the sum. None where the log has no clock.
    pub span: Option<Ns>,
    pub gogc: Option<Gogc>,
    /// Go: the goal at which the heap is held whatever its live part, as a memory limit does.
    pub held_at: Option<Bytes>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Setting {
    pub name: String,
    pub value: String,
}

/// Inferred: goal = live + (live + stacks + globals) GOGC / 100 (mgcpacer.go, commit).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gogc {
    /// The median.
    pub percent: f64,
    /// The middle 80 % of the pairs of neighbouring cycles.
    pub lo: f64,
    pub hi: f64,
    pub pairs: u64,
    /// The goals hardly vary either: a memory limit would look the same.
    pub or_limit: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    pub stops: Stops,
    /// By kind.
    pub stalls: Vec<Stalls>,
    pub cost: Option<Cost>,
    pub heap: Heap,
    pub cycles: Cycles,
}

/// Of one kind of thing that lasts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Durations {
    pub count: u64,
    pub total: Ns,
    /// Of the span, 0..1.
    pub share: Option<f64>,
    /// A quantile is given only where at least ten lie above it.
    pub p50: Option<Ns>,
    pub p99: Option<Ns>,
    pub p999: Option<Ns>,
    pub max: Ns,
    pub longest: Option<Place>,
}

/// Which lines tell how long all threads stood still.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StopBasis {
    /// None does.
    #[default]
    None,
    /// The JVM's safepoint lines: from the request to stop until all threads run again.
    Safepoints,
    /// What the collector calls a pause; the stop around it is longer.
    Declared,
    /// The clock fields of gctrace.
    Traces,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Stops {
    pub basis: StopBasis,
    pub all: Durations,
    /// Largest total first.
    pub by_operation: Vec<(String, Durations)>,
    /// Stops that are not the collector's.
    pub others: Durations,
    /// Time to safepoint, of all stops.
    pub reaching: Durations,
    /// Of the stops' total, 0..1.
    pub reaching_share: Option<f64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stalls {
    pub kind: super::event::Stall,
    pub durations: Durations,
    /// Different threads that were told of; None where the whole process stands.
    pub threads: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Attribution {
    /// Go: the CPU fields of each cycle, without idle workers; over whole periods from one cycle's end to the next one's.
    TraceCpu,
    /// JVM: User and Sys of the pauses, and concurrent phases as if one thread did them: a lower bound.
    CpuLinesAndPhases,
    /// JVM: stops and concurrent phases as if one thread did them: a lower bound.
    StopsAndPhases,
}

/// CPU of the collector.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    pub attribution: Attribution,
    pub cpu: Ns,
    /// Of the span times the CPUs, 0..1; None where the log tells no CPUs or has no clock.
    pub share: Option<f64>,
    /// Go: of the cycles' CPU, what mutators were made to do, 0..1.
    pub assists: Option<f64>,
    /// Go: marking on CPUs that had nothing to do; in none of the above.
    pub idle: Ns,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Heap {
    /// The most that was in use.
    pub peak: Option<Bytes>,
    /// Committed heap, or Go's goal: least and most.
    pub capacity: Option<(Bytes, Bytes)>,
    /// Bytes a second, between collections.
    pub allocation: Option<f64>,
    /// Bytes a second from the young to the old generation.
    pub promotion: Option<f64>,
    pub live: Option<LiveSet>,
    pub headroom: Option<Headroom>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LiveBasis {
    /// Marked live, as the log tells it (Go, ZGC), or what a full collection left.
    Told,
    /// The lowest level after collections, per stretch of the log: an upper bound.
    Lows,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LiveSet {
    pub basis: LiveBasis,
    /// Over the last stretch.
    pub last: Bytes,
    pub median: Bytes,
    pub highest: Bytes,
    pub trend: Option<Trend>,
}

/// Growth of the live set: least squares over stretches of the second half, which warming up does not reach.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trend {
    /// Bytes a second, and the 95 % interval.
    pub slope: f64,
    pub lo: f64,
    pub hi: f64,
    pub stretches: u32,
    /// Between the first and the last of them.
    pub over: Ns,
    /// At its begin.
    pub from: Bytes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LimitBasis {
    HeapMax,
    /// The JVM's largest heap, where its maximum is not told.
    Capacity,
    /// Go's goal, which a memory limit seems to hold.
    HeldGoal,
    /// Go's highest goal: no limit, but what the setting aims at.
    Goal,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Headroom {
    pub limit: Bytes,
    pub basis: LimitBasis,
    pub live: Bytes,
}

impl Headroom {
    pub fn filled(&self) -> f64 {
        self.live.0 as f64 / (self.limit.0 as f64).max(1.0)
    }

    pub fn is_hard(&self) -> bool {
        self.basis != LimitBasis::Goal
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cycles {
    /// Collections that freed something, or tried to; not a concurrent cycle that only marks.
    pub count: u64,
    pub per_s: Option<f64>,
    /// Most first.
    pub kinds: Vec<(String, u64)>,
    pub causes: Vec<(String, u64)>,
    pub asked: u64,
    pub periodic: u64,
}

/// On one clock, which begins with the log; thinned, so that each series has at most a few hundred points.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Timeline {
    pub stops: Vec<Mark>,
    pub stalls: Vec<Mark>,
    pub heap: Vec<Level>,
    /// Events that became one point: the longest is drawn.
    pub stops_per_mark: u64,
    pub stalls_per_mark: u64,
    pub cycles_per_level: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    pub at: Ns,
    pub duration: Ns,
    pub what: String,
    pub place: Place,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Level {
    pub at: Ns,
    pub before: Option<Bytes>,
    pub after: Option<Bytes>,
    /// Committed, or Go's goal.
    pub capacity: Option<Bytes>,
    pub live: Option<Bytes>,
}
