//! Distilled costs for the made-up run.

use super::*;
use gcrucible::artifact::distilled::{Cost, Distilled, Overhead};

/// Each closed work is a task of its own; collectors of one runtime differ by a made-up factor.
pub fn distilled(plan: &Plan) -> Vec<Distilled> {
    let closed = plan.works.iter().filter(|w| w.mode == Mode::Closed);
    closed
        .flat_map(|work| ["go", "jvm", "rust"].map(|runtime| (work, runtime)))
        .flat_map(|(work, runtime)| [Cost::Wall, Cost::Cpu].map(|cost| one(plan, work, runtime, cost)))
        .filter(|d| !d.overheads.is_empty())
        .collect()
}

fn one(plan: &Plan, work: &Work, runtime: &str, cost: Cost) -> Distilled {
    let here = |c: &&Collector| c.runtime == runtime;
    let overheads: Vec<Overhead> = plan
        .collectors
        .iter()
        .filter(here)
        .zip(1..)
        .map(|(collector, nth)| {
            let ratio = 1.0 + 0.07 * f64::from(nth);
            Overhead {
                cell: format!("{}/{}", work.id, collector.name),
                ratio,
                lo: ratio - 0.03,
                hi: ratio + 0.04,
                n: ROUNDS,
            }
        })
        .collect();
    Distilled {
        task: work.id.clone(),
        runtime: runtime.to_owned(),
        cost,
        least: 8.1e9,
        of: overheads.first().map(|o| o.cell.clone()).unwrap_or_default(),
        overheads,
    }
}
