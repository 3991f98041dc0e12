//! What passing means, and the search for the least budget that passes.

use crate::artifact::observation::Observation;
use crate::{observe, stats};

/// Runs that must all pass.
pub(super) const RUNS: u32 = 5;
/// A run that takes this many times what it takes without a limit does not work.
pub(super) const SLOWEST: f64 = 10.0;
/// Where a budget is a goal only: the same, and by how much the goal may be exceeded.
pub(super) const SLOWEST_SOFT: f64 = 2.0;
pub(super) const BEYOND_SOFT: f64 = 1.10;

pub(super) fn rule(soft: bool) -> String {
    if soft {
        format!(
            "{RUNS} of {RUNS} runs finish with a peak within {:.0} % of the budget, without the runtime's limit on its collector's CPU, in at most {SLOWEST_SOFT} x the time \
             without a limit",
            (BEYOND_SOFT - 1.0) * 100.0
        )
    } else {
        format!("{RUNS} of {RUNS} runs finish, in at most {SLOWEST} x the time without a limit")
    }
}

pub(super) fn finished(observation: &Observation) -> bool {
    observation.outcome.is_finished()
}

/// Of the measured window, ns.
pub(super) fn wall(observation: &Observation) -> Option<f64> {
    let mark = |name: &str| observation.marks.get(name).map(|t| t.0);
    Some(mark("end")?.checked_sub(mark("begin")?)? as f64)
}

/// Of the process, s.
pub(super) fn life(observation: &Observation) -> f64 {
    let mark = |name: &str| observation.marks.get(name).map_or(0, |t| t.0);
    mark("ended").saturating_sub(mark("spawned")) as f64 / 1e9
}

/// What passing means for one collector.
pub(super) struct Pass {
    pub(super) soft: bool,
    /// ns without a limit.
    pub(super) wall: f64,
}

impl Pass {
    pub(super) fn judge(&self, seen: &[Observation], runs: u32, budget: f64) -> Probed {
        if seen.len() != runs as usize {
            return Probed::Failed("did not run".to_owned());
        }
        for observation in seen {
            if let Some(how) = self.fault(observation, budget) {
                return Probed::Failed(how);
            }
        }
        let walls: Vec<f64> = seen.iter().filter_map(wall).collect();
        let peaks = seen.iter().map(|o| o.memory.peak.0 as f64);
        Probed::Passed(Seen {
            peak: peaks.fold(0.0, f64::max),
            slowdown: stats::median(&walls).unwrap_or(0.0) / self.wall,
        })
    }

    fn fault(&self, observation: &Observation, budget: f64) -> Option<String> {
        if !finished(observation) {
            return Some(format!("ends with {}", observation.outcome.name()));
        }
        let slower = wall(observation)? / self.wall;
        let slowest = if self.soft { SLOWEST_SOFT } else { SLOWEST };
        if slower > slowest {
            return Some(format!("takes {slower:.1} x the time without a limit"));
        }
        let peak = observation.memory.peak.0 as f64;
        if self.soft && peak > budget * BEYOND_SOFT {
            return Some(format!("peaks at {:.2} x the budget", peak / budget));
        }
        (self.soft && observe::collector_was_capped(observation))
            .then(|| "makes the runtime cap its collector's CPU".to_owned())
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Seen {
    /// Bytes.
    pub(super) peak: f64,
    pub(super) slowdown: f64,
}

pub(super) enum Probed {
    Passed(Seen),
    Failed(String),
    Stopped,
}

pub(super) struct Found {
    pub(super) passed: Option<(usize, Seen)>,
    /// The greatest below it that failed.
    pub(super) failed: Option<(usize, String)>,
}

/// The least of `steps` that passes with all runs, supposing that more memory never hurts: single runs bisect, all runs confirm, and where
/// they do not, the next step is tried.
pub(super) fn smallest(
    steps: usize,
    first: usize,
    probe: &mut dyn FnMut(usize, u32) -> anyhow::Result<Probed>,
) -> anyhow::Result<Found> {
    let mut found = Found {
        passed: None,
        failed: None,
    };
    let (mut low, mut high) = (0, steps);
    let mut at = first.min(steps.saturating_sub(1));
    while low < high {
        match probe(at, 1)? {
            Probed::Passed(_) => high = at,
            Probed::Failed(how) => {
                low = at + 1;
                found.failed = Some((at, how));
            }
            Probed::Stopped => return Ok(found),
        }
        at = (low + high) / 2;
    }
    while low < steps {
        match probe(low, RUNS)? {
            Probed::Passed(seen) => {
                found.passed = Some((low, seen));
                return Ok(found);
            }
            Probed::Failed(how) => {
                found.failed = Some((low, how));
                low += 1;
            }
            Probed::Stopped => return Ok(found),
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Steps from `least` on pass; `shaky` ones only once.
    fn search(
        steps: usize,
        first: usize,
        least: usize,
        shaky: &[usize],
    ) -> (Option<usize>, Option<usize>, usize) {
        let mut probes = 0;
        let found = smallest(steps, first, &mut |at, runs| {
            probes += runs as usize;
            Ok(if at < least || (runs > 1 && shaky.contains(&at)) {
                Probed::Failed("no".into())
            } else {
                Probed::Passed(Seen {
                    peak: 1.0,
                    slowdown: 1.0,
                })
            })
        })
        .unwrap();
        (found.passed.map(|p| p.0), found.failed.map(|f| f.0), probes)
    }

    #[test]
    fn the_least_that_passes_is_found_from_wherever_the_search_begins() {
        for steps in [1, 2, 7, 58] {
            for first in [0, steps / 2, steps + 3] {
                for least in 0..=steps {
                    let (passed, failed, _) = search(steps, first, least, &[]);
                    assert_eq!(
                        passed,
                        (least < steps).then_some(least),
                        "{steps} {first} {least}"
                    );
                    assert_eq!(failed, least.checked_sub(1), "{steps} {first} {least}");
                }
            }
        }
    }

    #[test]
    fn a_budget_that_passes_once_and_not_five_times_is_not_enough() {
        assert_eq!(search(20, 10, 5, &[5, 6]).0, Some(7));
        assert_eq!(search(20, 10, 5, &[5, 6]).1, Some(6));
    }

    #[test]
    fn bisection_costs_few_runs() {
        assert!(search(58, 15, 9, &[]).2 <= 7 + RUNS as usize);
    }

    #[test]
    fn no_steps_find_nothing() {
        assert_eq!(search(0, 0, 0, &[]), (None, None, 0));
    }
}
