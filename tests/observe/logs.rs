//! Logs of every collector, whole lines as recorded; one without its beginning is as rotation leaves it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::sync::LazyLock;

use gcrucible::artifact::event::Writer;
use gcrucible::artifact::unit::{Bytes, Ns};
use gcrucible::observe::collections::Log;
use gcrucible::observe::{outcome, runner_output};
use proptest::prelude::*;

use super::data;

/// (file name, text), by name.
static LOGS: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let mut all: Vec<(String, String)> = fs::read_dir(data().join("logs"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|p| {
            (
                p.file_name().unwrap().to_string_lossy().into_owned(),
                fs::read_to_string(&p).unwrap(),
            )
        })
        .collect();
    all.sort();
    assert!(all.len() >= 15);
    all
});

fn read_log(text: &[u8]) -> Log {
    Log::read(Writer::Jvm, text, Ns(0)).unwrap()
}

#[test]
fn every_collectors_log_is_read() {
    let mut table = String::new();
    for (name, text) in LOGS.iter() {
        let log = read_log(text.as_bytes());
        let mut kinds: BTreeMap<&str, u32> = BTreeMap::new();
        log.stalls
            .iter()
            .for_each(|s| *kinds.entry(&s.kind).or_default() += 1);
        let mut cycles: BTreeMap<&str, u32> = BTreeMap::new();
        log.cycles
            .iter()
            .for_each(|c| *cycles.entry(&c.kind).or_default() += 1);
        let total: u64 = log.pauses.iter().map(|p| p.total.0).sum();
        let of = format!("{} of {}", log.understood, log.lines);
        let pauses = log.pauses.len();
        writeln!(
            table,
            "{name}: understood {of}; pauses {pauses}, {total} ns; stalls {kinds:?}; cycles {cycles:?}"
        )
        .unwrap();
    }
    insta::assert_snapshot!(table);
}

#[test]
fn every_safepoint_of_a_collection_is_a_pause_and_nothing_else_is() {
    for (name, text) in LOGS.iter() {
        let lines = text
            .lines()
            .filter(|l| l.contains("Safepoint \"") && !l.contains("CleanClassLoaderData"));
        let totals: Vec<u64> = lines
            .map(|l| {
                l.split("Total: ")
                    .nth(1)
                    .unwrap()
                    .split(' ')
                    .next()
                    .unwrap()
                    .parse()
                    .unwrap()
            })
            .collect();
        let read: Vec<u64> = read_log(text.as_bytes())
            .pauses
            .iter()
            .map(|p| p.total.0)
            .collect();
        assert_eq!(read, totals, "{name}");
    }
}

#[test]
fn every_stall_that_a_log_tells_of_is_found() {
    let count = |log: &Log, kind: &str| log.stalls.iter().filter(|s| s.kind == kind).count();
    for (name, text) in LOGS.iter() {
        let log = read_log(text.as_bytes());
        let lines = |what: &str| {
            text.lines()
                .filter(|l| l.contains(what) && l.ends_with("ms"))
                .count()
        };
        assert_eq!(
            count(&log, "allocation-stall"),
            lines("] Allocation Stall ("),
            "{name}"
        );
        assert_eq!(
            count(&log, "relocation-stall"),
            lines("] Relocation Stall ("),
            "{name}"
        );
        assert_eq!(
            count(&log, "degenerated"),
            lines(") Pause Degenerated GC"),
            "{name}"
        );
        assert_eq!(
            count(&log, "evacuation-failure"),
            lines("(Evacuation Failure"),
            "{name}"
        );
        let asked = lines(") Pause Full (System.gc())");
        assert_eq!(count(&log, "full"), lines(") Pause Full") - asked, "{name}");
    }
}

#[test]
fn a_log_is_understood_nearly_to_the_last_line() {
    for (name, text) in LOGS.iter() {
        let share = read_log(text.as_bytes()).share_understood().unwrap();
        assert!(share > 0.99, "{name}: {share}");
    }
}

#[test]
fn events_lie_on_the_monotonic_clock_and_cycles_have_their_heap_and_cause() {
    let text = fs::read_to_string(data().join("logs/25-g1.log")).unwrap();
    let log = read_log(text.as_bytes());
    let full = log.cycles.iter().find(|c| c.kind == "Full").unwrap();
    let line = text
        .lines()
        .find(|l| l.contains("Pause Full (System.gc()) "))
        .unwrap();
    let stamp: u64 = line[1..].split("ns]").next().unwrap().parse().unwrap();
    assert_eq!(full.at.0 + full.duration.unwrap().0, stamp);
    assert_eq!(full.cause.as_deref(), Some("System.gc()"));
    assert_eq!(full.capacity, Some(Bytes(64 << 20)));
    assert!(full.before > full.after);
}

#[test]
fn zgc_tells_that_memory_ran_out() {
    let text = fs::read(data().join("logs/17-zgc-out-of-memory.log")).unwrap();
    assert_eq!(
        read_log(&text).out_of_memory.as_deref(),
        Some("Out Of Memory (mutator-1)")
    );
}

#[test]
fn a_log_cut_at_any_byte_loses_the_cut_event_at_most() {
    for name in ["17-serial.log", "17-zgc.log", "25-shenandoah.log", "25-g1.log"] {
        let text = fs::read(data().join("logs").join(name)).unwrap();
        let whole = read_log(&text);
        for end in (0..text.len()).step_by(389) {
            let cut = read_log(&text[..end]);
            assert!(whole.pauses.starts_with(&cut.pauses), "{name} at {end}");
            assert!(whole.stalls.starts_with(&cut.stalls), "{name} at {end}");
            let lines = text[..end].iter().filter(|b| **b == b'\n').count();
            let ends = String::from_utf8_lossy(&text[..end]);
            let told = ends
                .lines()
                .take(lines)
                .filter(|l| l.contains("Safepoint \"") && !l.contains("CleanClass"));
            assert_eq!(cut.pauses.len(), told.count(), "{name} at {end}");
        }
    }
}

proptest! {
    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        let _ = Log::read(Writer::Jvm, bytes.as_slice(), Ns(u64::MAX));
        let _ = Log::read(Writer::Go, bytes.as_slice(), Ns(u64::MAX));
        let _ = runner_output::read(bytes.as_slice());
        let _ = outcome::complaint(bytes.as_slice());
    }

    #[test]
    fn no_spoiled_log_makes_a_reader_panic(
        which in 0usize..15, at in 0usize..20_000, cut in 0usize..40, with in "[0-9(){}\\[\\]:%>a-zMé -]{0,12}",
    ) {
        let (_, text) = LOGS[which].clone();
        let mut bytes = text.into_bytes();
        let at = at.min(bytes.len());
        let end = (at + cut).min(bytes.len());
        bytes.splice(at..end, with.bytes());
        let log = read_log(&bytes);
        prop_assert!(log.understood <= log.lines);
    }

    #[test]
    fn no_spoiled_answer_makes_a_reader_panic(at in 0usize..4_000, with in "[0-9=:;,.a-z\\n-]{0,12}") {
        let mut bytes = fs::read(data().join("run/raw/r1-001-go/stdout")).unwrap();
        bytes.splice(at.min(bytes.len()).., with.bytes());
        let response = runner_output::read(bytes.as_slice()).unwrap();
        prop_assert!(!response.done);
    }
}
