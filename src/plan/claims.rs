//! From claims to processes: each cell that a claim names is a work of its own under one collector, marked with its name.

use super::cells::{self, Added};
use super::chosen::{Claims, chosen, wanted_cells};
use super::questions::{self, Ids};
use super::{Machine, PlanError, Runners, Selection, order, sizes};
use crate::artifact::definition::claim::{ClaimCell, ClaimFile};
use crate::artifact::definition::suite::{CellGroup, Grow};
use crate::artifact::definition::{Definitions, SuiteDef};
use crate::artifact::ledger::Questions;
use crate::artifact::plan::{Cell, Plan, Work};

const SEED: u64 = 42;

/// What will run, and what it is to settle. `runners` has an entry for every name of [`super::collectors_of_claims`].
pub fn expand_claims(
    defs: &Definitions,
    asked: &Claims,
    runners: &Runners,
    machine: Machine,
) -> Result<(Plan, Questions), PlanError> {
    let rows = chosen(defs, asked)?;
    let seed = asked.seed.unwrap_or(SEED);
    if asked.rounds.is_some_and(|n| n < 2) {
        return Err(PlanError::Wrong(
            "--rounds: a claim needs at least 2, or it has no interval".into(),
        ));
    }
    let (mut works, mut cells, mut ids) = (Vec::new(), Vec::new(), Ids::new());
    for (file, name) in wanted_cells(defs, &rows) {
        let key = (file.row.get_ref().as_str(), name);
        match process(defs, file, name, asked.rounds, seed, runners, machine) {
            Ok((work, cell)) => {
                ids.insert(key, Ok(cell.id.clone()));
                works.push(work);
                cells.push(cell);
            }
            // The machine is too small for it, and that is all.
            Err(error @ PlanError::TooLarge { .. }) => {
                ids.insert(key, Err(error.to_string()));
            }
            Err(error) => return Err(error),
        }
    }
    let mut collectors: Vec<String> = Vec::new();
    for cell in &cells {
        if !collectors.contains(&cell.collector) {
            collectors.push(cell.collector.clone());
        }
    }
    let collectors: Result<Vec<_>, _> = collectors
        .iter()
        .map(|name| cells::collector(defs, name, runners))
        .collect();
    let rounds = works.iter().filter_map(|w: &Work| w.rounds).max().unwrap_or(1);
    let invocations = order::invocations(&works, &cells, rounds, seed);
    let plan = Plan {
        suite: "claims".into(),
        question: "What of what is asserted of these collectors holds on this machine?".into(),
        seed,
        rounds,
        collectors: collectors?,
        works,
        cells,
        invocations,
        ..Plan::default()
    };
    let questions = Questions {
        rows: rows
            .iter()
            .map(|chosen| questions::row(chosen, asked.rounds, &ids))
            .collect(),
    };
    Ok((plan, questions))
}

/// One cell as a work of its own: a group of a suite has all that it may ask for.
fn process(
    defs: &Definitions,
    file: &ClaimFile,
    name: &str,
    rounds: Option<u32>,
    seed: u64,
    runners: &Runners,
    machine: Machine,
) -> Result<(Work, Cell), PlanError> {
    let cell = &file.cells[name];
    let row = file.row.get_ref();
    let suite = SuiteDef {
        name: format!("claims {row}"),
        question: String::new(),
        minutes: 0.0,
        pace: None,
        rounds: file.rounds,
        seed,
        preset: cell.preset.get_ref().clone(),
        collectors: Vec::new(),
        pairs: Vec::new(),
        selftest: false,
        goal: None,
        groups: vec![group(row, name, cell)],
    };
    let selection = Selection {
        rate: cell.rate,
        ..Selection::default()
    };
    let mut planned = cells::works(defs, &suite, &selection, seed, machine)?;
    let mut plan = planned.swap_remove(0);
    sizes::refuse_too_large(&plan.work.id, plan.work.live.0, plan.work.budget, machine)?;
    plan.work.rounds = Some(rounds.unwrap_or(file.rounds));
    plan.work.block = Some(row.clone());
    if let Some(threads) = cell.threads {
        plan.set_threads(threads);
    }
    let added = Added {
        flags: &cell.flags,
        env: &cell.env,
    };
    let made = cells::cell(defs, &plan, cell.collector.get_ref(), added, runners, machine)?;
    Ok((plan.work, made))
}

fn group(row: &str, name: &str, cell: &ClaimCell) -> CellGroup {
    CellGroup {
        workload: cell.workload.get_ref().clone(),
        mode: cell.mode,
        axes: Vec::new(),
        mark: Some(format!("{row}-{name}")),
        variants: cell.variant.clone().map(|v| vec![v]),
        live: cell.live.clone().map(|l| vec![l]),
        grow: Grow::default(),
        also: Vec::new(),
        only: None,
        budgets: cell.budget.map(|b| vec![b]),
        series: false,
        rounds: None,
        ops: cell.ops,
        warmup_ops: cell.warmup_ops,
        open_seconds: cell.open_seconds,
        return_ms: Some(0),
        probe_bytes: Some("0".into()),
        force: None,
        parameters: cell.parameters.clone(),
        over: None,
        load: None,
        loads: None,
    }
}
