//! How figures grow over a series: what the law rests on, and what is only carried on.

use std::collections::BTreeMap;

use gcrucible::analyze::growths_of_cells;
use gcrucible::artifact::analysis::{CellSummary, Estimate};
use gcrucible::artifact::growth::{Growth, Law, Word};
use gcrucible::artifact::plan::Plan;
use gcrucible::artifact::unit::Bytes;

use crate::build::plan;

const GIB: u64 = 1 << 30;
const RUNS: u32 = 4;

/// A series of these payloads, whose runs have `value` of the metric, a few percent apart.
fn series(sizes: &[u64], metric: &str, value: impl Fn(f64) -> f64) -> (Plan, BTreeMap<String, CellSummary>) {
    let mut plan = plan();
    let (work, cell) = (plan.works[0].clone(), plan.cells[0].clone());
    (plan.works, plan.cells) = (Vec::new(), Vec::new());
    let mut cells = BTreeMap::new();
    // Largest first: the plan's order is of no account.
    for live in sizes.iter().rev() {
        let id = format!("w@{live}");
        let mut work = work.clone();
        (work.id, work.live, work.series) = (id.clone(), Bytes(*live), Some("w".into()));
        plan.works.push(work);
        let mut cell = cell.clone();
        (cell.id, cell.work) = (format!("{id}/c"), id.clone());
        let values: Vec<f64> = (0..RUNS)
            .map(|run| value(*live as f64) * (1.0 + 0.02 * f64::from(run)))
            .collect();
        let estimate = Estimate {
            median: values[0],
            lo: values[0],
            hi: values[0],
            n: RUNS,
            values,
        };
        let summary = CellSummary {
            valid: RUNS,
            metrics: BTreeMap::from([(metric.to_owned(), estimate)]),
            ..CellSummary::default()
        };
        cells.insert(cell.id.clone(), summary);
        plan.cells.push(cell);
    }
    (plan, cells)
}

fn one(plan: &Plan, cells: &BTreeMap<String, CellSummary>) -> Growth {
    let mut all = growths_of_cells(plan, cells);
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

#[test]
fn a_law_is_fitted_to_every_run_and_carried_on_to_machines_one_would_like_to_know_about() {
    let (plan, cells) = series(&[GIB, 2 * GIB, 4 * GIB], "pause_max_ns", |x| x / 1e3);
    let growth = one(&plan, &cells);
    let law = growth.law.unwrap();
    assert_eq!((growth.series.as_str(), growth.collector.as_str()), ("w", "c"));
    assert_eq!(law.word, Word::Grows);
    assert!((law.exponent.value - 1.0).abs() < 1e-9, "{law:?}");
    assert_eq!(law.span(), Some((Bytes(GIB), Bytes(4 * GIB))));
    for at in Law::REACH {
        let beyond = law.beyond_at(at).unwrap();
        let truth = at.0 as f64 / 1e3;
        assert!(beyond.lo < truth && truth < beyond.hi, "{beyond:?}");
    }
    assert_eq!(
        law.beyond[0].live,
        Bytes(4 * GIB),
        "the band begins where measuring ends"
    );
}

#[test]
fn a_payload_with_one_run_without_a_figure_is_no_part_of_the_law() {
    let sizes = [GIB, 2 * GIB, 4 * GIB, 8 * GIB];
    let (plan, cells) = series(&sizes, "response_p999_ns", |x| x / 1e3);
    let change = |how: fn(&mut CellSummary)| {
        let mut cells = cells.clone();
        how(cells.get_mut(&format!("w@{}/c", 8 * GIB)).unwrap());
        let growth = one(&plan, &cells);
        let last = growth.sizes[3];
        assert_eq!((last.live, last.counts()), (Bytes(8 * GIB), false));
        assert_eq!(growth.law.unwrap().span(), Some((Bytes(GIB), Bytes(4 * GIB))));
        (last.runs, last.without)
    };
    let values = |c: &mut CellSummary| c.metrics.get_mut("response_p999_ns").unwrap().values.truncate(3);
    assert_eq!(change(values), (3, 1), "one was saturated");
    let zero = |c: &mut CellSummary| c.metrics.get_mut("response_p999_ns").unwrap().values[1] = 0.0;
    assert_eq!(change(zero), (3, 1), "zero has no logarithm");
    assert_eq!(change(|c| c.invalid = 2), (4, 2), "two died");
    assert_eq!(
        change(|c| {
            (c.valid, c.invalid) = (0, 4);
            c.metrics.clear();
        }),
        (0, 4),
        "all died"
    );
}

#[test]
fn two_payloads_have_no_law_and_a_metric_without_a_value_is_not_told() {
    let (plan, mut cells) = series(&[GIB, 2 * GIB], "setup_ns", |x| x);
    assert_eq!(one(&plan, &cells).law, None);
    cells.values_mut().for_each(|c| c.metrics.clear());
    assert_eq!(growths_of_cells(&plan, &cells), []);
}

#[test]
fn a_share_and_memory_over_live_are_not_carried_on_for_no_law_leads_beyond_one() {
    let sizes = [GIB, 2 * GIB, 4 * GIB];
    let (plan, cells) = series(&sizes, "gc_cpu_share", |x| x / 1e11);
    let law = one(&plan, &cells).law.unwrap();
    assert_eq!((law.word, law.beyond.len()), (Word::Grows, 0));
    let (plan, cells) = series(&sizes, "memory_peak_over_live", |x| 1e10 / x);
    let law = one(&plan, &cells).law.unwrap();
    assert_eq!((law.word, law.beyond.len()), (Word::Falls, 0));
}

#[test]
fn a_bend_is_told_at_a_payload_that_was_measured() {
    let sizes: Vec<u64> = (0..8).map(|k| (GIB / 4) << k).collect();
    let knee = (4 * GIB) as f64;
    let (plan, cells) = series(&sizes, "cycle_ns", |x| 1e6 * (x / knee).max(1.0));
    let law = one(&plan, &cells).law.unwrap();
    let bend = law.bend.unwrap();
    assert_eq!((law.word, bend.at), (Word::Breaks, Bytes(4 * GIB)));
    assert!(bend.before.hi < bend.after.lo);
}

#[test]
fn works_outside_a_series_have_no_growth() {
    let (mut plan, cells) = series(&[GIB, 2 * GIB, 4 * GIB], "setup_ns", |x| x);
    plan.works.iter_mut().for_each(|w| w.series = None);
    assert_eq!(growths_of_cells(&plan, &cells), []);
}
