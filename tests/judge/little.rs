//! Too few runs, no runs, nothing to compare: said, never averaged over.

use gcrucible::artifact::axis::Axis;
use gcrucible::artifact::doubt::Doubt;
use gcrucible::artifact::plan::Mode;
use gcrucible::artifact::verdict::Decision;

use crate::build::*;

#[test]
fn one_or_two_runs_of_a_side_decide_nothing_however_far_apart_they_are() {
    for n in [1, 2] {
        let verdict = throughput(runs("a", n, 1e9, 0.01), runs("b", n, 9e9, 0.01)).on(Axis::Throughput);
        assert_eq!(verdict.decision, Decision::Undecided, "{n} runs: {verdict:?}");
        assert!(verdict.doubts.contains(&Doubt::FewRounds { rounds: n as u32 }));
        assert_eq!(verdict.works[0].n_a, n as u32);
    }
}

#[test]
fn one_run_against_many_is_as_little_as_one_against_one() {
    let verdict = throughput(runs("a", 1, 1e9, 0.01), runs("b", 30, 9e9, 0.01)).on(Axis::Throughput);
    assert_eq!(verdict.decision, Decision::Undecided);
    assert!(verdict.doubts.contains(&Doubt::FewRounds { rounds: 1 }));
}

#[test]
fn a_pair_whose_first_collector_has_no_valid_run_has_no_data_and_names_it() {
    let case = throughput(runs("a", 10, 1e9, 0.01), runs("b", 10, 1e9, 0.01)).edit("w/a", |cell| {
        (cell.valid, cell.invalid) = (0, 10);
        cell.metrics.clear();
    });
    let verdict = case.on(Axis::Throughput);
    assert_eq!((verdict.decision, verdict.ratio), (Decision::NoData, None));
    assert!(verdict.works.is_empty());
    let missing = Doubt::MissingWork {
        work: "w".into(),
        collector: "a".into(),
    };
    assert!(verdict.doubts.contains(&missing), "{:?}", verdict.doubts);
    assert!(
        verdict.doubts.contains(&Doubt::Failures { failed: 10, of: 20 }),
        "{:?}",
        verdict.doubts
    );
}

#[test]
fn a_value_that_cannot_be_makes_no_ratio() {
    for wrong in [f64::NAN, f64::INFINITY, -1.0, 0.0] {
        let mut values = runs("a", 10, 1e9, 0.01);
        values[4] = wrong;
        let verdict = throughput(values, runs("b", 10, 1e9, 0.01)).on(Axis::Throughput);
        assert_eq!(
            (verdict.decision, verdict.ratio),
            (Decision::NoData, None),
            "{wrong}"
        );
    }
}

#[test]
fn a_plan_without_works_has_no_data_on_every_axis_and_one_without_pairs_no_verdict() {
    let mut case = Case::new(&["a", "b"]);
    let verdicts = case.judge().verdicts;
    assert_eq!(verdicts.len(), Axis::ALL.len());
    assert!(
        verdicts
            .iter()
            .all(|v| v.decision == Decision::NoData && v.ratio.is_none())
    );
    case.plan.pairs.clear();
    assert!(case.judge().verdicts.is_empty());
    let mut case = Case::new(&[]).work("w", Mode::Closed, &[Axis::Throughput]);
    case.plan.pairs.clear();
    assert!(case.judge().verdicts.is_empty());
}
