//! What Shenandoah writes, with one generation and with two (JDK 17 to 25). A cycle has no line of its own: it is put together from
//! the lines of its phases, which share its number.

use std::collections::BTreeMap;

use super::cursor::Cursor;
use super::jvm_log::{Grammar, asked_for, declared};
use super::listener::Out;
use super::phrase::Phrase;
use super::quantity;
use super::unified::Line;
use crate::artifact::event::{Cycle, Stall, What};
use crate::artifact::unit::{Bytes, Ns};

/// VM_OPS_DO in vmOperation.hpp; classes in shenandoahVMOperations.hpp.
pub const OPERATIONS: &[&str] = &[
    "ShenandoahInitMark",
    "ShenandoahFinalMarkStartEvac",
    "ShenandoahInitUpdateRefs",
    "ShenandoahFinalUpdateRefs",
    "ShenandoahFinalRoots",
    "ShenandoahDegeneratedGC",
    "ShenandoahFullGC",
];

pub const NAME: &str = "Shenandoah";

/// Messages that nobody else writes, for logs without their beginning.
pub const SIGNS: &[&str] = &[
    "Trigger",
    "Heuristics ergonomically sets",
    "Min heap equals to max heap",
    "Failed to allocate",
    "Cancelling GC",
    "Concurrent reset",
    "Concurrent cleanup",
    "Concurrent marking",
    "Concurrent evacuation",
    "Concurrent update references",
    "Concurrent thread roots",
    "Concurrent weak",
    "Concurrent strong roots",
    "Concurrent class unloading",
    "Pause Init Mark",
    "Pause Final Mark",
    "Pause Init Update Refs",
    "Pause Final Update Refs",
    "Pause Degenerated GC",
];

/// What the control thread says between phases (shenandoahControlThread.cpp, shenandoahHeap.cpp).
const REMARKS: &[&str] = &[
    "After ",
    "At end of ",
    "At start of ",
    "New tenuring threshold",
    "Old-gen piggyback",
    "Start GC cycle",
    "Failed to allocate",
    "Cancelling GC",
    "Cancel marking",
    "Terminating old gc cycle",
    "Heuristics ergonomically sets",
    "Min heap equals to max heap",
    "Old cycle",
    "Coalescing and filling",
    "Uncommit",
];

/// Which part of the heap a cycle is about, where there are generations.
const GENERATIONS: &[&str] = &["Young", "Global", "Old", "Mixed"];

/// A cycle of the old generation goes on while young ones come and go; what is older than that has ended.
const MOST_OPEN: usize = 8;

#[derive(Default)]
pub struct Shenandoah {
    cycles: BTreeMap<u64, Open>,
    /// Why the next cycle will begin.
    trigger: Option<String>,
}

/// A cycle as far as its phases were told.
struct Open {
    kind: &'static str,
    cause: Option<String>,
    begun: Option<Ns>,
    ended: Option<Ns>,
    /// Where there is no clock: of its phases.
    sum: Ns,
    before: Option<Bytes>,
    after: Option<Bytes>,
    capacity: Option<Bytes>,
}

impl Grammar for Shenandoah {
    fn line(&mut self, line: &Line, out: &mut Out) -> bool {
        let message = line.message;
        if line.tags == "gc,stats" || line.tags.is_empty() && is_pacing(message) {
            pacing(message, out);
            return true;
        }
        let phased = message.starts_with("Concurrent ") || message.starts_with("Pause ");
        if !phased {
            return self.remark(message, out);
        }
        let phrase = Phrase::parse(message);
        if let Some(gc) = line.gc {
            self.phase(gc, &phrase, out);
        }
        true
    }

    fn finish(&mut self, out: &mut Out) {
        while let Some((gc, cycle)) = self.cycles.pop_first() {
            ended(gc, &cycle, out);
        }
    }
}

impl Shenandoah {
    fn remark(&mut self, message: &str, out: &mut Out) -> bool {
        if message.starts_with("Trigger")
            && let Some((_, reason)) = message.split_once(": ")
        {
            self.trigger = Some(cause(reason));
            out.tell(What::Trigger { reason });
            return true;
        }
        if let Some(rest) = message.strip_prefix("Uncommitted ")
            && let Some(bytes) = rest.split(['.', ' ']).next().and_then(quantity::size)
        {
            out.tell(What::Uncommitted { bytes });
        }
        REMARKS.iter().any(|remark| message.starts_with(remark))
    }

    /// The next one begins: all but an old collection under way are over.
    fn make_room(&mut self, out: &mut Out) {
        let full = self.cycles.len() >= MOST_OPEN;
        let over: Vec<u64> = self
            .cycles
            .iter()
            .filter(|(_, cycle)| full || cycle.kind != "Old")
            .map(|(gc, _)| *gc)
            .collect();
        for gc in over {
            if let Some(cycle) = self.cycles.remove(&gc) {
                ended(gc, &cycle, out);
            }
        }
    }

    fn phase(&mut self, gc: u64, phrase: &Phrase, out: &mut Out) {
        let lasted = phrase.duration.unwrap_or_default();
        if !self.cycles.contains_key(&gc) {
            self.make_room(out);
            let open = Open {
                kind: "Concurrent",
                cause: self.trigger.take(),
                begun: out.at().map(|at| Ns(at.0.saturating_sub(lasted.0))),
                ended: None,
                sum: Ns(0),
                before: None,
                after: None,
                capacity: None,
            };
            self.cycles.insert(gc, open);
        }
        let Some(cycle) = self.cycles.get_mut(&gc) else {
            return;
        };
        cycle.ended = out.at();
        cycle.sum.0 = cycle.sum.0.saturating_add(lasted.0);
        if cycle.kind == "Concurrent"
            && let Some(generation) = GENERATIONS.iter().find(|g| phrase.notes().any(|n| n == **g))
        {
            cycle.kind = generation;
        }
        if let Some(heap) = phrase.heap {
            cycle.before = cycle.before.or(Some(heap.before));
            cycle.after = Some(heap.after);
            cycle.capacity = heap.capacity.or(cycle.capacity);
        }
        let (kind, stall) = match phrase.name {
            "Pause Degenerated GC" => ("Degenerated", Stall::Degenerated),
            "Pause Full" => ("Full", Stall::Full),
            name => {
                match phrase.duration {
                    Some(duration) if name.starts_with("Concurrent ") => {
                        out.tell(What::Phase { name, duration })
                    }
                    _ => declared(phrase, out),
                }
                return;
            }
        };
        cycle.kind = kind;
        let asked = asked_for(cycle.cause.as_deref());
        declared(phrase, out);
        if let Some(duration) = phrase.duration.filter(|_| !asked) {
            out.tell(What::Stall {
                kind: stall,
                thread: None,
                duration,
            });
        }
    }
}

/// Told out of turn: its number and times are its own.
fn ended(gc: u64, cycle: &Open, out: &mut Out) {
    let (at, place) = (out.at(), out.place());
    out.begin(cycle.ended.or(at), place, Some(gc));
    let between = cycle.begun.zip(cycle.ended);
    let asked = asked_for(cycle.cause.as_deref());
    out.tell(What::Cycle(Cycle {
        kind: cycle.kind,
        cause: cycle.cause.as_deref(),
        begun: cycle.begun,
        duration: Some(between.map_or(cycle.sum, |(begun, ended)| Ns(ended.0.saturating_sub(begun.0)))),
        before: cycle.before,
        after: cycle.after,
        capacity: cycle.capacity,
        asked,
        ..Cycle::default()
    }));
    out.begin(at, place, Some(gc));
}

/// `Learning 3 of 5. Free (59073K) is below ...` -> `Learning 3 of 5`; `GC request (System.gc())` -> `System.gc()`.
fn cause(trigger: &str) -> String {
    if let Some(asked) = Phrase::parse(trigger).cause().filter(|c| asked_for(Some(c))) {
        return asked.to_owned();
    }
    let end = [" (", ". "].iter().filter_map(|stop| trigger.find(stop)).min();
    trigger
        .get(..end.unwrap_or(trigger.len()))
        .unwrap_or(trigger)
        .to_owned()
}

/// `     10 of    11 ms ( 95.9%): mutator-0`: how long a thread was held back since the last such table, in whole ms.
fn pacing(message: &str, out: &mut Out) {
    let Some((duration, thread)) = held_back(message) else {
        return;
    };
    // `<total>`, `<average non-zero>`: sums of the rows above.
    if duration > Ns(0) && !thread.starts_with('<') {
        out.tell(What::Stall {
            kind: Stall::Pacing,
            thread: Some(thread),
            duration,
        });
    }
}

fn held_back(message: &str) -> Option<(Ns, &str)> {
    let mut cursor = Cursor::new(message.trim_start());
    let held = cursor.count()?;
    cursor.words(" of ")?;
    while cursor.words(" ").is_some() {}
    cursor.count()?;
    cursor.words(" ms (")?;
    cursor.until(b'%')?;
    cursor.words("): ")?;
    Some((Ns(held.checked_mul(1_000_000)?), cursor.rest()))
}

/// A row of the pacing table, which has no number: nobody else writes that shape.
pub fn is_pacing(message: &str) -> bool {
    held_back(message).is_some()
}
