//! From claims to processes: each cell that a claim names is a work of its own under one collector, marked with its name.

use std::collections::BTreeMap;

use super::cells::{self, Added};
use super::{Machine, PlanError, Runners, Selection, order, sizes};
use crate::artifact::definition::claim::{
    Between, Claim, ClaimCell, ClaimFile, Course, Piece, Reference, SURVIVED, pieces,
};
use crate::artifact::definition::name::unknown;
use crate::artifact::definition::suite::{CellGroup, Grow};
use crate::artifact::definition::{Definitions, SuiteDef};
use crate::artifact::ledger::{Figure, Question, Questions, Row, Test, Words};
use crate::artifact::metric::{Unit, unit};
use crate::artifact::plan::{Cell, Plan, Work};

/// Which claims, and how often.
#[derive(Clone, Debug, Default)]
pub struct Claims {
    /// Rows, and claims by id; None: all.
    pub only: Option<Vec<String>>,
    /// Claims all of whose cells are of these runtimes; None: all.
    pub runtimes: Option<Vec<String>>,
    /// Instead of the rows' own.
    pub rounds: Option<u32>,
    pub seed: Option<u64>,
}

const SEED: u64 = 42;

/// A row with those of its claims that were asked for.
type Chosen<'a> = (&'a ClaimFile, Vec<&'a Claim>);

/// Rows in the order of their names; none is left empty.
fn chosen<'a>(defs: &'a Definitions, asked: &Claims) -> Result<Vec<Chosen<'a>>, PlanError> {
    let all = || {
        defs.claims
            .values()
            .flat_map(|file| file.claims.iter().map(move |c| (file, c)))
    };
    for name in asked.only.iter().flatten() {
        let rows = defs.claims.keys().map(String::as_str);
        let ids = all().map(|(_, c)| c.id.get_ref().as_str());
        if !rows.clone().chain(ids.clone()).any(|known| known == name) {
            // The list of rows is short enough to be read; ids are not.
            let near = crate::artifact::definition::name::nearest(name, ids.chain(rows.clone()));
            return Err(PlanError::Wrong(match near {
                Some(near) => format!(
                    "unknown claim `{name}`: did you mean `{near}`? Rows: {}",
                    rows.collect::<Vec<_>>().join(", ")
                ),
                None => unknown("claim", name, rows),
            }));
        }
    }
    for name in asked.runtimes.iter().flatten() {
        if !defs.runtimes.contains_key(name) {
            let known = defs.runtimes.keys().map(String::as_str);
            return Err(PlanError::Wrong(unknown("runtime", name, known)));
        }
    }
    let wanted = |file: &ClaimFile, claim: &Claim| {
        let named =
            |only: &Vec<String>| only.contains(file.row.get_ref()) || only.contains(claim.id.get_ref());
        let of = |runtimes: &Vec<String>| {
            let cells = cells_of(defs, file, claim).into_iter();
            let measured = cells.map(|(file, name)| file.cells[name].collector.get_ref());
            let read = claim.tour.iter().map(|tour| tour.collector.get_ref());
            measured
                .chain(read)
                .all(|name| runtime_of(defs, name).is_some_and(|runtime| runtimes.contains(&runtime)))
        };
        asked.only.as_ref().is_none_or(named) && asked.runtimes.as_ref().is_none_or(of)
    };
    let rows: Vec<Chosen> = defs
        .claims
        .values()
        .map(|file| {
            (
                file,
                file.claims.iter().filter(|c| wanted(file, c)).collect::<Vec<_>>(),
            )
        })
        .filter(|(_, claims)| !claims.is_empty())
        .collect();
    if rows.is_empty() {
        return Err(PlanError::Wrong(
            "no claim is about these runtimes alone; leave --runtime out".into(),
        ));
    }
    Ok(rows)
}

fn runtime_of(defs: &Definitions, collector: &str) -> Option<String> {
    let base = collector.split('@').next()?;
    Some(defs.collector(base)?.0.name.clone())
}

/// The cells that a claim reads, its explanation included, each with its row.
fn cells_of<'a>(
    defs: &'a Definitions,
    file: &'a ClaimFile,
    claim: &'a Claim,
) -> Vec<(&'a ClaimFile, &'a str)> {
    let tested = ClaimFile::references(claim)
        .into_iter()
        .map(|place| place.get_ref().as_str());
    let told = claim
        .because
        .iter()
        .flat_map(|text| pieces(text.get_ref()).unwrap_or_default());
    let told = told.filter_map(|piece| match piece {
        Piece::Figure(name) => Some(name),
        Piece::Text(_) => None,
    });
    let mut cells: Vec<(&ClaimFile, &str)> = Vec::new();
    for reference in tested.chain(told).filter_map(Reference::parse) {
        let file = reference.row.map_or(Some(file), |row| defs.claims.get(row));
        if let Some(file) = file
            && !cells
                .iter()
                .any(|(f, name)| f.row.get_ref() == file.row.get_ref() && *name == reference.cell)
        {
            cells.push((file, reference.cell));
        }
    }
    cells
}

/// All cells of the rows, each once.
fn wanted_cells<'a>(defs: &'a Definitions, rows: &[Chosen<'a>]) -> Vec<(&'a ClaimFile, &'a str)> {
    let mut all: Vec<(&ClaimFile, &str)> = Vec::new();
    for (file, claims) in rows {
        for (file, name) in claims.iter().flat_map(|claim| cells_of(defs, file, claim)) {
            if !all
                .iter()
                .any(|(f, n)| f.row.get_ref() == file.row.get_ref() && *n == name)
            {
                all.push((file, name));
            }
        }
    }
    all
}

/// Collectors of the claims that were asked for, each once, those whose source is read included.
pub fn collectors_of_claims(defs: &Definitions, asked: &Claims) -> Result<Vec<String>, PlanError> {
    let mut names: Vec<String> = Vec::new();
    let rows = chosen(defs, asked)?;
    let cells = wanted_cells(defs, &rows).into_iter();
    let measured = cells.map(|(file, cell)| file.cells[cell].collector.get_ref());
    let tours = rows
        .iter()
        .flat_map(|(_, claims)| claims.iter().filter_map(|c| c.tour.as_ref()));
    for name in measured.chain(tours.map(|tour| tour.collector.get_ref())) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    Ok(names)
}

/// What will run, and what it is to settle. `runners` has an entry for every name of [`collectors_of_claims`].
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
            .map(|(file, claims)| row(file, claims, asked.rounds, &ids))
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

/// Row and cell to its id in the plan, or why this machine cannot have it.
type Ids<'a> = BTreeMap<(&'a str, &'a str), Result<String, String>>;

fn row(file: &ClaimFile, claims: &[&Claim], rounds: Option<u32>, ids: &Ids) -> Row {
    Row {
        name: file.row.get_ref().clone(),
        title: file.title.clone(),
        method: file.method.clone(),
        rounds: rounds.unwrap_or(file.rounds),
        questions: claims.iter().map(|claim| question(file, claim, ids)).collect(),
    }
}

fn question(file: &ClaimFile, claim: &Claim, ids: &Ids) -> Question {
    let figure = |text: &str| figure(file, text, ids);
    let test = match (&claim.between, &claim.course, &claim.tour) {
        (
            Some(Between {
                value,
                over,
                at_least,
                at_most,
                in_every_run,
            }),
            ..,
        ) => Test::Between {
            value: figure(value.get_ref()),
            over: over.as_ref().map(|over| figure(over.get_ref())),
            at_least: *at_least,
            at_most: *at_most,
            in_every_run: *in_every_run,
        },
        (None, Some(Course { along, goes }), _) => Test::Course {
            along: along.iter().map(|text| figure(text.get_ref())).collect(),
            goes: *goes,
        },
        (None, None, Some(tour)) => Test::Tour {
            collector: tour.collector.get_ref().clone(),
            file: tour.file.clone(),
            finds: tour.finds.clone(),
            seen: None,
        },
        // `define` has refused it.
        (None, None, None) => Test::Course {
            along: Vec::new(),
            goes: crate::artifact::definition::claim::Direction::Up,
        },
    };
    let unfit = ClaimFile::references(claim).into_iter().find_map(|place| {
        let reference = Reference::parse(place.get_ref())?;
        let row = reference.row.unwrap_or(file.row.get_ref());
        ids.get(&(row, reference.cell))?.as_ref().err().cloned()
    });
    let because = claim
        .because
        .as_ref()
        .map_or(Vec::new(), |text| pieces(text.get_ref()).unwrap_or_default());
    Question {
        id: claim.id.get_ref().clone(),
        says: claim.says.clone(),
        test,
        because: because
            .into_iter()
            .map(|piece| match piece {
                Piece::Text(text) => Words::Text(text.to_owned()),
                Piece::Figure(text) => Words::Figure(figure(text)),
            })
            .collect(),
        inapplicable: claim.inapplicable.clone(),
        unfit,
    }
}

/// What a reference stands for; `define` has seen that it stands for something.
fn figure(file: &ClaimFile, text: &str, ids: &Ids) -> Figure {
    let found = Reference::parse(text);
    let (row, name, metric_name) = found.map_or((None, "", ""), |r| (r.row, r.cell, r.metric));
    let row = row.unwrap_or(file.row.get_ref());
    Figure {
        name: if row == file.row.get_ref() {
            name.to_owned()
        } else {
            format!("{row}/{name}")
        },
        cell: match ids.get(&(row, name)) {
            Some(Ok(id)) => id.clone(),
            _ => String::new(),
        },
        metric: metric_name.to_owned(),
        unit: unit(metric_name).unwrap_or_else(|| {
            debug_assert_eq!(metric_name, SURVIVED);
            Unit::Count
        }),
    }
}
