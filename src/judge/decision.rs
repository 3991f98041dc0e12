//! The decision rule.
//!
//! 1. By the interval at the Holm level: beyond the band a win, inside it a tie, otherwise undecided. A claim also needs enough runs to
//!    be a claim at all: the exact chance that runs of equal collectors come out fully separated must be at most 1 - level
//!    ([`crate::stats::separation_floor`]); a win also needs its Holm-adjusted p.
//! 2. A winner must not be the more saturated side on any work.
//! 3. What lies under the noise floor is not a finding: a win that does not stand without the works on which both medians lie under it
//!    is undecided.
//! 4. A collector that did not collect shows nothing of collecting: a win on pauses, cost or latency that does not stand without the works on
//!    which the winner had no collection in at least half of its runs is undecided. References without a collector are exempt.
//! 5. Where two curves over memory have none in common, each is read at its end nearest to the other: a win of the side that then has more
//!    memory, which does not stand without such works, is undecided.
//! 6. Works that speak without a ratio (all runs of one side saturated and none of the other's; one side without a single pause) decide if they all speak for the same side
//!    and the works that have a ratio do not contradict them; there is no geometric mean then, since its set is incomplete. Beside an
//!    undecided ratio saturation still decides, a lack of pauses does not.

use crate::artifact::axis::Axis;
use crate::artifact::verdict::{Decision, Interval};
use crate::stats::{Bounds, HolmStep, RatioEstimate, separation_floor};

use super::compare::{Asked, Comparison, Grounds, Standing, Who, saturated_share};
use super::equal_memory;

/// Beyond this many rounds, no number would probably decide: the estimate is as good as on the edge of the band.
const MOST_ROUNDS: f64 = 1000.0;

pub(super) struct Outcome {
    pub decision: Decision,
    pub ratio: Option<Interval>,
    pub rounds_to_decide: Option<u32>,
    /// What stood in the way of the win that the interval alone would have given.
    pub held_back: Option<Held>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Held {
    Saturation,
    NoiseFloor,
    NoCollections,
    Memory,
    TooFewRuns,
    Contradiction,
}

/// `step` is None exactly where no work has a ratio.
pub(super) fn decide(asked: &Asked<'_>, step: Option<HolmStep>, alpha: f64) -> Outcome {
    let measured = asked
        .overall
        .as_ref()
        .zip(step)
        .map(|(overall, step)| by_ratio(asked, overall, step, alpha));
    let voices: Vec<(Who, Grounds)> = asked
        .works
        .iter()
        .filter_map(|c| match c.standing {
            Standing::Speaks { for_, grounds } => Some((for_, grounds)),
            _ => None,
        })
        .collect();
    if let Some(&(first, _)) = voices.first() {
        let agree = voices.iter().all(|(who, _)| *who == first);
        let saturation = voices.iter().any(|(_, grounds)| *grounds == Grounds::Saturation);
        let mixture = asked
            .works
            .iter()
            .any(|c| matches!(c.standing, Standing::SomeWithoutPauses | Standing::SomeSaturated));
        let allowed = match measured.map(|m| m.decision) {
            None => saturation || !mixture,
            Some(Decision::Undecided) => saturation,
            Some(found) => found == Decision::Tie || found == wins(first),
        };
        let stands = agree && allowed;
        return Outcome {
            decision: if stands { wins(first) } else { Decision::Undecided },
            ratio: None,
            rounds_to_decide: None,
            held_back: (!stands).then_some(Held::Contradiction),
        };
    }
    measured.unwrap_or_else(|| Outcome {
        decision: if asked
            .works
            .iter()
            .any(|c| matches!(c.standing, Standing::SomeWithoutPauses | Standing::SomeSaturated))
        {
            Decision::Undecided
        } else {
            Decision::NoData
        },
        ratio: None,
        rounds_to_decide: None,
        held_back: None,
    })
}

fn by_ratio(asked: &Asked<'_>, overall: &RatioEstimate, step: HolmStep, alpha: f64) -> Outcome {
    let band = asked.question.axis.band();
    let bounds = overall.interval(step.level);
    let alone = by_interval(bounds, band);
    let enough = asked.separation_floor() <= 1.0 - step.level;
    let is_win = matches!(alone, Decision::AWins | Decision::BWins);
    let held_back = if alone == Decision::Undecided {
        None
    } else if !enough || (is_win && step.adjusted > alpha) {
        Some(Held::TooFewRuns)
    } else if is_win && more_saturated(asked, alone) {
        Some(Held::Saturation)
    } else if is_win && !stands(asked, alone, step.level, |c| under_floor(asked, c).is_none()) {
        Some(Held::NoiseFloor)
    } else if is_win && !stands(asked, alone, step.level, |c| collected(asked, c, alone)) {
        Some(Held::NoCollections)
    } else if is_win && !stands(asked, alone, step.level, |c| !bought(c, alone)) {
        Some(Held::Memory)
    } else {
        None
    };
    let decision = if held_back.is_some() {
        Decision::Undecided
    } else {
        alone
    };
    let more_rounds_help = matches!(held_back, None | Some(Held::TooFewRuns));
    Outcome {
        decision,
        ratio: Some(Interval {
            value: overall.estimate(),
            lo: bounds.lo,
            hi: bounds.hi,
        }),
        rounds_to_decide: (decision == Decision::Undecided && more_rounds_help)
            .then(|| rounds_to_decide(asked, overall, step.level, band))
            .flatten(),
        held_back,
    }
}

fn by_interval(bounds: Bounds, band: f64) -> Decision {
    let (low, high) = (1.0 / (1.0 + band), 1.0 + band);
    if bounds.hi < low {
        Decision::AWins
    } else if bounds.lo > high {
        Decision::BWins
    } else if low <= bounds.lo && bounds.hi <= high {
        Decision::Tie
    } else {
        Decision::Undecided
    }
}

fn wins(who: Who) -> Decision {
    match who {
        Who::A => Decision::AWins,
        Who::B => Decision::BWins,
    }
}

fn more_saturated(asked: &Asked<'_>, winner: Decision) -> bool {
    asked.metric.starts_with("response")
        && asked.works.iter().any(|c| {
            let share = |cell: Option<_>| cell.map_or(0.0, saturated_share);
            let (a, b) = (share(c.a), share(c.b));
            if winner == Decision::AWins { a > b } else { b > a }
        })
}

/// Whether the win remains when only the works that `counts` names are looked at.
fn stands(asked: &Asked<'_>, winner: Decision, level: f64, counts: impl Fn(&Comparison<'_>) -> bool) -> bool {
    let findings: Vec<&Comparison<'_>> = asked.works.iter().filter(|c| counts(c)).collect();
    if findings.len() == asked.works.len() {
        return true;
    }
    asked
        .ratio(&findings)
        .is_some_and(|b| by_interval(b.interval(level), asked.question.axis.band()) == winner)
}

/// Whether the winner had more memory, since the two have none in common.
fn bought(comparison: &Comparison<'_>, winner: Decision) -> bool {
    let richer = comparison.reading.as_ref().and_then(equal_memory::richer);
    richer.is_some_and(|who| wins(who) == winner)
}

/// False where the winner did not collect in half of its runs or more, on an axis that asks what collecting costs.
fn collected(asked: &Asked<'_>, comparison: &Comparison<'_>, winner: Decision) -> bool {
    if matches!(asked.question.axis, Axis::Memory | Axis::Fragmentation) {
        return true;
    }
    let side = if winner == Decision::AWins {
        comparison.a
    } else {
        comparison.b
    };
    side.and_then(|cell| cell.metrics.get("gc_cycles"))
        .is_none_or(|cycles| cycles.median > 0.0)
}

/// The larger of the two medians and the floor, both ns, where the metric is a gap and both medians lie under the noise floor.
pub(super) fn under_floor(asked: &Asked<'_>, comparison: &Comparison<'_>) -> Option<(f64, f64)> {
    let Standing::Measured { a, b, .. } = &comparison.standing else {
        return None;
    };
    let gap = asked.metric.starts_with("response") || asked.metric.starts_with("pause");
    let floor = asked.question.floor_ns().filter(|_| gap)?;
    let larger = crate::stats::median(a)?.max(crate::stats::median(b)?);
    (larger < floor).then_some((larger, floor))
}

/// The smallest number of rounds at which the interval would probably be clear of the band's edges if the estimate stays where it is: its
/// width shrinks as 1/sqrt(n). None where that is more than 1000, or where the estimate lies on an edge: then no number would.
fn rounds_to_decide(asked: &Asked<'_>, overall: &RatioEstimate, level: f64, band: f64) -> Option<u32> {
    let bounds = overall.interval(level);
    let n = overall.least() as f64;
    let (estimate, edge) = (overall.estimate().ln(), (1.0 + band).ln());
    let (below, above) = (estimate - bounds.lo.ln(), bounds.hi.ln() - estimate);
    // How far each end may lie from the estimate.
    let factor = if estimate > edge {
        below / (estimate - edge)
    } else if estimate < -edge {
        above / (-edge - estimate)
    } else {
        (above / (edge - estimate)).max(below / (estimate + edge))
    };
    let by_width = n * factor * factor;
    if by_width.is_nan() || by_width > MOST_ROUNDS {
        return None;
    }
    let works = asked.sizes().len();
    let separable = (2..=MOST_ROUNDS as usize)
        .find(|&rounds| separation_floor(&vec![(rounds, rounds); works]) <= 1.0 - level)?;
    let rounds = by_width.ceil().max(separable as f64).max(n + 1.0);
    Some(rounds as u32)
}
