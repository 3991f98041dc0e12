//! How often it collects, and why each collection began.

use super::evidence::Worst;
use super::names::ByName;
use crate::artifact::event::{Cycle, Place};
use crate::artifact::explanation::Cycles;
use crate::artifact::unit::Ns;

/// Causes of collections that come by the clock, whatever the program does (gcCause.cpp, zDirector.cpp, shenandoahHeuristics.cpp).
const PERIODIC: &[&str] = &[
    "G1 Periodic Collection",
    "Timer",
    "Proactive",
    "Time since last GC",
    "Time since last OLD GC",
];
const HUMONGOUS: &str = "G1 Humongous Allocation";

/// Go collects when two minutes have passed without a collection (forcegcperiod in proc.go); sysmon looks every 10 ms and longer.
const TWO_MINUTES: std::ops::Range<u64> = 119_000_000_000..130_000_000_000;

#[derive(Clone, Debug, Default)]
pub struct Causes {
    pub count: u64,
    kinds: ByName<u64>,
    causes: ByName<u64>,
    pub asked: u64,
    pub asked_time: u64,
    pub asked_at: Worst,
    pub periodic: u64,
    pub periodic_at: Worst,
    pub humongous: u64,
    pub humongous_at: Worst,
    pub full: u64,
    /// Of Go's latest cycle.
    begun: Option<u64>,
}

impl Causes {
    pub fn cycle(&mut self, cycle: &Cycle, begun: Option<u64>, place: Place, go: bool) {
        *self.kinds.of(cycle.kind) += 1;
        let cause = if go {
            self.go_cause(cycle, begun)
        } else {
            cycle.cause
        };
        if let Some(cause) = cause {
            *self.causes.of(cause) += 1;
        }
        // A concurrent cycle of marking frees nothing itself.
        if cycle.before.is_some() {
            self.count += 1;
        }
        let lasted = cycle.duration.unwrap_or(Ns(0));
        let cause = cause.unwrap_or(cycle.kind);
        if cycle.asked {
            self.asked += 1;
            self.asked_time = self.asked_time.saturating_add(lasted.0);
            self.asked_at.time(lasted, place, cause);
        }
        if PERIODIC.contains(&cause) || cause == GO_PERIODIC {
            self.periodic += 1;
            self.periodic_at.time(lasted, place, cause);
        }
        if cause == HUMONGOUS {
            self.humongous += 1;
            self.humongous_at.time(lasted, place, cause);
        }
        self.full += u64::from(cycle.kind == "Full");
    }

    pub fn restart(&mut self) {
        self.begun = None;
    }

    fn go_cause(&mut self, cycle: &Cycle, begun: Option<u64>) -> Option<&'static str> {
        let before = std::mem::replace(&mut self.begun, begun);
        if cycle.asked {
            return Some("runtime.GC()");
        }
        let gap = begun.zip(before).map(|(now, before)| now.saturating_sub(before));
        let far_from_goal = cycle
            .before
            .zip(cycle.goal)
            .is_some_and(|(before, goal)| before.0 < goal.0 / 10 * 9);
        let timed = far_from_goal && gap.is_some_and(|gap| TWO_MINUTES.contains(&gap));
        Some(if timed {
            GO_PERIODIC
        } else {
            "the heap reached its trigger"
        })
    }

    pub fn figures(&self, span: Option<Ns>) -> Cycles {
        Cycles {
            count: self.count,
            per_s: span
                .filter(|_| self.count > 0)
                .filter(|s| s.0 > 0)
                .map(|s| self.count as f64 / (s.0 as f64 / 1e9)),
            kinds: self.kinds.counts(),
            causes: self.causes.counts(),
            asked: self.asked,
            periodic: self.periodic,
        }
    }
}

const GO_PERIODIC: &str = "two minutes without a collection";
