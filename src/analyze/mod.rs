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

use admit::Admitted;
pub use surroundings::{quiet, recorder_costs};

/// Summarises every cell of the plan, also those without a valid run. Order of `observations`, `samples` and `exits` is of no account.
pub fn summarise(
    plan: &Plan,
    observations: &[Observation],
    samples: &[Sample],
    exits: &[Exit],
    quiet: &[Quiet],
) -> Analysis {
    let mut by_invocation: BTreeMap<&str, Vec<&Sample>> = BTreeMap::new();
    for sample in samples {
        by_invocation.entry(&sample.invocation).or_default().push(sample);
    }
    let mut failures = Vec::new();
    let mut control = curves::Pool::default();
    let mut gathered = BTreeMap::new();
    for cell in &plan.cells {
        let mut mine = Gathered::default();
        for observation in in_order(observations, cell) {
            let samples = by_invocation.get(observation.invocation.as_str());
            let judged = admit::admit(observation, samples.map_or(&[], Vec::as_slice));
            let measured = observation.purpose == Purpose::Measure;
            match judged {
                Ok(admitted) if measured => {
                    mine.pools.add(&admitted);
                    if let Some(seen) = admitted.histograms.get("control") {
                        control.merge(seen);
                    }
                    mine.runs.push(admitted.without_histograms());
                }
                Ok(_) => {}
                Err(outcome) => {
                    mine.invalid += u32::from(measured);
                    failures.push(Failure {
                        invocation: observation.invocation.clone(),
                        cell: observation.cell.clone(),
                        outcome,
                    });
                }
            }
        }
        gathered.insert(cell.id.clone(), mine);
    }
    failures.sort_by(|x, y| x.invocation.cmp(&y.invocation));
    let noise = surroundings::noise(&control);
    let cells = plan
        .cells
        .iter()
        .filter_map(|cell| Some((cell.id.clone(), gathered.get(&cell.id)?)))
        .map(|(id, mine)| {
            let summary = cell_summary(plan, &id, mine, noise.as_ref().map(|n| n.p99.0));
            (id, summary)
        })
        .collect();
    Analysis {
        cells,
        distilled: distilled::distilled(plan, &gathered),
        tradeoffs: tradeoff::tradeoffs(plan, &gathered),
        failures,
        noise,
        quiet: surroundings::quiet(quiet),
        instrument: surroundings::instrument(exits),
    }
}

/// What one cell's processes left behind.
#[derive(Default)]
struct Gathered<'a> {
    runs: Vec<Admitted<'a>>,
    pools: curves::Pools,
    invalid: u32,
}

fn in_order<'a>(observations: &'a [Observation], cell: &Cell) -> Vec<&'a Observation> {
    let mut mine: Vec<&Observation> = observations.iter().filter(|o| o.cell == cell.id).collect();
    mine.sort_by(|x, y| (x.round, &x.invocation).cmp(&(y.round, &y.invocation)));
    mine
}

fn cell_summary(plan: &Plan, id: &str, mine: &Gathered<'_>, floor_ns: Option<u64>) -> CellSummary {
    let cell = plan.cell(id);
    let work = cell.and_then(|c| plan.work(&c.work));
    let collector = cell.and_then(|c| plan.collector(&c.collector));
    let metrics = estimates::estimates(&mine.runs);
    let steady = steady::steady(&mine.runs);
    let context = doubts::Context {
        work,
        collected: collector.is_none_or(Collector::collects),
        runs: &mine.runs,
        metrics: &metrics,
        invalid: mine.invalid,
        floor_ns,
        steady: steady.as_ref(),
    };
    CellSummary {
        valid: u32::try_from(mine.runs.len()).unwrap_or(u32::MAX),
        invalid: mine.invalid,
        doubts: doubts::doubts(&context),
        curves: mine.pools.curves(),
        // Rungs are drawn over load, not over time.
        timeline: match work {
            Some(work) if work.ladder.is_some() => None,
            _ => timeline::timeline(work, &mine.runs, &metrics),
        },
        mmu: utilisation::mmu(&mine.runs),
        attribution: attribution::of_runs(&mine.runs),
        suffered: mine.runs.iter().map(suffered).collect(),
        steady,
        epochs: timeline::epochs(&mine.runs),
        metrics,
    }
}

fn suffered(run: &Admitted<'_>) -> Suffered {
    let value = |name: &&str| Some(((*name).to_owned(), *run.values.get(name)?));
    Suffered {
        invocation: run.observation.invocation.clone(),
        round: run.observation.round,
        values: SUFFERED.iter().filter_map(value).collect(),
    }
}
