//! Fixed work is compared at equal measured memory, read off the two curves, never beyond what was measured.

use gcrucible::artifact::axis::Axis;
use gcrucible::artifact::doubt::Doubt;
use gcrucible::artifact::plan::{Budget, Mode};
use gcrucible::artifact::tradeoff::{Curve, Enough, Point, Price, Spread, Tradeoff};
use gcrucible::artifact::unit::Bytes;
use gcrucible::artifact::verdict::Decision;
use gcrucible::stats;

use crate::build::*;

const LIVE: f64 = 1e8;
const ROUNDS: usize = 10;

/// A task at the budgets 2, 3 and 6; each side's (memory over live, cost) at each, ascending.
fn swept(a: [(f64, f64); 3], b: [(f64, f64); 3]) -> Case {
    let mut case = Case::new(&["a", "b"]);
    let mut curves: Vec<Curve> = ["a", "b"].map(|name| curve(name, Vec::new())).into();
    for (at, times) in [2.0, 3.0, 6.0].into_iter().enumerate() {
        case = case.work(&format!("t:{times}x"), Mode::Closed, &[Axis::Throughput]);
        case.plan.works.last_mut().unwrap().budget = Budget::TimesLive(times);
        for (curve, (name, side)) in curves.iter_mut().zip([("a", a), ("b", b)]) {
            let (memory, cost) = side[at];
            let id = format!("t:{times}x/{name}");
            let costs = runs(&id, ROUNDS, cost, 0.01);
            case = case.cell(
                name,
                &[("wall_ns", costs.clone()), ("gc_cycles", vec![5.0; ROUNDS])],
            );
            curve.points.push(point(&id, memory * LIVE, &costs));
        }
    }
    for curve in &mut curves {
        let places: Vec<(f64, f64)> = curve
            .points
            .iter()
            .map(|p| (p.memory.value, p.cost.value))
            .collect();
        for (point, on) in curve.points.iter_mut().zip(stats::pareto(&places)) {
            point.own_front = on;
        }
    }
    case.analysis.tradeoffs = vec![Tradeoff {
        task: "t".into(),
        live: Bytes(LIVE as u64),
        cost: Price::Wall,
        curves,
    }];
    case
}

fn curve(name: &str, points: Vec<Point>) -> Curve {
    Curve {
        collector: name.into(),
        points,
        enough: None,
    }
}

fn point(cell: &str, memory: f64, costs: &[f64]) -> Point {
    let exactly = |value| Spread {
        value,
        lo: value,
        hi: value,
    };
    Point {
        cell: cell.into(),
        memory: exactly(memory),
        cost: exactly(stats::median(costs).unwrap()),
        runs: (1..).zip(costs.iter().copied()).collect(),
        failed: 0,
        own_front: false,
        front: false,
    }
}

/// b gets by with less memory at each budget and looks slower for it; with the memory that a took it is as fast.
#[test]
fn a_lead_that_was_bought_with_memory_is_none_at_equal_memory() {
    let line = |memory: f64| (memory, 600.0 / memory);
    let case = swept(
        [line(2.0), line(3.0), line(6.0)],
        [line(1.2), line(1.8), line(3.6)],
    );
    let verdict = case.on(Axis::Throughput);
    assert_eq!(verdict.decision, Decision::Tie, "{verdict:#?}");
    let [work] = &verdict.works[..] else {
        panic!("one ratio for the whole task: {:#?}", verdict.works)
    };
    assert_eq!(work.work, "t:3x");
    let reading = work.reading.unwrap();
    assert_eq!((reading.a, reading.b), (3.0 * LIVE, 3.0 * LIVE));
    let [(from, _), (to, _)] = reading.ends.unwrap();
    assert_eq!((from, to), (2.0 * LIVE, 3.6 * LIVE));
    assert!(
        verdict
            .mechanism
            .iter()
            .any(|s| s.contains("Read at equal measured memory")),
        "{:#?}",
        verdict.mechanism
    );
}

/// The same name, other operations: nothing of it is read.
#[test]
fn a_task_of_the_same_name_with_another_request_is_another_task() {
    let line = |memory: f64| (memory, 600.0 / memory);
    let side = [line(2.0), line(3.0), line(6.0)];
    let mut case = swept(side, side);
    let mut other = case.analysis.tradeoffs[0].clone();
    for point in other.curves.iter_mut().flat_map(|c| &mut c.points) {
        point.cell = point.cell.replace("t:", "u:");
        point.runs.iter_mut().for_each(|(_, cost)| *cost *= 7.0);
    }
    let own = case.on(Axis::Throughput).works[0].a;
    case.analysis.tradeoffs.insert(0, other);
    assert_eq!(case.on(Axis::Throughput).works[0].a, own);
}

#[test]
fn memory_that_only_one_has_shown_is_not_read() {
    let case = swept(
        [(4.0, 100.0), (5.0, 90.0), (8.0, 80.0)],
        [(2.0, 200.0), (3.0, 150.0), (6.0, 120.0)],
    );
    let reading = case.on(Axis::Throughput).works[0].reading.unwrap();
    assert_eq!(reading.a, 4.0 * LIVE, "the nearest to 3 x live that both have");
}

#[test]
fn without_memory_in_common_only_the_side_with_less_of_it_can_win() {
    let (frugal, rich) = (
        [(1.0, 100.0), (1.1, 99.0), (1.2, 98.0)],
        [(2.0, 200.0), (3.0, 190.0), (6.0, 180.0)],
    );
    let verdict = swept(frugal, rich).on(Axis::Throughput);
    assert_eq!(verdict.decision, Decision::AWins);
    assert!(
        verdict
            .doubts
            .iter()
            .any(|d| matches!(d, Doubt::NoCommonMemory { .. })),
        "{:?}",
        verdict.doubts
    );

    let bought = [(2.0, 50.0), (3.0, 45.0), (6.0, 40.0)];
    let verdict = swept(frugal, bought).on(Axis::Throughput);
    assert_eq!(verdict.decision, Decision::Undecided);
    assert!(
        verdict.mechanism[0].contains("more memory than the other was ever measured with"),
        "{:?}",
        verdict.mechanism
    );
}

#[test]
fn a_lead_that_turns_with_memory_says_so() {
    let verdict = swept(
        [(2.0, 300.0), (3.0, 100.0), (6.0, 50.0)],
        [(2.0, 120.0), (3.0, 110.0), (6.0, 100.0)],
    )
    .on(Axis::Throughput);
    let turn = verdict.doubts.iter().find_map(|d| match d {
        Doubt::TurnsWithMemory {
            from_ratio, to_ratio, ..
        } => Some((*from_ratio, *to_ratio)),
        _ => None,
    });
    let (from, to) = turn.unwrap();
    assert!((from - 2.5).abs() < 0.1 && (to - 0.5).abs() < 0.02, "{from} {to}");
}

#[test]
fn a_setting_that_fails_in_some_rounds_is_not_read() {
    let mut case = swept(
        [(2.0, 100.0), (3.0, 90.0), (6.0, 80.0)],
        [(2.0, 100.0), (3.0, 90.0), (6.0, 80.0)],
    );
    let first = &mut case.analysis.tradeoffs[0].curves[0].points[1];
    (first.failed, first.own_front) = (1, false);
    let work = &case.on(Axis::Throughput).works[0];
    // Between 2 and 6 x live, straight in logarithms: 100 (80/100)^(ln 1.5 / ln 3)
    let expected = 100.0 * 0.8_f64.powf(1.5_f64.ln() / 3_f64.ln());
    assert!((work.a / expected - 1.0).abs() < 0.01, "{} {expected}", work.a);
}

#[test]
fn both_readings_of_memory_are_told_where_they_differ() {
    let line = |memory: f64| (memory, 600.0 / memory);
    let mut case = swept(
        [line(2.0), line(3.0), line(6.0)],
        [line(2.0), line(3.0), line(6.0)],
    )
    .work("m", Mode::Closed, &[Axis::Memory])
    .cell("a", &[("memory_peak_over_live", runs("ma", ROUNDS, 2.0, 0.01))])
    .cell("b", &[("memory_peak_over_live", runs("mb", ROUNDS, 4.0, 0.01))]);
    for (curve, times) in case.analysis.tradeoffs[0].curves.iter_mut().zip([6.0, 2.0]) {
        let values = runs(&curve.collector, ROUNDS, times * LIVE, 0.01);
        curve.enough = Some(Enough {
            memory: Spread {
                value: times * LIVE,
                lo: 0.0,
                hi: 0.0,
            },
            values,
            at_most: 0,
        });
    }
    let verdict = case.on(Axis::Memory);
    assert_eq!(verdict.decision, Decision::AWins, "out of the box decides");
    assert!((verdict.enough[0].ratio.value - 3.0).abs() < 0.1);
    assert!(
        verdict
            .doubts
            .iter()
            .any(|d| matches!(d, Doubt::OtherReading { .. })),
        "{:?}",
        verdict.doubts
    );
}

#[test]
fn who_is_named_first_is_of_no_account() {
    let case = || {
        swept(
            [(2.0, 300.0), (3.0, 100.0), (6.0, 50.0)],
            [(2.2, 120.0), (3.3, 110.0), (6.6, 100.0)],
        )
    };
    let (one, other) = (case().on(Axis::Throughput), case().swapped().on(Axis::Throughput));
    let (x, y) = (one.ratio.unwrap(), other.ratio.unwrap());
    assert!(
        (x.value * y.value - 1.0).abs() < 1e-9 && (x.lo * y.hi - 1.0).abs() < 1e-9,
        "{x:?} {y:?}"
    );
}
