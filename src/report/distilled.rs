//! What collecting costs at least: total over distilled cost, as ISPASS'22's table.

use serde::Serialize;

use super::format;
use super::source::Source;
use super::table::{Entry, Row, Table};
use crate::artifact::distilled::{Cost, Distilled, Overhead};
use crate::artifact::plan::{Collector, Mode, Work};

#[derive(Clone, Debug, Default, Serialize)]
pub struct LowerBound {
    pub words: String,
    /// Wall time, CPU time. Empty where nothing is known.
    pub tables: Vec<Table>,
}

pub fn lower_bound(source: &Source) -> LowerBound {
    let tables: Vec<Table> = [(Cost::Wall, "wall time"), (Cost::Cpu, "CPU time")]
        .into_iter()
        .filter_map(|(cost, word)| table(source, cost, word))
        .collect();
    if tables.is_empty() {
        return LowerBound::default();
    }
    LowerBound {
        words: "A collector cannot be taken out of its runtime, so its cost is bounded from below (LBO, ISPASS'22): the total over the distilled cost, which is the least total \
                less what is attributable to collecting, over all collectors and memory budgets of the same runtime. Attributable is stopped time in wall time; in CPU time that of the \
                collector's threads on the JVM, and of assists, workers and sweeping in Go. 1 × means that none of the cost was seen, not that there is none: barriers, allocation paths and \
                caches are in every distilled cost. The bound is loosest for Go, whose settings all share one collector with the same barriers. Runtimes have distilled costs of \
                their own and are not compared here."
            .to_owned(),
        tables,
    }
}

fn table(source: &Source, cost: Cost, word: &str) -> Option<Table> {
    let told: Vec<&Distilled> = source
        .analysis
        .distilled
        .iter()
        .filter(|d| d.cost == cost)
        .collect();
    let rows: Vec<Row> = source
        .plan
        .works
        .iter()
        .filter_map(|work| row(source, &told, work))
        .collect();
    let shown = shown(source);
    let mut head = vec!["work".to_owned()];
    head.extend(shown.iter().map(|c| c.name.clone()));
    (!rows.is_empty()).then(|| Table {
        caption: format!("Lower bound of the overhead in {word}: total / distilled cost, 95 % interval"),
        head,
        rows,
    })
}

/// Collectors that did any fixed work.
fn shown<'a>(source: &Source<'a>) -> Vec<&'a Collector> {
    let works: Vec<&Work> = source
        .plan
        .works
        .iter()
        .filter(|w| w.mode == Mode::Closed)
        .collect();
    source.collectors(&works)
}

fn row(source: &Source, told: &[&Distilled], work: &Work) -> Option<Row> {
    let found = |collector: &str| -> Option<(&Distilled, &Overhead)> {
        let cell = source.cell(&work.id, collector)?;
        told.iter()
            .find_map(|d| Some((*d, d.overheads.iter().find(|o| o.cell == cell.id)?)))
    };
    let all: Vec<Option<(&Distilled, &Overhead)>> = shown(source).iter().map(|c| found(&c.name)).collect();
    let mut distilled: Vec<&Distilled> = Vec::new();
    for (one, _) in all.iter().flatten() {
        if !distilled.iter().any(|d| d.runtime == one.runtime) {
            distilled.push(one);
        }
    }
    let costs: Vec<String> = distilled
        .iter()
        .map(|d| format!("{} {}", d.runtime, format::ns(d.least)))
        .collect();
    (!costs.is_empty()).then(|| Row {
        head: work.id.clone(),
        note: format!("distilled: {}", costs.join(", ")),
        cells: all
            .iter()
            .map(|one| one.map_or_else(Entry::none, |(d, o)| entry(d, o)))
            .collect(),
    })
}

fn entry(distilled: &Distilled, overhead: &Overhead) -> Entry {
    let bounds = format::bounds(overhead.lo, overhead.hi);
    Entry::value(format::times(overhead.ratio)).note(if distilled.of == overhead.cell {
        format!("{bounds}, least")
    } else {
        bounds
    })
}
