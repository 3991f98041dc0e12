//! Stops of all threads, time to safepoint, and stalls.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::evidence::Worst;
use super::names::ByName;
use super::series::{Merge, Thinned};
use super::tally::{Tally, share};
use crate::artifact::event::{Place, Stall, Stop};
use crate::artifact::explanation::{Durations, Mark, Stalls, StopBasis, Stops};
use crate::artifact::unit::Ns;

#[derive(Clone, Debug, Default)]
pub struct Halts {
    /// Of the collector, by operation.
    operations: ByName<Tally>,
    all: Tally,
    others: Tally,
    declared: Tally,
    by_declared: ByName<Tally>,
    reaching: Tally,
    /// Of all stops that tell it.
    reached: u64,
    /// Slowest to reach, and its operation.
    pub slowest: Worst,
    pub slow_operation: Option<String>,
    pub longest: Worst,
    marks: Thinned<Mark>,
    declared_marks: Thinned<Mark>,
    pub stalled: Vec<Stalled>,
    stall_marks: Thinned<Mark>,
}

/// Stalls of one kind.
#[derive(Clone, Debug)]
pub struct Stalled {
    pub kind: Stall,
    pub tally: Tally,
    pub worst: Worst,
    /// Hashes of the names of threads.
    threads: HashSet<u64>,
}

/// Threads that are told apart; more of them are counted as so many.
const THREADS: usize = 4096;

impl Merge for Mark {
    /// The longest stands for all.
    fn merge(&mut self, later: &Self) {
        if later.duration > self.duration {
            self.clone_from(later);
        }
    }
}

impl Halts {
    pub fn stop(&mut self, at: Option<u64>, place: Place, stop: &Stop) {
        if let Some(reaching) = stop.reaching {
            self.reached = self.reached.saturating_add(stop.total.0);
            if reaching > self.reaching.max() || self.slow_operation.is_none() {
                self.slow_operation = Some(stop.operation.to_owned());
            }
            self.reaching.add(reaching, place);
            self.slowest.time(reaching, place, stop.operation);
        }
        if !stop.collection {
            self.others.add(stop.total, place);
            return;
        }
        self.operations.of(stop.operation).add(stop.total, place);
        self.all.add(stop.total, place);
        self.longest.time(stop.total, place, stop.operation);
        mark(&mut self.marks, at, stop.total, stop.operation, place);
    }

    pub fn declared(&mut self, at: Option<u64>, place: Place, name: &str, duration: Ns) {
        self.declared.add(duration, place);
        self.by_declared.of(name).add(duration, place);
        mark(&mut self.declared_marks, at, duration, name, place);
    }

    pub fn stall(&mut self, at: Option<u64>, place: Place, kind: Stall, thread: Option<&str>, duration: Ns) {
        let known = self.stalled.iter().position(|s| s.kind == kind);
        let known = known.unwrap_or_else(|| {
            self.stalled.push(Stalled {
                kind,
                tally: Tally::default(),
                worst: Worst::default(),
                threads: HashSet::new(),
            });
            self.stalled.len() - 1
        });
        let stalled = &mut self.stalled[known];
        stalled.tally.add(duration, place);
        stalled.worst.time(duration, place, thread.unwrap_or(kind.id()));
        if let Some(thread) = thread
            && stalled.threads.len() < THREADS
        {
            let mut hasher = DefaultHasher::new();
            thread.hash(&mut hasher);
            stalled.threads.insert(hasher.finish());
        }
        mark(
            &mut self.stall_marks,
            at,
            duration,
            thread.unwrap_or(kind.id()),
            place,
        );
    }

    /// Where the log has no safepoint lines, what the collector calls a pause stands for the stop around it.
    fn basis(&self) -> StopBasis {
        if self.reaching.count() > 0 {
            StopBasis::Safepoints
        } else if self.all.count() > 0 {
            StopBasis::Traces
        } else if self.declared.count() > 0 {
            StopBasis::Declared
        } else {
            StopBasis::None
        }
    }

    pub fn total(&self) -> Ns {
        match self.basis() {
            StopBasis::Declared => self.declared.total(),
            _ => self.all.total(),
        }
    }

    pub fn figures(&self, span: Option<Ns>) -> Stops {
        let basis = self.basis();
        let (all, by) = match basis {
            StopBasis::Declared => (&self.declared, &self.by_declared),
            _ => (&self.all, &self.operations),
        };
        let mut by_operation: Vec<(String, Durations)> = by
            .iter()
            .map(|(name, tally)| (name.to_owned(), tally.figures(span)))
            .collect();
        by_operation.sort_by_key(|(_, durations)| std::cmp::Reverse(durations.total));
        Stops {
            basis,
            all: all.figures(span),
            by_operation,
            others: self.others.figures(span),
            reaching: self.reaching.figures(span),
            reaching_share: share(self.reaching.total().0, Some(Ns(self.reached))),
        }
    }

    pub fn stalls(&self, span: Option<Ns>) -> Vec<Stalls> {
        let mut stalls: Vec<Stalls> = self
            .stalled
            .iter()
            .map(|stalled| Stalls {
                kind: stalled.kind,
                durations: stalled.tally.figures(span),
                threads: (!stalled.kind.stops_the_world()).then_some(stalled.threads.len() as u64),
            })
            .collect();
        stalls.sort_by_key(|s| std::cmp::Reverse(s.durations.total));
        stalls
    }

    pub fn of(&self, kind: Stall) -> Option<&Stalled> {
        self.stalled.iter().find(|s| s.kind == kind)
    }

    /// Stops and stalls for the timeline, and how many events a mark stands for.
    pub fn marks(&self) -> [(Vec<Mark>, u64); 2] {
        let stops = match self.basis() {
            StopBasis::Declared => &self.declared_marks,
            _ => &self.marks,
        };
        [stops, &self.stall_marks].map(|s| (s.points().cloned().collect(), s.each()))
    }
}

impl Stalled {
    pub fn threads(&self) -> u64 {
        self.threads.len() as u64
    }
}

fn mark(series: &mut Thinned<Mark>, at: Option<u64>, duration: Ns, what: &str, place: Place) {
    if let Some(at) = at {
        series.push(Mark {
            at: Ns(at),
            duration,
            what: what.chars().take(80).collect(),
            place,
        });
    }
}
