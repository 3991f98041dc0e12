//! What threads suffered: utilisation, and what the slowest requests met. Every answer is known by hand.

use gcrucible::artifact::analysis::{Attribution, CellSummary, Met, MmuPoint};
use gcrucible::artifact::observation::*;
use gcrucible::artifact::unit::Ns;

use crate::build::*;

const MS: u64 = 1_000_000;

/// A run of one second from 1 s on, with a log that was read.
fn run(round: u32) -> Observation {
    let mut run = observation(round);
    run.marks = [
        ("begin".to_owned(), Ns(1_000 * MS)),
        ("end".to_owned(), Ns(2_000 * MS)),
    ]
    .into();
    run.log_understood = Some(1.0);
    run
}

/// A stop from `from` to `to`, ms since the begin of the window.
fn stop(from: u64, to: u64) -> Pause {
    Pause {
        at: Ns((1_000 + to) * MS),
        operation: "Stop".into(),
        reaching: Ns(0),
        total: Ns((to - from) * MS),
    }
}

fn stall(kind: &str, thread: Option<&str>, from: u64, to: u64) -> Stall {
    Stall {
        at: Ns((1_000 + to) * MS),
        kind: kind.into(),
        thread: thread.map(str::to_owned),
        duration: Ns((to - from) * MS),
    }
}

fn cycle(from: u64, to: u64) -> Cycle {
    Cycle {
        at: Ns((1_000 + from) * MS),
        kind: "Cycle".into(),
        cause: None,
        before: None,
        after: None,
        capacity: None,
        duration: Some(Ns((to - from) * MS)),
    }
}

/// Due at `at`, took `response`; ms.
fn request(at: u64, response: u64) -> Slowest {
    Slowest {
        intended: Ns((1_000 + at) * MS),
        response: Ns(response * MS),
    }
}

fn at(points: &[MmuPoint], ms: u64) -> MmuPoint {
    *points.iter().find(|p| p.window == Ns(ms * MS)).unwrap()
}

fn near(found: f64, wanted: f64) {
    assert!((found - wanted).abs() < 1e-9, "{found} is not {wanted}");
}

fn p999(ms: u64) -> Vec<gcrucible::artifact::sample::Sample> {
    constant(3, &[("response_p999_ns", (ms * MS) as f64)])
}

fn attributed(o: Observation, samples: &[gcrucible::artifact::sample::Sample]) -> Attribution {
    cell(&[o], samples).attribution.unwrap()
}

#[test]
fn utilisation_is_per_run_and_then_the_median_and_the_worst_of_runs() {
    let mut runs: Vec<Observation> = (1..=3).map(run).collect();
    for (run, length) in runs.iter_mut().zip([2, 10, 4]) {
        run.pauses.events = vec![stop(500, 500 + length)];
    }
    let mmu = cell(&runs, &[]).mmu.unwrap();
    let found = at(&mmu.stopped, 20);
    near(found.median, 0.8);
    near(found.worst, 0.5);
    assert_eq!((found.n, at(&mmu.stopped, 2).median), (3, 0.0));
    assert_eq!(
        mmu.stopped.last().unwrap().window,
        Ns(1_000 * MS),
        "longer windows than the run have no value"
    );
    assert_eq!(mmu.stopped, mmu.stalled, "without a stall both are one");
}

#[test]
fn a_pause_is_placed_by_its_end_and_cut_at_the_edges_of_the_window() {
    let mut o = run(1);
    o.pauses.events = vec![stop(995, 1_005)];
    o.pauses.events.push(Pause {
        at: Ns(1_003 * MS),
        operation: "Stop".into(),
        reaching: Ns(0),
        total: Ns(50 * MS),
    });
    let mmu = cell(&[o], &[]).mmu.unwrap();
    near(at(&mmu.stopped, 5).median, 0.0);
    near(at(&mmu.stopped, 10).median, 0.5);
    near(at(&mmu.stopped, 1_000).median, 0.992);
}

#[test]
fn a_stall_is_lost_for_its_thread_and_the_worst_thread_is_told() {
    let mut o = run(1);
    o.pauses.events = vec![stop(100, 101)];
    // Of any 100 ms: a loses 31 with the stop, b 20; together they would lose 51.
    o.stalls = vec![
        stall("allocation-stall", Some("a"), 110, 140),
        stall("relocation-stall", Some("b"), 160, 180),
    ];
    let mmu = cell(&[o], &[]).mmu.unwrap();
    near(at(&mmu.stopped, 100).median, 0.99);
    near(at(&mmu.stalled, 100).median, 0.69);
    assert_eq!(mmu.stalls, 2);
}

#[test]
fn a_stall_without_a_name_may_have_been_anyones() {
    let mut o = run(1);
    o.stalls = vec![
        stall("allocation-stall", None, 100, 110),
        stall("allocation-stall", Some("a"), 110, 140),
    ];
    near(at(&cell(&[o], &[]).mmu.unwrap().stalled, 100).median, 0.6);
}

#[test]
fn what_has_no_place_in_time_or_is_a_stop_already_is_in_no_curve_and_is_told() {
    let mut o = run(1);
    o.stalls = vec![
        stall("pacing", Some("a"), 100, 130),
        stall("degenerated", None, 200, 230),
    ];
    let mmu = cell(&[o], &[]).mmu.unwrap();
    assert_eq!(
        (at(&mmu.stalled, 10).worst, mmu.stalls, mmu.unplaced),
        (1.0, 0, Ns(30 * MS))
    );
}

#[test]
fn a_runtime_that_accounts_assists_has_no_curve_of_stalls() {
    let mut o = run(1);
    o.cpu.assist = Some(Ns(7));
    o.pauses.buckets = vec![Bucket {
        lo: Ns(1),
        hi: Ns(2),
        count: 1,
    }];
    o.pauses.placed_to = Ns(2 * MS);
    let mmu = cell(&[o], &[]).mmu.unwrap();
    assert!(mmu.stalled.is_empty() && mmu.rounded);
    assert_eq!((mmu.assists, mmu.placed_to), (Some(Ns(7)), Ns(2 * MS)));
}

#[test]
fn where_nobody_tells_of_pauses_there_is_no_utilisation() {
    let mut o = run(1);
    o.log_understood = None;
    assert_eq!(cell(&[o], &[]).mmu, None);
}

#[test]
fn slow_requests_are_counted_by_what_overlaps_them_and_the_others_beside_them() {
    let mut o = run(1);
    o.pauses.events = vec![stop(100, 108), stop(600, 601)];
    o.stalls = vec![stall("allocation-stall", Some("a"), 300, 304)];
    o.cycles = vec![cycle(400, 450)];
    o.slowest = vec![
        request(10, 1),   // fast, nothing
        request(101, 10), // slow: a stop for 7 of 10
        request(290, 40), // slow: a stall for 4 of 40
        request(410, 10), // slow: a cycle
        request(500, 10), // slow: nothing
        request(600, 3),  // fast: a stop
    ];
    let found = attributed(o, &p999(5));
    let beyond = Met {
        slices: 4,
        stop: 1,
        stall: 1,
        cycle: 1,
        nothing: 1,
        half: 1,
    };
    assert_eq!(found.beyond, beyond);
    let within = Met {
        slices: 2,
        stop: 1,
        nothing: 1,
        ..Met::default()
    };
    assert_eq!(found.within, within);
    let most: Vec<(&str, u32)> = found.most.iter().map(|(what, n)| (what.as_str(), *n)).collect();
    assert_eq!(most, [("Cycle", 1), ("Stop", 1), ("allocation-stall", 1)]);
    let slowest = found.slowest.unwrap();
    let met = slowest.met.unwrap();
    assert_eq!((slowest.at, slowest.response), (290 * MS as i64, Ns(40 * MS)));
    assert_eq!(
        (met.what.as_str(), met.duration, met.overlap),
        ("allocation-stall", Ns(4 * MS), Ns(4 * MS))
    );
}

#[test]
fn the_event_that_is_named_overlaps_longest_and_a_cycle_only_where_nothing_stopped() {
    let mut o = run(1);
    o.pauses.events = vec![stop(100, 101), stop(104, 107)];
    o.cycles = vec![cycle(100, 200)];
    o.slowest = vec![request(100, 20)];
    let met = attributed(o, &p999(5)).slowest.unwrap().met.unwrap();
    assert_eq!((met.duration, met.overlap), (Ns(3 * MS), Ns(3 * MS)));
}

#[test]
fn a_request_that_was_done_before_a_stop_began_did_not_meet_it_but_for_the_doubt_about_its_place() {
    let mut o = run(1);
    o.pauses.events = vec![stop(112, 113)];
    o.slowest = vec![request(100, 10)];
    assert_eq!(attributed(o.clone(), &p999(5)).beyond.nothing, 1);
    o.pauses.placed_to = Ns(2 * MS);
    let found = attributed(o.clone(), &p999(5));
    assert_eq!(
        (found.beyond.stop, found.beyond.half, found.tolerance),
        (1, 0, Ns(2 * MS))
    );
    assert_eq!(found.slowest.unwrap().met.unwrap().overlap, Ns(0));
    o.pauses.placed_to = Ns(2 * MS - 1);
    assert_eq!(attributed(o, &p999(5)).beyond.stop, 0);
}

#[test]
fn runs_are_held_against_their_own_tail_and_added_up() {
    let runs: Vec<Observation> = (1..=2)
        .map(|round| {
            let mut o = run(round);
            o.pauses.events = vec![stop(100, 110)];
            o.slowest = vec![request(100, 10 + u64::from(round)), request(500, 6)];
            o
        })
        .collect();
    let samples = [
        sample(1, "response_p999_ns", 5e6),
        sample(2, "response_p999_ns", 7e6),
    ];
    let found = cell(&runs, &samples).attribution.unwrap();
    assert_eq!(
        (found.beyond.slices, found.beyond.stop, found.within.slices),
        (3, 2, 1)
    );
    assert_eq!(found.p999, (Ns(5 * MS), Ns(7 * MS)));
    assert_eq!(
        (found.invocation.as_str(), found.slowest.unwrap().response),
        ("r2", Ns(12 * MS))
    );
}

#[test]
fn without_a_p999_or_without_requests_by_slices_nothing_is_attributed() {
    let mut o = run(1);
    assert_eq!(cell(&[o.clone()], &p999(5)).attribution, None);
    o.slowest = vec![request(1, 1)];
    assert_eq!(cell(&[o], &[]).attribution, None);
}

#[test]
fn the_timeline_has_the_requests_of_its_run_on_the_clock_of_its_pauses() {
    let mut o = run(1);
    o.pauses.events = vec![stop(100, 108)];
    o.slowest = vec![request(101, 10)];
    let timeline = cell(&[o], &p999(5)).timeline.unwrap();
    assert_eq!(timeline.p999, Some(Ns(5 * MS)));
    let slow = &timeline.slow[0];
    assert_eq!((slow.at, slow.response), (101 * MS as i64, Ns(10 * MS)));
    assert_eq!(slow.met.as_ref().unwrap().overlap, Ns(7 * MS));
    assert_eq!(timeline.attribution.unwrap().beyond.stop, 1);
}

#[test]
fn the_close_up_has_what_is_no_further_from_the_slowest_request_than_it_took() {
    let mut o = run(1);
    o.pauses.events = vec![
        stop(80, 85),
        stop(89, 91),
        stop(101, 108),
        stop(119, 125),
        stop(120, 121),
    ];
    o.cycles = vec![cycle(0, 500)];
    o.slowest = vec![request(100, 10), request(300, 1)];
    let close_up = cell(&[o], &[]).timeline.unwrap().close_up.unwrap();
    assert_eq!(close_up.request.at, 100 * MS as i64);
    let begins: Vec<i64> = close_up.events.iter().map(|e| e.at / MS as i64).collect();
    assert_eq!(begins, [0, 89, 101, 119]);
}

#[test]
fn a_window_longer_than_one_of_the_runs_has_no_value() {
    let mut runs: Vec<Observation> = (1..=2).map(run).collect();
    runs[1].marks.insert("end".into(), Ns(1_150 * MS));
    let stopped = cell(&runs, &[]).mmu.unwrap().stopped;
    assert_eq!(stopped.last().unwrap().window, Ns(100 * MS));
}

#[test]
fn an_analysis_of_an_earlier_release_is_still_read() {
    let mut json = serde_json::to_value(cell(&[run(1)], &[])).unwrap();
    for field in ["mmu", "attribution", "suffered"] {
        json.as_object_mut().unwrap().remove(field).unwrap();
    }
    for field in ["slow", "p999", "attribution", "close_up"] {
        json["timeline"].as_object_mut().unwrap().remove(field).unwrap();
    }
    let read: CellSummary = serde_json::from_value(json).unwrap();
    assert_eq!(
        (read.mmu, read.attribution, read.timeline.unwrap().slow.len()),
        (None, None, 0)
    );
}

#[test]
fn what_each_run_suffered_keeps_its_blanks() {
    let samples = [
        sample(1, "pause_max_ns", 3.0),
        sample(2, "pause_max_ns", 4.0),
        sample(2, "pause_p99_ns", 2.0),
        sample(2, "wall_ns", 9.0),
    ];
    let suffered = cell(&[run(2), run(1)], &samples).suffered;
    let counts: Vec<(u32, usize)> = suffered.iter().map(|s| (s.round, s.values.len())).collect();
    assert_eq!(counts, [(1, 1), (2, 2)]);
    assert_eq!(suffered[1].values["pause_p99_ns"], 2.0);
}
