//! What ZGC writes: one generation (JDK 11 to 23) and two (21 to 25).

use std::collections::BTreeMap;

use super::cursor::Cursor;
use super::jvm_log::{Grammar, asked_for, declared};
use super::listener::Out;
use super::phrase::Phrase;
use super::quantity;
use super::unified::Line;
use crate::artifact::event::{Cycle, Stall, What};
use crate::artifact::unit::{Bytes, Ns};

/// VM_OPS_DO in vmOperation.hpp; classes in zDriver.cpp (one generation, X* in 21 to 23) and zGeneration.cpp (two).
pub const OPERATIONS: &[&str] = &[
    "ZMarkStart",
    "ZMarkEnd",
    "ZRelocateStart",
    "XMarkStart",
    "XMarkEnd",
    "XRelocateStart",
    "ZMarkStartYoung",
    "ZMarkStartYoungAndOld",
    "ZMarkEndYoung",
    "ZMarkEndOld",
    "ZRelocateStartYoung",
    "ZRelocateStartOld",
];

pub const NAME: &str = "The Z Garbage Collector";

/// Messages that nobody else writes, for logs without their beginning.
pub const SIGNS: &[&str] = &[
    "Garbage Collection (",
    "Major Collection (",
    "Minor Collection (",
    "Allocation Stall (",
    "Relocation Stall (",
    "Out Of Memory (",
    // Never the letter alone: what is left of a cut "Heap Max Capacity: 48M" begins with "y: ", too.
    "Y: Young Generation",
    "Y: Pause ",
    "Y: Concurrent ",
    "y: Young Generation",
    "y: Pause ",
    "y: Concurrent ",
    "O: Old Generation",
    "O: Pause ",
    "O: Concurrent ",
];

const COLLECTIONS: &[&str] = &["Garbage Collection (", "Major Collection (", "Minor Collection ("];

/// More collections are never under way at once: a minor beside a major one. What is older lost its end.
const MOST_OPEN: usize = 4;

#[derive(Default)]
pub struct Z {
    open: BTreeMap<u64, Open>,
}

/// A collection that has begun.
#[derive(Default)]
struct Open {
    kind: &'static str,
    cause: Option<String>,
    begun: Option<Ns>,
    /// The heap's at its end, once its table was printed.
    capacity: Option<Bytes>,
    /// Of the generations told of so far.
    live: Option<Bytes>,
}

impl Grammar for Z {
    fn line(&mut self, line: &Line, out: &mut Out) -> bool {
        let message = without_generation(line.message);
        if (line.tags == "gc,heap" || line.tags.is_empty()) && self.table(line.gc, message, out) {
            return true;
        }
        let phased = message.ends_with("ms") || COLLECTIONS.iter().any(|name| message.starts_with(name));
        if !phased {
            return line.message.starts_with("Out Of Memory (");
        }
        let phrase = Phrase::parse(message);
        match phrase.name {
            "Allocation Stall" => stall(Stall::Allocation, &phrase, out),
            "Relocation Stall" => stall(Stall::Relocation, &phrase, out),
            "Garbage Collection" => self.collection("Collection", line, &phrase, out),
            "Major Collection" => self.collection("Major", line, &phrase, out),
            "Minor Collection" => self.collection("Minor", line, &phrase, out),
            name if name.starts_with("Pause ") => declared(&phrase, out),
            name if name.starts_with("Concurrent ") => {
                if let Some(duration) = phrase.duration {
                    out.tell(What::Phase { name, duration });
                }
            }
            _ => return false,
        }
        true
    }

    /// What was still going on when the log ended.
    fn finish(&mut self, out: &mut Out) {
        for (gc, open) in std::mem::take(&mut self.open) {
            lost(gc, &open, out);
        }
    }
}

impl Z {
    /// `Major Collection (Warmup)`, and at its end `Major Collection (Warmup) 10M(10%)->18M(19%) 0.008s`; 17 has no duration.
    fn collection(&mut self, kind: &'static str, line: &Line, phrase: &Phrase, out: &mut Out) {
        let Some(gc) = line.gc else { return };
        let Some(heap) = phrase.heap else {
            if self.open.len() >= MOST_OPEN
                && let Some((gc, oldest)) = self.open.pop_first()
            {
                lost(gc, &oldest, out);
            }
            let begun = Open {
                kind,
                cause: phrase.cause().map(str::to_owned),
                begun: out.at(),
                ..Open::default()
            };
            self.open.insert(gc, begun);
            return;
        };
        let open = self.open.remove(&gc).unwrap_or_default();
        let told = phrase.duration.unwrap_or_default();
        let begun = open.begun.or(out.at().map(|at| Ns(at.0.saturating_sub(told.0))));
        // The stamps are finer than the 10 ms that the line itself gives.
        let between = out
            .at()
            .zip(begun)
            .map(|(at, begun)| Ns(at.0.saturating_sub(begun.0)));
        out.tell(What::Cycle(Cycle {
            kind,
            cause: phrase.cause(),
            begun,
            duration: between.or(phrase.duration),
            before: Some(heap.before),
            after: Some(heap.after),
            capacity: open.capacity,
            live: open.live.filter(|_| kind != "Minor"),
            asked: asked_for(phrase.cause()),
            ..Cycle::default()
        }));
    }

    /// Rows of the heap's table, `Capacity:  96M (100%)  96M (100%) ...`: at mark start, mark end, relocate start, relocate end.
    fn table(&mut self, gc: Option<u64>, message: &str, out: &mut Out) -> bool {
        let mut cursor = Cursor::new(message);
        let (Some(name), Some(())) = (cursor.until(b':'), cursor.words(" ")) else {
            return false;
        };
        let cells = cursor.rest();
        let mut sizes = cells.split_whitespace().filter(|cell| !cell.starts_with('('));
        match name {
            "Capacity" => {
                if let Some(open) = gc.and_then(|gc| self.open.get_mut(&gc)) {
                    open.capacity = sizes.nth(3).and_then(quantity::size).or(open.capacity);
                }
            }
            "Live" => {
                if let Some(open) = gc.and_then(|gc| self.open.get_mut(&gc))
                    && let Some(live) = sizes.nth(1).and_then(quantity::size)
                {
                    open.live = Some(Bytes(open.live.map_or(0, |l| l.0).saturating_add(live.0)));
                }
            }
            "Promoted" => {
                if let Some(bytes) = sizes.nth(3).and_then(quantity::size) {
                    out.tell(What::Promoted { bytes });
                }
            }
            "Max Capacity" | "Min Capacity" | "Soft Max Capacity" if gc.is_some() => {
                let value = cells.split('(').next().unwrap_or(cells);
                out.tell(What::Setting { name, value });
            }
            "Uncommitted" => {
                let value = cells.split('(').next().unwrap_or(cells);
                if let Some(bytes) = quantity::size(value) {
                    out.tell(What::Uncommitted { bytes });
                }
            }
            _ => return false,
        }
        true
    }
}

/// `y: Pause Mark Start 0.012ms` -> `Pause Mark Start 0.012ms`: young, young in a major collection, old.
pub fn without_generation(message: &str) -> &str {
    let rest = ["y:", "Y:", "O:"]
        .iter()
        .find_map(|sign| message.strip_prefix(sign));
    rest.unwrap_or(message).trim_start()
}

/// A collection whose end the log does not have.
fn lost(gc: u64, open: &Open, out: &mut Out) {
    out.begin(out.at(), out.place(), Some(gc));
    out.tell(What::Cycle(Cycle {
        kind: open.kind,
        cause: open.cause.as_deref(),
        begun: open.begun,
        asked: asked_for(open.cause.as_deref()),
        ..Cycle::default()
    }));
}

/// `Allocation Stall (mutator-1) 12.345ms`, when the thread goes on.
fn stall(kind: Stall, phrase: &Phrase, out: &mut Out) {
    if let Some(duration) = phrase.duration {
        out.tell(What::Stall {
            kind,
            thread: phrase.cause(),
            duration,
        });
    }
}
