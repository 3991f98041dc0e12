//! G1: how much room another -Xmx leaves for eden (g1Policy.cpp, g1YoungGenSizer.cpp), and what follows from it.

use super::history::{FEWEST, History, Tally};
use super::{Forecast, Setting, bytes, mb, per_second, size};
use crate::artifact::event::{Amount, Cycle, Event, Space, What};
use crate::artifact::unit::Bytes;

/// G1MaxNewSizePercent, G1NewSizePercent, G1ReservePercent, InitiatingHeapOccupancyPercent: the defaults, which a log does not show.
const MOST_YOUNG: f64 = 0.60;
const LEAST_YOUNG: f64 = 0.05;
const RESERVE: f64 = 0.10;
const OCCUPANCY: f64 = 0.45;
/// Heap after a collection stays within this share of its level: the old regions between two markings are a part of it.
const STEADY: f64 = 0.35;
/// CPU times of pauses come in ticks of 10 ms: fewer than this together say too little, in seconds.
const LEAST_CPU: f64 = 0.3;
/// Eden that holds less than this share of what it could is bound by something else.
const BOUND: f64 = 0.7;
/// Half of the default pause goal, in seconds: from there on G1's predictions, which err on the safe side, may bind.
const NEAR_GOAL: f64 = 0.1;

/// Sums over collections; times and CPU in seconds, sizes in bytes.
#[derive(Clone, Copy, Debug)]
struct Collections {
    n: f64,
    wall: f64,
    /// All threads stood still.
    stopped: f64,
    before: f64,
    after: f64,
    /// Allocated since the collection before.
    volume: f64,
    cpu: f64,
    eden: f64,
    survivors: f64,
    old: f64,
    least_old: f64,
    most_old: f64,
    capacity: f64,
    promoted: f64,
    /// Collections that promoted, and what they took up.
    plain_volume: f64,
    mixed: f64,
    mixed_volume: f64,
    markings: f64,
    /// Wall time of concurrent phases.
    marking: f64,
    peak: f64,
}

impl Default for Collections {
    fn default() -> Self {
        Collections {
            n: 0.0,
            wall: 0.0,
            stopped: 0.0,
            before: 0.0,
            after: 0.0,
            volume: 0.0,
            cpu: 0.0,
            eden: 0.0,
            survivors: 0.0,
            old: 0.0,
            least_old: f64::INFINITY,
            most_old: 0.0,
            capacity: 0.0,
            promoted: 0.0,
            plain_volume: 0.0,
            mixed: 0.0,
            mixed_volume: 0.0,
            markings: 0.0,
            marking: 0.0,
            peak: 0.0,
        }
    }
}

impl Tally for Collections {
    fn add(&mut self, next: &Self) {
        self.n += next.n;
        self.wall += next.wall;
        self.stopped += next.stopped;
        self.before += next.before;
        self.after += next.after;
        self.volume += next.volume;
        self.cpu += next.cpu;
        self.eden += next.eden;
        self.survivors += next.survivors;
        self.old += next.old;
        self.least_old = self.least_old.min(next.least_old);
        self.most_old = self.most_old.max(next.most_old);
        self.capacity += next.capacity;
        self.promoted += next.promoted;
        self.plain_volume += next.plain_volume;
        self.mixed += next.mixed;
        self.mixed_volume += next.mixed_volume;
        self.markings += next.markings;
        self.marking += next.marking;
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
    region: Option<u64>,
    max: Option<u64>,
    cpus: Option<f64>,
    workers: Option<f64>,
    /// What was said since the last collection.
    next: Collections,
    /// The last collection is left out, so the CPU line that comes after it is too.
    left_out: bool,
    /// When the last collection ended (s), and what it left (bytes).
    last: Option<(f64, f64)>,
    full: u64,
    all: u64,
}

impl Model {
    pub fn hear(&mut self, event: &Event) {
        match &event.what {
            What::Setting { name, value } => self.setting(name, value),
            What::Space(space) => self.space(space),
            What::Promoted { bytes } => self.next.promoted += bytes.0 as f64,
            What::Declared { duration, .. } => self.next.stopped += duration.0 as f64 / 1e9,
            What::Cpu { user, system, .. } => {
                if let Some(last) = self.history.last_mut().filter(|_| !self.left_out) {
                    last.cpu += (user.0 as f64 + system.0 as f64) / 1e9;
                }
            }
            What::Cycle(cycle) => self.cycle(event.at.map(|at| at.0 as f64 / 1e9), cycle),
            _ => {}
        }
    }

    fn setting(&mut self, name: &str, value: &str) {
        let first = || {
            value
                .split(' ')
                .next()
                .and_then(|n| n.parse::<u32>().ok())
                .map(f64::from)
        };
        match name {
            "Heap Region Size" => self.region = size(value),
            "Heap Max Capacity" => self.max = size(value),
            // `2 total, 2 available`
            "CPUs" => {
                self.cpus = value
                    .split(", ")
                    .nth(1)
                    .and_then(|v| v.split(' ').next()?.parse().ok())
                    .or(first())
            }
            "Concurrent Workers" => self.workers = first(),
            _ => {}
        }
    }

    fn space(&mut self, space: &Space) {
        let in_bytes = |amount: Amount| match amount {
            Amount::Regions(n) => n as f64 * self.region.unwrap_or(0) as f64,
            Amount::Bytes(b) => b.0 as f64,
        };
        match space.name {
            "Eden" => self.next.eden = in_bytes(space.before),
            "Survivor" => self.next.survivors = in_bytes(space.after),
            "Old" => {
                let old = in_bytes(space.after);
                (self.next.old, self.next.least_old) = (old, old);
                self.next.most_old = old.max(in_bytes(space.before));
            }
            _ => {}
        }
    }

    fn cycle(&mut self, at: Option<f64>, cycle: &Cycle) {
        let (Some(before), Some(after)) = (cycle.before, cycle.after) else {
            // A marking cycle has no heap of its own.
            self.next.markings += 1.0;
            self.next.marking += cycle.duration.map_or(0.0, |d| d.0 as f64 / 1e9);
            return;
        };
        let mut now = std::mem::take(&mut self.next);
        let at = at.unwrap_or(0.0);
        let (before, after) = (before.0 as f64, after.0 as f64);
        let last = self.last.replace((at, after));
        self.all += 1;
        self.left_out = true;
        if cycle.kind == "Full" {
            self.full += u64::from(!cycle.asked);
            return;
        }
        let Some((ended, left)) = last.filter(|(ended, _)| *ended <= at) else {
            return;
        };
        now.n = 1.0;
        now.wall = at - ended;
        (now.before, now.after, now.peak) = (before, after, before);
        now.volume = (before - left).max(0.0);
        now.capacity = cycle.capacity.map_or(0.0, |c| c.0 as f64);
        if cycle.kind == "Mixed" {
            (now.mixed, now.mixed_volume) = (1.0, now.volume);
        } else {
            now.plain_volume = now.volume;
        }
        self.history.push(now);
        self.left_out = false;
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
        self.region
            .ok_or("The log does not say its region size, so old and young cannot be told apart.")?;
        if self.full * 10 > self.all {
            return Err(format!(
                "{} of {} collections were full ones: the heap is too small for a model of young collections.",
                self.full, self.all
            ));
        }
        let (seen, _) = self.history.steady(STEADY).ok_or_else(|| {
            format!(
                "Heap after collections has no steady level in {} collections: at least {FEWEST:.0} in a row within {:.0} % of each other are needed.",
                self.all,
                STEADY * 100.0
            )
        })?;
        if seen.wall <= 0.0 || seen.volume <= 0.0 {
            return Err("The collections have no times in this log.".into());
        }
        let mut reasons = Vec::new();
        let plain = (seen.n - seen.mixed).max(1.0);
        let eden_seen = seen.plain_volume / plain;
        let of = |heap: f64| Room::new(&seen, heap, present);
        let (was, will) = (of(present), of(heap));
        if will.eden < LEAST_YOUNG * heap {
            return Err(format!(
                "Old regions would hold about {} of {}: less than G1 wants for the young ones, so full collections would follow, and the log of another heap does not show how many.",
                mb(will.old),
                mb(heap)
            ));
        }
        let capacity = seen.capacity / seen.n;
        if capacity < 0.9 * present {
            return Err(format!(
                "The heap stood at {} of {} allowed: -Xmx did not bind, and how G1 resizes the heap (GC CPU against GCTimeRatio) is not a matter of it.",
                mb(capacity),
                mb(present)
            ));
        }
        let ratio = eden_seen / was.eden;
        let peak = Some(bytes(match (was.by_room, will.by_room) {
            (true, false) => will.peak,
            _ => (seen.peak * will.peak / was.peak).min(heap),
        }));
        if ratio < BOUND {
            let reason = format!(
                "Eden held {} where the heap has room for {}: G1 keeps it small for its pause goal (pauses took {:.0} ms), so how often it \
                 collects is not a matter of -Xmx. Peak heap is what old regions and reserve would let it reach.",
                mb(eden_seen),
                mb(was.eden),
                1000.0 * seen.stopped / seen.n
            );
            return Ok(Forecast {
                peak_heap: peak,
                ..Forecast::unknown(setting, reason)
            });
        }
        let eden = will.eden * ratio;
        let per_cycle = seen.n / seen.volume;
        // Between two markings the old regions fill up from what is live to the threshold; mixed collections empty them again.
        let promotion = seen.promoted / seen.plain_volume.max(1.0);
        let (mut rate, mut markings, mut unseen) = (1.0 / eden, 0.0, false);
        if seen.markings >= 2.0 && promotion > 0.0 {
            let mixed = seen.mixed / seen.markings;
            let seen_between = seen.volume / seen.markings;
            let between = seen_between * (will.fill / was.fill);
            let mixed_volume = if seen.mixed > 0.0 {
                seen.mixed_volume / seen.mixed * heap / present
            } else {
                0.0
            };
            rate = (mixed + (between - mixed * mixed_volume).max(0.0) / eden) / between;
            markings = 1.0 / between;
        } else if will.fill < (seen.most_old - seen.least_old).max(0.0) {
            unseen = true;
            reasons.push(format!(
                "No two markings ended in the steady part, but at {} they would be due: GC CPU is not known, and mixed collections are not in the other figures.",
                mb(heap)
            ));
        } else {
            reasons.push("The log ends before the old regions filled up twice: markings and mixed collections to come are not in the figures.".into());
        }
        let copied = |volume: f64| seen.survivors / seen.n + promotion * volume;
        let volume = 1.0 / rate;
        let cpu = seen.cpu / seen.n * copied(volume) / copied(1.0 / per_cycle).max(1.0);
        let stopped = seen.stopped / seen.n * copied(volume) / copied(1.0 / per_cycle).max(1.0);
        if stopped > NEAR_GOAL && volume > seen.volume / seen.n {
            let reason = format!(
                "Pauses would take about {:.0} ms: G1 keeps eden smaller than the heap allows where they come near MaxGCPauseMillis (200 ms unless \
                 set otherwise), by predictions that are not in the log. Peak heap is what old regions and reserve would let it reach.",
                1000.0 * stopped
            );
            return Ok(Forecast {
                peak_heap: peak,
                ..Forecast::unknown(setting, reason)
            });
        }
        let marking = markings * volume * seen.marking / seen.markings.max(1.0) * self.workers.unwrap_or(1.0);
        let (cpus, workers) = match (self.cpus, self.workers) {
            (Some(cpus), Some(workers)) => (cpus, workers),
            _ => {
                reasons.push("GC CPU share: the log's first lines (CPUs, Concurrent Workers) are missing; two CPUs were assumed for the rate.".into());
                (2.0, 1.0)
            }
        };
        // Concurrent marking takes CPUs that mutators would have used, if these were busy.
        let running = (seen.wall - seen.stopped).max(seen.wall / 100.0);
        let left = (cpus * running - seen.marking * workers).max(cpus * running / 100.0);
        let wall = (volume * left / seen.volume + marking) / cpus + stopped;
        reasons.push(format!(
            "All CPUs were taken to be busy, which the log does not show; if the load is given from outside, expect {} collections/s.",
            per_second(volume * running / seen.volume + stopped)
        ));
        let share = if self.cpus.is_none() || self.workers.is_none() || unseen {
            None
        } else if seen.cpu < LEAST_CPU {
            reasons.push(format!(
                "GC CPU share: the pauses have {:.2} s of CPU together, in ticks of 10 ms; {LEAST_CPU} s are needed.",
                seen.cpu
            ));
            None
        } else {
            Some(((cpu + marking) / (cpus * wall)).min(1.0))
        };
        Ok(Forecast {
            setting,
            cycles_per_s: Some(1.0 / wall),
            allocated_per_cycle: Some(bytes(volume)),
            peak_heap: peak,
            gc_cpu_share: share,
            reasons,
        })
    }
}

/// What a heap has room for, bytes.
#[derive(Clone, Copy, Debug)]
struct Room {
    old: f64,
    eden: f64,
    /// How much the old regions take up between two markings.
    fill: f64,
    peak: f64,
    /// What is left of the heap bounds eden, not the share that it may have.
    by_room: bool,
}

impl Room {
    fn new(seen: &Collections, heap: f64, present: f64) -> Self {
        let (least, most) = (seen.least_old, seen.most_old);
        let survivors = seen.survivors / seen.n;
        let (old, most, fill) = if seen.markings >= 2.0 {
            // The threshold as a share of the heap, as seen, or what is live where that is more; what comes on top during marking stays.
            let top = least + (most - least).max(0.0) + (heap - present) * OCCUPANCY;
            let top = top.max(1.05 * least);
            let place = (seen.old / seen.n - least) / (most - least).max(1.0);
            (least + place * (top - least), top, top - least)
        } else {
            // Marking keeps a smaller heap's old regions from filling up as far as was seen.
            let fill = (OCCUPANCY * heap - least).max(0.0);
            (
                least + (seen.old / seen.n - least).min(fill / 2.0),
                most.min(least + fill),
                fill,
            )
        };
        let young = MOST_YOUNG * heap;
        let by_share = young - survivors;
        let by_room = |old: f64| (1.0 - RESERVE) * heap - old - survivors;
        Room {
            old,
            eden: by_share.min(by_room(old)),
            fill,
            by_room: by_room(old) < by_share,
            peak: (most + survivors + by_share).min((1.0 - RESERVE) * heap - survivors),
        }
    }
}

#[cfg(test)]
#[path = "g1_tests.rs"]
mod tests;
