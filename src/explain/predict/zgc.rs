//! ZGC, of one generation and of two (zDirector.cpp): a collection begins when what is free would last no longer than the collection.

use super::history::{FEWEST, History, Tally};
use super::{Forecast, Setting, bytes, mb, size};
use crate::artifact::event::{Cycle, Event, Stall, What};
use crate::artifact::unit::Bytes;

/// Heap after a collection stays within this share of its level: it holds what was allocated meanwhile.
const STEADY: f64 = 0.35;
/// Without this share of the time between collections they follow each other without a break.
const BREAK: f64 = 0.1;

/// More stalls than this for each collection, and what allocated was not the program's choice.
const STALLS: f64 = 0.1;

/// Sums over collections; times in seconds, sizes in bytes.
#[derive(Clone, Copy, Debug, Default)]
struct Collections {
    n: f64,
    wall: f64,
    /// Between the end of one and the beginning of the next.
    rest: f64,
    before: f64,
    after: f64,
    /// Allocated in `rest`.
    volume: f64,
    /// Concurrent phases and pauses.
    work: f64,
    stalls: f64,
    peak: f64,
}

impl Tally for Collections {
    fn add(&mut self, next: &Self) {
        self.n += next.n;
        self.wall += next.wall;
        self.rest += next.rest;
        self.before += next.before;
        self.after += next.after;
        self.volume += next.volume;
        self.work += next.work;
        self.stalls += next.stalls;
        self.peak = self.peak.max(next.peak);
    }

    fn count(&self) -> f64 {
        self.n
    }

    fn level(&self) -> f64 {
        self.after
    }
}

#[derive(Default)]
pub struct Model {
    history: History<Collections>,
    max: Option<u64>,
    cpus: Option<f64>,
    /// Of all generations; None once a line cannot be read.
    workers: Option<f64>,
    next: Collections,
    last: Option<(f64, f64)>,
    timed: u64,
    /// Collections of one generation of two.
    minor: u64,
    all: u64,
}

impl Model {
    pub fn hear(&mut self, event: &Event) {
        match &event.what {
            What::Setting { name, value } => self.setting(name, value),
            What::Phase { duration, .. } | What::Declared { duration, .. } => {
                self.next.work += duration.0 as f64 / 1e9;
            }
            What::Stall {
                kind: Stall::Allocation,
                ..
            } => self.next.stalls += 1.0,
            What::Cycle(cycle) => self.cycle(event.at.map(|at| at.0 as f64 / 1e9), cycle),
            _ => {}
        }
    }

    fn setting(&mut self, name: &str, value: &str) {
        let number = |words: &str| words.split(' ').next().and_then(|n| n.parse::<f64>().ok());
        match name {
            "Heap Max Capacity" | "Max Capacity" => self.max = size(value).or(self.max),
            "CPUs" => self.cpus = value.split(", ").nth(1).and_then(number).or(number(value)),
            // `GC Workers: 1 (dynamic)`; `GC Workers for Young Generation`, `GC Workers for Old Generation`
            _ if name.starts_with("GC Workers") => {
                self.workers = number(value).map(|n| n.max(self.workers.unwrap_or(0.0)));
            }
            _ => {}
        }
    }

    fn cycle(&mut self, at: Option<f64>, cycle: &Cycle) {
        let mut now = std::mem::take(&mut self.next);
        let (Some(at), Some(before), Some(after)) = (at, cycle.before, cycle.after) else {
            return;
        };
        let (before, after) = (before.0 as f64, after.0 as f64);
        let begun = cycle.begun.map_or(at, |b| b.0 as f64 / 1e9);
        let last = self.last.replace((at, after));
        self.all += 1;
        self.timed += u64::from(matches!(cycle.cause, Some("Proactive" | "Timer")));
        self.minor += u64::from(cycle.kind == "Minor");
        if cycle.asked {
            return;
        }
        let Some((ended, left)) = last.filter(|(ended, _)| *ended <= at) else {
            return;
        };
        now.n = 1.0;
        now.wall = at - ended;
        now.rest = (begun - ended).max(0.0);
        (now.before, now.after, now.peak) = (before, after, before.max(after));
        // A collection beside another began before that ended.
        now.volume = if now.rest > 0.0 {
            (before - left).max(0.0)
        } else {
            0.0
        };
        self.history.push(now);
    }

    pub fn max(&self) -> Option<Bytes> {
        self.max.map(Bytes)
    }

    pub fn at(&self, setting: Setting, max: Bytes) -> Forecast {
        match self.forecast(setting, max.0 as f64) {
            Ok(forecast) => forecast,
            Err(reason) => Forecast::unknown(setting, reason),
        }
    }

    fn forecast(&self, setting: Setting, heap: f64) -> Result<Forecast, String> {
        let present = self
            .max
            .ok_or("The log does not say its -Xmx (Heap Max Capacity in its first lines).")?
            as f64;
        let (seen, _) = self.history.steady(STEADY).ok_or_else(|| {
            format!(
                "Heap after collections has no steady level in {} collections: at least {FEWEST:.0} in a row within {:.0} % of each other are needed.",
                self.all,
                STEADY * 100.0
            )
        })?;
        if seen.wall <= 0.0 {
            return Err("The collections have no times in this log.".into());
        }
        if self.timed * 2 > self.all {
            return Err(format!(
                "{} of {} collections were proactive or the clock's: the heap's size did not ask for them.",
                self.timed, self.all
            ));
        }
        if seen.stalls > STALLS * seen.n {
            return Err(format!(
                "Mutators stalled {:.0} times in the steady part: the log shows how fast memory was given back, not how fast it would have been used.",
                seen.stalls
            ));
        }
        if seen.rest < BREAK * seen.wall {
            return Err(format!(
                "Collections followed each other without a break ({:.0} % of the time between them): when the next one would begin with more room the log does not show.",
                100.0 * seen.rest / seen.wall
            ));
        }
        let n = seen.n;
        let room = (seen.volume / n) + (heap - present);
        let before = seen.before / n + (heap - present);
        if room <= 0.0 || before < seen.after / n {
            return Err(format!(
                "A collection would have to begin at {} while {} are in use when one ends: they would follow each other without a break and mutators stall, \
                 how long the log of a larger heap does not show.",
                mb(before.max(0.0)),
                mb(seen.after / n)
            ));
        }
        if self.minor > 0 {
            return Err("With two generations the director weighs the cost of minor collections against that of major ones, as it is at the time \
                        (rule_minor_allocation_rate, rule_major_allocation_rate): when they begin in another heap the log does not show."
                .into());
        }
        let rate = seen.volume / seen.rest;
        let wall = (seen.wall - seen.rest) / n + room / rate;
        let mut reasons = vec![
            "What is free when a collection begins is taken to stay, as allocation rate and length of a collection do; where it was measured, \
             the director began earlier in a larger heap, and figures were a third off.".to_owned(),
        ];
        let share = match (self.cpus, self.workers) {
            (Some(cpus), Some(1.0)) => Some((seen.work / n / (cpus * wall)).min(1.0)),
            (_, workers) => {
                let most = workers.map_or("unknown".to_owned(), |w| format!("{w:.0}"));
                reasons.push(format!("GC CPU share: the number of workers changes while a collection runs (most: {most}), and the log has no CPU times."));
                None
            }
        };
        Ok(Forecast {
            setting,
            cycles_per_s: Some(1.0 / wall),
            // What is allocated during a collection is in no event.
            allocated_per_cycle: None,
            peak_heap: Some(bytes((seen.peak + heap - present).min(heap))),
            gc_cpu_share: share,
            reasons,
        })
    }
}

#[cfg(test)]
#[path = "zgc_tests.rs"]
mod tests;
