//! Latency tail: response time from the intended start, with service time beside it.

use serde_json::Value;

use crate::artifact::axis::Axis;
use crate::artifact::plan::Work;
use crate::report::attribution;
use crate::report::axes;
use crate::report::charts::{Figure, Key, More, layout, percentile};
use crate::report::floor;
use crate::report::section::Group;
use crate::report::source::Source;
use crate::report::table::Table;

/// Response and service time, in this order: what is drawn, its word, its dash.
const KINDS: [(&str, &str, &str); 2] = [("response", "response", "solid"), ("service", "service", "dash")];

/// Percentile curves, a panel per work.
pub fn curves(source: &Source) -> Figure {
    let works = source.works(Axis::Tail);
    let mut figure = Figure::new(
        "tail-curves",
        "Latency by percentile, at one common rate",
        "Pooled over runs; the axis stretches towards 100 %. Response time (solid) runs from the moment a request was due, service time (dashed) from the \
         moment it was taken up: the gap between them is waiting that a closed loop would have hidden. Within the grey band nothing is a finding: there an idle \
         process on this machine was late by as much.",
    );
    figure.key = vec![
        Key::new("line-solid", "response time"),
        Key::new("line-dashed", "service time"),
        Key::new("mark-open", "slowest response"),
    ];
    figure.key.extend(floor::key(source));
    let mut all = vec![];
    for work in &works {
        for collector in &source.plan.collectors {
            let Some(summary) = source.summary(&work.id, &collector.name) else {
                continue;
            };
            for (kind, word, dash) in KINDS {
                if let Some(curve) = summary.curves.get(kind).filter(|c| c.n > 0) {
                    all.push((*work, collector, word, dash, curve));
                }
            }
        }
    }
    let heights: Vec<f64> = all
        .iter()
        .flat_map(|(_, _, _, _, c)| c.points.iter().map(|p| p.1.0 as f64).chain([c.max.0 as f64]))
        .chain(floor::of(source))
        .collect();
    let deepest = all.iter().map(|c| percentile::deepest(c.4)).fold(1.0, f64::max);
    if let Some(y) = axes::log("latency", &heights, axes::ns_tick) {
        for work in &works {
            let mut data: Vec<Value> = all
                .iter()
                .filter(|c| c.0.id == work.id)
                .flat_map(|(_, collector, word, dash, curve)| {
                    let style = source.palette.of(&collector.name);
                    percentile::traces(&format!("{} {word}", collector.name), curve, style, dash)
                })
                .collect();
            if data.is_empty() {
                continue;
            }
            let mut layout = layout(&vec![("xaxis", axes::percentiles(deepest)), ("yaxis", y.clone())]);
            floor::draw(source, "y", &mut layout, &mut data);
            figure.panel(&work.id, 320, data, layout);
        }
    }
    figure.table = Table {
        caption: "Pooled over runs; verdicts rest on quantiles taken run by run".into(),
        head: percentile::head("work, collector"),
        rows: all
            .iter()
            .map(|(w, c, word, _, curve)| {
                percentile::row(source, w.id.clone(), &format!("{}, {word}", c.name), curve)
            })
            .collect(),
    };
    what_they_met(source, &works, &mut figure);
    figure.traced_to_works(source, &works)
}

/// In words by work, and all figures as a table.
fn what_they_met(source: &Source, works: &[&Work], figure: &mut Figure) {
    let mut all = vec![];
    for work in works {
        let mut items = vec![];
        for collector in &source.plan.collectors {
            let found = source
                .summary(&work.id, &collector.name)
                .and_then(|summary| summary.attribution.as_ref());
            if let Some(found) = found {
                items.push(format!(
                    "{}: {}",
                    collector.name,
                    attribution::in_short(found).join(" ")
                ));
                all.push((work.id.clone(), collector.name.clone(), found));
            }
        }
        if !items.is_empty() {
            figure.said.push(Group {
                head: work.id.clone(),
                items,
            });
        }
    }
    if !all.is_empty() {
        figure.more.push(More {
            summary: "What the slowest requests met",
            table: attribution::table(&all),
        });
    }
}
