//! Which runs count, and what is told of them.

use gcrucible::analyze::summarise;
use gcrucible::artifact::analysis::CellSummary;
use gcrucible::artifact::doubt::Doubt;
use gcrucible::artifact::exit::{End, Exit, SamplerCost};
use gcrucible::artifact::observation::*;
use gcrucible::artifact::outcome::Outcome;
use gcrucible::artifact::plan::Purpose;
use gcrucible::artifact::sample::Sample;
use gcrucible::artifact::unit::{Bytes, Ns};
use std::collections::BTreeMap;

use crate::build::*;

#[test]
fn every_cell_of_the_plan_is_there_and_values_are_in_order_of_rounds_whatever_the_order_of_the_files() {
    let mut observations = rounds(3, |_| ());
    observations.reverse();
    let samples: Vec<Sample> = [2, 3, 1]
        .map(|r| sample(r, "wall_ns", f64::from(r) * 10.0))
        .into();
    let found = analysis(&observations, &samples);
    let estimate = &found.cells[CELL].metrics["wall_ns"];
    assert_eq!(estimate.values, [10.0, 20.0, 30.0]);
    assert_eq!(
        (estimate.median, estimate.lo, estimate.hi, estimate.n),
        (20.0, 10.0, 30.0, 3)
    );
    assert_eq!(found.cells["w/never-ran"], CellSummary::default());
}

#[test]
fn a_failed_run_is_a_row_and_its_numbers_do_not_count() {
    let mut observations = rounds(12, |_| ());
    observations[4].outcome = Outcome::TimedOut { after_s: 9 };
    let found = analysis(&observations, &constant(12, &[("wall_ns", 1.0)]));
    let summary = &found.cells[CELL];
    assert_eq!(
        (summary.valid, summary.invalid, summary.metrics["wall_ns"].n),
        (11, 1, 11)
    );
    assert_eq!(found.failures.len(), 1);
    assert_eq!(found.failures[0].outcome, Outcome::TimedOut { after_s: 9 });
    assert_eq!(summary.doubts, [Doubt::Failures { failed: 1, of: 12 }]);
}

#[test]
fn a_run_with_an_impossible_value_is_left_out_as_a_whole_and_says_why() {
    for (metric, value) in [
        ("wall_ns", f64::NAN),
        ("wall_ns", f64::INFINITY),
        ("wall_ns", -1.0),
        ("no_such_metric", 1.0),
        ("cpu_ns", 2.0),
    ] {
        let mut samples = constant(3, &[("cpu_ns", 5.0)]);
        samples.push(sample(2, metric, value));
        let found = analysis(&rounds(3, |_| ()), &samples);
        assert_eq!(found.cells[CELL].metrics["cpu_ns"].n, 2, "{metric} {value}");
        assert!(!found.cells[CELL].metrics.contains_key("wall_ns"));
        let Outcome::Failed { status: None, reason } = &found.failures[0].outcome else {
            panic!("{:?}", found.failures);
        };
        assert!(reason.contains(metric), "{reason}");
    }
    let falling = cell(&rounds(1, |_| ()), &[sample(1, "frag_slope", -0.25)]);
    assert_eq!(falling.metrics["frag_slope"].median, -0.25);
}

#[test]
fn a_histogram_that_does_not_decode_makes_its_run_invalid() {
    let whole = histogram((1..2_000).map(|v| v * 1_000));
    let cut = &whole[..whole.len() / 2 / 4 * 4];
    for text in ["not base64!", "AAAA", "", cut] {
        let broken = rounds(1, |o| drop(o.histograms.insert("watcher".into(), text.into())));
        let found = analysis(&broken, &[]);
        assert_eq!((found.cells[CELL].valid, found.cells[CELL].invalid), (0, 1));
    }
}

#[test]
fn calibration_is_no_result() {
    let calibrations = rounds(2, |o| o.purpose = Purpose::Calibrate);
    let found = cell(&calibrations, &constant(2, &[("wall_ns", 1.0)]));
    assert_eq!((found.valid, found.invalid, found.metrics.len()), (0, 0, 0));
}

#[test]
fn curves_pool_the_runs_and_end_where_ten_values_lie_beyond() {
    let observations = rounds(2, |o| {
        drop(o.histograms.insert("response".into(), histogram(1..=500)))
    });
    let curve = &cell(&observations, &[]).curves["response"];
    assert_eq!((curve.n, curve.max), (1000, Ns(500)));
    let (q, value) = *curve.points.last().unwrap();
    assert!((q - 0.99).abs() < 1e-9 && value == Ns(495), "{q} {value:?}");
    assert_eq!(curve.points.len(), 17);
    assert!(
        curve
            .points
            .windows(2)
            .all(|w| w[0].0 < w[1].0 && w[0].1 <= w[1].1)
    );
}

#[test]
fn a_saturated_run_has_no_response_curve() {
    let observations = rounds(1, |o| {
        drop(o.histograms.insert("response".into(), histogram(1..=500)))
    });
    let found = cell(
        &observations,
        &constant(1, &[("saturated", 1.0), ("wall_ns", 3e9)]),
    );
    assert!(!found.curves.contains_key("response"));
    // Ten operations at ten a second were due after one second.
    assert!(
        found.doubts.contains(&Doubt::Saturated { backlog_ms: 2000 }),
        "{:?}",
        found.doubts
    );
}

#[test]
fn pause_buckets_count_by_their_upper_edge_and_say_so() {
    let bucket = |lo, hi, count| Bucket {
        lo: Ns(lo),
        hi: Ns(hi),
        count,
    };
    let observations = rounds(1, |o| {
        o.pauses.buckets = vec![bucket(100, 200, 15), bucket(800, u64::MAX, 1)];
        o.pauses.events = vec![Pause {
            at: Ns(5),
            operation: "x".into(),
            reaching: Ns(0),
            total: Ns(77),
        }];
    });
    let found = cell(&observations, &[]);
    let curve = &found.curves["pause"];
    assert_eq!((curve.n, curve.max), (16, Ns(800)));
    assert_eq!(curve.points[0].1, Ns(200));
    assert!(found.doubts.contains(&Doubt::BucketEdge {
        lo_ns: 800,
        hi_ns: 800
    }));
}

#[test]
fn the_timeline_is_of_the_run_nearest_the_median_and_keeps_its_peaks() {
    let observations = rounds(3, |o| {
        o.memory.series = (0..5000)
            .map(|i| (Ns(i), Bytes(if i == 3217 { 999 } else { 1 })))
            .collect();
    });
    let samples: Vec<Sample> = [(1, 9.0), (2, 1.0), (3, 5.0)]
        .map(|(r, v)| sample(r, "response_p999_ns", v))
        .into();
    let timeline = cell(&observations, &samples).timeline.unwrap();
    assert_eq!(
        (timeline.invocation.as_str(), timeline.window),
        ("r3", Ns(10_000))
    );
    assert!(timeline.rss.len() <= 1000);
    assert!(timeline.rss.contains(&(2217, Bytes(999))));
    assert!(timeline.rss[0].0 < 0, "set-up lies before the window");
}

#[test]
fn epochs_are_medians_over_runs_relative_to_their_live_payload() {
    let mut observations = rounds(3, |_| ());
    for (observation, resident) in observations.iter_mut().zip([100, 300, 200]) {
        observation.epochs = vec![Epoch {
            index: 0,
            at: Ns(1),
            live: Bytes(100),
            heap_used: Bytes(110),
            heap_committed: Bytes(150),
            resident: Bytes(resident),
            held: None,
            waste: None,
        }];
    }
    let epochs = cell(&observations, &[]).epochs;
    assert_eq!(
        (epochs[0].resident_over_live, epochs[0].committed_over_live),
        (2.0, 1.5)
    );
}

#[test]
fn the_cost_of_measuring_is_the_samplers_cpu_over_the_lives_it_watched() {
    let exit = |samples, cpu| Exit {
        invocation: "r1".into(),
        cell: CELL.into(),
        round: 1,
        argv: Vec::new(),
        env: BTreeMap::new(),
        spawned: Ns(0),
        ended: Ns(1000),
        end: End::Exited { status: 0 },
        user_cpu: Ns(0),
        system_cpu: Ns(0),
        strays_killed: 0,
        sampler: SamplerCost {
            samples,
            cpu: Ns(cpu),
            driver_rss: Bytes(cpu),
        },
        rate: None,
        load_before: 0.0,
    };
    let found = summarise(&plan(), &[], &[], &[exit(10, 5), exit(10, 25), exit(0, 0)], &[]).instrument;
    assert_eq!(
        (found.sampler_share, found.samples, found.driver_rss),
        (Some(0.015), 20, Bytes(25))
    );
}

#[test]
fn the_same_files_give_the_same_bytes() {
    let bytes =
        || serde_json::to_string(&analysis(&rounds(12, noisy), &constant(12, &[("wall_ns", 3.0)]))).unwrap();
    assert_eq!(bytes(), bytes());
}
