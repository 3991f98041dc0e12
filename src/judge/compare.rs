//! What can be compared: for a pair and an axis, how each work stands.

use crate::artifact::analysis::{Analysis, CellSummary};
use crate::artifact::axis::Axis;
use crate::artifact::plan::{Pair, Plan, Work};
use crate::artifact::tradeoff::Price;
use crate::artifact::verdict::Reading;
use crate::stats::{self, RatioEstimate, derive_seed};

use super::equal_memory;
use super::large_heap;

pub(super) const RESAMPLES: usize = 10_000;
pub(super) const PAUSE: &str = "pause_max_ns";

/// One pair on one axis.
#[derive(Clone, Copy)]
pub(super) struct Question<'a> {
    pub plan: &'a Plan,
    pub analysis: &'a Analysis,
    pub pair: &'a Pair,
    pub axis: Axis,
    pub seed: u64,
}

impl<'a> Question<'a> {
    /// The 99th percentile of the idle control, ns.
    pub(super) fn floor_ns(&self) -> Option<f64> {
        self.analysis.noise.as_ref().map(|n| n.p99.0 as f64)
    }

    pub(super) fn cell(&self, work: &Work, collector: &str) -> Option<&'a CellSummary> {
        cell(self.plan, self.analysis, work, collector)
    }

    /// As legends name it.
    pub(super) fn label(&self, collector: &'a str) -> &'a str {
        self.plan.collector(collector).map_or(collector, |c| &c.label)
    }
}

pub(super) fn cell<'a>(
    plan: &Plan,
    analysis: &'a Analysis,
    work: &Work,
    collector: &str,
) -> Option<&'a CellSummary> {
    let cell = plan
        .cells
        .iter()
        .find(|c| c.work == work.id && c.collector == collector)?;
    analysis.cells.get(&cell.id)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    A,
    B,
}

/// Why a work speaks for a side without a ratio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grounds {
    /// The other side cannot carry the offered rate.
    Saturation,
    /// No run of this side paused although each collected, and every run of the other did, longer than the noise floor.
    NoPauses,
}

/// How a work stands between the two sides.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Standing {
    /// Values of fresh processes, all above zero; and those of one round together, where costs of sides that ran in turn are compared.
    Measured {
        a: Vec<f64>,
        b: Vec<f64>,
        rounds: Vec<(f64, f64)>,
    },
    /// A fact that has no ratio.
    Speaks {
        for_: Who,
        grounds: Grounds,
    },
    BothSaturated,
    /// One side was saturated in half of its runs or more, and it is not all of them against none: equal collectors at the edge of what they carry
    /// look like that, too.
    SomeSaturated,
    NoPauses,
    /// Some runs paused and others did not: the medians of such a mixture have no ratio.
    SomeWithoutPauses,
    /// No valid value on these sides.
    Missing(Vec<Who>),
}

pub(super) struct Comparison<'a> {
    pub work: &'a Work,
    pub a: Option<&'a CellSummary>,
    pub b: Option<&'a CellSummary>,
    pub standing: Standing,
    /// Where it was read off curves over memory; None where it is a work's own figures.
    pub reading: Option<Reading>,
}

impl<'a> Comparison<'a> {
    pub(super) fn new(question: &Question<'a>, work: &'a Work, metric: &str) -> Self {
        let side = |collector: &str| question.cell(work, collector).filter(|c| c.valid > 0);
        let (a, b) = (side(&question.pair.a), side(&question.pair.b));
        Comparison {
            work,
            a,
            b,
            standing: standing(a, b, metric, question.floor_ns()),
            reading: None,
        }
    }
}

/// A question with everything that bears on its answer.
pub(super) struct Asked<'a> {
    pub question: Question<'a>,
    /// Headline metric of all `works`.
    pub metric: &'static str,
    pub works: Vec<Comparison<'a>>,
    /// Over the works that have a ratio.
    pub overall: Option<RatioEstimate>,
    p: Option<f64>,
}

impl<'a> Asked<'a> {
    pub(super) fn new(question: Question<'a>) -> Self {
        let (metric, works) = if question.axis == Axis::LargeHeap {
            large_heap::works(&question)
        } else {
            let works = question
                .plan
                .works
                .iter()
                .filter(|w| w.axes.contains(&question.axis));
            (question.axis.headline(), works.collect())
        };
        let works: Vec<Comparison<'a>> = if question.axis == Axis::Throughput {
            equal_memory::tasks(works)
                .into_iter()
                .flat_map(|task| match equal_memory::compare(&question, &task, metric) {
                    Some(read) => vec![read],
                    None => each(&question, task, metric),
                })
                .collect()
        } else {
            each(&question, works, metric)
        };
        let mut asked = Asked {
            question,
            metric,
            works,
            overall: None,
            p: None,
        };
        asked.overall = asked.ratio(&asked.works.iter().collect::<Vec<_>>());
        asked.p = asked
            .overall
            .as_ref()
            .map(|o| o.p_outside(question.axis.band()).max(asked.separation_floor()));
        asked
    }

    /// Two-sided p against "within the band"; None without a ratio. Never below what so few runs can show at all.
    pub(super) fn p(&self) -> Option<f64> {
        self.p
    }

    /// The smallest p that this many runs could have at best.
    pub(super) fn separation_floor(&self) -> f64 {
        stats::separation_floor(&self.sizes())
    }

    /// Runs on each side of each work that has a ratio: of rounds those that both sides have.
    pub(super) fn sizes(&self) -> Vec<(usize, usize)> {
        self.works
            .iter()
            .filter_map(|c| match &c.standing {
                Standing::Measured { a, b, rounds } => match rounds.len() {
                    n @ 2.. => Some((n, n)),
                    _ => Some((a.len(), b.len())),
                },
                _ => None,
            })
            .collect()
    }

    /// Over those of `works` that have a ratio; None if none has. By rounds where all have two of them or more.
    pub(super) fn ratio(&self, works: &[&Comparison<'a>]) -> Option<RatioEstimate> {
        let Question { pair, seed, .. } = self.question;
        let rounds: Vec<&[(f64, f64)]> = works
            .iter()
            .filter_map(|c| match &c.standing {
                Standing::Measured { rounds, .. } => Some(rounds.as_slice()),
                _ => None,
            })
            .collect();
        if let Some(ratio) = stats::ratio_by_rounds(&rounds) {
            return Some(ratio);
        }
        let groups: Vec<_> = works
            .iter()
            .filter_map(|c| match &c.standing {
                Standing::Measured { a, b, .. } => {
                    let side = |values, collector: &str| stats::Side {
                        values,
                        seed: derive_seed(seed, &[&c.work.id, collector, self.metric]),
                    };
                    Some((side(a, &pair.a), side(b, &pair.b)))
                }
                _ => None,
            })
            .collect();
        stats::ratio_of_medians(&groups, RESAMPLES)
    }
}

fn each<'a>(question: &Question<'a>, works: Vec<&'a Work>, metric: &str) -> Vec<Comparison<'a>> {
    let one = |work| Comparison::new(question, work, metric);
    works.into_iter().map(one).collect()
}

fn standing(a: Option<&CellSummary>, b: Option<&CellSummary>, metric: &str, floor: Option<f64>) -> Standing {
    if metric.starts_with("response") {
        let most = |cell: Option<&CellSummary>| cell.is_some_and(|c| saturated_share(c) >= 0.5);
        match (most(a), most(b)) {
            (true, true) => return Standing::BothSaturated,
            (true, false) | (false, true) if a.is_some() && b.is_some() && !apart(a, b) => {
                return Standing::SomeSaturated;
            }
            (true, false) if b.is_some() => return speaks(Who::B, Grounds::Saturation),
            (false, true) if a.is_some() => return speaks(Who::A, Grounds::Saturation),
            _ => {}
        }
    }
    let of = |cell: Option<&CellSummary>| cell.map_or_else(Vec::new, |c| values(c, metric));
    // Not to have paused is an achievement only for a collector that collected.
    let collected = |cell: Option<&CellSummary>| {
        let cycles = cell.and_then(|c| c.metrics.get("gc_cycles"));
        cycles.is_some_and(|e| e.values.iter().all(|v| *v > 0.0))
    };
    let (a_collected, b_collected) = (collected(a), collected(b));
    let rounds = match (a, b) {
        (Some(a), Some(b)) => together(&by_round(a, metric), &by_round(b, metric)),
        _ => Vec::new(),
    };
    let (a, b) = (of(a), of(b));
    let missing: Vec<Who> = [(Who::A, &a), (Who::B, &b)]
        .into_iter()
        .filter(|(_, values)| !usable(values, metric))
        .map(|(who, _)| who)
        .collect();
    if !missing.is_empty() {
        return Standing::Missing(missing);
    }
    let none = |values: &[f64]| values.iter().all(|v| *v == 0.0);
    let heard = |values: &[f64]| floor.is_some_and(|floor| values.iter().all(|v| *v > floor));
    match (none(&a), none(&b)) {
        (true, true) => Standing::NoPauses,
        (true, false) if heard(&b) && a_collected => speaks(Who::A, Grounds::NoPauses),
        (false, true) if heard(&a) && b_collected => speaks(Who::B, Grounds::NoPauses),
        _ if a.iter().chain(&b).any(|v| *v == 0.0) => Standing::SomeWithoutPauses,
        _ => Standing::Measured { a, b, rounds },
    }
}

/// Every run of one side was saturated and none of the other.
fn apart(a: Option<&CellSummary>, b: Option<&CellSummary>) -> bool {
    let share = |cell: Option<&CellSummary>| cell.map_or(0.0, saturated_share);
    let (a, b) = (share(a), share(b));
    a.max(b) >= 1.0 && a.min(b) <= 0.0
}

fn speaks(for_: Who, grounds: Grounds) -> Standing {
    Standing::Speaks { for_, grounds }
}

/// Numbers that can be what they say; zero only for pauses, of which there may be none.
fn usable(values: &[f64], metric: &str) -> bool {
    let possible = |v: &f64| v.is_finite() && (*v > 0.0 || (*v == 0.0 && metric == PAUSE));
    !values.is_empty() && values.iter().all(possible)
}

/// One value a run. A run that counted no pauses has a longest pause of zero, whether or not it has a row for it.
fn values(cell: &CellSummary, metric: &str) -> Vec<f64> {
    let of = |name: &str| cell.metrics.get(name).map_or(&[][..], |e| &e.values);
    let mut values = of(metric).to_vec();
    if metric == PAUSE {
        let without = of("pause_count").iter().filter(|v| **v == 0.0).count();
        if values.len() + without <= cell.valid as usize {
            values.resize(values.len() + without, 0.0);
        }
    }
    values
}

/// (round, value) of a cost of fixed work, whose waves a round's sides share; nothing of other metrics, since memory has none and pauses and tails are
/// of single moments (METHOD has the gain, measured).
fn by_round(cell: &CellSummary, metric: &str) -> Vec<(u32, f64)> {
    let values = cell.metrics.get(metric).map_or(&[][..], |e| &e.values);
    if ![Price::Wall, Price::Cpu].iter().any(|p| p.metric() == metric) || values.len() != cell.rounds.len() {
        return Vec::new();
    }
    cell.rounds.iter().copied().zip(values.iter().copied()).collect()
}

/// Values of the rounds that both sides have.
pub(super) fn together(a: &[(u32, f64)], b: &[(u32, f64)]) -> Vec<(f64, f64)> {
    let other = |round: u32| b.iter().find(|(r, _)| *r == round).map(|(_, value)| *value);
    a.iter()
        .filter_map(|&(round, value)| Some((value, other(round)?)))
        .collect()
}

/// Share of runs whose backlog grew, 0..1.
pub(super) fn saturated_share(cell: &CellSummary) -> f64 {
    cell.metrics.get("saturated").map_or(0.0, |e| {
        let saturated = e.values.iter().filter(|v| **v > 0.0).count();
        saturated as f64 / e.values.len().max(1) as f64
    })
}
