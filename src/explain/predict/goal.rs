//! Where Go sets the heap's goal (runtime/mgcpacer.go), for a GOGC and for a memory limit.

use super::MIB;

/// defaultHeapMinimum: the smallest goal at GOGC=100, and the longest runway that is forced on a large heap.
pub const HEAP_MINIMUM: f64 = 4.0 * MIB;
/// memoryLimitHeapGoalHeadroomPercent and memoryLimitMinHeapGoalHeadroom.
const HEADROOM: f64 = 0.03;
const LEAST_HEADROOM: f64 = MIB;
/// Memory that counts against the limit and holds no objects: spans, metadata, gaps. Not in a gctrace; as measured for docs/PREDICT.md.
const OVERHEAD: f64 = 8.0 * MIB;
const OVERHEAD_SHARE: f64 = 0.04;

/// What set the goal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Regime {
    /// Percent.
    Gogc(f64),
    /// A memory limit, bytes of heap.
    Limit(f64),
}

impl Regime {
    /// gcPercentHeapGoal of commit(), or memoryLimitHeapGoal().
    pub fn goal(self, live: f64, roots: f64) -> f64 {
        match self {
            Regime::Gogc(percent) => {
                (live + (live + roots) * percent / 100.0).max(HEAP_MINIMUM * percent / 100.0)
            }
            Regime::Limit(goal) => goal,
        }
    }
}

/// memoryLimitHeapGoal(), with what is mapped beside objects as [`OVERHEAD`] has it; bytes.
pub fn goal_of(limit: f64, roots: f64) -> f64 {
    let goal = (limit - OVERHEAD - OVERHEAD_SHARE * limit - roots).max(0.0);
    (goal - (HEADROOM * goal).max(LEAST_HEADROOM)).max(0.0)
}

/// The limit that gives this goal.
pub fn limit_of(goal: f64, roots: f64) -> f64 {
    let goal = (goal / (1.0 - HEADROOM)).max(goal + LEAST_HEADROOM);
    (goal + OVERHEAD + roots) / (1.0 - OVERHEAD_SHARE)
}
