//! Go's pacer (runtime/mgcpacer.go): where another GOGC or memory limit would set the goal, and what follows from it.

use super::cycles::Cycles;
use super::goal::{HEAP_MINIMUM, Regime, goal_of, limit_of};
use super::history::{FEWEST, History};
use super::{Forecast, MIB, Setting, bytes, mb, per_second};
use crate::artifact::event::{Cycle, Event, GoCpu, What};
use crate::artifact::unit::Bytes;

/// A gctrace rounds down to whole MB: on the average half a MB is lost.
const HALF: f64 = MIB / 2.0;
/// 1 - minTriggerRatio and 1 - maxTriggerRatio: marking begins with at most and at least this share of the way left.
const LONGEST_RUNWAY: f64 = 0.3;
const SHORTEST_RUNWAY: f64 = 0.05;
/// Live heap stays within this share of its level: the pacer's own noise is about half of it.
const STEADY: f64 = 0.2;
/// Below this share of idle marking the CPUs were busy all the time; above the other they surely were not.
const BUSY: f64 = 0.15;
const IDLE: f64 = 0.5;
/// forcegcperiod, less a little, in seconds: nothing but the clock asks for a collection that late.
const PERIOD_S: f64 = 110.0;

/// The cycle before, as far as the next one depends on it.
#[derive(Clone, Copy, Debug)]
struct Last {
    /// When it ended, in seconds.
    end: f64,
    live: f64,
    roots: f64,
}

#[derive(Default)]
pub struct Model {
    history: History<Cycles>,
    /// The CPU of the cycle whose line is being read.
    cpu: GoCpu,
    last: Option<Last>,
    /// The goal of the process's first cycle, which has no live heap to build on.
    first_goal: Option<f64>,
    forced: u64,
    all: u64,
}

/// An average cycle of the steady stretch, and what it says about any other.
#[derive(Clone, Copy, Debug)]
struct Steady {
    cycle: Cycles,
    /// Live heap without what was allocated during marking, which survives it whatever becomes of it.
    reachable: f64,
    /// What mutators allocate during marking when nothing holds them back.
    unheld: f64,
    /// Bytes before the goal at which the pacer wants to begin.
    runway: f64,
}

/// Heap around a cycle, bytes.
#[derive(Clone, Copy, Debug)]
struct Around {
    live: f64,
    end: f64,
    goal: f64,
    /// The runway was cut short, so mutators had to help.
    held: bool,
}

impl Model {
    pub fn hear(&mut self, event: &Event) {
        match &event.what {
            What::GoCpu(cpu) => self.cpu = *cpu,
            What::Cycle(cycle) if cycle.kind == "mark" => self.cycle(event.gc, cycle),
            _ => {}
        }
    }

    fn cycle(&mut self, number: Option<u64>, cycle: &Cycle) {
        let seconds = |ns: u64| ns as f64 / 1e9;
        let rounded = |b: Option<Bytes>| b.map_or(0.0, |b| b.0 as f64 + HALF);
        let whole = |b: Option<Bytes>| b.map_or(0.0, |b| b.0 as f64);
        let begun = cycle.begun.map_or(0, |at| at.0);
        let now = Last {
            end: seconds(begun.saturating_add(cycle.duration.map_or(0, |d| d.0))),
            live: rounded(cycle.live),
            roots: whole(cycle.stacks) + whole(cycle.globals),
        };
        self.all += 1;
        if number == Some(1) {
            self.first_goal = Some(rounded(cycle.goal));
        }
        let last = self.last.replace(now);
        if cycle.asked {
            self.forced += 1;
            return;
        }
        // The first cycle seen has nothing before it to be measured from; a process that began anew has a clock that went back.
        let Some(last) = last.filter(|last| last.end <= now.end) else {
            return;
        };
        let cpu = self.cpu;
        let end = rounded(cycle.at_the_end);
        let wall = now.end - last.end;
        self.history.push(Cycles {
            n: 1.0,
            wall,
            base: last.live,
            base_roots: last.roots,
            live: now.live,
            roots: now.roots,
            goal: rounded(cycle.goal),
            before: rounded(cycle.before),
            end,
            work: seconds(cpu.assist.0) + seconds(cpu.background.0),
            stops: seconds(cpu.sweep_termination.0) + seconds(cpu.mark_termination.0),
            idle: seconds(cpu.idle.0),
            marking: f64::from(cpu.procs) * seconds(cpu.marking.0),
            offered: f64::from(cpu.procs) * wall,
            peak: end,
        });
    }

    fn steady(&self) -> Result<(Steady, Regime), String> {
        if self.forced * 10 > self.all {
            let (forced, all) = (self.forced, self.all);
            // The last few of a short log are those of somebody who looks at what is left.
            if all - forced < 4 * forced {
                return Err(format!(
                    "{forced} of {all} cycles were asked for by runtime.GC(): these come whatever GOGC is."
                ));
            }
        }
        let Some((sum, range)) = self.history.steady(STEADY) else {
            return Err(format!(
                "The live heap has no steady level in {} cycles: at least {FEWEST:.0} in a row within {:.0} % of each other are needed.",
                self.all,
                STEADY * 100.0
            ));
        };
        let cycle = sum.average();
        if cycle.wall <= 0.0 || cycle.offered <= 0.0 {
            return Err("The cycles have no times or no CPUs in this log.".into());
        }
        if cycle.wall > PERIOD_S && cycle.end < 0.8 * cycle.goal {
            return Err(format!(
                "Cycles come every {:.0} s because the clock asks for them (forcegcperiod), not because the heap grew: GOGC does not decide.",
                cycle.wall
            ));
        }
        let regime = self.regime(&cycle, &range);
        Ok((Steady::new(cycle), regime))
    }

    /// A goal that follows the live heap is GOGC's; one that stays where it is a limit's. With a steady live heap both look alike, so
    /// the growth before it must tell, best the first cycle: heapMinimum is 4 MB at GOGC=100.
    fn regime(&self, cycle: &Cycles, steady: &std::ops::Range<usize>) -> Regime {
        let percent = 100.0 * (cycle.goal - cycle.base) / (cycle.base + cycle.base_roots).max(MIB);
        let gogc = Regime::Gogc(percent.max(1.0));
        let limit = Regime::Limit(cycle.goal);
        let near = |regime: Regime, goal: f64, live: f64, roots: f64| (regime.goal(live, roots) - goal).abs();
        if let Some(goal) = self.first_goal {
            return if near(limit, goal, 0.0, 0.0) < near(gogc, goal, 0.0, 0.0) {
                limit
            } else {
                gogc
            };
        }
        let others = self
            .history
            .all()
            .enumerate()
            .filter(|(at, _)| !steady.contains(at));
        let (mut of_gogc, mut of_limit) = (0.0, 0.0);
        for (_, other) in others {
            let other = other.average();
            of_gogc += near(gogc, other.goal, other.base, other.base_roots);
            of_limit += near(limit, other.goal, other.base, other.base_roots);
        }
        if of_limit < of_gogc { limit } else { gogc }
    }

    pub fn settings(&self) -> Vec<Setting> {
        let Ok((steady, regime)) = self.steady() else {
            return vec![Setting::Gogc(50), Setting::Gogc(200)];
        };
        let footprint = limit_of(steady.cycle.goal, steady.cycle.roots);
        let limit = |times: f64| Setting::MemoryLimit(Bytes(((footprint * times / MIB).ceil() as u64) << 20));
        match regime {
            Regime::Gogc(percent) => {
                let percent = usual(percent);
                vec![
                    Setting::Gogc((percent / 2).max(1)),
                    Setting::Gogc(percent * 2),
                    limit(1.5),
                ]
            }
            Regime::Limit(_) => vec![limit(0.5), limit(2.0), Setting::Gogc(100)],
        }
    }

    pub fn at(&self, setting: Setting) -> Forecast {
        let (steady, present) = match self.steady() {
            Ok(found) => found,
            Err(reason) => return Forecast::unknown(setting, reason),
        };
        let roots = steady.cycle.roots;
        let regime = match setting {
            Setting::Gogc(percent) => Regime::Gogc(f64::from(percent.max(1))),
            Setting::MemoryLimit(limit) => Regime::Limit(goal_of(limit.0 as f64, roots)),
            Setting::HeapMax(_) => return Forecast::unknown(setting, "Go has no -Xmx."),
        };
        steady.forecast(setting, present, regime)
    }
}

impl Steady {
    fn new(cycle: Cycles) -> Self {
        let growth = (cycle.end - cycle.before).max(0.0);
        let seen = (cycle.goal - cycle.before).max(0.0);
        let gap = (cycle.goal - cycle.base).max(0.0);
        // As endCycle() and commit(): what mutators allocate, for three quarters of the CPU, while the workers mark in one quarter.
        let mutators = (cycle.offered - cycle.cost()).max(0.0);
        let natural = match mutators {
            0.0 => growth,
            mutators => 3.0 * cycle.work * cycle.volume() / mutators,
        };
        // That is a ceiling: mutators are slower while they mark, and no worker keeps to a quarter. What was seen is the floor: between them.
        let cut = seen > 0.9 * LONGEST_RUNWAY * gap;
        // Assists end marking at the goal: growth that falls short of it was nobody's choice but the mutators'.
        let held = growth > 0.9 * seen;
        Steady {
            cycle,
            reachable: (cycle.live - growth).max(0.0),
            unheld: if held {
                (natural.max(growth) * growth).sqrt()
            } else {
                growth
            },
            runway: if cut { natural.max(seen) } else { seen },
        }
    }

    /// The live heap has what was allocated during marking in it, which the goal bounds, which the live heap sets: iterate.
    fn around(&self, regime: Regime) -> Around {
        let mut live = self.cycle.live;
        let mut around = self.step(regime, live);
        for _ in 0..200 {
            live += (around.live - live) / 2.0;
            around = self.step(regime, live);
        }
        around
    }

    fn step(&self, regime: Regime, live: f64) -> Around {
        let goal = regime.goal(live, self.cycle.roots);
        let gap = (goal - live).max(0.0);
        let shortest = (SHORTEST_RUNWAY * gap).min(HEAP_MINIMUM);
        let runway = self.runway.clamp(shortest, (LONGEST_RUNWAY * gap).max(shortest));
        let growth = self.unheld.min(runway);
        Around {
            live: self.reachable + growth,
            end: goal - runway + growth,
            goal,
            held: growth >= runway,
        }
    }

    fn forecast(&self, setting: Setting, present: Regime, regime: Regime) -> Forecast {
        let cycle = &self.cycle;
        let was = self.around(present);
        let will = self.around(regime);
        if will.goal < 1.02 * self.reachable || will.end <= will.live {
            return Forecast::unknown(
                setting,
                format!(
                    "About {} stay reachable and the goal would be {}: cycles would follow each other without end, up to half of the CPU (the GC CPU limiter), \
                     and how fast depends on what is not in a gctrace.",
                    mb(self.reachable),
                    mb(will.goal)
                ),
            );
        }
        // What the present setting teaches about the distance between rule and practice.
        let practice = cycle.volume() / (was.end - was.live).max(MIB / 4.0);
        let volume = ((will.end - will.live) * practice).max(MIB / 4.0);
        let end = will.live + volume;
        let cost = cycle.cost();
        let procs = cycle.offered / cycle.wall;
        let per_cpu = cycle.volume() / (cycle.offered - cost).max(cycle.offered / 100.0);
        let busy = (volume / per_cpu + cost) / procs;
        let idle = cycle.wall * volume / cycle.volume().max(1.0);
        let idle_share = cycle.idle / (cycle.idle + cycle.work).max(1e-12);
        let mut reasons = vec![format!(
            "Learnt from {:.0} cycles with {} live ({} of it allocated during marking), goal {}; the next goal would be {}.",
            cycle.n,
            mb(cycle.live),
            mb(cycle.live - self.reachable),
            mb(cycle.goal),
            mb(will.goal)
        )];
        let wall = if idle_share < BUSY { busy } else { idle };
        reasons.push(match idle_share {
            share if share < BUSY => format!(
                "Idle CPUs did {:.0} % of the marking, so all CPUs were taken to be busy: what the collector leaves, mutators use to allocate. \
                 If the load is given from outside, expect {} cycles/s.",
                share * 100.0,
                per_second(idle)
            ),
            share if share < IDLE => format!(
                "Idle CPUs did {:.0} % of the marking: the allocation rate is taken to stay; if mutators are held up by the CPU, expect {} cycles/s.",
                share * 100.0,
                per_second(busy)
            ),
            share => format!(
                "Idle CPUs did {:.0} % of the marking, so the allocation rate is taken to stay.",
                share * 100.0
            ),
        });
        // A limit's goal does not follow the live heap's noise, GOGC's does.
        let spread = cycle.peak / cycle.end.max(1.0);
        let peak = match (present, regime) {
            (Regime::Gogc(_), Regime::Gogc(_)) | (Regime::Limit(_), Regime::Limit(_)) => end * spread,
            (Regime::Gogc(_), Regime::Limit(_)) => end.max(will.goal),
            (Regime::Limit(_), Regime::Gogc(_)) => {
                reasons.push("Peak heap is that of an average cycle: under a limit the log does not show how far the live heap strays.".into());
                end
            }
        };
        if let (Regime::Limit(goal), Setting::MemoryLimit(limit)) = (regime, setting) {
            reasons.push(format!(
                "What the runtime maps beside objects is not in a gctrace: {} of the limit were taken off for it.",
                mb(limit.0 as f64 - goal)
            ));
        }
        let share = cost / (procs * wall);
        if share > 0.5 {
            reasons.push(
                "The GC CPU limiter would step in at half of the CPU and let the heap grow past its goal."
                    .into(),
            );
        } else if will.held && !was.held {
            reasons.push("Mutators would have to assist.".into());
        }
        Forecast {
            setting,
            cycles_per_s: (share <= 0.5).then_some(1.0 / wall),
            allocated_per_cycle: (share <= 0.5).then_some(bytes(volume)),
            peak_heap: (share <= 0.5).then_some(bytes(peak)),
            gc_cpu_share: Some(share.min(0.5)),
            reasons,
        }
    }
}

/// What somebody will have set, where it comes out near: a multiple of 25.
fn usual(percent: f64) -> u32 {
    let near = (percent / 25.0).round() * 25.0;
    let percent = if near > 0.0 && (percent / near - 1.0).abs() < 0.06 {
        near
    } else {
        percent
    };
    percent.round().clamp(1.0, 1e6) as u32
}

#[cfg(test)]
#[path = "go_tests.rs"]
mod tests;
