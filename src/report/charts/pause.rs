//! Pause time: how long the world stood still, and how long a thread did.

use serde_json::{Value, json};

use crate::artifact::axis::Axis;
use crate::report::axes;
use crate::report::charts::{Figure, Key, layout, percentile, plain};
use crate::report::format;
use crate::report::source::Source;
use crate::report::table::{Entry, Row, Table};

/// Percentile curves of declared pauses, a panel per work.
pub fn curves(source: &Source) -> Figure {
    let works = source.works(Axis::Pause);
    let mut figure = Figure::new(
        "pause-curves",
        "Declared pauses by percentile",
        "Pooled over runs. The axis stretches towards 100 %: each step to the right is a tenth of the pauses that remain. A curve \
         ends where fewer than ten pauses lie beyond it; the open mark is the longest of all.",
    );
    figure.key = vec![Key::new("mark-open", "longest pause")];
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
        .collect();
    let deepest = all
        .iter()
        .map(|(_, _, c)| percentile::deepest(c))
        .fold(1.0, f64::max);
    if let Some(y) = axes::log("pause", &heights, axes::ns_tick) {
        for work in &works {
            let data: Vec<Value> = all
                .iter()
                .filter(|(w, _, _)| w.id == work.id)
                .flat_map(|(_, c, curve)| {
                    percentile::traces(&c.name, curve, source.palette.of(&c.name), "solid")
                })
                .collect();
            if !data.is_empty() {
                let axes = vec![("xaxis", axes::percentiles(deepest)), ("yaxis", y.clone())];
                figure.panel(&work.id, 260, data, layout(&axes));
            }
        }
    }
    figure.table = Table {
        caption: "Declared pauses, pooled over runs".into(),
        head: percentile::head("work, collector"),
        rows: all
            .iter()
            .map(|(w, c, curve)| percentile::row(w.id.clone(), &c.name, curve))
            .collect(),
    };
    figure.traced_to_works(source, &works)
}

/// What is put side by side: curve, its word, pattern of its bar.
const SIDES: [(&str, &str, &str); 3] = [
    ("pause", "declared pause", ""),
    ("watcher", "watcher thread", "/"),
    ("control", "idle process", ""),
];

/// Declared pauses, the watcher inside the process and the idle control beside it: p99 and maximum, medians over runs.
pub fn felt(source: &Source) -> Figure {
    let works = source.works(Axis::Pause);
    let mut figure = Figure::new(
        "pause-felt",
        "Declared, felt, and the machine's own noise",
        "Medians over runs on a logarithmic scale, so compare where bars end. If a thread inside the process (hatched) stands still for \
         longer than the runtime declares (plain), believe the thread; what does not rise above the idle process (grey) is the machine's noise.",
    );
    figure.key = vec![
        Key::new("bar-plain", "declared pause"),
        Key::new("bar-hatched", "watcher thread in the process"),
        Key::new("bar-grey", "idle process beside it"),
        Key::new("bar-depth", "full up to p99, pale up to the maximum"),
    ];
    let names: Vec<String> = source.plan.collectors.iter().map(|c| plain(&c.name)).collect();
    let get = |work: &str, collector: &str, side: &str, what: &str| {
        source
            .estimate(work, collector, &format!("{side}_{what}_ns"))
            .map(|e| e.median)
            .filter(|v| *v > 0.0)
    };
    let mut heights = vec![];
    let mut rows = vec![];
    for work in &works {
        for collector in &source.plan.collectors {
            let mut cells = vec![];
            for (side, _, _) in SIDES {
                for what in ["p99", "max"] {
                    let value = get(&work.id, &collector.name, side, what);
                    heights.extend(value);
                    cells.push(value.map_or_else(Entry::none, |v| Entry::value(format::ns(v))));
                }
            }
            if cells.iter().any(|c| c.kind == "value") {
                rows.push(Row {
                    head: work.id.clone(),
                    note: collector.name.clone(),
                    cells,
                });
            }
        }
    }
    if let Some(y) = axes::log("", &heights, axes::ns_tick) {
        for work in &works {
            let mut data = vec![];
            for (side, word, pattern) in SIDES {
                // The maximum first: p99 is drawn over it.
                for (what, opacity) in [("max", 0.42), ("p99", 1.0)] {
                    let values: Vec<Option<f64>> = source
                        .plan
                        .collectors
                        .iter()
                        .map(|c| get(&work.id, &c.name, side, what))
                        .collect();
                    if values.iter().all(Option::is_none) {
                        continue;
                    }
                    let colours: Vec<&str> = source
                        .plan
                        .collectors
                        .iter()
                        .map(|c| {
                            if side == "control" {
                                "#8b8f93"
                            } else {
                                source.palette.of(&c.name).colour
                            }
                        })
                        .collect();
                    let text: Vec<String> = values
                        .iter()
                        .map(|v| v.map_or(String::new(), |v| format!("{word}, {what}: {}", format::ns(v))))
                        .collect();
                    data.push(json!({
                        "type": "bar", "name": word, "x": names, "y": values, "hovertext": text, "hovertemplate": "%{hovertext}<extra></extra>",
                        "offsetgroup": side, "opacity": opacity,
                        "marker": { "color": colours, "pattern": { "shape": pattern, "size": 5, "solidity": 0.35, "fillmode": "overlay" } },
                    }));
                }
            }
            if data.is_empty() {
                continue;
            }
            let axes = vec![("xaxis", axes::names_across(&names)), ("yaxis", y.clone())];
            let mut layout = layout(&axes);
            layout["barmode"] = json!("group");
            layout["bargap"] = json!(0.28);
            layout["bargroupgap"] = json!(0.08);
            figure.panel(&work.id, 230, data, layout);
        }
    }
    let mut head = vec!["work, collector".to_owned()];
    for (_, word, _) in SIDES {
        head.push(format!("{word} p99"));
        head.push(format!("{word} max"));
    }
    figure.table = Table {
        caption: "Medians over runs".into(),
        head,
        rows,
    };
    figure.traced_to_works(source, &works)
}
