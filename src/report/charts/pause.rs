//! Declared pauses: how long the world stood still.

use serde_json::Value;

use crate::artifact::axis::Axis;
use crate::report::axes;
use crate::report::charts::{Figure, Key, layout, percentile};
use crate::report::floor;
use crate::report::source::Source;
use crate::report::table::Table;

/// Percentile curves of declared pauses, a panel per work.
pub fn curves(source: &Source) -> Figure {
    let works = source.works(Axis::Pause);
    let mut figure = Figure::new(
        "pause-curves",
        "Declared pauses by percentile",
        "Pooled over runs. The axis stretches towards 100 %: each step to the right is a tenth of the pauses that remain. A curve \
         ends where fewer than ten pauses lie beyond it; the open mark is the longest of all. Within the grey band an idle process was late by as much, and nothing is a finding.",
    );
    figure.key = vec![Key::new("mark-open", "longest pause")];
    figure.key.extend(floor::key(source));
    let all: Vec<_> = works
        .iter()
        .flat_map(|w| source.plan.collectors.iter().map(move |c| (*w, c)))
        .filter_map(|(w, c)| Some((w, c, source.summary(&w.id, &c.name)?.curves.get("pause")?)))
        .filter(|(_, _, curve)| curve.n > 0)
        .collect();
    let heights: Vec<f64> = all
        .iter()
        .flat_map(|(_, _, curve)| {
            curve
                .points
                .iter()
                .map(|p| p.1.0 as f64)
                .chain([curve.max.0 as f64])
        })
        .chain(floor::of(source).filter(|_| !all.is_empty()))
        .collect();
    let deepest = all
        .iter()
        .map(|(_, _, c)| percentile::deepest(c))
        .fold(1.0, f64::max);
    if let Some(y) = axes::log("pause", &heights, axes::ns_tick) {
        for work in &works {
            let mut data: Vec<Value> = all
                .iter()
                .filter(|(w, _, _)| w.id == work.id)
                .flat_map(|(_, c, curve)| {
                    percentile::traces(&c.name, curve, source.palette.of(&c.name), "solid")
                })
                .collect();
            if !data.is_empty() {
                let axes = vec![("xaxis", axes::percentiles(deepest)), ("yaxis", y.clone())];
                let mut layout = layout(&axes);
                floor::draw(source, "y", &mut layout, &mut data);
                figure.panel(&work.id, 260, data, layout);
            }
        }
    }
    figure.table = Table {
        caption: "Declared pauses, pooled over runs".into(),
        head: percentile::head("work, collector"),
        rows: all
            .iter()
            .map(|(w, c, curve)| percentile::row(source, w.id.clone(), &c.name, curve))
            .collect(),
    };
    figure.traced_to_works(source, &works)
}
