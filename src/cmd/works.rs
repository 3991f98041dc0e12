//! Work by work, on several cores: of a large run only a few works are in memory at a time.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::usage;
use crate::analyze::{self, Gathered};
use crate::artifact::envelope::Parents;
use crate::artifact::exit::Exit;
use crate::artifact::plan::{Cell, Invocation, Plan};
use crate::artifact::run_dir::RunDir;
use crate::artifact::{sample, tracker};
use crate::observe::Observer;

/// More would take more memory than they save time.
const MOST_THREADS: usize = 8;

/// The cells of a work and the processes of these, each with its place in the plan.
#[derive(Default)]
pub struct Work<'a> {
    cells: Vec<(usize, &'a Cell)>,
    invocations: Vec<(usize, &'a Invocation)>,
}

/// What becomes of a run, each list in the plan's order.
#[derive(Default)]
pub struct Run {
    /// One a cell.
    pub cells: Vec<Gathered>,
    /// Rows of samples.csv, one piece an invocation that has any.
    pub rows: Vec<Vec<u8>>,
    /// Rows of tracker.csv, likewise.
    pub seconds: Vec<Vec<u8>>,
    /// Of all processes that ended.
    pub exits: Vec<Exit>,
}

/// In the order in which their cells first stand in the plan. Invocations without a cell are a work by themselves, for the observer to refuse.
pub fn works(plan: &Plan) -> Vec<Work<'_>> {
    let mut works: Vec<Work> = Vec::new();
    let (mut by_name, mut by_cell) = (BTreeMap::new(), BTreeMap::new());
    for (place, cell) in plan.cells.iter().enumerate() {
        let work = *by_name.entry(cell.work.as_str()).or_insert_with(|| {
            works.push(Work::default());
            works.len() - 1
        });
        works[work].cells.push((place, cell));
        by_cell.insert(cell.id.as_str(), work);
    }
    let mut strays = Work::default();
    for invocation in plan.invocations.iter().enumerate() {
        match by_cell.get(invocation.1.cell.as_str()) {
            Some(work) => works[*work].invocations.push(invocation),
            None => strays.invocations.push(invocation),
        }
    }
    if !strays.invocations.is_empty() {
        works.push(strays);
    }
    works
}

/// raw/ -> observed/, whatever is there already. (Invocations that ran, those of them that finished.)
pub fn observe_anew(plan: &Plan, dir: &RunDir) -> anyhow::Result<(usize, usize)> {
    let observer = Observer::anew(plan, dir)?;
    let counts = each(&works(plan), |work| {
        let seen = observer.of(&work.processes())?;
        let finished = seen.iter().filter(|o| o.outcome.is_finished()).count();
        Ok((seen.len(), finished))
    })?;
    Ok(counts.iter().fold((0, 0), |sum, n| (sum.0 + n.0, sum.1 + n.1)))
}

/// raw/ -> observed/ where it is not up to date, and what the stages after it need of all works.
pub fn gather(plan: &Plan, dir: &RunDir) -> anyhow::Result<Run> {
    let observer = Observer::new(plan, dir)?;
    let parents = Parents::knowing(dir.root(), &["plan.json"]).map_err(usage)?;
    let works = works(plan);
    let parts = each(&works, |work| part(plan, dir, work, &observer, &parents))?;
    let mut whole = Part::default();
    for part in parts {
        whole.cells.extend(part.cells);
        whole.rows.extend(part.rows);
        whole.seconds.extend(part.seconds);
        whole.exits.extend(part.exits);
    }
    Ok(Run {
        cells: in_order(whole.cells),
        rows: in_order(whole.rows),
        seconds: in_order(whole.seconds),
        exits: in_order(whole.exits),
    })
}

/// As [`Run`], of one work; each item with its place.
#[derive(Default)]
struct Part {
    cells: Vec<(usize, Gathered)>,
    rows: Vec<(usize, Vec<u8>)>,
    seconds: Vec<(usize, Vec<u8>)>,
    exits: Vec<(usize, Exit)>,
}

fn part(
    plan: &Plan,
    dir: &RunDir,
    work: &Work<'_>,
    observer: &Observer<'_>,
    parents: &Parents,
) -> anyhow::Result<Part> {
    let mut part = Part::default();
    let mut observations = observer.of(&work.processes())?;
    let places: BTreeMap<&str, usize> = work
        .invocations
        .iter()
        .map(|(n, i)| (i.id.as_str(), *n))
        .collect();
    let samples = crate::sample::extract(&observations);
    for of_one in samples.chunk_by(|x, y| x.invocation == y.invocation) {
        if let Some(place) = places.get(of_one[0].invocation.as_str()) {
            part.rows.push((*place, sample::rows(&dir.samples(), of_one)?));
        }
    }
    let seconds = crate::sample::track(&observations);
    for of_one in seconds.chunk_by(|x, y| x.invocation == y.invocation) {
        if let Some(place) = places.get(of_one[0].invocation.as_str()) {
            part.seconds
                .push((*place, tracker::rows(&dir.tracker(), of_one)?));
        }
    }
    for observation in &observations {
        let exit = parents.read_at(&dir.raw(&observation.invocation).exit());
        if let Some(place) = places.get(observation.invocation.as_str()) {
            part.exits.push((*place, exit.map_err(usage)?));
        }
    }
    for (place, cell) in &work.cells {
        let mine = observations.extract_if(.., |o| o.cell == cell.id).collect();
        part.cells
            .push((*place, analyze::gather(plan, cell, mine, &samples)));
    }
    Ok(part)
}

fn in_order<T>(mut items: Vec<(usize, T)>) -> Vec<T> {
    items.sort_by_key(|(place, _)| *place);
    items.into_iter().map(|(_, item)| item).collect()
}

impl<'a> Work<'a> {
    fn processes(&self) -> Vec<&'a Invocation> {
        self.invocations.iter().map(|(_, i)| *i).collect()
    }
}

/// `of` each item, in their order. Errors: the first in that order, whichever thread met one first.
fn each<I: Sync, T: Send>(
    items: &[I],
    of: impl Fn(&I) -> anyhow::Result<T> + Sync,
) -> anyhow::Result<Vec<T>> {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let (next, failed) = (AtomicUsize::new(0), AtomicUsize::new(usize::MAX));
    let done = Mutex::new(Vec::new());
    let take = || {
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            // What stands after a failure is of no use any more; what stands before it may fail too, and is told then.
            let Some(item) = items
                .get(place)
                .filter(|_| place < failed.load(Ordering::Relaxed))
            else {
                return;
            };
            let result = of(item);
            if result.is_err() {
                failed.fetch_min(place, Ordering::Relaxed);
            }
            done.lock()
                .unwrap_or_else(|e| e.into_inner())
                .push((place, result));
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..cores.min(MOST_THREADS).min(items.len()) {
            scope.spawn(take);
        }
    });
    in_order(done.into_inner().unwrap_or_else(|e| e.into_inner()))
        .into_iter()
        .collect()
}
