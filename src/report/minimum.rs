//! The smallest budgets that work, as `gcrucible calibrate` found them before this run.

use crate::artifact::definition::Minimum;

use super::format;
use super::source::Source;
use super::table::{Entry, Row, Table};

/// A row per task; empty where nothing was found for these works.
pub fn table(source: &Source) -> Table {
    let all = &source.plan.minimums;
    let mut tasks: Vec<&str> = Vec::new();
    for minimum in all {
        if !tasks.contains(&minimum.task.as_str()) {
            tasks.push(&minimum.task);
        }
    }
    let shown: Vec<_> = source
        .plan
        .collectors
        .iter()
        .filter(|c| all.iter().any(|m| m.collector == c.name))
        .collect();
    let mut head = vec!["task".to_owned()];
    head.extend(shown.iter().map(|c| c.name.clone()));
    let rows = tasks.iter().map(|task| Row {
        head: (*task).to_owned(),
        note: String::new(),
        cells: shown
            .iter()
            .map(|c| {
                let found = all.iter().find(|m| m.task == *task && m.collector == c.name);
                found.map_or_else(Entry::none, |m| entry(m, &c.version))
            })
            .collect(),
    });
    Table {
        caption: "Smallest memory budget / live payload with which all of five runs do the work, found beforehand by bisection (gcrucible calibrate); below it the greatest budget that failed. \
                  JVM: -Xmx, and what it takes beside its heap is not in it; Go: GOMEMLIMIT, kept within 10 %, in no more than twice the time without a limit"
            .into(),
        head,
        rows: rows.collect(),
    }
}

fn entry(minimum: &Minimum, version: &str) -> Entry {
    let mut notes: Vec<String> = Vec::new();
    if let (Some(at), Some(how)) = (minimum.fails_at, &minimum.fails_with) {
        notes.push(format!("{} {how}", format::times(at)));
    }
    if let (Some(peak), Some(slower)) = (minimum.peak_over_live, minimum.slowdown) {
        notes.push(format!(
            "peak {} live, {} the time without a limit",
            format::times(peak),
            format::times(slower)
        ));
    }
    if !version.is_empty() && minimum.version != version {
        notes.push(format!("by another version: {}", minimum.version));
    }
    let entry = match minimum.times_live {
        Some(times) => Entry::value(format::times(times)),
        None => Entry::value("none passes"),
    };
    entry.note(notes.join("; "))
}
