//! What there is to tell of a run: written by the driver between its processes, read by whoever asks.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use crate::artifact::plan::{Mode, Purpose};
use crate::artifact::unit::{Bytes, Ns};
use crate::artifact::usage::{Seen, Usage};

/// Upper edges of the pause histogram, ns: 10 us to 1 s, in steps as even as round numbers allow.
pub const EDGES: [u64; 16] = [
    10_000,
    25_000,
    50_000,
    100_000,
    250_000,
    500_000,
    1_000_000,
    2_500_000,
    5_000_000,
    10_000_000,
    25_000_000,
    50_000_000,
    100_000_000,
    250_000_000,
    500_000_000,
    1_000_000_000,
];

/// The run so far, as far as this driver ran it.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// None until there is a plan.
    pub run: Option<Run>,
    /// The process that is prepared, runs or is put away; None between two.
    pub current: Option<Current>,
    /// How many processes ended so.
    pub outcomes: BTreeMap<String, u64>,
    /// By name.
    pub collectors: BTreeMap<String, Totals>,
    /// Open loop: the latest finished process of each cell.
    pub latest: BTreeMap<String, Latest>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    pub suite: String,
    /// Of the driver.
    pub version: String,
    /// Processes that are to be run, at most; those that ran before it was resumed are not among them.
    pub planned: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Current {
    pub cell: String,
    pub workload: String,
    pub collector: String,
    pub runtime: String,
    pub mode: Mode,
    pub round: u32,
    pub purpose: Purpose,
}

/// Over all processes of a collector. What has no value yet was not told by any: 0 would be a lie.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Totals {
    /// Of those that were reaped.
    pub used: Usage,
    pub pauses: Option<Pauses>,
    pub cycles: Option<u64>,
    pub gc_cpu: Option<Ns>,
    pub stalled: Option<Ns>,
    pub allocated: Option<Bytes>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pauses {
    /// How many are in each bucket of [`EDGES`], and how many above the last.
    pub counts: [u64; EDGES.len() + 1],
    pub total: Ns,
}

impl Pauses {
    /// Lengths with how often they occurred, and their sum, which may be known better than they.
    pub fn add(&mut self, lengths: &[(Ns, u64)], total: Ns) {
        for (length, count) in lengths {
            let bucket = EDGES.partition_point(|edge| *edge < length.0);
            self.counts[bucket] = self.counts[bucket].saturating_add(*count);
        }
        self.total = Ns(self.total.0.saturating_add(total.0));
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Latest {
    pub collector: String,
    /// Quantile of response times, ns: those that enough requests lie beyond. None where the backlog grew.
    pub response: Vec<(f64, f64)>,
    pub saturated: bool,
}

/// Looks at a process; None once it is reaped.
pub type Look = Box<dyn Fn() -> Option<Seen> + Send>;

/// A request that was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scrape {
    /// CLOCK_MONOTONIC.
    pub at: Ns,
    /// CPU of the thread that answers, since the one before.
    pub cpu: Ns,
}

/// Held for as long as it takes to copy what is told, never while something is written to a client.
#[derive(Default)]
pub struct Board {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    told: Told,
    watched: Option<Watched>,
    /// Since they were last taken.
    scrapes: Vec<Scrape>,
    scraped: u64,
    serving: Ns,
}

struct Watched {
    collector: String,
    look: Look,
    /// What it used when last looked at: it may be gone before its last account is here, and counters must not fall meanwhile.
    used: Usage,
}

/// All of it at one instant.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    pub told: Told,
    /// The collector of the process that runs, and what is seen of it.
    pub seen: Option<(String, Seen)>,
    /// Requests that were answered, and the CPU of the thread that did.
    pub scraped: u64,
    pub serving: Ns,
}

impl Board {
    /// Changes what is told.
    pub fn tell(&self, change: impl FnOnce(&mut Told)) {
        change(&mut self.lock().told);
    }

    /// A process of this collector runs.
    pub fn watch(&self, collector: &str, look: Look) {
        self.lock().watched = Some(Watched {
            collector: collector.to_owned(),
            look,
            used: Usage::default(),
        });
    }

    /// It was reaped: its last account takes the place of what was seen of it.
    pub fn reaped(&self, used: Usage) {
        let mut state = self.lock();
        if let Some(watched) = state.watched.take() {
            let totals = state.told.collectors.entry(watched.collector).or_default();
            totals.used = totals.used.and(used);
        }
    }

    /// A request was answered.
    pub fn answered(&self, scrape: Scrape) {
        let mut state = self.lock();
        state.scrapes.push(scrape);
        state.scraped += 1;
        state.serving = Ns(state.serving.0.saturating_add(scrape.cpu.0));
    }

    /// Requests that were answered since this was asked last.
    pub fn take_scrapes(&self) -> Vec<Scrape> {
        std::mem::take(&mut self.lock().scrapes)
    }

    /// Looks at the process that runs, too.
    pub fn snapshot(&self) -> Snapshot {
        let mut state = self.lock();
        let mut told = state.told.clone();
        let mut seen = None;
        if let Some(watched) = &mut state.watched {
            let found = (watched.look)();
            watched.used = found.map_or(watched.used, |s| s.usage);
            let totals = told.collectors.entry(watched.collector.clone()).or_default();
            totals.used = totals.used.and(watched.used);
            seen = found.map(|s| (watched.collector.clone(), s));
        }
        Snapshot {
            told,
            seen,
            scraped: state.scraped,
            serving: state.serving,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|e| e.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    fn cpu(ns: u64) -> Usage {
        Usage {
            user: Ns(ns),
            ..Usage::default()
        }
    }

    #[test]
    fn what_a_collector_used_never_falls_from_one_process_to_the_next() {
        let board = Board::default();
        let user = || board.snapshot().told.collectors["x"].used.user.0;
        // 0: the process is gone, though not yet accounted for.
        let clock = Arc::new(AtomicU64::new(0));
        let look = |clock: &Arc<AtomicU64>| -> Look {
            let clock = clock.clone();
            Box::new(move || match clock.load(Ordering::Relaxed) {
                0 => None,
                ns => Some(Seen {
                    usage: cpu(ns),
                    resident: Some(Bytes(1)),
                    threads: 1,
                }),
            })
        };
        clock.store(30, Ordering::Relaxed);
        board.watch("x", look(&clock));
        assert_eq!(user(), 30);
        assert_eq!(board.snapshot().seen.unwrap().1.threads, 1);
        clock.store(0, Ordering::Relaxed);
        assert_eq!(user(), 30, "gone, and its account is still to come");
        assert_eq!(board.snapshot().seen, None);
        board.reaped(cpu(35));
        assert_eq!(user(), 35);
        clock.store(1, Ordering::Relaxed);
        board.watch("x", look(&clock));
        assert_eq!(user(), 36, "the next one begins at nothing");
    }

    #[test]
    fn a_pause_is_in_the_first_bucket_that_it_does_not_exceed() {
        let mut pauses = Pauses::default();
        pauses.add(&[(Ns(0), 1), (Ns(10_000), 2), (Ns(10_001), 4)], Ns(7));
        pauses.add(&[(Ns(1_000_000_000), 8), (Ns(u64::MAX), 16)], Ns(u64::MAX));
        assert_eq!(pauses.counts[..2], [3, 4]);
        assert_eq!(pauses.counts[EDGES.len() - 1..], [8, 16]);
        assert_eq!(pauses.total, Ns(u64::MAX));
        assert!(EDGES.is_sorted());
    }

    #[test]
    fn scrapes_are_taken_once_and_counted_for_ever() {
        let board = Board::default();
        let scrape = Scrape {
            at: Ns(5),
            cpu: Ns(3),
        };
        board.answered(scrape);
        assert_eq!(board.take_scrapes(), [scrape]);
        assert!(board.take_scrapes().is_empty());
        board.answered(scrape);
        let snapshot = board.snapshot();
        assert_eq!((snapshot.scraped, snapshot.serving), (2, Ns(6)));
    }
}
