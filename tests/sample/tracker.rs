//! Rows of tracker.csv: differences over single seconds that add up to the run.

use gcrucible::artifact::tracker::Second;
use gcrucible::sample::track;

use super::*;

/// The run of ten seconds with a look just before it, eleven in it and one just after it: 100 MiB allocated and 200 ms of collector CPU in each second.
pub fn tracked() -> Observation {
    let look = |n: u64, ms: u64| Tick {
        at: Ns(ms * MS),
        cpu: Ns(n * 800 * MS),
        allocated: Bytes(7_000 * MIB + n * 100 * MIB),
        used: Some(Bytes(110 * MIB + (n % 2) * 40 * MIB)),
        resident: Some(Bytes(300 * MIB + n)),
        collector: Some(Ns(90 * MS + n * 200 * MS)),
    };
    let mut o = observation();
    o.ticks = (0..=10).map(|n| look(n, 999 + n * 1_000)).collect();
    o.ticks.push(look(10, 11_001));
    let collection = |ms: u64, mib: u64| Cycle {
        at: Ns(ms * MS),
        after: Some(Bytes(mib * MIB)),
        ..cycle("Young", 100)
    };
    o.cycles = vec![
        collection(1_500, 100),
        collection(1_950, 104),
        collection(6_000, 101),
    ];
    o.pauses.events = [(1_500, 4), (1_600, 9), (3_000, 2), (11_002, 5)]
        .map(|(at, ms)| Pause {
            at: Ns(at * MS),
            ..pause(ms * MS)
        })
        .to_vec();
    o
}

fn rows(o: &Observation) -> Vec<Second> {
    track(std::slice::from_ref(o))
}

#[test]
fn a_row_is_what_happened_between_two_looks() {
    let rows = rows(&tracked());
    assert_eq!(rows.len(), 11);
    let first = Second {
        cell: "cache.open@100MiB/x".into(),
        invocation: "r1-001".into(),
        second: 0,
        length_ns: 1_000 * MS,
        live_bytes: Some(100 * MIB),
        heap_bytes: Some(150 * MIB),
        alloc_bytes_per_s: 100 * MIB,
        freed_bytes_per_s: Some(60 * MIB as i64),
        pauses: Some(2),
        pause_p99_ns: Some(9 * MS),
        gc_cpu_ns: Some(200 * MS),
        gc_cpu_share: Some(0.25),
        rss_bytes: Some(300 * MIB + 1),
    };
    assert_eq!(rows[0], first);
    // The second collection of that second ended in the next one.
    let live: Vec<u64> = rows.iter().map(|row| row.live_bytes.unwrap() / MIB).collect();
    assert_eq!(live, [100, 104, 104, 104, 104, 101, 101, 101, 101, 101, 101]);
    assert_eq!(rows[1].freed_bytes_per_s, Some(140 * MIB as i64));
    assert_eq!((rows[1].pauses, rows[1].pause_p99_ns), (Some(0), None));
    // What is placed behind the window belongs to its last second.
    let last = &rows[10];
    assert_eq!(
        (last.length_ns, last.pauses, last.alloc_bytes_per_s),
        (2 * MS, Some(1), 0)
    );
    assert_eq!((last.gc_cpu_ns, last.gc_cpu_share), (Some(0), None));
}

#[test]
fn the_p99_of_a_second_is_its_own_nearest_rank() {
    let mut o = tracked();
    let one = |n: u64| Pause {
        at: Ns(1_500 * MS + n),
        ..pause(n)
    };
    o.pauses.events = (1..=99).map(one).collect();
    assert_eq!(
        rows(&o)[0].pause_p99_ns,
        Some(99),
        "the longest of fewer than 100"
    );
    o.pauses.events = (1..=100).map(one).collect();
    assert_eq!(rows(&o)[0].pause_p99_ns, Some(99));
    o.pauses.events = (1..=200).map(one).collect();
    let all = metrics(&o);
    is(&all, "pause_p99_worst_second_ns", 198.0);
}

#[test]
fn what_a_runtime_does_not_tell_is_blank_and_no_second_is_whole_without_it() {
    is(&metrics(&tracked()), "tracked_share", 1.0);
    is(&metrics(&tracked()), "tracked_cpu_over_account", 1.0);
    let without = |change: fn(&mut Observation)| {
        let mut o = tracked();
        change(&mut o);
        o
    };
    let heapless = without(|o| o.ticks.iter_mut().for_each(|tick| tick.used = None));
    let row = &rows(&heapless)[0];
    assert_eq!((row.heap_bytes, row.freed_bytes_per_s), (None, None));
    is(&metrics(&heapless), "tracked_share", 0.0);
    let silent = without(|o| o.log_understood = None);
    assert_eq!(rows(&silent)[0].pauses, None);
    blank(&metrics(&silent), &["pause_p99_worst_second_ns"]);
    let uncounted = without(|o| o.ticks[4].collector = None);
    let counted: Vec<usize> = rows(&uncounted)
        .iter()
        .filter(|r| r.gc_cpu_ns.is_some())
        .map(|r| r.second)
        .collect();
    assert_eq!(counted, [0, 1, 2, 5, 6, 7, 8, 9, 10]);
    is(&metrics(&uncounted), "tracked_share", 0.8);
    blank(&metrics(&uncounted), &["tracked_cpu_over_account"]);
    // Live only from the first collection on.
    let late = without(|o| drop(o.cycles.drain(..2)));
    is(&metrics(&late), "tracked_share", 0.5);
}

#[test]
fn a_second_that_nobody_saw_the_end_of_is_not_told() {
    let mut o = tracked();
    o.ticks.drain(3..6);
    assert_eq!(rows(&o)[2].length_ns, 4_000 * MS);
    is(&metrics(&o), "tracked_share", 0.7);
    is(&metrics(&o), "tracked_cpu_over_account", 1.0);
}

#[test]
fn only_valid_measured_runs_whose_runner_looked_have_rows_and_short_windows_no_metrics_of_them() {
    let mut calibration = tracked();
    calibration.purpose = Purpose::Calibrate;
    let mut failed = tracked();
    failed.outcome = Outcome::Signalled { signal: 9 };
    assert!(track(&[calibration, failed, observation()]).is_empty());
    let names = [
        "tracked_share",
        "tracked_cpu_over_account",
        "pause_p99_worst_second_ns",
    ];
    blank(&metrics(&observation()), &names);
    let mut short = tracked();
    short.marks.insert("end".into(), Ns(2_999 * MS));
    blank(&metrics(&short), &names);
}

proptest! {
    #[test]
    fn rows_add_up_to_the_run(
        steps in prop::collection::vec((1_u64..3_000_000_000, 0_u64..1 << 40, 0_u64..1 << 40, 0_u64..2_000_000_000), 1..20),
        ends in prop::collection::vec(0_u64..30_000_000_000, 0..50),
    ) {
        let mut o = observation();
        let mut tick = Tick { at: Ns(MS), cpu: Ns(0), allocated: Bytes(5), used: Some(Bytes(0)), resident: None, collector: Some(Ns(9)) };
        o.ticks = vec![tick];
        for (length, allocated, used, spent) in &steps {
            tick.at.0 += length;
            tick.allocated.0 += allocated;
            tick.used = Some(Bytes(*used));
            tick.collector = tick.collector.map(|cpu| Ns(cpu.0 + spent));
            o.ticks.push(tick);
        }
        o.pauses.events = ends.iter().map(|at| Pause { at: Ns(*at), ..pause(7) }).collect();
        let rows = rows(&o);
        prop_assert_eq!(rows.len(), steps.len());
        // A rate is cut to a byte a second.
        let seconds: f64 = rows.iter().map(|r| r.length_ns as f64 / 1e9).sum();
        let over = |rate: f64, r: &Second| rate * r.length_ns as f64 / 1e9;
        let allocated: f64 = rows.iter().map(|r| over(r.alloc_bytes_per_s as f64, r)).sum();
        let freed: f64 = rows.iter().map(|r| over(r.freed_bytes_per_s.unwrap() as f64, r)).sum();
        let total = steps.iter().map(|s| s.1).sum::<u64>() as f64;
        let kept = steps.last().unwrap().2 as f64;
        prop_assert!((allocated - total).abs() <= seconds + total * 1e-9);
        prop_assert!((freed - (total - kept)).abs() <= seconds + (total + kept) * 1e-9);
        prop_assert_eq!(rows.iter().map(|r| r.pauses.unwrap()).sum::<usize>(), ends.len());
        prop_assert_eq!(rows.iter().map(|r| r.gc_cpu_ns.unwrap()).sum::<u64>(), steps.iter().map(|s| s.3).sum::<u64>());
    }

    #[test]
    fn no_figures_of_a_runner_overflow(figures in prop::collection::vec(any::<[u64; 5]>(), 2..6)) {
        let mut o = observation();
        o.ticks = figures.iter().map(|[at, cpu, allocated, used, spent]| Tick {
            at: Ns(*at), cpu: Ns(*cpu), allocated: Bytes(*allocated), used: Some(Bytes(*used)), resident: None, collector: Some(Ns(*spent)),
        }).collect();
        // The reader lets nothing else through.
        o.ticks.sort_by_key(|tick| tick.at);
        o.ticks.dedup_by_key(|tick| tick.at);
        prop_assert_eq!(rows(&o).len() + 1, o.ticks.len());
        metrics(&o);
    }
}
