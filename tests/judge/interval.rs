//! Decisions by the interval alone.

use gcrucible::artifact::axis::Axis;
use gcrucible::artifact::doubt::Doubt;
use gcrucible::artifact::plan::Mode;
use gcrucible::artifact::verdict::Decision;

use crate::build::*;

#[test]
fn a_side_wins_when_its_whole_interval_lies_beyond_the_band() {
    let verdict = throughput(runs("a", 12, 100.0, 0.02), runs("b", 12, 150.0, 0.02)).on(Axis::Throughput);
    assert_eq!(verdict.decision, Decision::AWins);
    let ratio = verdict.ratio.unwrap();
    assert!(ratio.hi < 1.0 / 1.05 && ratio.lo <= ratio.value && ratio.value <= ratio.hi);
    assert_eq!((verdict.works[0].n_a, verdict.works[0].n_b), (12, 12));
    assert_eq!(verdict.rounds_to_decide, None);
}

#[test]
fn they_tie_when_it_lies_inside() {
    let verdict = throughput(runs("a", 20, 100.0, 0.01), runs("b", 20, 100.0, 0.01)).on(Axis::Throughput);
    assert_eq!(verdict.decision, Decision::Tie);
}

#[test]
fn it_is_undecided_otherwise_and_says_how_many_rounds_would_probably_decide() {
    let verdict = throughput(runs("a", 10, 100.0, 0.25), runs("b", 10, 115.0, 0.25)).on(Axis::Throughput);
    assert_eq!(verdict.decision, Decision::Undecided);
    let rounds = verdict.rounds_to_decide.unwrap();
    assert!((11..=1000).contains(&rounds), "{rounds}");
    // The width shrinks as 1/sqrt(n): twice the spread asks for about four times the rounds.
    let louder = throughput(runs("a", 10, 100.0, 0.5), runs("b", 10, 115.0, 0.5)).on(Axis::Throughput);
    assert!(louder.rounds_to_decide.is_none_or(|more| more > 2 * rounds));
}

#[test]
fn no_number_of_rounds_decides_an_estimate_on_the_edge_of_the_band() {
    let a = runs("same", 10, 105.0, 0.2);
    let b = runs("same", 10, 100.0, 0.2);
    let verdict = throughput(a, b).on(Axis::Throughput);
    assert_eq!(
        (verdict.decision, verdict.rounds_to_decide),
        (Decision::Undecided, None)
    );
}

#[test]
fn three_rounds_of_one_work_never_make_a_win_however_far_apart_they_are() {
    let verdict = throughput(vec![1.0, 1.01, 1.02], vec![9.0, 9.1, 9.2]).on(Axis::Throughput);
    assert_eq!(verdict.decision, Decision::Undecided);
    assert_eq!(verdict.rounds_to_decide, Some(4));
    assert!(
        verdict.mechanism[0].contains("few runs"),
        "{:?}",
        verdict.mechanism
    );
    assert!(verdict.doubts.contains(&Doubt::FewRounds { rounds: 3 }));
    let one = throughput(vec![100.0], vec![100.0]).on(Axis::Throughput);
    assert_eq!(
        one.decision,
        Decision::Undecided,
        "one run has no variation and is no tie"
    );
}

#[test]
fn six_axes_are_judged_for_each_pair_in_canonical_order_and_without_data_say_so() {
    let verdicts = throughput(runs("a", 10, 1.0, 0.1), runs("b", 10, 1.0, 0.1))
        .judge()
        .verdicts;
    let axes: Vec<Axis> = verdicts.iter().map(|v| v.axis).collect();
    assert_eq!(axes, Axis::ALL);
    for verdict in verdicts.iter().filter(|v| v.axis != Axis::Throughput) {
        assert_eq!((verdict.decision, verdict.ratio), (Decision::NoData, None));
    }
}

#[test]
fn levels_are_corrected_for_the_axes_that_have_a_ratio_and_for_no_others() {
    let alone = throughput(runs("a", 12, 100.0, 0.02), runs("b", 12, 150.0, 0.02));
    assert!((alone.on(Axis::Throughput).level - 0.95).abs() < 1e-12);
    let two = alone
        .work("m", Mode::Closed, &[Axis::Memory])
        .cell("a", &[("memory_peak_over_live", runs("ma", 12, 2.0, 0.2))])
        .cell("b", &[("memory_peak_over_live", runs("mb", 12, 2.1, 0.2))]);
    assert!((two.on(Axis::Throughput).level - 0.975).abs() < 1e-12);
    assert!((two.on(Axis::Memory).level - 0.95).abs() < 1e-12);
}
