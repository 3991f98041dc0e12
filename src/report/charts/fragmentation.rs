//! Fragmentation: memory per live byte over epochs of shifting object sizes, and what is given back when the load drops.

use serde_json::{Value, json};

use crate::artifact::analysis::EpochSummary;
use crate::artifact::axis::Axis;
use crate::report::axes;
use crate::report::charts::rows::{self, Span};
use crate::report::charts::throughput::table;
use crate::report::charts::{Figure, Key, MAX_POINTS, layout, plain};
use crate::report::format;
use crate::report::source::Source;
use crate::report::table::{Entry, Row, Table};

type Pick = fn(&EpochSummary) -> f64;
const KINDS: [(&str, Pick); 2] = [
    ("resident / live", |e| e.resident_over_live),
    ("committed / live", |e| e.committed_over_live),
];

/// Resident and committed memory over live payload per epoch, two panels per work.
pub fn epochs(source: &Source) -> Figure {
    let works = source.works(Axis::Fragmentation);
    let mut figure = Figure::new(
        "fragmentation-epochs",
        "Memory per live byte, epoch by epoch",
        "After a forced collection at the end of each epoch; medians over runs. The payload stays the same while the sizes of its objects shift: a line that rises \
         is memory that cannot be used again. Committed is the runtime's own count, resident what the kernel holds for the process.",
    );
    let lines: Vec<_> = works
        .iter()
        .flat_map(|w| source.plan.collectors.iter().map(move |c| (*w, c)))
        .filter_map(|(w, c)| Some((w, c, &source.summary(&w.id, &c.name)?.epochs)))
        .filter(|(_, _, epochs)| !epochs.is_empty())
        .collect();
    let points = || lines.iter().flat_map(|(_, _, e)| e.iter());
    let heights: Vec<f64> = points()
        .flat_map(|e| [e.resident_over_live, e.committed_over_live])
        .collect();
    let indices: Vec<f64> = points().map(|e| f64::from(e.index)).collect();
    if let (Some(x), Some(y)) = (
        axes::numbered("epoch", &indices),
        axes::linear("memory / live payload", &heights, axes::times_tick),
    ) {
        for work in &works {
            for (kind, pick) in KINDS {
                let data: Vec<Value> = lines
                    .iter()
                    .filter(|(w, _, _)| w.id == work.id)
                    .map(|(_, c, epochs)| {
                        let style = source.palette.of(&c.name);
                        let drawn = || epochs.iter().take(MAX_POINTS).filter(|e| pick(e).is_finite());
                        json!({
                            "type": "scatter", "mode": "lines+markers", "name": plain(&c.name),
                            "x": drawn().map(|e| e.index).collect::<Vec<_>>(), "y": drawn().map(pick).collect::<Vec<_>>(),
                            "text": drawn().map(|e| format!("epoch {}: {}", e.index, format::times(pick(e)))).collect::<Vec<_>>(),
                            "hovertemplate": "%{text}", "line": { "color": style.colour, "width": 1.5 },
                            "marker": { "symbol": style.symbol, "size": 6 },
                        })
                    })
                    .collect();
                if !data.is_empty() {
                    let axes = vec![("xaxis", x.clone()), ("yaxis", y.clone())];
                    figure.panel(&format!("{}, {kind}", work.id), 260, data, layout(&axes));
                }
            }
        }
    }
    figure.table = Table {
        caption: "Last epoch; medians over runs".into(),
        head: [
            "work, collector",
            "epochs",
            "resident / live",
            "committed / live",
            "used / live",
        ]
        .map(str::to_owned)
        .to_vec(),
        rows: lines
            .iter()
            .filter_map(|(w, c, epochs)| {
                let last = epochs.last()?;
                Some(Row {
                    head: w.id.clone(),
                    note: c.name.clone(),
                    cells: vec![
                        Entry::value(format::count(epochs.len() as f64)),
                        Entry::value(format::times(last.resident_over_live)),
                        Entry::value(format::times(last.committed_over_live)),
                        Entry::value(format::times(last.used_over_live)),
                    ],
                })
            })
            .collect(),
    };
    figure.traced_to_works(source, &works)
}

const RETURN: &str = "return_rss_over_live";

/// What is still held at the end of the wait after nine tenths of the load were dropped.
pub fn returned(source: &Source) -> Figure {
    let works = source.works(Axis::Fragmentation);
    let shown = source.collectors(&works);
    let mut figure = Figure::new(
        "fragmentation-return",
        "Memory held after the load has dropped",
        "Nine tenths of the payload are let go, then the process idles. Bars are resident memory over what remains of the payload at the end of that wait: \
         1 × gave everything back.",
    );
    figure.key = vec![Key::new("bar-plain", "resident / remaining payload")];
    let spans = |work: &str| -> Vec<Option<Span>> {
        shown
            .iter()
            .map(|c| source.estimate(work, &c.name, RETURN).map(Span::from))
            .collect()
    };
    let reach: Vec<f64> = works
        .iter()
        .flat_map(|w| spans(&w.id))
        .flatten()
        .flat_map(|s| [s.value, s.hi])
        .collect();
    if let Some(x) = axes::linear("resident / remaining payload", &reach, axes::times_tick) {
        for work in &works {
            let held = spans(&work.id);
            let text = held
                .iter()
                .map(|s| s.map_or(String::new(), |s| format::times(s.value)))
                .collect();
            if let Some(bars) = rows::bars(source, &shown, &held, 1.0, true, text) {
                let axes = vec![
                    ("xaxis", x.clone()),
                    ("yaxis", axes::names_down(&rows::names(&shown))),
                ];
                figure.panel(&work.id, rows::height(&shown), vec![bars], layout(&axes));
            }
        }
    }
    figure.table = table(source, &works, &[RETURN, "return_share", "return_ns"]);
    figure.traced_to_works(source, &works)
}
