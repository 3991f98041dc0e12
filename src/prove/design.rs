//! Plans for the self-test: cells of an ordinary plan, in other shapes, in rounds of their own.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_pcg::Pcg64;

use crate::artifact::axis::Axis;
use crate::artifact::plan::{Cell, Collector, Invocation, Mode, Plan, Purpose, Work};

/// A work as the plan has it, or changed in what is said here.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    /// Behind the work's id; empty for the work as it is.
    pub suffix: String,
    /// Request keys to set.
    pub request: Vec<(String, String)>,
    /// Length of an open-loop window.
    pub seconds: Option<f64>,
    /// Behind the program in the command line.
    pub arguments: Vec<String>,
}

impl Shape {
    pub fn named(suffix: impl Into<String>) -> Shape {
        Shape {
            suffix: suffix.into(),
            ..Shape::default()
        }
    }

    pub fn with(mut self, key: &str, value: impl ToString) -> Shape {
        self.request.push((key.to_owned(), value.to_string()));
        self
    }

    pub fn work(&self, work: &Work) -> String {
        format!("{}{}", work.id, self.suffix)
    }

    pub fn cell(&self, work: &Work, collector: &Collector) -> String {
        format!("{}/{}", self.work(work), collector.name)
    }
}

/// Each work in its shape under each of its collectors, `rounds` fresh processes each, shuffled within rounds:
/// those of a collector follow each other, since shapes of one cell are what is compared. Calibration of `base` is kept
/// for the works and collectors that are.
pub fn plan(base: &Plan, wanted: &[(&Work, Shape, Vec<&Collector>)], rounds: u32, seed: u64) -> Plan {
    let mut plan = Plan {
        question: String::from("Can the instrument be believed on this machine?"),
        seed,
        rounds,
        pairs: Vec::new(),
        works: Vec::new(),
        cells: Vec::new(),
        invocations: Vec::new(),
        ..base.clone()
    };
    for (work, shape, collectors) in wanted {
        let id = shape.work(work);
        plan.works.push(Work {
            id: id.clone(),
            // A change of the request may be one of the work.
            expected_checksum: work
                .expected_checksum
                .clone()
                .filter(|_| shape.request.is_empty()),
            ..(*work).clone()
        });
        for collector in collectors {
            let of = |c: &&Cell| c.work == work.id && c.collector == collector.name;
            let Some(cell) = base.cells.iter().find(of) else {
                continue;
            };
            plan.cells.push(changed(cell, shape, &id));
        }
    }
    let calibration = base
        .invocations
        .iter()
        .filter(|i| i.purpose == Purpose::Calibrate && plan.cell(&i.cell).is_some());
    plan.invocations = calibration.cloned().collect();
    for round in 1..=rounds {
        let mut random = Pcg64::seed_from_u64(seed.wrapping_add(u64::from(round)));
        let mut blocks: Vec<&Collector> = plan.collectors.iter().collect();
        blocks.shuffle(&mut random);
        let order = blocks.into_iter().flat_map(|collector| {
            let of = |cell: &&Cell| cell.collector == collector.name;
            let mut block: Vec<&Cell> = plan.cells.iter().filter(of).collect();
            block.shuffle(&mut random);
            block
        });
        let these = order.into_iter().enumerate().map(|(index, cell)| Invocation {
            id: format!("r{round}-{:03}-{}", index + 1, file_name(&cell.id)),
            cell: cell.id.clone(),
            round,
            purpose: Purpose::Measure,
        });
        plan.invocations.extend(these);
    }
    plan
}

fn changed(cell: &Cell, shape: &Shape, work: &str) -> Cell {
    let mut cell = Cell {
        id: format!("{work}/{}", cell.collector),
        work: work.to_owned(),
        ..cell.clone()
    };
    for (key, value) in &shape.request {
        match cell.request.iter_mut().find(|(k, _)| k == key) {
            Some(entry) => entry.1.clone_from(value),
            None => cell.request.push((key.clone(), value.clone())),
        }
    }
    if let (Some(load), Some(seconds)) = (&mut cell.load, shape.seconds) {
        load.seconds = seconds;
    }
    let at = cell.argv.len().min(1);
    cell.argv.splice(at..at, shape.arguments.iter().cloned());
    cell
}

fn file_name(cell: &str) -> String {
    cell.chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || ".+".contains(c) {
                c
            } else {
                '-'
            }
        })
        .collect()
}

/// The works that inform the axis: one, but all of the series for large heaps.
pub fn works_of(plan: &Plan, axis: Axis) -> Vec<&Work> {
    let mut works = plan.works.iter().filter(|w| w.axes.contains(&axis));
    if axis == Axis::LargeHeap {
        return works.collect();
    }
    works.next().into_iter().collect()
}

/// The first work of fixed size that informs throughput.
pub fn closed(plan: &Plan) -> Option<&Work> {
    let fixed = |w: &&Work| w.mode == Mode::Closed && w.axes.contains(&Axis::Throughput);
    plan.works.iter().find(fixed)
}

/// The work of fixed size that has the most live payload, the first of equals: collections are fewest there.
pub fn roomiest(plan: &Plan) -> Option<&Work> {
    let fixed = plan.works.iter().filter(|w| w.mode == Mode::Closed);
    fixed.rev().max_by_key(|w| w.live)
}

/// The first work with a schedule.
pub fn open(plan: &Plan) -> Option<&Work> {
    plan.works.iter().find(|w| w.mode == Mode::Open)
}
