//! What Shenandoah writes, with one generation and with two (JDK 17 to 25). A cycle has no line of its own: it is put together from
//! the lines of its phases, which share its number.

use std::collections::BTreeMap;

use super::collections::{Log, asked_for};
use super::jvm_log::Grammar;
use super::phrase::Phrase;
use super::unified::Line;
use crate::artifact::observation::{Cycle, Stall};
use crate::artifact::unit::Ns;

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

pub const BANNER: &str = "Using Shenandoah";

/// Messages that nobody else writes, for logs without their beginning.
pub const SIGNS: &[&str] = &[
    "Trigger",
    "Heuristics ergonomically sets",
    "Min heap equals to max heap",
    "Failed to allocate",
    "Cancelling GC",
    "Concurrent reset",
    "Concurrent cleanup",
    "Pause Init Mark",
    "Pause Final Mark",
    "Pause Degenerated GC",
];

/// What the control thread says between phases (shenandoahControlThread.cpp, shenandoahHeap.cpp).
const REMARKS: &[&str] = &[
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

#[derive(Default)]
pub struct Shenandoah {
    cycles: BTreeMap<u64, Cycle>,
    /// Why the next cycle will begin.
    trigger: Option<String>,
}

impl Grammar for Shenandoah {
    fn line(&mut self, line: &Line, at: Ns, log: &mut Log) -> bool {
        if line.tags == "gc,stats" {
            pacing(line.message, at, log);
            return true;
        }
        if let Some((_, trigger)) = line
            .message
            .split_once(": ")
            .filter(|(t, _)| t.starts_with("Trigger"))
        {
            self.trigger = Some(cause(trigger));
            return true;
        }
        if REMARKS.iter().any(|remark| line.message.starts_with(remark)) {
            return true;
        }
        let phrase = Phrase::parse(line.message);
        if !phrase.name.starts_with("Concurrent ") && !phrase.name.starts_with("Pause ") {
            return false;
        }
        if let Some(gc) = line.gc {
            self.phase(gc, &phrase, at, log);
        }
        true
    }

    fn finish(&mut self, log: &mut Log) {
        log.cycles.extend(std::mem::take(&mut self.cycles).into_values());
    }
}

impl Shenandoah {
    fn phase(&mut self, gc: u64, phrase: &Phrase, at: Ns, log: &mut Log) {
        let began = at.0.saturating_sub(phrase.duration.map_or(0, |d| d.0));
        let trigger = &mut self.trigger;
        let cycle = self.cycles.entry(gc).or_insert_with(|| Cycle {
            at: Ns(began),
            kind: "Concurrent".into(),
            cause: trigger.take(),
            before: None,
            after: None,
            capacity: None,
            duration: None,
        });
        cycle.duration = Some(Ns(at.0.saturating_sub(cycle.at.0)));
        if cycle.kind == "Concurrent"
            && let Some(generation) = phrase.notes.iter().find(|n| GENERATIONS.contains(n))
        {
            cycle.kind = (*generation).to_owned();
        }
        if let Some(heap) = phrase.heap {
            cycle.before = cycle.before.or(Some(heap.before));
            cycle.after = Some(heap.after);
            cycle.capacity = heap.capacity;
        }
        let (kind, stall) = match phrase.name {
            "Pause Degenerated GC" => ("Degenerated", "degenerated"),
            "Pause Full" => ("Full", "full"),
            _ => return,
        };
        cycle.kind = kind.into();
        if let Some(duration) = phrase.duration.filter(|_| !asked_for(cycle.cause.as_deref())) {
            log.stalls.push(Stall {
                at,
                kind: stall.into(),
                thread: None,
                duration,
            });
        }
    }
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
fn pacing(message: &str, at: Ns, log: &mut Log) {
    let read = || {
        let (held, rest) = message.trim_start().split_once(" of ")?;
        let (_, thread) = rest.split_once("%): ")?;
        let held: u64 = held.parse().ok()?;
        Some((Ns(held.checked_mul(1_000_000)?), thread))
    };
    let Some((duration, thread)) = read() else { return };
    // `<total>`, `<average non-zero>`: sums of the rows above.
    if duration > Ns(0) && !thread.starts_with('<') {
        log.stalls.push(Stall {
            at,
            kind: "pacing".into(),
            thread: Some(thread.to_owned()),
            duration,
        });
    }
}
