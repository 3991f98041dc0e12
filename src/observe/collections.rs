//! What a measured run keeps of its log, whichever runtime wrote it: pauses, stalls and cycles on CLOCK_MONOTONIC, over the whole life
//! of the process.

use std::io::{self, Read};

use super::reader::Reader;
use crate::artifact::event::{self, Clock, Event, GoCpu, What, Writer, is_of_the_whole_heap};
use crate::artifact::observation::{Cycle, Forced, Pause, Stall};
use crate::artifact::unit::Ns;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Log {
    pub pauses: Vec<Pause>,
    pub stalls: Vec<Stall>,
    /// `at` is where the cycle began.
    pub cycles: Vec<Cycle>,
    /// Lines of the log, and those of them that the reader knows.
    pub lines: u64,
    pub understood: u64,
    /// The log's own words, where it says that memory ran out.
    pub out_of_memory: Option<String>,
    /// What each cycle took of the CPU, where the log tells that (Go).
    pub spent: Vec<Spent>,
    /// Collections of the whole heap that were asked for.
    asked: Vec<Asked>,
    /// Of the cycle that is told next (Go).
    cpu: Option<GoCpu>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spent {
    pub begun: Ns,
    pub length: Ns,
    /// Without marking on CPUs that nobody else wanted.
    pub cpu: Ns,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Asked {
    begun: Ns,
    length: Ns,
    cpu: Option<Ns>,
}

impl Log {
    /// Reads to the end. `began` is the CLOCK_MONOTONIC instant at which the process began, for logs that count from there.
    pub fn read(writer: Writer, input: impl Read, began: Ns) -> io::Result<Log> {
        let mut log = Log::default();
        let mut reader = Reader::of(writer);
        let mut keep = |event: &Event| log.keep(event);
        reader.read(input, 1, &mut keep)?;
        let reading = reader.finish(&mut keep);
        (log.lines, log.understood) = (reading.own, reading.understood);
        if reading.clock != Clock::Monotonic {
            log.shift(began);
        }
        Ok(log)
    }

    fn keep(&mut self, event: &Event) {
        let at = event.at.unwrap_or_default();
        match &event.what {
            What::Stop(stop) if stop.collection => self.pauses.push(Pause {
                at,
                operation: stop.operation.to_owned(),
                reaching: stop.reaching.unwrap_or_default(),
                total: stop.total,
            }),
            What::Stall {
                kind,
                thread,
                duration,
            } => self.stalls.push(Stall {
                at,
                kind: kind.id().to_owned(),
                thread: thread.map(str::to_owned),
                duration: *duration,
            }),
            What::GoCpu(cpu) => self.cpu = Some(*cpu),
            What::Cycle(cycle) => {
                let cpu = self.cpu.take();
                self.spent.extend(cpu.map(|cpu| Spent {
                    begun: cycle.begun.unwrap_or(at),
                    length: cycle.duration.unwrap_or_default(),
                    cpu: Ns(cpu.total().0.saturating_sub(cpu.idle.0)),
                }));
                let cpu = cpu.map(|cpu| cpu.total());
                if let Some(length) = cycle
                    .duration
                    .filter(|_| cycle.asked && is_of_the_whole_heap(cycle.kind))
                {
                    let begun = cycle.begun.unwrap_or(at);
                    self.asked.push(Asked { begun, length, cpu });
                }
                self.cycles.push(kept(cycle, at));
            }
            What::OutOfMemory { words } => {
                self.out_of_memory.get_or_insert_with(|| (*words).to_owned());
            }
            _ => {}
        }
    }

    fn shift(&mut self, by: Ns) {
        let times = self.pauses.iter_mut().map(|p| &mut p.at);
        let times = times.chain(self.stalls.iter_mut().map(|s| &mut s.at));
        let times = times.chain(self.asked.iter_mut().map(|a| &mut a.begun));
        let times = times.chain(self.spent.iter_mut().map(|s| &mut s.begun));
        for at in times.chain(self.cycles.iter_mut().map(|c| &mut c.at)) {
            at.0 = at.0.saturating_add(by.0);
        }
    }

    /// Share of lines understood, 0..1; None for a log without lines.
    pub fn share_understood(&self) -> Option<f64> {
        (self.lines > 0).then(|| self.understood as f64 / self.lines as f64)
    }

    /// Collections of the whole heap that somebody asked for at `end` or later and at `rest` or before it, with their CPU where the log tells that of
    /// each; the last `most` of them.
    pub fn forced_between(&self, end: Ns, rest: Ns, most: usize) -> Forced {
        let there = |a: &&Asked| a.begun >= end && a.begun <= rest;
        let mut asked: Vec<&Asked> = self.asked.iter().filter(there).collect();
        asked.sort_by_key(|a| a.begun);
        asked.drain(..asked.len().saturating_sub(most));
        let cpu = asked.iter().map(|a| Some(a.cpu?.0)).sum::<Option<u64>>();
        Forced {
            cpu: cpu.map(Ns).filter(|_| !asked.is_empty()),
            lengths: asked.into_iter().map(|a| a.length).collect(),
        }
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

fn kept(cycle: &event::Cycle, told: Ns) -> Cycle {
    Cycle {
        at: cycle.begun.unwrap_or(told),
        kind: cycle.kind.to_owned(),
        cause: cycle.cause.map(str::to_owned),
        before: cycle.before,
        after: cycle.after,
        capacity: cycle.capacity.or(cycle.goal),
        duration: cycle.duration,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn collections_at_rest_are_the_last_ones_between_the_window_and_the_rest() {
        let asked = |at: u64| Asked {
            begun: Ns(at),
            length: Ns(at),
            cpu: None,
        };
        // Of the window, of an experiment's last operation, the two at rest, and for an experiment's values.
        let log = Log {
            asked: [400, 90, 100, 200, 300].map(asked).to_vec(),
            ..Log::default()
        };
        let lengths = |most| log.forced_between(Ns(100), Ns(300), most).lengths;
        assert_eq!(lengths(2), [Ns(200), Ns(300)]);
        assert_eq!(lengths(usize::MAX), [Ns(100), Ns(200), Ns(300)]);
    }
}
