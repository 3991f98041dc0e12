//! Series over the live payload.

use gcrucible::artifact::axis::Axis;
use gcrucible::artifact::doubt::Doubt;
use gcrucible::artifact::plan::Mode;
use gcrucible::artifact::verdict::Decision;

use crate::build::*;

fn heap(case: Case, id: &str, mode: Mode, live: u64, metric: &str, a: f64, b: f64) -> Case {
    let values = |name: &str, centre: f64| [(metric.to_owned(), runs(name, 12, centre, 0.05))];
    let (va, vb) = (values("a", a), values("b", b));
    let mut case = case.work(id, mode, &[Axis::LargeHeap]).of_series("s", live);
    for (name, values) in [("a", va), ("b", vb)] {
        let metrics: Vec<(&str, Vec<f64>)> = values.iter().map(|(m, v)| (m.as_str(), v.clone())).collect();
        case = case.cell(name, if values[0].1[0] > 0.0 { &metrics } else { &[] });
    }
    case
}

#[test]
fn large_heap_takes_the_largest_size_that_both_carry_and_tells_the_growth() {
    let p999 = "response_p999_ns";
    let case = heap(
        Case::new(&["a", "b"]),
        "s1",
        Mode::Open,
        1 << 30,
        p999,
        8.0 * MS,
        2.0 * MS,
    );
    let case = heap(case, "s2", Mode::Open, 4 << 30, p999, 9.0 * MS, 40.0 * MS);
    let case = heap(case, "s3", Mode::Open, 8 << 30, p999, 9.0 * MS, 0.0);
    let verdict = case.on(Axis::LargeHeap);
    assert_eq!(
        (verdict.decision, verdict.works[0].work.as_str()),
        (Decision::AWins, "s2")
    );
    let growth = verdict.mechanism.last().unwrap();
    assert!(growth.contains("from 1 GiB to 4 GiB"), "{growth}");
    assert!(verdict.doubts.contains(&Doubt::SmallSeries { largest: 4 << 30 }));
    let missing = Doubt::MissingWork {
        work: "s3".into(),
        collector: "b".into(),
    };
    assert!(verdict.doubts.contains(&missing));
}

#[test]
fn a_series_in_closed_loop_is_judged_by_its_longest_pause() {
    let case = heap(
        Case::new(&["a", "b"]),
        "s1",
        Mode::Closed,
        64 << 30,
        "pause_max_ns",
        90.0 * MS,
        2.0 * MS,
    );
    let verdict = case.on(Axis::LargeHeap);
    assert_eq!(
        (verdict.metric.as_str(), verdict.decision),
        ("pause_max_ns", Decision::BWins)
    );
    assert!(
        !verdict
            .doubts
            .iter()
            .any(|d| matches!(d, Doubt::SmallSeries { .. }))
    );
}

#[test]
fn a_series_that_one_side_was_not_to_do_says_nothing_of_the_pair() {
    let p999 = "response_p999_ns";
    let case = heap(
        Case::new(&["a", "b"]),
        "s1",
        Mode::Open,
        1 << 30,
        p999,
        8.0 * MS,
        2.0 * MS,
    )
    .work("other", Mode::Open, &[Axis::LargeHeap])
    .of_series("t", 8 << 30)
    .cell("a", &[(p999, runs("a", 12, 9.0 * MS, 0.05))]);
    let verdict = case.on(Axis::LargeHeap);
    assert_eq!((verdict.decision, verdict.works.len()), (Decision::BWins, 1));
    assert!(
        !verdict
            .doubts
            .iter()
            .any(|d| matches!(d, Doubt::MissingWork { .. }))
    );
}
