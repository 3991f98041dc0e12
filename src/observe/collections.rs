//! What every log is turned into, whichever runtime wrote it: pauses, stalls and cycles on CLOCK_MONOTONIC, over the whole life of
//! the process.

use crate::artifact::observation::{Cycle, Pause, Stall};
use crate::artifact::unit::Ns;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Log {
    pub pauses: Vec<Pause>,
    pub stalls: Vec<Stall>,
    /// `at` is where the cycle began.
    pub cycles: Vec<Cycle>,
    /// Non-empty lines, and those of them that the reader knows.
    pub lines: u64,
    pub understood: u64,
    /// The log's own words, where it says that memory ran out.
    pub out_of_memory: Option<String>,
}

impl Log {
    /// Share of lines understood, 0..1; None for a log without lines.
    pub fn share_understood(&self) -> Option<f64> {
        (self.lines > 0).then(|| self.understood as f64 / self.lines as f64)
    }

    /// Keeps what overlaps the window (pauses and stalls, whose `at` is their end) or began inside it (cycles), in order of time.
    pub fn clip(&mut self, begin: Ns, end: Ns) {
        let overlaps = |at: Ns, lasted: Ns| at > begin && at.0.saturating_sub(lasted.0) < end.0;
        self.pauses.retain(|p| overlaps(p.at, p.total));
        self.stalls.retain(|s| overlaps(s.at, s.duration));
        self.cycles.retain(|c| c.at >= begin && c.at < end);
        self.pauses.sort_by_key(|p| p.at);
        self.stalls.sort_by_key(|s| s.at);
        self.cycles.sort_by_key(|c| c.at);
    }
}

/// Collections that somebody asked for (gcCause.cpp): their length is the asker's choice, so they are no stalls of the mutators.
pub fn asked_for(cause: Option<&str>) -> bool {
    const ASKED: &[&str] = &[
        "System.gc()",
        "Diagnostic Command",
        "Heap Inspection Initiated GC",
        "Heap Dump Initiated GC",
        "JvmtiEnv ForceGarbageCollection",
        "WhiteBox Initiated Full GC",
    ];
    cause.is_some_and(|c| ASKED.contains(&c))
}
