//! observed/<invocation>.json: one process's life, parsed; no statistics yet.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::envelope::Body;
use super::event;
use super::outcome::Outcome;
use super::plan::Purpose;
use super::unit::{Bytes, Ns};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observation {
    pub invocation: String,
    pub cell: String,
    pub round: u32,
    pub purpose: Purpose,
    pub outcome: Outcome,
    /// CLOCK_MONOTONIC instants by name: spawned, start, setup, warmup, begin, end, drop, return, rest, ended.
    pub marks: BTreeMap<String, Ns>,
    pub ops: u64,
    pub requested: Bytes,
    pub allocated: Option<Bytes>,
    pub live: Bytes,
    pub checksum: Option<String>,
    /// Open loop: offered rate, operations per second.
    pub rate: Option<f64>,
    /// HdrHistogram V2 compressed, base64; ns. Keys: response, service, watcher, control.
    pub histograms: BTreeMap<String, String>,
    /// The runtime's counters on each side of the window.
    pub before: BTreeMap<String, u64>,
    pub after: BTreeMap<String, u64>,
    /// Collector stop-the-world pauses inside the window, in order of time.
    pub pauses: Pauses,
    /// Allocation stalls, relocation stalls, degenerated collections...: time mutators lost outside declared pauses.
    pub stalls: Vec<Stall>,
    /// Collection cycles begun inside the window, with the heap around them where the log tells.
    pub cycles: Vec<Cycle>,
    /// The collections that were forced after the window.
    #[serde(default)]
    pub forced: Forced,
    pub cpu: Cpu,
    pub memory: Memory,
    pub epochs: Vec<Epoch>,
    /// Blocks asked for after the last epoch, one after the other, each twice as large as the one before; none after one that failed.
    #[serde(default)]
    pub probes: Vec<Probe>,
    /// What the workload measured itself: name -> value, in the unit that the name ends in ([`super::metric::unit`]).
    #[serde(default)]
    pub values: BTreeMap<String, f64>,
    /// Open loop: the slowest request of each slice of the window in which one was due, by intended start; in order of time. Slices are equally long,
    /// 512 to 1024 in all. Empty in closed loop, and for runners that did not tell.
    #[serde(default)]
    pub slowest: Vec<Slowest>,
    /// Closed loop: how the work progressed. None in open loop and for `fragment`, and for runners that did not tell.
    #[serde(default)]
    pub progress: Option<Progress>,
    /// The accounts just before the window, once a second inside it and just after it, in order of time. Empty for runners that did not tell.
    #[serde(default)]
    pub ticks: Vec<Tick>,
    /// Share of non-empty log lines that were understood, 0..1; None without a log.
    pub log_understood: Option<f64>,
}

/// Pauses as far as the runtime tells them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pauses {
    /// One entry a stop, request to stop until all run again. JVM: safepoint lines; Go: gctrace (3 digits, 1 ms stamps), for the timeline.
    pub events: Vec<Pause>,
    /// Go: difference of `/sched/pauses/total/gc:seconds` over the window, the exact account. Empty for runtimes with exact events.
    pub buckets: Vec<Bucket>,
    /// Same for the time it took to stop (`/sched/pauses/stopping/gc:seconds`).
    pub stopping_buckets: Vec<Bucket>,
    /// How far from its true place on CLOCK_MONOTONIC an event, or a cycle, may stand. 0: the log has that clock.
    #[serde(default)]
    pub placed_to: Ns,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pause {
    /// CLOCK_MONOTONIC at which threads ran again (JVM) or the cycle's stamp (Go).
    pub at: Ns,
    /// VM operation or phase: G1CollectForAllocation, ZMarkStart, sweep termination...
    pub operation: String,
    /// Time to safepoint.
    pub reaching: Ns,
    pub total: Ns,
}

/// `count` pauses lasted between `lo` and `hi`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bucket {
    pub lo: Ns,
    pub hi: Ns,
    pub count: u64,
}

/// A request of the open loop, with no other in its slice of the window that took longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slowest {
    /// When it was to start, CLOCK_MONOTONIC.
    pub intended: Ns,
    /// From then to its completion.
    pub response: Ns,
}

/// How long the threads' blocks of operations took, one after the other, inside the window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Progress {
    /// Operations of a block; a thread's last one may have fewer.
    pub block: u64,
    /// As many blocks in each.
    pub threads: Vec<Vec<Ns>>,
}

/// Accounts at one instant; all but the heap and the resident memory only grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tick {
    /// CLOCK_MONOTONIC.
    pub at: Ns,
    /// CPU of the process so far, user and system.
    pub cpu: Ns,
    /// Allocated so far, by the account that `allocated` is the difference of.
    pub allocated: Bytes,
    /// Heap in use, dead objects included; None where the runtime does not tell.
    pub used: Option<Bytes>,
    /// RSS sampled last before `at`.
    pub resident: Option<Bytes>,
    /// CPU of the collector so far, from an origin of its own: straight between two looks at its threads (JVM), or by the log's figures for its cycles, each
    /// spread over the cycle's length (Go, without idle marking). None where nobody tells.
    pub collector: Option<Ns>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stall {
    pub at: Ns,
    /// allocation-stall, relocation-stall, degenerated, full, pacing, evacuation-failure.
    pub kind: String,
    pub thread: Option<String>,
    pub duration: Ns,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cycle {
    pub at: Ns,
    /// Young, Mixed, Full, "Minor", "Major", "mark"...
    pub kind: String,
    pub cause: Option<String>,
    pub before: Option<Bytes>,
    pub after: Option<Bytes>,
    /// Committed heap or goal.
    pub capacity: Option<Bytes>,
    pub duration: Option<Ns>,
}

/// How often a runner forces a collection at rest (docs/PROTOCOL.md, `mark.rest`).
pub const FORCED_AT_REST: usize = 2;

/// Collections of the whole heap that the runner asked for between the window and its report: of a heap that holds the live payload and
/// little else, while no mutator works.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forced {
    /// In order of time.
    pub lengths: Vec<Ns>,
    /// All of the collector's CPU for them: of its threads between the holds `end` and `rest`, or as the log tells. None where neither does.
    pub cpu: Option<Ns>,
}

/// CPU inside the window.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cpu {
    /// The process: the runner's own reading on each side.
    pub process: Option<Ns>,
    /// Attributable to the collector.
    pub collector: Option<Ns>,
    /// How `collector` was found: "threads named GC Thread#*, G1 *" or "/cpu/classes/gc minus idle marking".
    pub attribution: String,
    /// Go: assists (mutators made to mark), a part of `collector`.
    pub assist: Option<Ns>,
    /// Go: marking on otherwise idle CPUs, not part of `collector`.
    pub idle_mark: Option<Ns>,
    /// Thread group -> CPU, from schedstat: JVM collector threads by name, `other`.
    pub threads: BTreeMap<String, Ns>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Memory {
    /// Highest RSS sampled inside the window.
    pub peak: Bytes,
    /// Time-weighted mean of RSS over the window.
    pub mean: Bytes,
    /// VmHWM at the end of the window: includes set-up.
    pub high_water: Option<Bytes>,
    /// At each hold: phase -> resident, and proportional (PSS).
    pub rss: BTreeMap<String, Bytes>,
    pub pss: BTreeMap<String, Bytes>,
    /// The runtime's own count after a forced collection.
    pub rest_used: Option<Bytes>,
    pub rest_committed: Option<Bytes>,
    /// Sampled RSS over the process's life, thinned to at most 1000 points (peaks kept).
    pub series: Vec<(Ns, Bytes)>,
    /// Number of samples inside the window.
    pub samples: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Epoch {
    pub index: u32,
    pub at: Ns,
    pub live: Bytes,
    pub heap_used: Bytes,
    pub heap_committed: Bytes,
    /// RSS sampled last before `at`.
    pub resident: Bytes,
    /// Committed but free, by the runtime's own account; None where it does not tell.
    #[serde(default)]
    pub held: Option<Bytes>,
    /// What the runtime itself calls waste inside what is in use; None where it does not tell.
    #[serde(default)]
    pub waste: Option<Bytes>,
}

/// One block, asked for while the survivors of all epochs are alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Probe {
    pub bytes: Bytes,
    /// How long it took until it could be used; None: it could not be had.
    pub took: Option<Ns>,
}

impl Observation {
    /// A runtime with pause events of its own tells stalls beside them. One that accounts assists instead tells none, and 0 would be
    /// a lie.
    pub fn tells_stalls(&self) -> bool {
        self.log_understood.is_some() && self.cpu.assist.is_none() && self.pauses.buckets.is_empty()
    }
}

impl Cycle {
    /// Did it look at every object, and not at those of a generation? A collection that was finished with the world stopped is a stall and none of
    /// these: of what part of the heap it was, the log does not always tell.
    pub fn is_of_the_whole_heap(&self) -> bool {
        event::is_of_the_whole_heap(&self.kind)
    }
}

impl Stall {
    /// Did one thread stand still, from `at - duration` to `at`? Pacing is a sum over many short waits, whose places are not told; the
    /// others are stops, which [`Pauses`] has.
    pub fn stops_a_thread(&self) -> bool {
        [event::Stall::Allocation, event::Stall::Relocation]
            .iter()
            .any(|kind| kind.id() == self.kind)
    }

    /// A sum of waiting whose places in time are not told.
    pub fn is_unplaced(&self) -> bool {
        self.kind == event::Stall::Pacing.id()
    }
}

impl Body for Observation {
    const KIND: &'static str = "observation";
    const FILE: &'static str = "observation.json";
    const FORMAT: u32 = 1;
}
