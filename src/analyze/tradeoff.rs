//! What memory buys: per task and collector the cost of the work against the memory that was really used.

use std::collections::BTreeMap;

use super::Gathered;
use super::admit::Figures;
use crate::artifact::plan::{Cell, Collector, Mode, Plan, Work};
use crate::artifact::tradeoff::{Curve, Enough, Point, Price, Spread, Tradeoff};
use crate::stats;

const LEVEL: f64 = 0.95;
/// As near to its least cost as "enough" memory brings a collector.
const NEAR: f64 = 1.10;

/// Cells that do the same with different amounts of memory.
struct Task<'a> {
    work: &'a Work,
    cells: Vec<&'a Cell>,
}

/// In the plan's order. Only of tasks that some collector did with two amounts of memory and more.
pub(super) fn tradeoffs(plan: &Plan, gathered: &BTreeMap<String, Gathered>) -> Vec<Tradeoff> {
    let mut told = Vec::new();
    for task in tasks(plan) {
        for price in Price::ALL {
            let open = task.work.mode == Mode::Open;
            if open != (price == Price::Tail) {
                continue;
            }
            let mut curves = curves(plan, &task, price, gathered);
            if curves.iter().all(|c| c.points.len() < 2) {
                continue;
            }
            mark_front(plan, &mut curves);
            told.push(Tradeoff {
                task: task.work.task().to_owned(),
                live: task.work.live,
                cost: price,
                curves,
            });
        }
    }
    told
}

fn tasks(plan: &Plan) -> Vec<Task<'_>> {
    let mut tasks: Vec<Task> = Vec::new();
    for cell in &plan.cells {
        // On the rungs of a ladder of loads each collector, and each of its settings, has a rate of its own.
        let Some(work) = plan.work(&cell.work).filter(|w| w.ladder.is_none()) else {
            continue;
        };
        let same = |t: &&mut Task| {
            t.work.task() == work.task() && t.cells[0].request == cell.request && t.cells[0].load == cell.load
        };
        match tasks.iter_mut().find(same) {
            Some(task) => task.cells.push(cell),
            None => tasks.push(Task {
                work,
                cells: vec![cell],
            }),
        }
    }
    tasks
}

fn curves(plan: &Plan, task: &Task<'_>, price: Price, gathered: &BTreeMap<String, Gathered>) -> Vec<Curve> {
    let mut curves: Vec<Curve> = Vec::new();
    for collector in &plan.collectors {
        // A setting whose collector is not in the plan stands for itself.
        let of = collector
            .setting_of
            .as_deref()
            .filter(|of| plan.collector(of).is_some());
        let name = of.unwrap_or(&collector.name);
        let mine = task.cells.iter().filter(|c| c.collector == collector.name);
        let points: Vec<Point> = mine
            .filter_map(|cell| point(&cell.id, gathered.get(&cell.id)?, price))
            .collect();
        if points.is_empty() {
            continue;
        }
        match curves.iter_mut().find(|c| c.collector == name) {
            Some(curve) => curve.points.extend(points),
            None => curves.push(Curve {
                collector: name.to_owned(),
                points,
                enough: None,
            }),
        }
    }
    for curve in &mut curves {
        curve
            .points
            .sort_by(|x, y| x.memory.value.total_cmp(&y.memory.value));
        let own = stats::pareto(&places(curve));
        for (point, own) in curve.points.iter_mut().zip(own) {
            point.own_front = own;
        }
        curve.enough = enough(curve);
    }
    curves
}

/// None without a valid run that has both figures.
fn point(cell: &str, mine: &Gathered, price: Price) -> Option<Point> {
    let value = |run: &Figures, metric: &str| run.values.get(metric).copied().filter(|v| *v > 0.0);
    let both: Vec<(u32, f64, f64)> = mine
        .runs
        .iter()
        .filter_map(|run| Some((run.round, value(run, "rss_peak")?, value(run, price.metric())?)))
        .collect();
    let memory: Vec<f64> = both.iter().map(|(_, memory, _)| *memory).collect();
    let cost: Vec<f64> = both.iter().map(|(_, _, cost)| *cost).collect();
    Some(Point {
        cell: cell.to_owned(),
        memory: spread(&memory)?,
        cost: spread(&cost)?,
        // A run that finished without the figure (a saturated open loop has no percentiles) did not do what was asked.
        failed: mine.summary.invalid + u32::try_from(mine.runs.len() - both.len()).unwrap_or(u32::MAX),
        runs: both.iter().map(|(round, _, cost)| (*round, *cost)).collect(),
        own_front: false,
        front: false,
    })
}

fn spread(values: &[f64]) -> Option<Spread> {
    let bounds = stats::median_interval(values, LEVEL)?;
    Some(Spread {
        value: stats::median(values)?,
        lo: bounds.lo,
        hi: bounds.hi,
    })
}

/// Where each point lies; one that fails sometimes lies nowhere.
fn places(curve: &Curve) -> Vec<(f64, f64)> {
    curve
        .points
        .iter()
        .map(|p| match p.failed {
            0 => (p.memory.value, p.cost.value),
            _ => (f64::NAN, f64::NAN),
        })
        .collect()
}

/// Over collectors: a reference that does not collect would be all there is on it.
fn mark_front(plan: &Plan, curves: &mut [Curve]) {
    let collects = |c: &Curve| plan.collector(&c.collector).is_some_and(Collector::collects);
    let all: Vec<(f64, f64)> = curves.iter().filter(|c| collects(c)).flat_map(places).collect();
    let points = curves
        .iter_mut()
        .filter(|c| collects(c))
        .flat_map(|c| &mut c.points);
    for (point, front) in points.zip(stats::pareto(&all)) {
        point.front = front;
    }
}

/// Round by round, at the memory that the points have in the median: the rounds' costs differ, not their places. Rounds in which a point
/// has no run are left out; None for a curve of one point, which says nothing about less memory.
fn enough(curve: &Curve) -> Option<Enough> {
    let front: Vec<&Point> = curve.own_front().collect();
    if front.len() < 2 {
        return None;
    }
    let rounds = front[0].runs.iter().map(|(round, _)| *round);
    let (mut values, mut at_most) = (Vec::new(), 0);
    for round in rounds {
        let of = |p: &&Point| {
            let run = p.runs.iter().find(|(r, _)| *r == round)?;
            Some((p.memory.value, run.1))
        };
        let Some(line) = front.iter().map(of).collect::<Option<Vec<_>>>() else {
            continue;
        };
        let least = line.iter().map(|(_, cost)| *cost).fold(f64::INFINITY, f64::min);
        let (memory, first) = stats::least_within(&line, least * NEAR)?;
        values.push(memory);
        at_most += u32::from(first);
    }
    Some(Enough {
        memory: spread(&values)?,
        values,
        at_most,
    })
}
