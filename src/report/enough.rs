//! The memory that speed needs: how much a collector takes to do a task within 10 % of its own least wall time.

use crate::artifact::tradeoff::{Enough, Price};

use super::format;
use super::source::Source;
use super::table::{Entry, Row, Table};

/// A row per swept task; empty where none was.
pub fn table(source: &Source) -> Table {
    let told = source.analysis.tradeoffs.iter().filter(|t| t.cost == Price::Wall);
    let told: Vec<_> = told
        .filter(|t| t.curves.iter().any(|c| c.enough.is_some()))
        .collect();
    let shown: Vec<&str> = source
        .plan
        .collectors
        .iter()
        .map(|c| c.name.as_str())
        .filter(|name| {
            told.iter().any(|t| {
                t.curves
                    .iter()
                    .any(|c| c.collector == *name && c.enough.is_some())
            })
        })
        .collect();
    let mut head = vec!["task".to_owned()];
    head.extend(shown.iter().map(|name| (*name).to_owned()));
    head.extend(source.plan.pairs.iter().map(|p| format!("{} / {}", p.a, p.b)));
    let rows = told
        .iter()
        .map(|t| {
            let of = |name: &&str| {
                let curve = t.curves.iter().find(|c| c.collector == *name);
                match curve.and_then(|c| c.enough.as_ref()) {
                    Some(enough) => value(enough, t.live.0 as f64),
                    None => Entry::none(),
                }
            };
            let ratio = |pair| {
                let verdict = source.verdict(pair, crate::artifact::axis::Axis::Memory);
                let all = verdict.map(|v| v.enough.as_slice()).unwrap_or_default();
                let task = |work: &str| source.plan.work(work).map(|w| w.task());
                match all.iter().find(|r| task(&r.work) == Some(t.task.as_str())) {
                    Some(r) => Entry::value(format::times(r.ratio.value))
                        .note(format::bounds(r.ratio.lo, r.ratio.hi)),
                    None => Entry::none(),
                }
            };
            Row {
                head: t.task.clone(),
                note: String::new(),
                cells: shown
                    .iter()
                    .map(of)
                    .chain(source.plan.pairs.iter().map(ratio))
                    .collect(),
            }
        })
        .collect();
    Table {
        caption: "Peak memory / live payload with which a collector comes within 10 % of its own least wall time: read off its curve of the throughput section, \
                  median over rounds with 95 % interval; \"≤\" where the least memory that was tried was enough already"
            .into(),
        head,
        rows,
    }
}

fn value(enough: &Enough, live: f64) -> Entry {
    let memory = enough.memory;
    let all = enough.values.len();
    let bound = if enough.at_most as usize * 2 > all {
        "≤ "
    } else {
        ""
    };
    Entry::value(format!("{bound}{}", format::times(memory.value / live))).note(format!(
        "{}, n {all}",
        format::bounds(memory.lo / live, memory.hi / live)
    ))
}
