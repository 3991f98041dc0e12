//! What G1 writes (JDK 11 to 25).

use super::collections::{Log, asked_for};
use super::jvm_log::Grammar;
use super::phrase::Phrase;
use super::unified::Line;
use crate::artifact::observation::{Cycle, Stall};
use crate::artifact::unit::Ns;

/// VM_OPS_DO in vmOperation.hpp, classes in g1VMOperations.hpp. G1Concurrent is the one of releases before 17 that became
/// G1PauseRemark and G1PauseCleanup.
pub const OPERATIONS: &[&str] = &[
    "G1CollectForAllocation",
    "G1CollectFull",
    "G1TryInitiateConcMark",
    "G1PauseRemark",
    "G1PauseCleanup",
    "G1Concurrent",
];

pub const BANNER: &str = "Using G1";

/// Messages that nobody else writes, for logs without their beginning.
pub const SIGNS: &[&str] = &[
    "Pause Young (Normal)",
    "Pause Young (Mixed)",
    "Pause Young (Prepare Mixed)",
    "Pause Young (Concurrent Start)",
    "Pause Remark",
    "Pause Cleanup",
    "Concurrent Mark Cycle",
    "Concurrent Undo Cycle",
    "To-space exhausted",
];

#[derive(Default)]
pub struct G1 {
    /// The collection that ran out of room, where that has a line of its own (before JDK 17).
    exhausted: Option<u64>,
}

impl Grammar for G1 {
    fn line(&mut self, line: &Line, at: Ns, log: &mut Log) -> bool {
        if line.message.starts_with("To-space exhausted") {
            self.exhausted = line.gc;
            return true;
        }
        let phrase = Phrase::parse(line.message);
        match phrase.name {
            "Pause Young" => self.young(line, &phrase, at, log),
            "Pause Full" => full(&phrase, at, log),
            // Phases of a concurrent cycle; their stops are safepoint lines.
            "Pause Remark" | "Pause Cleanup" => {}
            "Concurrent Mark Cycle" | "Concurrent Undo Cycle" | "Concurrent Cycle" => {
                concurrent(&phrase, at, log)
            }
            _ => return false,
        }
        true
    }
}

impl G1 {
    /// `Pause Young (Mixed) (G1 Evacuation Pause) (Evacuation Failure: Allocation) 24M->13M(92M) 7.311ms`
    fn young(&mut self, line: &Line, phrase: &Phrase, at: Ns, log: &mut Log) {
        let (Some(heap), Some(duration)) = (phrase.heap, phrase.duration) else {
            return; // its start line
        };
        let failed = phrase
            .notes
            .iter()
            .any(|note| note.starts_with("Evacuation Failure"));
        if failed || (self.exhausted.is_some() && self.exhausted == line.gc) {
            log.stalls.push(Stall {
                at,
                kind: "evacuation-failure".into(),
                thread: None,
                duration,
            });
        }
        let kind = match phrase.notes.first() {
            Some(&"Normal") | None => "Young",
            Some(other) => other,
        };
        log.cycles.push(Cycle {
            at: Ns(at.0.saturating_sub(duration.0)),
            kind: kind.to_owned(),
            cause: phrase.notes.get(1).map(|&c| c.to_owned()),
            before: Some(heap.before),
            after: Some(heap.after),
            capacity: heap.capacity,
            duration: Some(duration),
        });
    }
}

/// `Pause Full (G1 Compaction Pause) 23M->23M(24M) 5.758ms`: of any collector that has one.
pub fn full(phrase: &Phrase, at: Ns, log: &mut Log) {
    let (Some(heap), Some(duration)) = (phrase.heap, phrase.duration) else {
        return; // its start line
    };
    if !asked_for(phrase.cause()) {
        log.stalls.push(Stall {
            at,
            kind: "full".into(),
            thread: None,
            duration,
        });
    }
    log.cycles.push(Cycle {
        at: Ns(at.0.saturating_sub(duration.0)),
        kind: "Full".into(),
        cause: phrase.cause().map(str::to_owned),
        before: Some(heap.before),
        after: Some(heap.after),
        capacity: heap.capacity,
        duration: Some(duration),
    });
}

fn concurrent(phrase: &Phrase, at: Ns, log: &mut Log) {
    if let Some(duration) = phrase.duration {
        log.cycles.push(Cycle {
            at: Ns(at.0.saturating_sub(duration.0)),
            kind: phrase.name.to_owned(),
            cause: None,
            before: None,
            after: None,
            capacity: None,
            duration: Some(duration),
        });
    }
}
