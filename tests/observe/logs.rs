//! What is read in the recorded logs of every collector and release, against plain searches of the same text.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use gcrucible::artifact::event::Writer;
use gcrucible::artifact::unit::{Bytes, Ns};
use gcrucible::observe::collections::Log;
use gcrucible::observe::{outcome, runner_output};
use proptest::prelude::*;

use super::corpus::{self, LOGS, Recorded};
use super::data;

fn read_log(recorded: &Recorded) -> Log {
    Log::read(recorded.writer, recorded.text.as_slice(), Ns(0)).unwrap()
}

/// A line without its decorations.
fn message(line: &str) -> &str {
    let mut rest = line;
    while let Some((_, behind)) = rest.strip_prefix('[').and_then(|r| r.split_once(']')) {
        rest = behind;
    }
    rest
}

/// Safepoints of the JVM's own, which are no collector's fault.
const OTHERS: &[&str] = &["CleanClassLoaderDataMetaspaces", "ICBufferFull"];

fn of_a_collection(line: &str) -> bool {
    message(line).trim_start().starts_with("Safepoint \"") && !OTHERS.iter().any(|other| line.contains(other))
}

#[test]
fn every_collectors_log_is_read() {
    let mut table = String::new();
    for recorded in LOGS.iter() {
        let (name, log) = (&recorded.name, read_log(recorded));
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
    for recorded in corpus::of(Writer::Jvm) {
        let totals: Vec<u64> = recorded
            .whole_lines()
            .into_iter()
            .filter(|l| of_a_collection(l))
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
        let log = read_log(recorded);
        let read: Vec<u64> = log.pauses.iter().map(|p| p.total.0).collect();
        assert_eq!(read, totals, "{}", recorded.name);
    }
}

#[test]
fn every_stall_that_a_log_tells_of_is_found() {
    let count = |log: &Log, kind: &str| log.stalls.iter().filter(|s| s.kind == kind).count();
    for recorded in corpus::of(Writer::Jvm) {
        let (name, log) = (&recorded.name, read_log(recorded));
        let lines = |what: &str| {
            let told = recorded.whole_lines().into_iter().map(message);
            told.filter(|l| l.contains(what) && l.ends_with("ms")).count()
        };
        assert_eq!(
            count(&log, "allocation-stall"),
            lines("Allocation Stall ("),
            "{name}"
        );
        assert_eq!(
            count(&log, "relocation-stall"),
            lines("Relocation Stall ("),
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
    let mut worse = Vec::new();
    for recorded in LOGS.iter() {
        let (_, reading) = corpus::read(&recorded.text);
        let share = reading.share_understood().unwrap();
        if share < 0.99 {
            worse.push((&recorded.name, share, reading.unknown));
        }
    }
    assert!(worse.is_empty(), "{worse:#?}");
}

#[test]
fn events_lie_on_the_monotonic_clock_and_cycles_have_their_heap_and_cause() {
    let recorded = corpus::log("25-g1.log");
    let log = read_log(recorded);
    let full = log.cycles.iter().find(|c| c.kind == "Full").unwrap();
    let line = recorded
        .whole_lines()
        .into_iter()
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
    for name in [
        "17-zgc-out-of-memory.log",
        "21-zgc-out-of-memory.log",
        "25-zgc-out-of-memory.log",
    ] {
        let log = read_log(corpus::log(name));
        let words = log.out_of_memory.unwrap();
        assert!(words.starts_with("Out Of Memory (mutator-"), "{name}: {words}");
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
    fn no_spoiled_answer_makes_a_reader_panic(at in 0usize..4_000, with in "[0-9=:;,.a-z\\n-]{0,12}") {
        let mut bytes = fs::read(data().join("run/raw/r1-001-go/stdout")).unwrap();
        bytes.splice(at.min(bytes.len()).., with.bytes());
        let response = runner_output::read(bytes.as_slice()).unwrap();
        prop_assert!(!response.done);
    }
}
