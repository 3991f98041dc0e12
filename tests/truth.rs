//! Is what we read true? The same live runs, recorded by the log that we read and by the runtime's own instruments. The disagreement is
//! printed (`cargo test --test truth -- --nocapture`). Counts and ratios within one run are asserted, never times.

#[path = "truth/go.rs"]
mod go;
#[path = "truth/jfr.rs"]
mod jfr;
#[path = "truth/live.rs"]
mod live;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use gcrucible::artifact::event::{Stall, What, Writer};
use jfr::Recording;

/// What our reader found, in ns.
#[derive(Default)]
struct Ours {
    /// In the order of the log, which has every safepoint since the JVM began.
    stops: Vec<Stop>,
    /// Number of the collection -> how many declared pauses, and how long together.
    pauses: BTreeMap<u64, (u64, u64)>,
    /// By thread.
    stalls: BTreeMap<String, (u64, u64)>,
}

struct Stop {
    operation: String,
    collection: bool,
    total: u64,
    /// Up to where threads begin to be let go, where the release tells.
    until_leaving: Option<u64>,
}

impl Ours {
    fn read(log: &[u8]) -> Ours {
        let mut ours = Ours::default();
        live::hear(Writer::Jvm, log, |event| match &event.what {
            What::Stop(stop) => ours.stops.push(Stop {
                operation: stop.operation.to_owned(),
                collection: stop.collection,
                total: stop.total.0,
                until_leaving: stop.leaving.map(|leaving| stop.total.0 - leaving.0),
            }),
            What::Declared { duration, .. } => {
                let sum = ours.pauses.entry(event.gc.unwrap()).or_default();
                *sum = (sum.0 + 1, sum.1 + duration.0);
            }
            What::Stall {
                kind: Stall::Allocation,
                duration,
                thread,
            } => {
                let sum = ours.stalls.entry(thread.unwrap().to_owned()).or_default();
                *sum = (sum.0 + 1, sum.1 + duration.0);
            }
            _ => {}
        });
        ours
    }
}

fn ms(ns: u64) -> f64 {
    ns as f64 / 1e6
}

/// Ours against theirs, in percent; NaN where there is nothing.
fn off(ours: u64, theirs: u64) -> f64 {
    let theirs = if theirs == 0 { f64::NAN } else { theirs as f64 };
    100.0 * (ours as f64 / theirs - 1.0)
}

/// Within 2 %.
fn agree(what: &str, ours: u64, theirs: u64) -> Result<(), String> {
    match off(ours, theirs) {
        off if off.abs() <= 2.0 => Ok(()),
        off => Err(format!("{what}: {off:+.2} %")),
    }
}

/// Stops of the collector, over the safepoints that were recorded whole: a recording begins after the JVM and ends before it.
fn stops(name: &str, ours: &Ours, theirs: &Recording) -> Result<(), String> {
    let (first, last) = (
        *theirs.stops.keys().next().unwrap(),
        *theirs.stops.keys().last().unwrap(),
    );
    let mut spare = 0;
    for (id, stop) in &theirs.stops {
        // The log's n-th safepoint is the one that JFR numbers n.
        let same = ours.stops.get(*id as usize - 1);
        assert_eq!(
            same.map(|s| s.operation.as_str()),
            Some(stop.operation.as_str()),
            "{name}: {id}"
        );
        spare += u64::from(!same.is_some_and(|s| s.collection));
    }
    let recorded = &ours.stops[first as usize - 1..last as usize];
    let mine: Vec<&Stop> = recorded.iter().filter(|s| s.collection).collect();
    // JFR tells a collection's pauses when it ends, so those under way at the recording's end have none: operations count that paused
    // anywhere in it.
    let pausing: BTreeSet<&str> = theirs
        .stops
        .values()
        .filter(|s| s.pauses)
        .map(|s| s.operation.as_str())
        .collect();
    let pausing: Vec<&jfr::Stop> = theirs
        .stops
        .values()
        .filter(|s| pausing.contains(s.operation.as_str()))
        .collect();
    let sum = |figure: fn(&jfr::Stop) -> u64| pausing.iter().copied().map(figure).sum::<u64>();
    let (leaving, printing) = (sum(|s| s.until_leaving), sum(|s| s.with_printing));
    let total: u64 = mine.iter().map(|s| s.total).sum();
    let until: Option<u64> = mine.iter().map(|s| s.until_leaving).sum();
    println!(
        "{name:14} stops   ours {:5} {:10.3} ms  JFR {:5} {:10.3} ms with printing the line ({:+.2} %)",
        mine.len(),
        ms(total),
        pausing.len(),
        ms(printing),
        off(total, printing)
    );
    println!(
        "{name:14}         until let go {:10.3} ms  JFR {:16.3} ms ({:+.3} %); others of the JVM's own: {spare}",
        ms(until.unwrap_or(total)),
        ms(leaving),
        off(until.unwrap_or(total), leaving)
    );
    assert!(
        mine.len() >= 20,
        "{name}: too few stops to compare: {}",
        mine.len()
    );
    assert!(
        mine.len().abs_diff(pausing.len()) <= 3,
        "{name}: {} and {}",
        mine.len(),
        pausing.len()
    );
    match until {
        Some(until) => agree("stops", until, leaving),
        // Before JDK 21 the log does not say when threads began to be let go: between JFR's two.
        None if leaving <= total && total <= printing => Ok(()),
        None => agree("stops", total, leaving),
    }
}

/// What the collector itself calls pauses. ZGC's log and JFR read the same clock; the others' log lines and JFR phases begin and end in
/// different functions (Serial's line takes in preparing and printing, its phase does not), so their sums are printed, not asserted.
fn pauses(name: &str, ours: &Ours, theirs: &Recording) -> Result<(), String> {
    let (mut mine, mut recorded) = ((0, 0), (0, 0));
    for (gc, (count, sum)) in &theirs.pauses {
        let (own_count, own_sum) = ours.pauses.get(gc).copied().unwrap_or_default();
        assert_eq!(own_count, *count, "{name}: pauses of GC({gc})");
        mine = (mine.0 + own_count, mine.1 + own_sum);
        recorded = (recorded.0 + count, recorded.1 + sum);
    }
    println!(
        "{name:14} pauses  ours {:5} {:10.3} ms  JFR {:5} {:10.3} ms ({:+.2} %)",
        mine.0,
        ms(mine.1),
        recorded.0,
        ms(recorded.1),
        off(mine.1, recorded.1)
    );
    assert!(mine.0 >= 10, "{name}: too few pauses to compare: {}", mine.0);
    if name.starts_with("zgc") {
        return agree("pauses", mine.1, recorded.1);
    }
    Ok(())
}

/// Thread by thread, since JFR leaves some of the JVM's own out, and those before it began.
fn stalls(name: &str, ours: &Ours, theirs: &Recording) -> Result<(), String> {
    for (thread, (count, sum)) in &ours.stalls {
        let (recorded, recorded_sum) = theirs.stalls.get(thread).copied().unwrap_or_default();
        println!(
            "{name:14} stalls  ours {count:5} {:10.3} ms  JFR {recorded:5} {:10.3} ms ({:+.2} %) {thread}",
            ms(*sum),
            ms(recorded_sum),
            off(*sum, recorded_sum)
        );
    }
    for (thread, (count, _)) in &theirs.stalls {
        let found = ours.stalls.get(thread).map_or(0, |(count, _)| *count);
        assert!(
            found >= *count,
            "{name}: {thread}: {found} of {count} stalls found"
        );
    }
    let of_mutators = |stalls: &BTreeMap<String, (u64, u64)>| {
        let these = stalls.iter().filter(|(thread, _)| thread.starts_with("mutator-"));
        these.fold((0, 0), |all, (_, one)| (all.0 + one.0, all.1 + one.1))
    };
    let (mine, recorded) = (of_mutators(&ours.stalls), of_mutators(&theirs.stalls));
    assert_eq!(mine.0, recorded.0, "{name}: allocation stalls of the mutators");
    assert!(mine.0 > 0, "{name}: nothing to compare");
    agree("stalls", mine.1, recorded.1)
}

fn compare(name: &str) {
    let Some(cell) = live::cell(name) else { return };
    let Some(tool) = live::beside(&cell.argv[0], "jfr") else {
        eprintln!("{name}: skipped: there is no jfr beside {}", cell.argv[0]);
        return;
    };
    live::thrice(name, || {
        let folder = tempfile::tempdir().unwrap();
        let (ours, theirs) = recorded(cell, &tool, folder.path());
        stops(name, &ours, &theirs)?;
        pauses(name, &ours, &theirs)?;
        if name.starts_with("zgc") {
            stalls(name, &ours, &theirs)?;
        }
        Ok(())
    });
}

/// 8 MiB live in a heap of 48: tens to hundreds of collections, and too little headroom for ZGC.
fn recorded(cell: &gcrucible::artifact::plan::Cell, tool: &Path, folder: &Path) -> (Ours, Recording) {
    let log = folder.join("gc.log");
    let mut argv = vec![cell.argv[0].clone()];
    argv.extend(["-Xms48m".to_owned(), "-Xmx48m".to_owned(), jfr::flag(folder)]);
    let usual = cell.argv[1..].iter().filter(|a| !a.starts_with("-Xm"));
    argv.extend(usual.map(|a| a.replace("{log}", &log.display().to_string())));
    live::run(&argv, cell, &[("ops", "5000"), ("threads", "2")]);
    (
        Ours::read(&std::fs::read(log).unwrap()),
        Recording::read(tool, folder),
    )
}

macro_rules! agrees_with_jfr {
    ($($test:ident: $name:literal,)*) => {$(
        #[test]
        fn $test() {
            compare($name);
        }
    )*};
}

agrees_with_jfr! {
    serial_agrees_with_jfr: "serial",
    parallel_agrees_with_jfr: "parallel",
    g1_agrees_with_jfr: "g1",
    zgc_agrees_with_jfr: "zgc",
    shenandoah_agrees_with_jfr: "shenandoah",
    generational_shenandoah_agrees_with_jfr: "genshen",
    g1_of_17_agrees_with_jfr: "g1@17",
    zgc_of_17_agrees_with_jfr: "zgc@17",
    shenandoah_of_17_agrees_with_jfr: "shenandoah@17",
}
