//! What ZGC writes: one generation (JDK 11 to 23) and two (21 to 25).

use std::collections::BTreeMap;

use super::collections::Log;
use super::jvm_log::Grammar;
use super::phrase::Phrase;
use super::quantity;
use super::unified::Line;
use crate::artifact::observation::{Cycle, Stall};
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

pub const BANNER: &str = "Using The Z Garbage Collector";

/// Messages that nobody else writes, for logs without their beginning.
pub const SIGNS: &[&str] = &[
    "Garbage Collection (",
    "Major Collection (",
    "Minor Collection (",
    "Allocation Stall (",
    "Relocation Stall (",
];

#[derive(Default)]
pub struct Z {
    /// Collections that have begun: when, and the heap's capacity once their table was printed.
    open: BTreeMap<u64, (Cycle, Option<Bytes>)>,
}

impl Grammar for Z {
    fn line(&mut self, line: &Line, at: Ns, log: &mut Log) -> bool {
        if line.tags == "gc,heap" {
            self.table(line);
            return true;
        }
        let phrase = Phrase::parse(line.message);
        match phrase.name {
            "Allocation Stall" => stall("allocation-stall", &phrase, at, log),
            "Relocation Stall" => stall("relocation-stall", &phrase, at, log),
            "Garbage Collection" => self.collection("Collection", line, &phrase, at, log),
            "Major Collection" => self.collection("Major", line, &phrase, at, log),
            "Minor Collection" => self.collection("Minor", line, &phrase, at, log),
            _ => return line.message.starts_with("Out Of Memory ("),
        }
        true
    }

    /// What was still going on when the log ended.
    fn finish(&mut self, log: &mut Log) {
        log.cycles.extend(
            std::mem::take(&mut self.open)
                .into_values()
                .map(|(cycle, _)| cycle),
        );
    }
}

impl Z {
    /// `Major Collection (Warmup)`, and at its end `Major Collection (Warmup) 10M(10%)->18M(19%) 0.008s`; 17 has no duration.
    fn collection(&mut self, kind: &str, line: &Line, phrase: &Phrase, at: Ns, log: &mut Log) {
        let Some(gc) = line.gc else { return };
        let Some(heap) = phrase.heap else {
            let begun = Cycle {
                at,
                kind: kind.to_owned(),
                cause: phrase.cause().map(str::to_owned),
                before: None,
                after: None,
                capacity: None,
                duration: None,
            };
            self.open.insert(gc, (begun, None));
            return;
        };
        let (begun, capacity) = match self.open.remove(&gc) {
            Some((cycle, capacity)) => (cycle.at, capacity),
            None => (Ns(at.0.saturating_sub(phrase.duration.map_or(0, |d| d.0))), None),
        };
        log.cycles.push(Cycle {
            at: begun,
            kind: kind.to_owned(),
            cause: phrase.cause().map(str::to_owned),
            before: Some(heap.before),
            after: Some(heap.after),
            capacity,
            // The stamps are finer than the 10 ms that the line itself gives.
            duration: Some(Ns(at.0.saturating_sub(begun.0))),
        });
    }

    /// `Y:  Capacity:  96M (100%)  96M (100%) ...`: at mark start, mark end, relocate start, relocate end; the last one counts.
    fn table(&mut self, line: &Line) {
        let row = line.message.trim_start_matches(|c: char| "yYO: ".contains(c));
        let Some(cells) = row.strip_prefix("Capacity:") else {
            return;
        };
        let at_the_end = cells.split_whitespace().filter_map(quantity::size).nth(3);
        if let Some((_, capacity)) = line.gc.and_then(|gc| self.open.get_mut(&gc)) {
            *capacity = at_the_end.or(*capacity);
        }
    }
}

/// `Allocation Stall (mutator-1) 12.345ms`, when the thread goes on.
fn stall(kind: &str, phrase: &Phrase, at: Ns, log: &mut Log) {
    if let Some(duration) = phrase.duration {
        log.stalls.push(Stall {
            at,
            kind: kind.to_owned(),
            thread: phrase.cause().map(str::to_owned),
            duration,
        });
    }
}
