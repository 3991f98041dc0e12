//! What decides, or forbids a decision, beside the interval.

use gcrucible::artifact::axis::Axis;
use gcrucible::artifact::doubt::Doubt;
use gcrucible::artifact::plan::Mode;
use gcrucible::artifact::verdict::Decision;

use crate::build::*;

#[test]
fn a_saturated_side_loses_to_one_that_carries_the_rate_and_has_no_ratio() {
    let fine = [
        ("response_p999_ns", runs("b", 10, 5.0 * MS, 0.1)),
        ("saturated", vec![0.0; 10]),
    ];
    let full = [("saturated", vec![1.0; 10])];
    let verdict = tail(&full, &fine).on(Axis::Tail);
    assert_eq!((verdict.decision, verdict.ratio), (Decision::BWins, None));
    assert!(
        verdict.mechanism[0].contains("A could not carry the offered rate"),
        "{:?}",
        verdict.mechanism
    );
    assert_eq!(tail(&fine, &full).on(Axis::Tail).decision, Decision::AWins);
    assert_eq!(tail(&full, &full).on(Axis::Tail).decision, Decision::NoData);
}

/// Equal collectors at the edge of what they carry: 3 of 5 runs against 2 of 5.
#[test]
fn saturation_speaks_only_where_it_separates_the_runs() {
    let side = |saturated: usize| {
        let flags: Vec<f64> = (0..5).map(|i| f64::from(u8::from(i < saturated))).collect();
        let carried = runs("x", 5 - saturated, 3.0 * MS, 0.01);
        let mut metrics = vec![("saturated", flags)];
        if !carried.is_empty() {
            metrics.push(("response_p999_ns", carried));
        }
        metrics
    };
    let decision = |a: usize, b: usize| tail(&side(a), &side(b)).on(Axis::Tail).decision;
    assert_eq!(decision(3, 2), Decision::Undecided);
    assert_eq!(decision(5, 1), Decision::Undecided);
    assert_eq!(decision(5, 0), Decision::BWins);
    assert_eq!(decision(0, 5), Decision::AWins);
}

#[test]
fn a_side_that_was_saturated_in_more_of_its_runs_cannot_win_by_the_rest() {
    let mut saturated = vec![0.0; 12];
    let slow = [
        ("response_p999_ns", runs("b", 12, 9.0 * MS, 0.1)),
        ("saturated", saturated.clone()),
    ];
    let quick = |s: Vec<f64>| {
        [
            ("response_p999_ns", runs("a", 12, 3.0 * MS, 0.1)),
            ("saturated", s),
        ]
    };
    assert_eq!(
        tail(&quick(saturated.clone()), &slow).on(Axis::Tail).decision,
        Decision::AWins
    );
    saturated[4] = 1.0;
    assert_eq!(
        tail(&quick(saturated), &slow).on(Axis::Tail).decision,
        Decision::Undecided
    );
}

#[test]
fn a_collector_without_any_pause_wins_only_over_pauses_above_the_noise_floor() {
    let without = [("pause_count", vec![0.0; 10]), ("gc_cycles", vec![5.0; 10])];
    let with = |ms: f64| {
        let values = runs("b", 10, ms * MS, 0.1);
        [("pause_max_ns", values), ("pause_count", vec![7.0; 10])]
    };
    let verdict = pauses(&without, &with(4.0)).on(Axis::Pause);
    assert_eq!((verdict.decision, verdict.ratio), (Decision::AWins, None));
    assert_ne!(
        pauses(&without, &with(0.05)).on(Axis::Pause).decision,
        Decision::AWins
    );
    let idle = [("pause_count", vec![0.0; 10]), ("gc_cycles", vec![0.0; 10])];
    let verdict = pauses(&idle, &with(4.0)).on(Axis::Pause);
    assert_eq!(
        verdict.decision,
        Decision::Undecided,
        "one that never collected has shown nothing"
    );
    assert_eq!(
        pauses(&without, &without).on(Axis::Pause).decision,
        Decision::NoData
    );
    let mut mixed = vec![4.0 * MS; 10];
    mixed[0] = 0.0;
    let verdict = pauses(&[("pause_max_ns", mixed)], &with(40.0)).on(Axis::Pause);
    assert_eq!((verdict.decision, verdict.ratio), (Decision::Undecided, None));
    assert!(verdict.doubts.contains(&Doubt::NoCollections));
}

#[test]
fn what_lies_under_the_noise_floor_is_no_win() {
    let of = |name: &str, ms: f64| [("pause_max_ns", runs(name, 12, ms * MS, 0.05))];
    let under = pauses(&of("a", 0.01), &of("b", 0.08)).on(Axis::Pause);
    assert_eq!(under.decision, Decision::Undecided);
    assert!(under.doubts.iter().any(|d| matches!(
        d,
        Doubt::UnderNoiseFloor {
            floor_ns: 100_000,
            ..
        }
    )));
    assert_eq!(
        pauses(&of("a", 0.01), &of("b", 0.8)).on(Axis::Pause).decision,
        Decision::AWins
    );
}

#[test]
fn a_work_without_a_valid_run_on_one_side_is_left_out_and_named() {
    let case = throughput(runs("a", 12, 100.0, 0.02), runs("b", 12, 150.0, 0.02))
        .work("x", Mode::Closed, &[Axis::Throughput])
        .cell("a", &[("wall_ns", runs("xa", 12, 1.0, 0.1))])
        .cell("b", &[])
        .edit("x/b", |cell| cell.invalid = 12);
    let verdict = case.on(Axis::Throughput);
    assert_eq!((verdict.decision, verdict.works.len()), (Decision::AWins, 1));
    let missing = Doubt::MissingWork {
        work: "x".into(),
        collector: "b".into(),
    };
    assert!(verdict.doubts.contains(&missing), "{:?}", verdict.doubts);
    assert!(verdict.doubts.contains(&Doubt::Failures { failed: 12, of: 48 }));
}

#[test]
fn values_that_cannot_be_are_never_averaged() {
    for bad in [f64::NAN, f64::INFINITY, -5.0, 0.0] {
        let mut a = runs("a", 12, 100.0, 0.02);
        a[3] = bad;
        let verdict = throughput(a, runs("b", 12, 150.0, 0.02)).on(Axis::Throughput);
        assert_eq!(
            (verdict.decision, verdict.ratio),
            (Decision::NoData, None),
            "{bad}"
        );
        assert!(
            matches!(verdict.doubts[..], [.., Doubt::MissingWork { .. }]),
            "{:?}",
            verdict.doubts
        );
    }
}

#[test]
fn unequal_peaks_cast_doubt_on_throughput() {
    let cell = |name: &str, peak: f64| {
        [
            ("wall_ns", runs(name, 12, 100.0, 0.02)),
            ("rss_peak", vec![peak; 12]),
        ]
    };
    let case = |peak: f64| {
        let case = Case::new(&["a", "b"]).work("w", Mode::Closed, &[Axis::Throughput]);
        case.cell("a", &cell("a", 1e9))
            .cell("b", &cell("b", peak))
            .on(Axis::Throughput)
            .doubts
    };
    assert_eq!(case(1.2e9), []);
    assert_eq!(case(2e9), [Doubt::UnequalMemory { ratio: 2.0 }]);
    assert_eq!(case(0.5e9), [Doubt::UnequalMemory { ratio: 2.0 }]);
}

#[test]
fn a_collector_that_did_not_collect_wins_neither_cost_nor_latency() {
    let side = |name: &str, ms: f64, cycles: f64| {
        [
            ("response_p999_ns", runs(name, 10, ms * MS, 0.1)),
            ("gc_cycles", vec![cycles; 10]),
        ]
    };
    let winner = |cycles: f64| tail(&side("a", 3.0, cycles), &side("b", 9.0, 7.0)).on(Axis::Tail);
    assert_eq!(winner(4.0).decision, Decision::AWins);
    assert_eq!(winner(0.0).decision, Decision::Undecided);
    assert!(
        winner(0.0)
            .mechanism
            .iter()
            .any(|m| m.contains("did not collect")),
        "{:?}",
        winner(0.0).mechanism
    );
    // The loser's idleness helps nobody, and a reference that counts no cycles is not asked.
    let verdict = tail(&side("a", 3.0, 4.0), &side("b", 9.0, 0.0)).on(Axis::Tail);
    assert_eq!(verdict.decision, Decision::AWins);
    let reference = [("response_p999_ns", runs("a", 10, 3.0 * MS, 0.1))];
    assert_eq!(
        tail(&reference, &side("b", 9.0, 7.0)).on(Axis::Tail).decision,
        Decision::AWins
    );
}
