//! Fixed work at equal measured memory: where a suite sweeps budgets, both sides' costs are read off their time-space curves at one amount
//! of memory that both have shown, never beyond what was measured.

use crate::artifact::plan::{REFERENCE_BUDGET, Work};
use crate::artifact::tradeoff::{Curve, Point, Price, Tradeoff};
use crate::artifact::verdict::Reading;
use crate::stats;

use super::compare::{Comparison, Question, Standing, Who, together};

/// The side that was read with more memory, where the curves have none in common.
pub(super) fn richer(reading: &Reading) -> Option<Who> {
    match () {
        () if reading.a > reading.b => Some(Who::A),
        () if reading.b > reading.a => Some(Who::B),
        () => None,
    }
}

/// The works of an axis, those of one task together. A task that was not swept stays as it is: one comparison a work.
pub(super) fn tasks(works: Vec<&Work>) -> Vec<Vec<&Work>> {
    let mut tasks: Vec<Vec<&Work>> = Vec::new();
    for work in works {
        match tasks.iter_mut().find(|t| t[0].task() == work.task()) {
            Some(task) => task.push(work),
            None => tasks.push(vec![work]),
        }
    }
    tasks
}

/// One comparison for all works of a swept task; None where a side has no point, and the works have to speak for themselves.
pub(super) fn compare<'a>(
    question: &Question<'a>,
    works: &[&'a Work],
    metric: &str,
) -> Option<Comparison<'a>> {
    let price = Price::ALL.into_iter().find(|p| p.metric() == metric)?;
    let task = works[0].task();
    // Works of that name with other requests are other tasks.
    let of_these = |point: &Point| {
        let cell = question.plan.cell(&point.cell);
        cell.is_some_and(|c| works.iter().any(|w| w.id == c.work))
    };
    let told = question.analysis.tradeoffs.iter().find(|t| {
        t.task == task && t.cost == price && t.curves.iter().flat_map(|c| &c.points).any(of_these)
    })?;
    let a = Side::new(question, told, &question.pair.a)?;
    let b = Side::new(question, told, &question.pair.b)?;
    let live = told.live.0 as f64;
    let reading = meet(&a, &b, live);
    let (near_a, near_b) = (a.nearest(reading.a), b.nearest(reading.b));
    let summary = |point: &Point| question.analysis.cells.get(&point.cell);
    let (of_a, of_b) = (a.costs(reading.a)?, b.costs(reading.b)?);
    let values = |side: &[(u32, f64)]| side.iter().map(|(_, cost)| *cost).collect();
    Some(Comparison {
        work: reference(works),
        a: summary(near_a),
        b: summary(near_b),
        standing: Standing::Measured {
            a: values(&of_a),
            b: values(&of_b),
            rounds: together(&of_a, &of_b),
        },
        reading: Some(reading),
    })
}

/// The work whose budget is nearest to the reference; it names the task in tables.
fn reference<'a>(works: &[&'a Work]) -> &'a Work {
    let least = works
        .iter()
        .min_by(|x, y| x.off_reference().total_cmp(&y.off_reference()));
    least.unwrap_or(&works[0])
}

/// What one collector has to choose from, ascending in memory.
struct Side<'a> {
    front: Vec<&'a Point>,
}

impl<'a> Side<'a> {
    /// A collector's settings are among its points; a setting by itself has only its own.
    fn new(question: &Question<'a>, told: &'a Tradeoff, collector: &str) -> Option<Side<'a>> {
        let of = |point: &Point| {
            let cell = question.plan.cell(&point.cell);
            cell.is_some_and(|c| c.collector == collector)
        };
        let whole: Option<&Curve> = told.curves.iter().find(|c| c.collector == collector);
        let front: Vec<&Point> = match whole {
            Some(curve) => curve.own_front().collect(),
            None => {
                let own: Vec<&Point> = told
                    .curves
                    .iter()
                    .flat_map(|c| &c.points)
                    .filter(|p| of(p))
                    .collect();
                let works: Vec<&Point> = own.into_iter().filter(|p| p.failed == 0).collect();
                let places: Vec<(f64, f64)> = works.iter().map(|p| (p.memory.value, p.cost.value)).collect();
                let on = stats::pareto(&places);
                works
                    .into_iter()
                    .zip(on)
                    .filter(|(_, on)| *on)
                    .map(|(p, _)| p)
                    .collect()
            }
        };
        (!front.is_empty()).then_some(Side { front })
    }

    fn least(&self) -> f64 {
        self.front[0].memory.value
    }

    fn most(&self) -> f64 {
        self.front[self.front.len() - 1].memory.value
    }

    fn nearest(&self, memory: f64) -> &'a Point {
        let distance = |p: &Point| (p.memory.value / memory).ln().abs();
        self.front
            .iter()
            .min_by(|x, y| distance(x).total_cmp(&distance(y)))
            .unwrap_or(&self.front[0])
    }

    /// Cost at that memory, (round, value): between the two points around it, or those of the point itself. None if no round has both.
    fn costs(&self, memory: f64) -> Option<Vec<(u32, f64)>> {
        let above = self.front.iter().position(|p| p.memory.value >= memory)?;
        let (high, low) = (self.front[above], self.front[above.saturating_sub(1)]);
        if high.memory.value == memory || above == 0 {
            return Some(high.runs.clone());
        }
        let between = |(round, low_cost): &(u32, f64)| {
            let (_, high_cost) = high.runs.iter().find(|(r, _)| r == round)?;
            let line = [(low.memory.value, *low_cost), (high.memory.value, *high_cost)];
            Some((*round, stats::interpolate_log(&line, memory)?))
        };
        let costs: Vec<(u32, f64)> = low.runs.iter().filter_map(between).collect();
        (!costs.is_empty()).then_some(costs)
    }

    fn cost(&self, memory: f64) -> Option<f64> {
        let costs: Vec<f64> = self.costs(memory)?.into_iter().map(|(_, cost)| cost).collect();
        stats::median(&costs)
    }
}

/// Where to read: at the reference, or the nearest to it that both have shown. Without memory in common each at its nearest to the other.
fn meet(a: &Side<'_>, b: &Side<'_>, live: f64) -> Reading {
    let (from, to) = (a.least().max(b.least()), a.most().min(b.most()));
    if from > to {
        let (a, b) = if a.least() > b.most() {
            (a.least(), b.most())
        } else {
            (a.most(), b.least())
        };
        return Reading {
            a,
            b,
            live,
            ends: None,
        };
    }
    let at = (REFERENCE_BUDGET * live).clamp(from, to);
    let ratio = |memory: f64| Some((memory, a.cost(memory)? / b.cost(memory)?));
    let ends = (from < to).then(|| Some([ratio(from)?, ratio(to)?])).flatten();
    Reading {
        a: at,
        b: at,
        live,
        ends,
    }
}

/// Per swept task what both need to come within 10 % of their own least wall time: (work that names it, values of a, of b), bytes, a value a
/// round. A setting by itself has no such figure.
pub(super) fn enough<'a>(question: &Question<'a>) -> Vec<(&'a Work, Vec<f64>, Vec<f64>)> {
    let told = question
        .analysis
        .tradeoffs
        .iter()
        .filter(|t| t.cost == Price::Wall);
    told.filter_map(|t| {
        let works: Vec<&Work> = question
            .plan
            .works
            .iter()
            .filter(|w| w.task() == t.task)
            .collect();
        let of = |name: &str| {
            let curve = t.curves.iter().find(|c| c.collector == name)?;
            Some(curve.enough.as_ref()?.values.clone())
        };
        works.first()?;
        Some((reference(&works), of(&question.pair.a)?, of(&question.pair.b)?))
    })
    .collect()
}
