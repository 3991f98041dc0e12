//! Large heap: how latency, pauses and collector CPU grow with the live payload.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::artifact::axis::Axis;
use crate::artifact::plan::Work;
use crate::report::axes::{self, Label};
use crate::report::charts::throughput::table;
use crate::report::charts::{Figure, layout, plain, whiskers};
use crate::report::floor;
use crate::report::format;
use crate::report::source::Source;

/// Metric, its word, whether its axis is logarithmic (a share may be zero), how ticks are written.
const KINDS: [(&str, &str, bool, Label); 3] = [
    ("response_p999_ns", "p99.9 response", true, axes::ns_tick),
    ("pause_max_ns", "longest pause", true, axes::ns_tick),
    (
        "gc_cpu_share",
        "collector's share of CPU",
        false,
        axes::share_tick,
    ),
];

/// Three panels per series of works over live payload.
pub fn series(source: &Source) -> Figure {
    let works = source.works(Axis::LargeHeap);
    let mut figure = Figure::new(
        "large-heap-series",
        "Growth with the live payload",
        "Medians with intervals over runs, at payloads that double. Time and payload are logarithmic: a straight line of slope one grows in proportion to the heap, a \
         level line does not feel it. Nothing is drawn beyond what was measured.",
    );
    figure.key.extend(floor::key(source));
    let mut series: BTreeMap<&str, Vec<&Work>> = BTreeMap::new();
    for work in &works {
        // A work outside any series is a series of one.
        series
            .entry(work.series.as_deref().unwrap_or(&work.id))
            .or_default()
            .push(work);
    }
    for (name, members) in &mut series {
        members.sort_by_key(|w| w.live);
        let sizes: Vec<f64> = members.iter().map(|w| w.live.0 as f64).collect();
        let Some(mut x) = axes::log("live payload", &sizes, axes::bytes_tick) else {
            continue;
        };
        // Ticks at the payloads measured: powers of ten say nothing about doublings.
        x["tickvals"] = json!(sizes);
        x["ticktext"] = json!(sizes.iter().map(|s| axes::bytes_tick(*s)).collect::<Vec<_>>());
        for (metric, word, logarithmic, label) in KINDS {
            let mut reach = vec![];
            let mut data: Vec<Value> = vec![];
            for collector in &source.plan.collectors {
                let points: Vec<_> = members
                    .iter()
                    .filter_map(|w| Some((w.live.0, source.estimate(&w.id, &collector.name, metric)?)))
                    .filter(|(_, e)| !logarithmic || e.median > 0.0)
                    .collect();
                if points.is_empty() {
                    continue;
                }
                reach.extend(points.iter().flat_map(|(_, e)| [e.lo, e.median, e.hi]));
                let of = |pick: fn(&crate::artifact::analysis::Estimate) -> f64| -> Vec<f64> {
                    points.iter().map(|(_, e)| pick(e)).collect()
                };
                let style = source.palette.of(&collector.name);
                let mut trace = json!({
                    "type": "scatter", "mode": "lines+markers", "name": plain(&collector.name),
                    "x": points.iter().map(|p| p.0).collect::<Vec<_>>(), "y": of(|e| e.median),
                    "text": points.iter().map(|(live, e)| format!("{}: {}", format::bytes(*live as f64), label(e.median))).collect::<Vec<_>>(),
                    "hovertemplate": "%{text}", "line": { "color": style.colour, "width": 1.5 },
                    "marker": { "symbol": style.symbol, "size": 7 },
                    "error_y": whiskers(&of(|e| e.median), &of(|e| e.lo), &of(|e| e.hi)),
                });
                trace["error_y"]["color"] = json!(style.colour);
                data.push(trace);
            }
            if logarithmic && !reach.is_empty() {
                reach.extend(floor::of(source));
            }
            let y = if logarithmic {
                axes::log(word, &reach, label)
            } else {
                axes::linear(word, &reach, label)
            };
            if let Some(y) = y {
                let axes = vec![("xaxis", x.clone()), ("yaxis", y)];
                let mut layout = layout(&axes);
                if logarithmic {
                    floor::draw(source, "y", &mut layout, &mut data);
                }
                figure.panel(&format!("{name}: {word}"), 280, data, layout);
            }
        }
    }
    figure.table = table(source, &works, &KINDS.map(|k| k.0));
    figure.traced_to_works(source, &works)
}
