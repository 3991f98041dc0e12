//! From samples to estimates: per cell, every metric with its interval, the curves and the timeline; what was seen of the machine.
//!
//! The unit of the sample is a fresh process: intervals come from variation between invocations, pooled histograms are for pictures
//! only. Nothing is averaged that cannot be right: an invocation with one impossible value (NaN, infinite, negative where that has no
//! meaning, an unknown metric, a histogram that does not decode) is left out as a whole and is a row among the failures.

mod admit;
mod attribution;
mod curves;
mod distilled;
mod doubts;
mod estimates;
mod fragmentation;
mod growth;
mod precision;
mod steady;
mod surroundings;
mod timeline;
mod tradeoff;
mod utilisation;

use std::collections::BTreeMap;

use crate::artifact::analysis::{Analysis, CellSummary, Failure, Suffered};
use crate::artifact::exit::Exit;
use crate::artifact::metric::SUFFERED;
use crate::artifact::observation::Observation;
use crate::artifact::plan::{Cell, Collector, Plan, Purpose};
use crate::artifact::quiet::Quiet;
use crate::artifact::sample::Sample;

use admit::{Admitted, Figures};
pub use growth::growths_of_cells;
pub use precision::{headline_samples, precision_of_cells, precision_of_samples};
pub use surroundings::{quiet, recorder_costs};

/// Summarises every cell of the plan, also those without a valid run. Order of `observations`, `samples` and `exits` is of no account.
pub fn summarise(
    plan: &Plan,
    observations: &[Observation],
    samples: &[Sample],
    exits: &[Exit],
    quiet: &[Quiet],
) -> Analysis {
    let of = |cell: &Cell| {
        let mine = observations.iter().filter(|o| o.cell == cell.id);
        gather(plan, cell, mine.cloned().collect(), samples)
    };
    conclude(plan, plan.cells.iter().map(of).collect(), exits, quiet)
}

/// What the processes of one cell come to, but for what depends on other cells: [`conclude`] adds that.
pub struct Gathered {
    summary: CellSummary,
    failures: Vec<Failure>,
    doubts: doubts::Doubts,
    runs: Vec<Figures>,
    /// What idle processes saw beside them.
    control: curves::Kept,
}

/// Gathers one cell. `samples` may be those of other cells as well; order is of no account.
pub fn gather(plan: &Plan, cell: &Cell, mut observations: Vec<Observation>, samples: &[Sample]) -> Gathered {
    let mut by_invocation: BTreeMap<&str, Vec<&Sample>> = BTreeMap::new();
    for sample in samples {
        by_invocation.entry(&sample.invocation).or_default().push(sample);
    }
    observations.sort_by(|x, y| (x.round, &x.invocation).cmp(&(y.round, &y.invocation)));
    let (mut runs, mut failures, mut invalid) = (Vec::new(), Vec::new(), 0);
    let (mut pools, mut control) = (curves::Pools::default(), curves::Pool::default());
    for observation in observations {
        let samples = by_invocation.get(observation.invocation.as_str());
        let measured = observation.purpose == Purpose::Measure;
        match admit::admit(observation, samples.map_or(&[], Vec::as_slice)) {
            Ok(admitted) if measured => {
                pools.add(&admitted);
                if let Some(seen) = admitted.histograms.get("control") {
                    control.merge(seen);
                }
                runs.push(admitted.without_histograms());
            }
            Ok(_) => {}
            Err(refused) => {
                invalid += u32::from(measured);
                failures.push(refused);
            }
        }
    }
    let summary = summary(plan, cell, &runs, &pools, invalid);
    let doubts = doubts::doubts(&doubts::Context {
        work: plan.work(&cell.work),
        collected: collects(plan, cell),
        runs: &runs,
        metrics: &summary.metrics,
        invalid,
        steady: summary.steady.as_ref(),
    });
    Gathered {
        summary,
        doubts,
        failures,
        runs: runs.into_iter().map(Admitted::figures).collect(),
        control: control.keep(),
    }
}

/// From `cells`, one for each of the plan's and in its order, to the analysis of the run. Order of `exits` is of no account.
pub fn conclude(plan: &Plan, cells: Vec<Gathered>, exits: &[Exit], quiet: &[Quiet]) -> Analysis {
    let mut control = curves::Pool::default();
    cells.iter().for_each(|cell| control.add(&cell.control));
    let noise = surroundings::noise(&control);
    let mut gathered: BTreeMap<String, Gathered> =
        plan.cells.iter().map(|cell| cell.id.clone()).zip(cells).collect();
    let distilled = distilled::distilled(plan, &gathered);
    let tradeoffs = tradeoff::tradeoffs(plan, &gathered);
    let mut failures: Vec<Failure> = gathered
        .values_mut()
        .flat_map(|cell| std::mem::take(&mut cell.failures))
        .collect();
    failures.sort_by(|x, y| x.invocation.cmp(&y.invocation));
    let floor_ns = noise.as_ref().map(|n| n.p99.0);
    let cells = gathered.into_iter().map(|(id, gathered)| {
        let mut summary = gathered.summary;
        let of_plan = plan.cell(&id);
        summary.doubts = gathered.doubts.with_floor(&doubts::Floor {
            work: of_plan.and_then(|c| plan.work(&c.work)),
            collected: of_plan.is_none_or(|c| collects(plan, c)),
            metrics: &summary.metrics,
            floor_ns,
        });
        (id, summary)
    });
    let cells: BTreeMap<String, CellSummary> = cells.collect();
    let growths = growth::growths_of_cells(plan, &cells);
    Analysis {
        precision: precision::precision_of_cells(plan, &cells),
        stopped: None,
        cells,
        distilled,
        tradeoffs,
        growths,
        failures,
        noise,
        quiet: surroundings::quiet(quiet),
        instrument: surroundings::instrument(exits),
    }
}

/// All but the doubts.
fn summary(
    plan: &Plan,
    cell: &Cell,
    runs: &[Admitted<'_>],
    pools: &curves::Pools,
    invalid: u32,
) -> CellSummary {
    let work = plan.work(&cell.work);
    let metrics = estimates::estimates(runs);
    CellSummary {
        valid: u32::try_from(runs.len()).unwrap_or(u32::MAX),
        invalid,
        rounds: runs.iter().map(|run| run.observation.round).collect(),
        doubts: Vec::new(),
        curves: pools.curves(),
        // Rungs are drawn over load, not over time.
        timeline: match work {
            Some(work) if work.ladder.is_some() => None,
            _ => timeline::timeline(work, runs, &metrics),
        },
        mmu: utilisation::mmu(runs),
        attribution: attribution::of_runs(runs),
        suffered: runs.iter().map(suffered).collect(),
        steady: steady::steady(runs),
        epochs: fragmentation::epochs(runs),
        fragmentation: fragmentation::fragmentation(runs),
        metrics,
    }
}

/// Also where the plan does not know the collector.
fn collects(plan: &Plan, cell: &Cell) -> bool {
    plan.collector(&cell.collector).is_none_or(Collector::collects)
}

fn suffered(run: &Admitted<'_>) -> Suffered {
    let value = |name: &&str| Some(((*name).to_owned(), *run.values.get(name)?));
    Suffered {
        invocation: run.observation.invocation.clone(),
        round: run.observation.round,
        values: SUFFERED.iter().filter_map(value).collect(),
    }
}
