//! What is kept of a log while it is read.

use super::clock::Clock;
use super::cost::Spent;
use super::cycles::Causes;
use super::evidence::Worst;
use super::findings;
use super::heap::Heap;
use super::live::Live;
use super::pacing::Pacing;
use super::stops::Halts;
use super::subject::Settings;
use crate::artifact::event::{Event, Reading, What, Writer};
use crate::artifact::explanation::{
    Explanation, Figures, Headroom, Heap as HeapFigures, LimitBasis, Subject, Timeline,
};
use crate::artifact::unit::{Bytes, Ns};

#[derive(Clone, Debug, Default)]
pub struct Account {
    clock: Clock,
    settings: Settings,
    pub(super) halts: Halts,
    pub(super) spent: Spent,
    pub(super) causes: Causes,
    pub(super) heap: Heap,
    live: Live,
    pacing: Pacing,
    pub(super) out_of_memory: Worst,
    pub(super) out_of_memory_count: u64,
    /// Collections that left the heap fullest, by what they left.
    pub(super) fullest: Worst,
    /// Collections that found the most in use.
    pub(super) largest: Worst,
}

impl Account {
    pub fn hear(&mut self, event: &Event) {
        let tick = self.clock.hear(event);
        if tick.restarted {
            self.heap.restart();
            self.pacing.restart();
            self.causes.restart();
            self.spent.restart();
        }
        let place = event.place;
        match &event.what {
            What::Setting { name, value } => self.settings.hear(name, value),
            What::Stop(stop) => self.halts.stop(tick.at, place, stop),
            What::Declared { name, duration, .. } => self.halts.declared(tick.at, place, name, *duration),
            What::Stall {
                kind,
                thread,
                duration,
            } => self.halts.stall(tick.at, place, *kind, *thread, *duration),
            What::Phase { name, duration } => self.spent.phase(name, *duration),
            What::Cpu { user, system, .. } => self.spent.cpu_line(*user, *system),
            What::GoCpu(cpu) => self.spent.go(cpu, place),
            What::Space(space) => self.heap.old.space(space, self.settings.region, place),
            What::Promoted { bytes } => self.heap.old.promotion(*bytes, place),
            What::OutOfMemory { words } => {
                self.out_of_memory_count += 1;
                let nth = crate::artifact::finding::Measure::Count(self.out_of_memory_count);
                self.out_of_memory.offer(0, nth, place, words);
            }
            What::Cycle(cycle) => {
                let begun = cycle.begun.map(|begun| self.clock.place(begun));
                let lasted = cycle.duration.unwrap_or(Ns(0)).0;
                // The stamp first: what began before the log's first event is known to have begun there only.
                let ended = tick.at.or(begun.map(|begun| begun.saturating_add(lasted)));
                // Only Go tells a goal.
                let go = cycle.goal.is_some();
                if go {
                    self.spent.go_cycle(ended);
                    self.pacing.cycle(cycle);
                }
                self.causes.cycle(cycle, begun, place, go);
                self.heap.cycle(cycle, begun, ended, place);
                self.live.cycle(ended, cycle.live, cycle.after);
                if let Some(left) = cycle.live.or(cycle.after) {
                    self.fullest.size(left, place, "left by this collection");
                }
                if let Some(found) = cycle.at_the_end.max(cycle.before) {
                    self.largest.size(found, place, "in use in this collection");
                }
            }
            What::Trigger { .. }
            | What::Uncommitted { .. }
            | What::Pacer(_)
            | What::Scavenged { .. }
            | What::Unknown { .. } => {}
        }
    }

    /// The log is over.
    pub fn finish(self, files: Vec<String>, reading: Reading) -> Explanation {
        let span = self.clock.span();
        let (gogc, held_at) = self.pacing.figures();
        let subject = Subject {
            release: self.settings.release.clone(),
            settings: self.settings.list.clone(),
            cpus: self.settings.cpus.or(self.spent.procs),
            heap_max: self.settings.heap_max,
            region: self.settings.region,
            processes: self.clock.processes.max(1),
            second: self.clock.second,
            span,
            gogc,
            held_at,
            reading,
        };
        let figures = self.figures(&subject);
        let (findings, checks) = findings::look(&self, &subject, &figures);
        let [(stops, stops_per_mark), (stalls, stalls_per_mark)] = self.halts.marks();
        let (heap, cycles_per_level) = self.heap.levels();
        Explanation {
            files,
            subject,
            figures,
            findings,
            checks,
            timeline: Timeline {
                stops,
                stalls,
                heap,
                stops_per_mark,
                stalls_per_mark,
                cycles_per_level,
            },
            predictions: Vec::new(),
        }
    }

    fn figures(&self, subject: &Subject) -> Figures {
        let span = subject.span;
        let live = self.live.figures(span);
        let promoted = self.heap.old.promoted;
        let seconds = span.map(|s| s.0 as f64 / 1e9);
        let headroom = live.as_ref().and_then(|live| {
            let capacity = self.heap.capacity.map(|(_, most)| Bytes(most));
            let (limit, basis) = if subject.reading.writer == Some(Writer::Go) {
                match subject.held_at {
                    Some(held) => (Some(held), LimitBasis::HeldGoal),
                    None => (capacity, LimitBasis::Goal),
                }
            } else if subject.heap_max.is_some() {
                (subject.heap_max, LimitBasis::HeapMax)
            } else {
                (capacity, LimitBasis::Capacity)
            };
            limit.map(|limit| Headroom {
                limit,
                basis,
                // What was let go at the end says nothing of the time before.
                live: live.last.max(live.median),
            })
        });
        Figures {
            stops: self.halts.figures(span),
            stalls: self.halts.stalls(span),
            cost: self.spent.figures(span, subject.cpus, self.halts.total()),
            cycles: self.causes.figures(span),
            heap: HeapFigures {
                peak: self.heap.peak.map(Bytes),
                capacity: self
                    .heap
                    .capacity
                    .map(|(least, most)| (Bytes(least), Bytes(most))),
                allocation: self.heap.allocation_rate(span),
                promotion: seconds
                    .filter(|_| self.heap.old.collections > 0)
                    .map(|s| promoted as f64 / s),
                live,
                headroom,
            },
        }
    }

    /// How many points the series hold: the same for a log of any length.
    pub fn points(&self) -> usize {
        self.halts
            .marks()
            .iter()
            .map(|(marks, _)| marks.len())
            .sum::<usize>()
            + self.heap.levels().0.len()
    }
}
