//! Stage sample: what becomes a number, and above all what does not.

#[path = "sample/real.rs"]
mod real;
#[path = "sample/saturation.rs"]
mod saturation;
#[path = "sample/tracker.rs"]
mod tracker;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use gcrucible::artifact::metric::{METRICS, metric};
use gcrucible::artifact::observation::*;
use gcrucible::artifact::outcome::Outcome;
use gcrucible::artifact::plan::Purpose;
use gcrucible::artifact::unit::{Bytes, Ns};
use gcrucible::sample::extract;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Serializer, V2DeflateSerializer};
use proptest::prelude::*;

const MS: u64 = 1_000_000;
const MIB: u64 = 1 << 20;

fn histogram(values: impl IntoIterator<Item = u64>) -> String {
    let mut all = Histogram::<u64>::new_with_bounds(1, 3_600_000_000_000, 3).unwrap();
    values.into_iter().for_each(|v| all.record(v).unwrap());
    let mut bytes = Vec::new();
    V2DeflateSerializer::new().serialize(&all, &mut bytes).unwrap();
    STANDARD.encode(bytes)
}

/// A window of 10 s: 100 MiB live, 100 000 requests at 10 000 a second.
fn observation() -> Observation {
    let marks = [
        ("spawned", 1),
        ("start", 51),
        ("setup", 251),
        ("warmup", 500),
        ("begin", 1_000),
        ("end", 11_000),
        ("rest", 11_500),
        ("ended", 12_000),
    ];
    Observation {
        invocation: "r1-001".into(),
        cell: "cache.open@100MiB/x".into(),
        round: 1,
        purpose: Purpose::Measure,
        outcome: Outcome::Finished,
        marks: marks.map(|(name, ms)| (name.to_owned(), Ns(ms * MS))).into(),
        ops: 100_000,
        requested: Bytes(1_000),
        allocated: Some(Bytes(1_500)),
        live: Bytes(100 * MIB),
        checksum: None,
        rate: Some(10_000.0),
        histograms: [
            ("response".to_owned(), histogram((1..=100_000).map(|i| i * 10))),
            ("service".to_owned(), histogram((1..=100_000).map(|i| i * 5))),
            ("watcher".to_owned(), histogram((1..=9_000).map(|i| i * 100))),
            ("control".to_owned(), histogram((1..=9_000).map(|i| i * 10))),
        ]
        .into(),
        before: [("gc_cycles".to_owned(), 3)].into(),
        after: [("gc_cycles".to_owned(), 10)].into(),
        pauses: Pauses {
            events: (1..=1_000).map(|i| pause(i * 1_000)).collect(),
            ..Pauses::default()
        },
        stalls: vec![stall(4 * MS), stall(6 * MS)],
        cycles: vec![cycle("Major", 900), cycle("Minor", 10), cycle("Major", 300)],
        forced: Forced {
            lengths: vec![Ns(400 * MS), Ns(250 * MS)],
            cpu: Some(Ns(500 * MS)),
        },
        cpu: Cpu {
            process: Some(Ns(8_000 * MS)),
            collector: Some(Ns(2_000 * MS)),
            ..Cpu::default()
        },
        memory: Memory {
            peak: Bytes(300 * MIB),
            mean: Bytes(200 * MIB),
            high_water: Some(Bytes(320 * MIB)),
            rss: [
                ("end".to_owned(), Bytes(250 * MIB)),
                ("rest".to_owned(), Bytes(150 * MIB)),
            ]
            .into(),
            pss: [
                ("end".to_owned(), Bytes(249 * MIB)),
                ("rest".to_owned(), Bytes(149 * MIB)),
            ]
            .into(),
            rest_used: Some(Bytes(110 * MIB)),
            rest_committed: Some(Bytes(140 * MIB)),
            ..Memory::default()
        },
        epochs: Vec::new(),
        probes: Vec::new(),
        values: Default::default(),
        slowest: Vec::new(),
        progress: None,
        ticks: Vec::new(),
        log_understood: Some(1.0),
    }
}

fn pause(total: u64) -> Pause {
    Pause {
        at: Ns(2_000 * MS),
        operation: "X".into(),
        reaching: Ns(total / 10),
        total: Ns(total),
    }
}

fn cycle(kind: &str, ms: u64) -> Cycle {
    Cycle {
        at: Ns(2_000 * MS),
        kind: kind.into(),
        cause: None,
        before: None,
        after: None,
        capacity: None,
        duration: Some(Ns(ms * MS)),
    }
}

fn stall(duration: u64) -> Stall {
    Stall {
        at: Ns(2_000 * MS),
        kind: "full".into(),
        thread: None,
        duration: Ns(duration),
    }
}

fn pacing(duration: u64) -> Stall {
    Stall {
        kind: "pacing".into(),
        ..stall(duration)
    }
}

/// One whose length the log need not tell.
fn collection(lasted_ms: Option<u64>) -> Cycle {
    Cycle {
        duration: lasted_ms.map(|ms| Ns(ms * MS)),
        ..cycle("Young", 0)
    }
}

fn metrics(o: &Observation) -> BTreeMap<String, f64> {
    let samples = extract(std::slice::from_ref(o));
    let n = samples.len();
    let all: BTreeMap<String, f64> = samples.into_iter().map(|s| (s.metric, s.value)).collect();
    assert_eq!(all.len(), n, "a metric appears once");
    all
}

/// Equal to three digits: histograms keep that many.
fn close(found: f64, wanted: f64) -> bool {
    (found - wanted).abs() <= wanted.abs() * 2e-3
}

#[track_caller]
fn is(all: &BTreeMap<String, f64>, name: &str, wanted: f64) {
    let found = all.get(name).copied();
    assert!(
        found.is_some_and(|f| close(f, wanted)),
        "{name}: {found:?}, not {wanted}"
    );
}

#[track_caller]
fn blank(all: &BTreeMap<String, f64>, names: &[&str]) {
    for name in names {
        assert!(metric(name).is_some(), "{name} is no metric");
        assert_eq!(all.get(*name), None, "{name}");
    }
}

fn fragmented() -> Observation {
    let mut o = observation();
    let epoch = |(index, resident): (u32, u64)| Epoch {
        index,
        at: Ns(2_000 * MS),
        live: Bytes(100 * MIB),
        heap_used: Bytes(110 * MIB),
        heap_committed: Bytes(140 * MIB),
        resident: Bytes(resident * MIB),
        held: Some(Bytes(30 * MIB)),
        waste: Some(Bytes(5 * MIB)),
    };
    o.epochs = [(0, 900), (1, 150), (2, 160), (3, 170)].map(epoch).to_vec();
    o.probes = [(1, Some(2)), (2, Some(7)), (4, None)]
        .map(|(mib, ms)| Probe {
            bytes: Bytes(mib * MIB),
            took: ms.map(|ms| Ns(ms * MS)),
        })
        .to_vec();
    o.marks.insert("drop".into(), Ns(11_100 * MS));
    o.marks.insert("return".into(), Ns(11_400 * MS));
    o.memory.series = [(11_050, 110), (11_200, 50), (11_300, 12), (11_390, 20)]
        .map(|(ms, mib)| (Ns(ms * MS), Bytes(mib * MIB)))
        .to_vec();
    o.memory.rss.insert("return".into(), Bytes(20 * MIB));
    o
}

#[test]
fn every_metric_of_the_table_can_be_had_and_no_other() {
    let mut found = BTreeSet::new();
    let mut assisted = observation();
    assisted.cpu.assist = Some(Ns(5));
    let mut paced = observation();
    paced.stalls.push(pacing(1));
    let mut cycled = observation();
    cycled.cycles.push(collection(Some(7)));
    for o in [
        observation(),
        assisted,
        paced,
        cycled,
        fragmented(),
        tracker::tracked(),
    ] {
        for sample in extract(&[o]) {
            assert_eq!(metric(&sample.metric).unwrap().unit.id(), sample.unit);
            assert!(sample.value.is_finite());
            found.insert(sample.metric);
        }
    }
    assert_eq!(found, METRICS.iter().map(|m| m.name.to_owned()).collect());
}

#[test]
fn cycles_of_the_whole_heap_and_the_forced_ones_are_told_apart_from_those_of_a_generation() {
    let all = metrics(&observation());
    is(&all, "cycle_ns", 600.0 * MS as f64);
    is(&all, "forced_ns", 250.0 * MS as f64);
    // 100 MiB, twice, in half a second of CPU.
    is(&all, "trace_rate", 400.0 * MIB as f64);
    let mut young = observation();
    young.cycles.retain(|c| c.kind == "Minor");
    blank(&metrics(&young), &["cycle_ns"]);
}

#[test]
fn what_was_forced_of_another_heap_or_by_others_is_no_figure() {
    let figures = ["forced_ns", "trace_rate"];
    blank(&metrics(&fragmented()), &figures);
    let mut third = observation();
    third.forced.lengths.push(Ns(MS));
    blank(&metrics(&third), &figures);
    let mut silent = observation();
    silent.forced.cpu = None;
    blank(&metrics(&silent), &["trace_rate"]);
    is(&metrics(&silent), "forced_ns", 250.0 * MS as f64);
}

#[test]
fn only_valid_measured_runs_count() {
    let mut calibration = observation();
    calibration.purpose = Purpose::Calibrate;
    let mut failed = observation();
    failed.outcome = Outcome::Signalled { signal: 9 };
    assert!(extract(&[calibration, failed]).is_empty());
}

#[test]
fn work_and_cost_of_the_window() {
    let all = metrics(&observation());
    is(&all, "start_ns", 50.0 * 1e6);
    is(&all, "setup_ns", 200.0 * 1e6);
    is(&all, "wall_ns", 10e9);
    is(&all, "ops_per_s", 10_000.0);
    is(&all, "gc_cpu_share", 0.25);
    is(&all, "alloc_rate", 150.0);
    is(&all, "alloc_overhead", 1.5);
    is(&all, "gc_cycles", 7.0);
}

#[test]
fn the_longest_collection_is_one_whose_length_is_told() {
    let mut o = observation();
    o.cycles.clear();
    blank(&metrics(&o), &["cycle_max_ns"]);
    o.cycles = [Some(3), None, Some(8), Some(5)].map(collection).to_vec();
    is(&metrics(&o), "cycle_max_ns", 8e6);
    o.cycles = vec![collection(None)];
    blank(&metrics(&o), &["cycle_max_ns"]);
}

#[test]
fn quantiles_leave_ten_values_beyond_them() {
    let all = metrics(&observation());
    is(&all, "response_p9999_ns", 999_900.0);
    is(&all, "tail_ratio", 0.999 / 0.99);
    is(&all, "pause_p99_ns", 990_000.0);
    let mut o = observation();
    o.histograms
        .insert("response".into(), histogram((1..=99_999).map(|i| i * 10)));
    o.pauses.events.pop();
    let all = metrics(&o);
    blank(&all, &["response_p9999_ns", "pause_p99_ns"]);
    is(&all, "response_p999_ns", 999_000.0);
    is(&all, "pause_p50_ns", 500_000.0);
}

#[test]
fn pauses_come_from_events_where_these_are_exact() {
    let all = metrics(&observation());
    is(&all, "pause_count", 1_000.0);
    is(&all, "pause_total_ns", 500_500_000.0);
    is(&all, "pause_share", 0.05005);
    is(&all, "pause_max_ns", 1_000_000.0);
    is(&all, "ttsp_max_ns", 100_000.0);
    is(&all, "ttsp_total_ns", 50_050_000.0);
    is(&all, "ttsp_share", 0.1);
    is(&all, "stall_count", 2.0);
    is(&all, "stall_total_ns", 10e6);
    is(&all, "stall_max_ns", 6e6);
}

#[test]
fn sums_of_pacing_are_no_stalls() {
    let mut o = observation();
    o.stalls.extend([pacing(70 * MS), pacing(30 * MS)]);
    let all = metrics(&o);
    is(&all, "pacing_total_ns", 100e6);
    is(&all, "stall_count", 2.0);
    is(&all, "stall_total_ns", 10e6);
    is(&all, "stall_max_ns", 6e6);
    blank(&metrics(&observation()), &["pacing_total_ns"]);
}

#[test]
fn buckets_count_at_their_upper_edge_and_an_open_one_at_its_lower() {
    let bucket = |lo, hi, count| Bucket {
        lo: Ns(lo),
        hi: Ns(hi),
        count,
    };
    let mut o = observation();
    o.cpu.assist = Some(Ns(1));
    o.pauses.buckets = vec![bucket(100, 200, 15), bucket(200, 400, 10)];
    o.pauses.stopping_buckets = vec![bucket(10, 20, 25)];
    let all = metrics(&o);
    is(&all, "pause_count", 25.0);
    is(&all, "pause_p50_ns", 200.0);
    is(&all, "pause_max_ns", 400.0);
    is(&all, "pause_total_ns", 15.0 * 150.0 + 10.0 * 300.0);
    is(&all, "ttsp_max_ns", 20.0);
    is(&all, "ttsp_total_ns", 25.0 * 15.0);
    is(&all, "ttsp_share", 25.0 * 15.0 / (15.0 * 150.0 + 10.0 * 300.0));
    blank(
        &all,
        &["pause_p99_ns", "stall_count", "stall_total_ns", "stall_max_ns"],
    );
    o.pauses.buckets = vec![bucket(500, i64::MAX as u64, 1)];
    is(&metrics(&o), "pause_max_ns", 500.0);
}

#[test]
fn no_pause_is_a_count_of_0_but_no_length() {
    let mut o = observation();
    (o.pauses, o.stalls) = (Pauses::default(), Vec::new());
    let all = metrics(&o);
    is(&all, "pause_count", 0.0);
    is(&all, "pause_share", 0.0);
    is(&all, "stall_count", 0.0);
    blank(
        &all,
        &["pause_max_ns", "pause_p50_ns", "ttsp_max_ns", "stall_max_ns"],
    );
    o.log_understood = None;
    blank(
        &metrics(&o),
        &["pause_count", "pause_total_ns", "pause_share", "stall_count"],
    );
}

const PERCENTILES: &[&str] = &[
    "response_p50_ns",
    "response_p99_ns",
    "response_p999_ns",
    "response_p9999_ns",
    "response_max_ns",
    "tail_ratio",
];

#[test]
fn under_saturation_there_are_no_response_percentiles() {
    // The schedule is 10 s; a window of 10.6 s ended with requests 0.6 s late.
    let mut late = observation();
    late.marks.insert("end".into(), Ns(11_600 * MS));
    // The median request waited for 150 ms, thirty times its service.
    let mut waiting = observation();
    waiting
        .histograms
        .insert("response".into(), histogram((0..100_000).map(|_| 150 * MS)));
    waiting
        .histograms
        .insert("service".into(), histogram((0..100_000).map(|_| 5 * MS)));
    for o in [late, waiting] {
        let all = metrics(&o);
        is(&all, "saturated", 1.0);
        blank(&all, PERCENTILES);
        assert!(all.contains_key("service_p99_ns"));
    }
}

#[test]
fn a_slow_service_or_a_late_last_request_is_no_saturation() {
    let mut o = observation();
    o.marks.insert("end".into(), Ns(11_400 * MS));
    is(&metrics(&o), "saturated", 0.0);
    let mut o = observation();
    o.histograms
        .insert("response".into(), histogram((0..100_000).map(|_| 150 * MS)));
    o.histograms
        .insert("service".into(), histogram((0..100_000).map(|_| 140 * MS)));
    let all = metrics(&o);
    is(&all, "saturated", 0.0);
    is(&all, "response_p50_ns", 150e6);
}

#[test]
fn a_closed_loop_has_no_response_and_cannot_saturate() {
    let mut o = observation();
    o.rate = None;
    o.histograms.remove("response");
    let all = metrics(&o);
    blank(&all, PERCENTILES);
    blank(&all, &["saturated", "rate"]);
    is(&all, "service_p999_ns", 499_500.0);
}

#[test]
fn memory_is_told_over_the_live_payload() {
    let all = metrics(&observation());
    is(&all, "memory_peak_over_live", 3.0);
    is(&all, "memory_mean_over_live", 2.0);
    is(&all, "rest_rss_over_live", 1.5);
    is(&all, "rest_used_over_live", 1.1);
    is(&all, "rest_committed_over_live", 1.4);
    is(&all, "rss_high_water", (320 * MIB) as f64);
}

#[test]
fn pages_that_are_mapped_more_than_once_count_once() {
    let mut o = observation();
    o.memory.pss.insert("end".into(), Bytes(100 * MIB));
    let all = metrics(&o);
    is(&all, "rss_peak", 300.0 * MIB as f64 * 0.4);
    is(&all, "memory_mean_over_live", 2.0 * 0.4);
    is(&all, "rest_rss_over_live", 1.5);
}

#[test]
fn fragmentation_is_the_last_epoch_and_the_slope_without_the_first() {
    let all = metrics(&fragmented());
    is(&all, "frag_resident_over_live", 1.7);
    is(&all, "frag_committed_over_live", 1.4);
    is(&all, "frag_slope", 0.1);
}

#[test]
fn what_a_runtime_holds_free_and_calls_waste_is_told_of_the_last_epoch_or_blank() {
    let mut o = fragmented();
    let all = metrics(&o);
    is(&all, "frag_held_over_live", 0.3);
    is(&all, "frag_waste_over_live", 0.05);
    let last = o.epochs.last_mut().unwrap();
    (last.held, last.waste) = (None, None);
    blank(&metrics(&o), &["frag_held_over_live", "frag_waste_over_live"]);
}

#[test]
fn the_largest_block_is_the_last_before_one_that_could_not_be_had() {
    let mut o = fragmented();
    let all = metrics(&o);
    is(&all, "frag_block_bytes", (2 * MIB) as f64);
    is(&all, "frag_block_ns", 7e6);
    o.probes[0].took = None;
    blank(&metrics(&o), &["frag_block_bytes", "frag_block_ns"]);
    o.probes.clear();
    blank(&metrics(&o), &["frag_block_bytes", "frag_block_ns"]);
}

#[test]
fn memory_return_is_measured_against_what_stays_alive() {
    let all = metrics(&fragmented());
    is(&all, "return_rss_over_live", 2.0);
    is(&all, "return_share", 0.9);
    is(&all, "return_ns", 200e6);
    // Rest comes after the drop: a tenth is alive by then.
    is(&all, "rest_rss_over_live", 15.0);
    let mut o = fragmented();
    o.memory.series.retain(|(_, rss)| *rss > Bytes(15 * MIB));
    blank(&metrics(&o), &["return_ns"]);
}

static FRAGMENTED: LazyLock<Observation> = LazyLock::new(fragmented);

proptest! {
    #[test]
    fn no_observation_makes_it_panic(
        marks in prop::collection::btree_map("spawned|start|setup|begin|end|drop|return", any::<u64>().prop_map(Ns), 0..8),
        live in any::<u64>(), peak in any::<u64>(), totals in prop::collection::vec(any::<u64>(), 0..40),
        buckets in prop::collection::vec((any::<u64>(), any::<u64>(), 0u64..1_000), 0..5),
        series in prop::collection::vec((any::<u64>(), any::<u64>()), 0..5), text in "[A-Za-z0-9+/=]{0,40}",
    ) {
        let mut o = FRAGMENTED.clone();
        o.marks = marks;
        o.live = Bytes(live);
        o.memory.peak = Bytes(peak);
        o.memory.series = series.into_iter().map(|(t, b)| (Ns(t), Bytes(b))).collect();
        o.pauses.events = totals.iter().map(|t| pause(*t)).collect();
        o.pauses.buckets = buckets.into_iter().map(|(lo, hi, count)| Bucket { lo: Ns(lo), hi: Ns(hi), count }).collect();
        o.histograms.insert("watcher".into(), text);
        prop_assert!(extract(&[o]).iter().all(|s| s.value.is_finite()));
    }
}
