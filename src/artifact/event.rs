//! What a collector's log says, one event at a time: what the readers of logs hand to whoever listens. Words are borrowed from
//! the line they stand in, so a log of any length is read in constant memory.

use serde::{Deserialize, Serialize};

use super::unit::{Bytes, Ns};

/// Where something stands: the place of the file among those read together, and the line, both counted from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    pub file: u32,
    pub line: u64,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Event<'a> {
    /// When the line was written, on the log's own clock (see [`Clock`]); None where the log has no clock. What lasted ended here.
    pub at: Option<Ns>,
    pub place: Place,
    /// The collection's number.
    pub gc: Option<u64>,
    pub what: What<'a>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum What<'a> {
    /// A fact about the process: `Version`, `CPUs`, `Heap Max Capacity`...
    Setting { name: &'a str, value: &'a str },
    /// All threads stood still.
    Stop(Stop<'a>),
    /// What the collector itself calls a pause: shorter than the stop around it.
    Declared {
        name: &'a str,
        note: Option<&'a str>,
        duration: Ns,
    },
    /// Work beside the mutators: `Concurrent Mark`...
    Phase { name: &'a str, duration: Ns },
    /// Why the next collection will begin: Shenandoah's own words, or Go's `GC forced` where there was none for two minutes.
    Trigger { reason: &'a str },
    /// A collection that ended.
    Cycle(Cycle<'a>),
    /// Time that mutators lost to the collector, outside of stops or in a stop that should not have been needed.
    Stall {
        kind: Stall,
        thread: Option<&'a str>,
        duration: Ns,
    },
    /// A part of the heap around a collection: `Eden`, `Survivor`, `Old`, `Humongous`...
    Space(Space<'a>),
    /// Bytes that moved from the young to the old generation in this collection.
    Promoted { bytes: Bytes },
    /// CPU of a stop or a collection: `User=0.01s Sys=0.01s Real=0.02s` (10 ms ticks).
    Cpu { user: Ns, system: Ns, real: Ns },
    /// Memory given back to the system.
    Uncommitted { bytes: Bytes },
    /// Go: the CPU of a cycle.
    GoCpu(GoCpu),
    /// Go: what the pacer planned or found (gcpacertrace=1).
    Pacer(Pacer),
    /// Go: what the scavenger did since its last line (scavtrace=1).
    Scavenged {
        background: Bytes,
        eager: Bytes,
        released_now: Bytes,
    },
    /// The log's own words where memory ran out.
    OutOfMemory { words: &'a str },
    /// A line of the log that nobody understands.
    Unknown { text: &'a str },
}

/// From the request to stop until all threads run again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop<'a> {
    /// JVM: the VM operation, `G1CollectForAllocation`; Go: `sweep termination` or `mark termination`.
    pub operation: &'a str,
    /// Is it the collector's? Others (deoptimisation, thread dumps) are no collector's fault.
    pub collection: bool,
    /// Time to safepoint; None where the log does not tell (Go).
    pub reaching: Option<Ns>,
    /// JDK 17: bookkeeping before the operation.
    pub cleanup: Option<Ns>,
    pub inside: Option<Ns>,
    pub leaving: Option<Ns>,
    pub total: Ns,
}

/// A collection that ended.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cycle<'a> {
    /// Young, Mixed, `Prepare Mixed`, `Concurrent Start`, Full; Minor, Major, Collection (ZGC); Concurrent, Degenerated (Shenandoah); mark (Go).
    pub kind: &'a str,
    pub cause: Option<&'a str>,
    /// On the log's clock.
    pub begun: Option<Ns>,
    pub duration: Option<Ns>,
    /// Heap in use around it.
    pub before: Option<Bytes>,
    /// Go: when marking ended, with what was allocated meanwhile.
    pub at_the_end: Option<Bytes>,
    pub after: Option<Bytes>,
    /// Committed heap (JVM).
    pub capacity: Option<Bytes>,
    /// The heap at which it should have ended (Go).
    pub goal: Option<Bytes>,
    /// What was found reachable, where the log tells (Go, ZGC).
    pub live: Option<Bytes>,
    /// Roots that are no heap (Go): stacks, globals.
    pub stacks: Option<Bytes>,
    pub globals: Option<Bytes>,
    /// Somebody asked for it: System.gc(), runtime.GC(), a heap dump.
    pub asked: bool,
}

/// Is that a collection (by its [`Cycle::kind`]) of the whole heap?
pub fn is_of_the_whole_heap(kind: &str) -> bool {
    const KINDS: [&str; 8] = [
        "mark",
        "Full",
        "Concurrent Mark Cycle",
        "Concurrent Cycle",
        "Collection",
        "Major",
        "Concurrent",
        "Global",
    ];
    KINDS.contains(&kind)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stall {
    /// ZGC: no memory until a collection gives some back.
    Allocation,
    /// ZGC: the object is being moved.
    Relocation,
    /// Shenandoah: a concurrent collection that came too late, finished with the world stopped.
    Degenerated,
    /// A full collection that nobody asked for.
    Full,
    /// Shenandoah: a thread held back to allocate more slowly.
    Pacing,
    /// G1: survivors found no room.
    EvacuationFailure,
}

impl Stall {
    pub fn id(self) -> &'static str {
        match self {
            Stall::Allocation => "allocation-stall",
            Stall::Relocation => "relocation-stall",
            Stall::Degenerated => "degenerated",
            Stall::Full => "full",
            Stall::Pacing => "pacing",
            Stall::EvacuationFailure => "evacuation-failure",
        }
    }

    /// Does the whole process stand still, so that a stop line tells of the same time?
    pub fn stops_the_world(self) -> bool {
        matches!(self, Stall::Degenerated | Stall::Full | Stall::EvacuationFailure)
    }
}

/// A part of the heap around a collection, in regions (G1) or bytes (all others).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space<'a> {
    pub name: &'a str,
    pub before: Amount,
    pub after: Amount,
    /// What it may grow to before the next collection (G1), or what it holds (others).
    pub capacity: Option<Amount>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    Regions(u64),
    Bytes(Bytes),
}

/// CPU of a Go cycle: `0.037+0.5/1.0/0+0.008 ms cpu`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GoCpu {
    /// Wall time of marking between the two stops.
    pub marking: Ns,
    pub sweep_termination: Ns,
    /// Mutators made to mark.
    pub assist: Ns,
    /// Dedicated and fractional workers.
    pub background: Ns,
    /// Workers on CPUs that had nothing to do.
    pub idle: Ns,
    pub mark_termination: Ns,
    /// GC CPU since the program began, whole percent.
    pub percent: u32,
    /// GOMAXPROCS.
    pub procs: u32,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pacer {
    /// `pacer: assist ratio=1.5 (scan 10 MB in 20->30 MB) workers=1+0.25`
    Start {
        assist_ratio: f64,
        scan: Bytes,
        from: Bytes,
        to: Bytes,
        dedicated: u64,
        fractional: f64,
    },
    /// `pacer: 26% CPU (25 exp.) for 1+2+3 B work (4 B exp.) in 5 B -> 6 B (∆goal 7, cons/mark 8)`
    End {
        cpu_percent: i64,
        expected_percent: i64,
        heap_work: Bytes,
        stack_work: Bytes,
        globals_work: Bytes,
        expected_work: Bytes,
        trigger: Bytes,
        live: Bytes,
        over_goal: i64,
        cons_mark: f64,
    },
    /// `pacer: sweep done at heap size 4MB; allocated 0MB during sweep; swept 10 pages at +1.5 pages/byte`
    Swept {
        heap: Bytes,
        allocated: Bytes,
        pages: u64,
    },
}

impl GoCpu {
    /// Of the whole cycle.
    pub fn total(&self) -> Ns {
        let parts = [
            self.sweep_termination,
            self.assist,
            self.background,
            self.idle,
            self.mark_termination,
        ];
        Ns(parts.iter().fold(0, |sum, ns| sum.saturating_add(ns.0)))
    }
}

/// Which clock [`Event::at`] is on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Clock {
    /// Durations only.
    #[default]
    None,
    /// Since the process began.
    Uptime,
    /// CLOCK_MONOTONIC of the machine.
    Monotonic,
    /// Since 1970.
    Wall,
}

/// Who wrote a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Writer {
    Go,
    Jvm,
}

/// What there is to say about a log beside its events.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    pub writer: Option<Writer>,
    /// The JVM's name for the collector: `G1`, `The Z Garbage Collector`...; None until a line tells.
    pub collector: Option<String>,
    pub clock: Clock,
    pub bytes: u64,
    /// All lines, empty ones too.
    pub lines: u64,
    /// Lines of the log, as against the program's own output.
    pub own: u64,
    /// Those of them that are understood.
    pub understood: u64,
    /// The first lines that are not, at most [`Reading::KEPT`].
    pub unknown: Vec<(Place, String)>,
    /// The last line of a file had no end, so it was not believed.
    pub cut: bool,
    /// The first line that another runtime wrote.
    pub mixed: Option<Place>,
}

impl Reading {
    /// So many lines that were not understood are kept with their words; the others are counted.
    pub const KEPT: usize = 20;
    /// A log of which less is understood is not to be relied on.
    pub const RELIABLE: f64 = 0.95;

    /// Share of the log's lines that are understood, 0..1; None for a log without any.
    pub fn share_understood(&self) -> Option<f64> {
        (self.own > 0).then(|| self.understood as f64 / self.own as f64)
    }

    pub fn is_reliable(&self) -> bool {
        self.share_understood()
            .is_some_and(|share| share >= Self::RELIABLE)
    }
}
