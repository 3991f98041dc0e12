//! Definitions and a selection in, every process decided out. Pure: the same input gives the same plan, byte for byte.

mod cells;
mod chosen;
mod claims;
pub mod estimate;
mod ladder;
mod order;
mod questions;
mod sizes;

use std::collections::BTreeMap;

use crate::artifact::axis::Axis;
use crate::artifact::definition::name::unknown;
use crate::artifact::definition::{Definitions, SuiteDef, quantity};
use crate::artifact::goal::{Goal, Stopping};
use crate::artifact::plan::{Cell, Collector, Pair, Plan, Work};

pub use chosen::{Claims, collectors_of_claims};
pub use claims::expand_claims;

#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    #[error("{0}")]
    Wrong(String),
    #[error(
        "{work} asks for {} of live payload, this machine can hold {}: {reason}",
        quantity::show_bytes(*.asked),
        quantity::show_bytes(*.largest)
    )]
    TooLarge {
        work: String,
        asked: u64,
        largest: u64,
        reason: String,
    },
}

/// What a person narrowed or widened on the command line; None leaves the suite as it is.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    pub collectors: Option<Vec<String>>,
    pub workloads: Option<Vec<String>>,
    pub rounds: Option<u32>,
    /// Bytes; replaces every live payload of the suite.
    pub live: Option<u64>,
    pub seed: Option<u64>,
    /// Open-loop rate, operations per second, instead of a calibrated one.
    pub rate: Option<f64>,
    /// Pairs before the suite's own; the first leads.
    pub pairs: Option<Vec<Pair>>,
    /// Rounds until headlines are as narrow as this; `rounds` is then the limit.
    pub until: Option<Goal>,
}

/// Rounds at most, where a stopping rule has no limit of its own.
const MOST_ROUNDS: u32 = 20;
/// Rounds before a stopping rule is asked: two values have no interval worth the name.
const LEAST_ROUNDS: u32 = 3;

/// A collector's toolchain and runner, or why there is none. Key: the name as typed, `g1@17` included.
pub type Runners = BTreeMap<String, Result<RunnerAt, String>>;

/// Where a collector's program and runner are.
#[derive(Clone, Debug)]
pub struct RunnerAt {
    /// The toolchain's program (`java`); unused where the runner is a binary.
    pub program: String,
    pub runner: String,
    /// First line of the version receipt.
    pub version: String,
}

/// The machine, as far as a plan depends on it.
#[derive(Clone, Copy, Debug)]
pub struct Machine {
    pub cores: u32,
    pub memory: u64,
}

/// Names of the collectors a suite and a selection ask for, tags expanded, in order, without repetition.
pub fn collectors_wanted(
    defs: &Definitions,
    suite: &SuiteDef,
    selection: &Selection,
) -> Result<Vec<String>, PlanError> {
    let wanted = selection.workloads.as_ref();
    let groups = suite
        .groups
        .iter()
        .filter(|g| wanted.is_none_or(|w| w.contains(&g.workload)));
    // Named by the person, they are all; a suite's groups may have further ones.
    let asked: Vec<&String> = match &selection.collectors {
        Some(named) => named.iter().collect(),
        None => suite
            .collectors
            .iter()
            .chain(groups.flat_map(|g| &g.also))
            .collect(),
    };
    let mut names: Vec<String> = Vec::new();
    for name in asked {
        let found: Vec<String> = match name.strip_prefix("tag:") {
            Some(tag) => tagged(defs, tag),
            None => vec![name.clone()],
        };
        if found.is_empty() {
            return Err(PlanError::Wrong(format!(
                "no collector has the tag `{}`",
                name.trim_start_matches("tag:")
            )));
        }
        for name in found {
            let base = name.split('@').next().unwrap_or(&name);
            if defs.collector(base).is_none() {
                let known = defs.collector_names();
                return Err(PlanError::Wrong(unknown("collector", &name, known)));
            }
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    Ok(names)
}

fn tagged(defs: &Definitions, tag: &str) -> Vec<String> {
    let all = defs.runtimes.values().flat_map(|r| &r.collectors);
    all.filter(|c| c.tags.iter().any(|t| t == tag))
        .map(|c| c.name.clone())
        .collect()
}

/// Expands a suite. `runners` has an entry for every name of [`collectors_wanted`].
pub fn expand(
    defs: &Definitions,
    suite: &SuiteDef,
    selection: &Selection,
    runners: &Runners,
    machine: Machine,
) -> Result<Plan, PlanError> {
    let names = collectors_wanted(defs, suite, selection)?;
    let seed = selection.seed.unwrap_or(suite.seed);
    let usual = match selection.until {
        Some(_) => MOST_ROUNDS,
        None => suite.rounds,
    };
    let rounds = selection.rounds.unwrap_or(usual);
    if rounds == 0 {
        return Err(PlanError::Wrong("--rounds 0: at least 1 round is needed".into()));
    }
    if selection.until.is_some() && rounds < LEAST_ROUNDS {
        return Err(PlanError::Wrong(format!(
            "--rounds {rounds} is the limit of --until, which needs at least {LEAST_ROUNDS} rounds before it may stop"
        )));
    }
    let works = cells::works(defs, suite, selection, seed, machine)?;
    for work in &works {
        sizes::refuse_too_large(&work.work.id, work.work.live.0, work.work.budget, machine)?;
    }
    let collectors: Vec<Collector> = names
        .iter()
        .map(|name| cells::collector(defs, name, runners))
        .collect::<Result<_, _>>()?;
    let everywhere = expand_tags(defs, suite);
    let mut cells: Vec<Cell> = Vec::new();
    for work in &works {
        for name in &names {
            let asked = selection.collectors.is_some()
                || match &work.only {
                    Some(only) => only.contains(name),
                    None => everywhere.contains(name) || work.also.contains(name),
                };
            let cell = cells::cell(defs, work, name, cells::Added::NOTHING, runners, machine)?;
            if asked && !repeats(&works, work, &cells, &cell) {
                cells.push(cell);
            }
        }
    }
    let pairs = with_named(selection, &names, pairs(suite, &names))?;
    let works: Vec<Work> = works.into_iter().map(|w| w.work).collect();
    let known = defs.minimums.get(&suite.preset).map_or(&[][..], |f| &f.minimums);
    let minimums = known
        .iter()
        .filter(|m| works.iter().any(|w| w.task() == m.task) && names.contains(&m.collector))
        .cloned()
        .collect();
    let invocations = order::invocations(&works, &cells, rounds, seed);
    Ok(Plan {
        suite: suite.name.clone(),
        question: suite.question.clone(),
        seed,
        rounds,
        pairs,
        collectors,
        works,
        cells,
        invocations,
        minimums,
        goal: suite.goal,
        stopping: selection.until.map(|goal| Stopping {
            goal,
            at_least: LEAST_ROUNDS,
        }),
    })
}

/// Payloads that the suite would have on a larger machine, group by group: "`cache.open`: 12GiB".
pub fn left_out(
    defs: &Definitions,
    suite: &SuiteDef,
    selection: &Selection,
    machine: Machine,
) -> Result<Vec<String>, PlanError> {
    let mut told = Vec::new();
    for group in &suite.groups {
        let wanted = selection.workloads.as_ref();
        if wanted.is_some_and(|w| !w.contains(&group.workload)) {
            continue;
        }
        let def = &defs.workloads[&group.workload];
        let preset = &def.presets[&suite.preset];
        let beyond = sizes::sizes(def, preset, group, selection, machine)?.left_out;
        if !beyond.is_empty() {
            let texts: Vec<String> = beyond.iter().map(|b| quantity::show_bytes(*b)).collect();
            told.push(format!("{}.{}: {}", def.name, group.mode.id(), texts.join(", ")));
        }
    }
    Ok(told)
}

/// The suite's own collectors, which do every work.
fn expand_tags(defs: &Definitions, suite: &SuiteDef) -> Vec<String> {
    let of = |name: &String| match name.strip_prefix("tag:") {
        Some(tag) => tagged(defs, tag),
        None => vec![name.clone()],
    };
    suite.collectors.iter().flat_map(of).collect()
}

/// In a sweep over budgets, whether a collector to which a budget means nothing already does the same: one process of it is enough.
fn repeats(works: &[cells::WorkPlan], work: &cells::WorkPlan, before: &[Cell], cell: &Cell) -> bool {
    work.work.axes == [Axis::Throughput]
        && works
            .iter()
            .filter(|w| w.work.task() == work.work.task() && w.work.id != work.work.id)
            .flat_map(|w| before.iter().filter(|c| c.work == w.work.id))
            .any(|c| {
                c.collector == cell.collector
                    && (&c.argv, &c.env, &c.request) == (&cell.argv, &cell.env, &cell.request)
            })
}

/// The pairs that were named, then the others; each once.
fn with_named(selection: &Selection, names: &[String], others: Vec<Pair>) -> Result<Vec<Pair>, PlanError> {
    let mut all: Vec<Pair> = Vec::new();
    for pair in selection.pairs.iter().flatten() {
        pair.among(names.iter().map(String::as_str))
            .map_err(|m| PlanError::Wrong(format!("{m}; --collectors adds one to the run")))?;
        all.push(pair.clone());
    }
    all.extend(others);
    let mut seen: Vec<Pair> = Vec::new();
    all.retain(|pair| {
        let new = !seen.contains(pair);
        seen.push(pair.clone());
        new
    });
    Ok(all)
}

/// The suite's pairs that are left; where none is, the first collector against each other one.
fn pairs(suite: &SuiteDef, names: &[String]) -> Vec<Pair> {
    let kept: Vec<Pair> = suite
        .pairs
        .iter()
        .filter(|p| names.contains(&p.a) && names.contains(&p.b))
        .cloned()
        .collect();
    if !kept.is_empty() {
        return kept;
    }
    let Some((first, others)) = names.split_first() else {
        return Vec::new();
    };
    others
        .iter()
        .map(|b| Pair {
            a: first.clone(),
            b: b.clone(),
        })
        .collect()
}
