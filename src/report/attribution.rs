//! What the slowest requests met, in words and as a table.

use crate::artifact::analysis::{Attribution, Met, SlowRequest};

use super::format;
use super::table::{Entry, Row, Table};

/// Without the events by name, which the table beside it has.
pub fn in_short(found: &Attribution) -> Vec<String> {
    let slowest = found
        .slowest
        .as_ref()
        .map(|slowest| the_slowest(slowest, &found.invocation));
    std::iter::once(beyond(found)).chain(slowest).collect()
}

/// "Of 37 slices with a request beyond p99.9 (4.10 ms) ..."; the slowest of all; how far the places are to be trusted.
pub fn sentences(found: &Attribution) -> Vec<String> {
    let mut said = vec![beyond(found)];
    said.extend(most(found));
    said.extend(
        found
            .slowest
            .as_ref()
            .map(|slowest| the_slowest(slowest, &found.invocation)),
    );
    if found.tolerance.0 > 0 {
        said.push(format!(
            "The log places events to ±{}; what lies that close counts as met.",
            ns(found.tolerance.0)
        ));
    }
    said
}

fn beyond(found: &Attribution) -> String {
    let Met {
        slices,
        stop,
        stall,
        cycle,
        nothing,
        half,
    } = found.beyond;
    let p999 = p999(found);
    if slices == 0 {
        return format!("No slice of time had a request beyond p99.9 ({p999}).");
    }
    let mut met: Vec<String> = [
        (stop, "met a stop"),
        (stall, "met a stall"),
        (cycle, "met only a cycle at work"),
        (nothing, "met no collector event"),
    ]
    .iter()
    .filter(|(n, _)| *n > 0)
    .map(|(n, what)| format!("{n} {what}"))
    .collect();
    if half > 0 {
        met.push(format!(
            "in {half} stops, or one stall, take half of the response and more"
        ));
    }
    let mut text = format!(
        "Of {} with a request beyond p99.9 ({p999}), {}.",
        format::things(slices as usize, "slice"),
        met.join(", ")
    );
    if found.within.slices > 0 {
        let share = |n: u32| format::share(f64::from(n) / f64::from(found.within.slices));
        text.push_str(&format!(
            " Of the other {} slices' slowest requests {} met a stop",
            format::count(f64::from(found.within.slices)),
            share(found.within.stop)
        ));
        if stall > 0 || found.within.stall > 0 {
            text.push_str(&format!(" and {} a stall", share(found.within.stall)));
        }
        text.push('.');
    }
    text
}

/// The events by name, most frequent first; three at most.
fn most(found: &Attribution) -> Option<String> {
    let named: Vec<String> = found
        .most
        .iter()
        .take(3)
        .map(|(what, slices)| format!("{what} in {slices}"))
        .collect();
    (!named.is_empty()).then(|| format!("What overlapped longest: {}.", named.join(", ")))
}

/// "The slowest took 41.2 ms and was due 3.21 s into run r2: a G1CollectForAllocation of 38.1 ms overlaps 37.9 ms of it."
fn the_slowest(slowest: &SlowRequest, invocation: &str) -> String {
    format!(
        "The slowest took {} and was due {} into {invocation}: {}.",
        ns(slowest.response.0),
        format::ns(slowest.at as f64),
        met(slowest)
    )
}

/// The event that overlaps a request most, without a full stop.
pub fn met(request: &SlowRequest) -> String {
    match &request.met {
        Some(met) if met.overlap.0 > 0 => format!(
            "{} of {} overlaps {} of it",
            met.what,
            ns(met.duration.0),
            ns(met.overlap.0)
        ),
        Some(met) => format!("{} of {} lies next to it", met.what, ns(met.duration.0)),
        None => "no collector event overlaps it".to_owned(),
    }
}

/// A row per (work, collector).
pub fn table(all: &[(String, String, &Attribution)]) -> Table {
    let head = [
        "work, collector",
        "p99.9",
        "slices beyond it",
        "met a stop",
        "a stall",
        "only a cycle",
        "nothing",
        "half and more of it",
        "other slices",
        "met a stop",
        "a stall",
        "overlapped most",
        "the slowest",
    ];
    Table {
        caption: "The slowest request of each slice of time, by what overlapped it, all runs together".into(),
        head: head.map(str::to_owned).to_vec(),
        rows: all
            .iter()
            .map(|(work, collector, found)| row(work, collector, found))
            .collect(),
    }
}

fn row(work: &str, collector: &str, found: &Attribution) -> Row {
    let (beyond, within) = (found.beyond, found.within);
    let number = |n: u32| Entry::value(format::count(f64::from(n)));
    let most: Vec<String> = found
        .most
        .iter()
        .map(|(what, slices)| format!("{what} {slices}"))
        .collect();
    let mut cells = vec![Entry::value(p999(found))];
    let numbers = [
        beyond.slices,
        beyond.stop,
        beyond.stall,
        beyond.cycle,
        beyond.nothing,
        beyond.half,
        within.slices,
        within.stop,
        within.stall,
    ];
    cells.extend(numbers.map(number));
    cells.push(match most.is_empty() {
        true => Entry::none(),
        false => Entry::prose(most.join(", ")),
    });
    cells.push(match &found.slowest {
        Some(slowest) => Entry::prose(format!("{}: {}", ns(slowest.response.0), met(slowest))),
        None => Entry::none(),
    });
    Row {
        head: work.to_owned(),
        note: collector.to_owned(),
        cells,
    }
}

/// One figure, or from the least to the greatest run.
fn p999(found: &Attribution) -> String {
    let (lo, hi) = (ns(found.p999.0.0), ns(found.p999.1.0));
    if lo == hi { lo } else { format!("{lo} to {hi}") }
}

fn ns(ns: u64) -> String {
    format::ns(ns as f64)
}
