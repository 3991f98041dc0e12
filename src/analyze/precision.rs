//! How narrow the headlines came out: per cell that a pair judges, half of the 95 % interval over the median.

use std::collections::BTreeMap;

use crate::artifact::analysis::CellSummary;
use crate::artifact::axis::Axis;
use crate::artifact::goal::{Goal, Precision};
use crate::artifact::observation::Observation;
use crate::artifact::plan::{Cell, Mode, Plan, Work};
use crate::artifact::sample::Sample;
use crate::stats;

use super::admit;

const LEVEL: f64 = 0.95;
const PAUSE: &str = "pause_max_ns";
const PAUSES: &str = "pause_count";
/// Beyond this a number of rounds is a way to say no.
const MOST_ROUNDS: usize = 1000;

/// Every headline of every cell that informs a judged axis, once, in the plan's order. `values` gives a metric's values of a cell, one a run.
pub fn precision<'a>(
    plan: &'a Plan,
    goal: &Goal,
    values: impl Fn(&'a str, &'static str) -> Vec<f64>,
) -> Vec<Precision> {
    let mut all: Vec<Precision> = Vec::new();
    for cell in plan.cells.iter().filter(|c| judged(plan, c)) {
        let Some(work) = plan.work(&cell.work) else {
            continue;
        };
        for axis in &work.axes {
            let metric = headline(*axis, work);
            let said = |p: &Precision| p.cell == cell.id && p.metric == metric;
            if all.iter().any(said) || (metric == PAUSE && !collects(plan, cell)) {
                continue;
            }
            let mut found = values(&cell.id, metric);
            if metric == PAUSE {
                // A run without pauses has a longest pause of zero, whether or not it has a row for it.
                let counts = values(&cell.id, PAUSES);
                let without = counts.iter().filter(|v| **v == 0.0).count();
                if found.len() + without <= counts.len() {
                    found.resize(found.len() + without, 0.0);
                }
            }
            let goal = goal.of(*axis);
            let half_width = stats::relative_half_width(&found, LEVEL);
            let rounds = half_width
                .filter(|width| *width > goal)
                .and_then(|width| stats::values_for_width(width, found.len(), goal, LEVEL, MOST_ROUNDS));
            all.push(Precision {
                cell: cell.id.clone(),
                axis: *axis,
                metric: metric.to_owned(),
                n: u32::try_from(found.len()).unwrap_or(u32::MAX),
                half_width,
                goal,
                rounds: rounds.and_then(|n| u32::try_from(n).ok()),
            });
        }
    }
    all
}

/// As [`precision`], of what is summarised, against the plan's goal.
pub fn precision_of_cells(plan: &Plan, cells: &BTreeMap<String, CellSummary>) -> Vec<Precision> {
    precision(plan, &plan.goal(), |cell, metric| {
        let found = cells.get(cell).and_then(|c| c.metrics.get(metric));
        found.map_or_else(Vec::new, |e| e.values.clone())
    })
}

/// As [`precision`], from samples alone: what a run in progress is asked after each round.
pub fn precision_of_samples<'a>(
    plan: &Plan,
    goal: &Goal,
    samples: impl Iterator<Item = &'a Sample> + Clone,
) -> Vec<Precision> {
    let mut by_cell: BTreeMap<(&str, &str), Vec<f64>> = BTreeMap::new();
    for sample in samples {
        let values = by_cell.entry((&sample.cell, &sample.metric)).or_default();
        values.push(sample.value);
    }
    precision(plan, goal, |cell, metric| {
        by_cell.get(&(cell, metric)).cloned().unwrap_or_default()
    })
}

/// The samples that [`precision_of_samples`] looks at, where the process counts.
pub fn headline_samples(observation: &Observation, samples: Vec<Sample>) -> Vec<Sample> {
    if admit::admit(observation.clone(), &samples.iter().collect::<Vec<_>>()).is_err() {
        return Vec::new();
    }
    let headline = |name: &str| name == PAUSES || Axis::ALL.iter().any(|a| a.headline() == name);
    samples.into_iter().filter(|s| headline(&s.metric)).collect()
}

fn judged(plan: &Plan, cell: &Cell) -> bool {
    let paired = plan.pairs.is_empty()
        || plan
            .pairs
            .iter()
            .any(|p| p.a == cell.collector || p.b == cell.collector);
    let here = plan
        .collector(&cell.collector)
        .is_some_and(|c| c.unavailable.is_none());
    paired && here
}

fn collects(plan: &Plan, cell: &Cell) -> bool {
    plan.collector(&cell.collector).is_some_and(|c| c.collects())
}

/// A series in closed loop has no response times and is judged by its pauses.
fn headline(axis: Axis, work: &Work) -> &'static str {
    match (axis, work.mode) {
        (Axis::LargeHeap, Mode::Closed) => PAUSE,
        _ => axis.headline(),
    }
}
