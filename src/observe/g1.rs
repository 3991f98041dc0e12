//! What G1 writes (JDK 11 to 25).

use super::cursor::Cursor;
use super::jvm_log::{Grammar, asked_for, begun, declared};
use super::listener::Out;
use super::phrase::Phrase;
use super::quantity;
use super::unified::Line;
use crate::artifact::event::{Amount, Cycle, Space, Stall, What};
use crate::artifact::unit::Bytes;

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

pub const NAME: &str = "G1";

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
    "Eden regions:",
];

#[derive(Default)]
pub struct G1 {
    /// The collection that ran out of room, where that has a line of its own (before JDK 17).
    exhausted: Option<u64>,
    region: Option<Bytes>,
    /// The young collection under way moves nothing out of the old generation.
    plain: bool,
}

impl Grammar for G1 {
    /// The parts of a pause, a fifth of all lines.
    fn passes_over(&self, tags: &str) -> bool {
        tags == "gc,phases"
    }

    fn line(&mut self, line: &Line, out: &mut Out) -> bool {
        let message = line.message;
        if let Some(size) = message.strip_prefix("Heap Region Size: ") {
            self.region = quantity::size(size);
            return true;
        }
        if matches!(line.tags, "gc,heap" | "")
            && let Some(space) = regions(message)
        {
            out.tell(What::Space(space));
            self.promotion(&space, out);
            return true;
        }
        if message.starts_with("To-space exhausted") {
            self.exhausted = line.gc;
            return true;
        }
        if !(message.starts_with("Pause ") || message.starts_with("Concurrent ")) {
            return false;
        }
        let phrase = Phrase::parse(message);
        match phrase.name {
            "Pause Young" => self.young(line, &phrase, out),
            "Pause Full" => full(&phrase, out),
            "Pause Remark" | "Pause Cleanup" => declared(&phrase, out),
            "Concurrent Mark Cycle" | "Concurrent Undo Cycle" | "Concurrent Cycle" => {
                concurrent(&phrase, out)
            }
            name => {
                if let Some(duration) = phrase.duration {
                    out.tell(What::Phase { name, duration });
                }
            }
        }
        true
    }
}

impl G1 {
    /// `Pause Young (Mixed) (G1 Evacuation Pause) (Evacuation Failure: Allocation) 24M->13M(92M) 7.311ms`
    fn young(&mut self, line: &Line, phrase: &Phrase, out: &mut Out) {
        let mut notes = phrase.notes();
        let kind = match notes.next() {
            Some("Normal") | None => "Young",
            Some(other) => other,
        };
        let cause = notes.next();
        let (Some(heap), Some(duration)) = (phrase.heap, phrase.duration) else {
            self.plain = kind != "Mixed";
            return; // its start line
        };
        let failed = phrase.notes().any(|note| note.starts_with("Evacuation Failure"));
        if failed || (self.exhausted.is_some() && self.exhausted == line.gc) {
            out.tell(What::Stall {
                kind: Stall::EvacuationFailure,
                thread: None,
                duration,
            });
        }
        declared(phrase, out);
        out.tell(What::Cycle(Cycle {
            kind,
            cause,
            begun: begun(out, duration),
            duration: Some(duration),
            before: Some(heap.before),
            after: Some(heap.after),
            capacity: heap.capacity,
            asked: asked_for(cause),
            ..Cycle::default()
        }));
    }

    /// What the old regions gained in a collection that takes none of them up.
    fn promotion(&mut self, space: &Space, out: &mut Out) {
        if let (Some(region), true, "Old", Amount::Regions(before), Amount::Regions(after)) =
            (self.region, self.plain, space.name, space.before, space.after)
            && let Some(bytes) = after.checked_sub(before).and_then(|n| n.checked_mul(region.0))
        {
            out.tell(What::Promoted { bytes: Bytes(bytes) });
        }
    }
}

/// `Eden regions: 14->0(15)`, `Old regions: 2->14`
fn regions(message: &str) -> Option<Space<'_>> {
    let mut cursor = Cursor::new(message);
    let name = cursor.until(b' ')?;
    cursor.words("regions: ")?;
    let before = cursor.count()?;
    cursor.words("->")?;
    let after = cursor.count()?;
    let capacity = match cursor.words("(") {
        Some(()) => Some(Amount::Regions(cursor.count()?)),
        None => None,
    };
    Some(Space {
        name,
        before: Amount::Regions(before),
        after: Amount::Regions(after),
        capacity,
    })
}

/// `Pause Full (G1 Compaction Pause) 23M->23M(24M) 5.758ms`: of any collector that has one.
pub fn full(phrase: &Phrase, out: &mut Out) {
    let (Some(heap), Some(duration)) = (phrase.heap, phrase.duration) else {
        return; // its start line
    };
    let cause = phrase.cause();
    if !asked_for(cause) {
        out.tell(What::Stall {
            kind: Stall::Full,
            thread: None,
            duration,
        });
    }
    declared(phrase, out);
    out.tell(What::Cycle(Cycle {
        kind: "Full",
        cause,
        begun: begun(out, duration),
        duration: Some(duration),
        before: Some(heap.before),
        after: Some(heap.after),
        capacity: heap.capacity,
        // Everything else is gone.
        live: Some(heap.after),
        asked: asked_for(cause),
        ..Cycle::default()
    }));
}

fn concurrent(phrase: &Phrase, out: &mut Out) {
    if let Some(duration) = phrase.duration {
        out.tell(What::Cycle(Cycle {
            kind: phrase.name,
            begun: begun(out, duration),
            duration: Some(duration),
            ..Cycle::default()
        }));
    }
}
