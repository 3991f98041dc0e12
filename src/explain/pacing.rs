//! Go: what GOGC must be, from the goals it led to.

use super::series::{Merge, Thinned};
use crate::artifact::event::Cycle;
use crate::artifact::explanation::Gogc;
use crate::artifact::unit::Bytes;
use crate::stats::{median, quantile};

/// Traces give whole MiB: below this their rounding moves the inferred percentage by more than a tenth.
const SMALLEST: u64 = 16 << 20;
/// Fewer neighbours tell nothing of steadiness.
const FEWEST: usize = 3;
/// A setting leaves the middle 80 % of the inferred values within this share of the median; a limit does that to the goals.
const STEADY_GOGC: f64 = 0.25;
const STEADY_GOAL: f64 = 0.1;

#[derive(Clone, Debug, Default)]
pub struct Pacing {
    pairs: Thinned<Pair>,
    /// Live heap, stacks and globals of the cycle before.
    base: Option<u64>,
    live: Option<u64>,
}

#[derive(Clone, Debug)]
struct Pair {
    percent: f64,
    goal: f64,
}

impl Merge for Pair {
    /// One of them is as good as the other.
    fn merge(&mut self, _later: &Self) {}
}

impl Pacing {
    pub fn cycle(&mut self, cycle: &Cycle) {
        if let (Some(goal), Some(base), Some(live)) = (cycle.goal, self.base, self.live)
            && base >= SMALLEST
        {
            self.pairs.push(Pair {
                percent: goal.0.saturating_sub(live) as f64 / base as f64 * 100.0,
                goal: goal.0 as f64,
            });
        }
        let roots = cycle
            .stacks
            .map_or(0, |b| b.0)
            .saturating_add(cycle.globals.map_or(0, |b| b.0));
        self.live = cycle.live.map(|b| b.0);
        self.base = self.live.map(|live| live.saturating_add(roots));
    }

    pub fn restart(&mut self) {
        (self.base, self.live) = (None, None);
    }

    /// GOGC where it is steady; the goal where that is steady instead, whatever the live heap: a memory limit holds it.
    pub fn figures(&self) -> (Option<Gogc>, Option<Bytes>) {
        let percents: Vec<f64> = self.pairs.points().map(|p| p.percent).collect();
        let goals: Vec<f64> = self.pairs.points().map(|p| p.goal).collect();
        if percents.len() < FEWEST {
            return (None, None);
        }
        let (Some((lo, percent, hi)), Some((low, goal, high))) = (middle(&percents), middle(&goals)) else {
            return (None, None);
        };
        let steady_goal = high - low <= STEADY_GOAL * goal;
        if hi - lo <= STEADY_GOGC * percent {
            let gogc = Gogc {
                percent,
                lo,
                hi,
                pairs: percents.len() as u64,
                or_limit: steady_goal,
            };
            return (Some(gogc), None);
        }
        (None, steady_goal.then_some(Bytes(high as u64)))
    }
}

/// The tenth, fifth and ninth tenth.
fn middle(values: &[f64]) -> Option<(f64, f64, f64)> {
    Some((quantile(values, 0.1)?, median(values)?, quantile(values, 0.9)?))
}
