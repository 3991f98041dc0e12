//! Lower bound overhead (Cai et al., ISPASS'22): total cost over the distilled cost, which is the least of total - attributable over all
//! collectors, tunings and memory budgets of one runtime. What is left in it of collecting (barriers, allocation paths, cold caches) makes
//! the bound low, never high.

use std::collections::BTreeMap;

use super::Gathered;
use super::admit::Figures;
use crate::artifact::distilled::{Cost, Distilled, Overhead};
use crate::artifact::plan::{Cell, Mode, Plan};
use crate::stats::{self, Side};

const LEVEL: f64 = 0.95;
const RESAMPLES: usize = 2000;

/// A cell with its runs' totals, and what remains of each without the collector.
struct Costs<'a> {
    cell: &'a Cell,
    total: Vec<f64>,
    rest: Vec<f64>,
}

/// What the cells of one runtime do that have the same request.
struct Task<'a> {
    runtime: &'a str,
    request: &'a [(String, String)],
    cells: Vec<&'a Cell>,
}

/// Per task and runtime, in the plan's order; tasks that only one cell of a runtime did are told too.
pub(super) fn distilled(plan: &Plan, gathered: &BTreeMap<String, Gathered>) -> Vec<Distilled> {
    let of = |task: Task| {
        [Cost::Wall, Cost::Cpu]
            .into_iter()
            .filter_map(|cost| one(plan, gathered, &task, cost))
            .collect::<Vec<_>>()
    };
    tasks(plan).into_iter().flat_map(of).collect()
}

fn tasks(plan: &Plan) -> Vec<Task<'_>> {
    let mut tasks: Vec<Task> = Vec::new();
    for cell in &plan.cells {
        // Works of a sweep ask how something grows, not what collecting costs.
        let fixed = plan
            .work(&cell.work)
            .is_some_and(|w| w.mode == Mode::Closed && w.swept.is_none());
        let (true, Some(collector)) = (fixed, plan.collector(&cell.collector)) else {
            continue;
        };
        let (runtime, request) = (collector.runtime.as_str(), cell.request.as_slice());
        match tasks
            .iter_mut()
            .find(|t| t.runtime == runtime && t.request == request)
        {
            Some(task) => task.cells.push(cell),
            None => tasks.push(Task {
                runtime,
                request,
                cells: vec![cell],
            }),
        }
    }
    tasks
}

fn one(plan: &Plan, gathered: &BTreeMap<String, Gathered>, task: &Task, cost: Cost) -> Option<Distilled> {
    let all: Vec<Costs> = task
        .cells
        .iter()
        .filter_map(|cell| costs(plan, cell, &gathered.get(&cell.id)?.runs, cost))
        .collect();
    let (least, of) = all
        .iter()
        .filter_map(|c| Some((stats::median(&c.rest)?, c)))
        .min_by(|x, y| x.0.total_cmp(&y.0))?;
    let overheads = all.iter().filter_map(|c| overhead(plan, c, of, cost)).collect();
    Some(Distilled {
        task: name(task.cells[0]),
        runtime: task.runtime.to_owned(),
        cost,
        least,
        of: of.cell.id.clone(),
        overheads,
    })
}

/// None where a run does not tell what is attributable, or all of it would be.
fn costs<'a>(plan: &Plan, cell: &'a Cell, runs: &[Figures], cost: Cost) -> Option<Costs<'a>> {
    let (total, attributable) = match cost {
        Cost::Wall => ("wall_ns", "pause_total_ns"),
        Cost::Cpu => ("cpu_ns", "gc_cpu_ns"),
    };
    let collects = plan.collector(&cell.collector)?.collects();
    let pairs: Vec<(f64, f64)> = runs
        .iter()
        .map(|run| {
            let total = *run.values.get(total)?;
            let gc = match run.values.get(attributable) {
                Some(gc) => *gc,
                None if collects => return None,
                None => 0.0,
            };
            (gc < total).then_some((total, total - gc))
        })
        .collect::<Option<_>>()?;
    let (total, rest): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
    (!total.is_empty()).then_some(Costs { cell, total, rest })
}

fn overhead(plan: &Plan, of: &Costs<'_>, least: &Costs<'_>, cost: Cost) -> Option<Overhead> {
    let side = |values, cell: &Cell, part: &str| Side {
        values,
        seed: stats::derive_seed(plan.seed, &["distilled", &cell.id, &format!("{cost:?}"), part]),
    };
    // The cell that has the least is compared with itself: run by run, for both costs are of the same process.
    let itself = of.cell.id == least.cell.id;
    let shares: Vec<f64> = of
        .total
        .iter()
        .zip(&of.rest)
        .map(|(total, rest)| total / rest)
        .collect();
    let one = vec![1.0; shares.len()];
    let sides = if itself {
        (side(&shares, of.cell, "share"), side(&one, of.cell, "one"))
    } else {
        (
            side(&of.total, of.cell, "total"),
            side(&least.rest, least.cell, "rest"),
        )
    };
    let ratio = stats::ratio_of_medians(&[sides], RESAMPLES)?;
    let interval = ratio.interval(LEVEL);
    Some(Overhead {
        cell: of.cell.id.clone(),
        ratio: ratio.estimate(),
        lo: interval.lo,
        hi: interval.hi,
        n: u32::try_from(of.total.len()).unwrap_or(u32::MAX),
    })
}

/// `churn.closed@64MiB` of `churn.closed@64MiB:3x/go`.
fn name(cell: &Cell) -> String {
    let work = cell.work.as_str();
    work.rsplit_once(':').map_or(work, |(task, _)| task).to_owned()
}
