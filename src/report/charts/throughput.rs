//! Throughput: what the work cost in time and CPU, and the memory it was bought with.

use serde_json::{Value, json};

use crate::artifact::axis::Axis;
use crate::artifact::metric::metric;
use crate::artifact::plan::Work;
use crate::report::axes;
use crate::report::charts::rows::{self, Span};
use crate::report::charts::{Figure, Key, layout, plain, whiskers};
use crate::report::format;
use crate::report::palette::{SYMBOLS, is_reference};
use crate::report::source::Source;
use crate::report::table::{Entry, Row, Table, measured};

const COSTS: [(&str, &str); 2] = [("wall_ns", "wall time"), ("cpu_ns", "CPU time")];

/// The least that any judged collector needed for this work; references do not set the mark.
fn best(source: &Source, work: &Work, cost: &str) -> Option<f64> {
    source
        .plan
        .collectors
        .iter()
        .filter(|c| !is_reference(c))
        .filter_map(|c| source.estimate(&work.id, &c.name, cost))
        .map(|e| e.median)
        .filter(|v| *v > 0.0)
        .min_by(f64::total_cmp)
}

fn relative(source: &Source, work: &Work, collector: &str, cost: &str) -> Option<Span> {
    let best = best(source, work, cost)?;
    let estimate = source.estimate(&work.id, collector, cost)?;
    Some(Span::from(estimate).divided_by(best))
}

/// Cost against measured peak memory, a point per collector and work.
pub fn time_space(source: &Source) -> Figure {
    let works = source.reference_works(Axis::Throughput);
    let mut figure = Figure::new(
        "throughput-time-space",
        "Every work at one budget",
        "A point per collector (colour) and work (symbol), with intervals. Down is faster, left is smaller: a point that is lower only \
         because it lies further right bought its time with memory. Both axes are logarithmic; 1 × of time is the best judged collector of that work.",
    );
    figure.key = works
        .iter()
        .enumerate()
        .map(|(i, w)| Key {
            sample: "symbol",
            outline: SYMBOLS[i % SYMBOLS.len()].1.to_owned(),
            text: w.id.clone(),
        })
        .collect();
    type Point<'a> = (&'a Work, usize, Span, Span);
    for (cost, word) in COSTS {
        let mut all: Vec<(&str, Vec<Point>)> = vec![];
        for collector in &source.plan.collectors {
            let points: Vec<Point> = works
                .iter()
                .enumerate()
                .filter_map(|(i, w)| {
                    let memory = source.estimate(&w.id, &collector.name, "memory_peak_over_live")?;
                    Some((
                        *w,
                        i,
                        Span::from(memory),
                        relative(source, w, &collector.name, cost)?,
                    ))
                })
                .collect();
            if !points.is_empty() {
                all.push((&collector.name, points));
            }
        }
        let reach = |pick: fn(&Point) -> Span| -> Vec<f64> {
            all.iter()
                .flat_map(|(_, p)| p.iter().map(pick).flat_map(|s| [s.lo, s.value, s.hi]))
                .collect()
        };
        let (Some(x), Some(y)) = (
            axes::log("peak memory / live payload", &reach(|p| p.2), axes::times_tick),
            axes::log(&format!("{word}, best = 1"), &reach(|p| p.3), axes::times_tick),
        ) else {
            continue;
        };
        let data: Vec<Value> = all
            .iter()
            .map(|(name, points)| {
                let colour = source.palette.of(name).colour;
                let of = |pick: fn(&Point) -> f64| -> Vec<f64> { points.iter().map(pick).collect() };
                let text: Vec<String> = points
                    .iter()
                    .map(|(w, _, memory, cost)| {
                        format!(
                            "{}: {} of the best {word}, {} of live",
                            plain(&w.id),
                            format::times(cost.value),
                            format::times(memory.value)
                        )
                    })
                    .collect();
                let symbols: Vec<&str> = points.iter().map(|p| SYMBOLS[p.1 % SYMBOLS.len()].0).collect();
                let mut trace = json!({
                    "type": "scatter", "mode": "markers", "name": plain(name), "text": text, "hovertemplate": "%{text}",
                    "x": of(|p| p.2.value), "y": of(|p| p.3.value),
                    "marker": { "color": colour, "symbol": symbols, "size": 9 },
                    "error_x": whiskers(&of(|p| p.2.value), &of(|p| p.2.lo), &of(|p| p.2.hi)),
                    "error_y": whiskers(&of(|p| p.3.value), &of(|p| p.3.lo), &of(|p| p.3.hi)),
                });
                trace["error_x"]["color"] = json!(colour);
                trace["error_y"]["color"] = json!(colour);
                trace
            })
            .collect();
        figure.panel(word, 340, data, layout(&vec![("xaxis", x), ("yaxis", y)]));
    }
    figure.table = table(source, &works, &["wall_ns", "cpu_ns", "rss_peak", "gc_cpu_share"]);
    figure.traced_to_works(source, &works)
}

/// Rows of (work, collector), a column per metric; rows without any value are left to the section's own table.
pub fn table(source: &Source, works: &[&Work], metrics: &[&str]) -> Table {
    let metrics: Vec<_> = metrics.iter().filter_map(|m| metric(m)).collect();
    let mut rows = vec![];
    for work in works {
        for collector in &source.plan.collectors {
            let cells: Vec<Entry> = metrics
                .iter()
                .map(|m| measured(source, &work.id, &collector.name, m))
                .collect();
            if cells.iter().any(|c| c.kind == "value") {
                rows.push(Row {
                    head: work.id.clone(),
                    note: collector.name.clone(),
                    cells,
                });
            }
        }
    }
    let mut head = vec!["work, collector".to_owned()];
    head.extend(metrics.iter().map(|m| m.name.to_owned()));
    Table {
        caption: "Medians with 95 % intervals".into(),
        head,
        rows,
    }
}

/// Wall and CPU time relative to the best of each work.
pub fn relative_bars(source: &Source) -> Figure {
    let works = source.reference_works(Axis::Throughput);
    let mut figure = Figure::new(
        "throughput-relative",
        "Wall time of each work, relative to its best",
        "Bars are wall time, diamonds CPU time of the whole process; 1 × is the best judged collector of that work, shorter is better. \
         CPU far beyond wall time is collecting on other cores.",
    );
    figure.key = vec![
        Key::new("bar-plain", "wall time"),
        Key::new("mark-diamond", "CPU time"),
    ];
    let spans = |work: &Work, cost: &str| -> Vec<Option<Span>> {
        source
            .collectors(&[work])
            .iter()
            .map(|c| relative(source, work, &c.name, cost))
            .collect()
    };
    let texts = |spans: &[Option<Span>], word: &str| -> Vec<String> {
        spans
            .iter()
            .map(|s| {
                s.map_or(String::new(), |s| {
                    format!(
                        "{word}: {} ({})",
                        format::times(s.value),
                        format::bounds(s.lo, s.hi)
                    )
                })
            })
            .collect()
    };
    let reach: Vec<f64> = works
        .iter()
        .flat_map(|w| COSTS.iter().flat_map(move |(cost, _)| spans(w, cost)))
        .flatten()
        .flat_map(|s| [s.value, s.hi])
        .collect();
    if let Some(x) = axes::linear("relative to the best", &reach, axes::times_tick) {
        for work in &works {
            let shown = source.collectors(&[work]);
            let (wall, cpu) = (spans(work, "wall_ns"), spans(work, "cpu_ns"));
            let bars = rows::bars(source, &shown, &wall, 1.0, true, texts(&wall, "wall"));
            let marks = rows::marks(source, &shown, &cpu, "diamond", texts(&cpu, "CPU"));
            let data: Vec<Value> = bars.into_iter().chain(marks).collect();
            if !data.is_empty() {
                let axes = vec![
                    ("xaxis", x.clone()),
                    ("yaxis", axes::names_down(&rows::names(&shown))),
                ];
                figure.panel(&work.id, rows::height(&shown), data, layout(&axes));
            }
        }
    }
    figure.table = table(
        source,
        &works,
        &["wall_ns", "cpu_ns", "gc_cpu_ns", "ops_per_s", "alloc_rate"],
    );
    figure.traced_to_works(source, &works)
}
