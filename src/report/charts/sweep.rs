//! Growth over a parameter of the workload: pauses, collections and memory at values that a suite sweeps, all else being equal.

use serde_json::{Value, json};

use crate::artifact::analysis::Estimate;
use crate::artifact::metric::metric;
use crate::artifact::plan::{Swept, Work};
use crate::report::axes::{self, Label};
use crate::report::charts::{Figure, layout, plain, whiskers};
use crate::report::floor;
use crate::report::format;
use crate::report::section::Group;
use crate::report::source::Source;
use crate::report::table::{Row, Table, measured};

/// Metric, its word, whether its axis is logarithmic, how ticks are written.
const KINDS: [(&str, &str, bool, Label); 3] = [
    ("pause_max_ns", "longest pause", true, axes::ns_tick),
    ("cycle_max_ns", "longest collection", true, axes::ns_tick),
    (
        "memory_peak_over_live",
        "peak memory / live",
        false,
        axes::times_tick,
    ),
];

/// In the table beside what is drawn.
const ALSO: [&str; 5] = ["gc_cycles", "gc_cpu_share", "forced_ns", "setup_ns", "rss_peak"];

/// Works that differ in one parameter, by its value ascending.
struct Sweep<'a> {
    name: String,
    swept: &'a Swept,
    works: Vec<(f64, &'a Work)>,
}

/// A panel per sweep and figure of interest; None where the suite sweeps nothing.
pub fn figure(source: &Source) -> Option<Figure> {
    let sweeps = sweeps(source);
    let parameters = parameters(&sweeps);
    let names: Vec<&str> = parameters.iter().map(|(name, _)| *name).collect();
    let meant: Vec<String> = parameters
        .iter()
        .map(|(name, what)| format!("{name}: {what}."))
        .collect();
    let mut figure = Figure::new(
        "sweep",
        &format!("Growth with {}", names.join(", ")),
        &format!(
            "{} Medians with intervals over runs. Within a panel nothing else that was asked for differs, the live payload included: \
             a level line does not feel it. A collection may be of one generation or of the whole heap. A value that a collector cannot do is a word below and in the table, not a \
             point. No verdict rests on this.",
            meant.join(" ")
        ),
    );
    figure.key.extend(floor::key(source));
    for sweep in &sweeps {
        panels(source, &mut figure, sweep);
        let items = undone(source, sweep);
        if !items.is_empty() {
            let head = sweep.name.clone();
            figure.said.push(Group { head, items });
        }
    }
    figure.table = table(source, &sweeps);
    let works: Vec<&Work> = sweeps.iter().flat_map(|s| &s.works).map(|(_, w)| *w).collect();
    (!works.is_empty()).then(|| figure.traced_to_works(source, &works))
}

fn sweeps<'a>(source: &Source<'a>) -> Vec<Sweep<'a>> {
    let mut sweeps: Vec<Sweep> = Vec::new();
    for work in &source.plan.works {
        let (Some(name), Some(swept)) = (work.sweep(), &work.swept) else {
            continue;
        };
        let place = (swept.value as f64, work);
        match sweeps.iter_mut().find(|s| s.name == name) {
            Some(sweep) => sweep.works.push(place),
            None => sweeps.push(Sweep {
                name,
                swept,
                works: vec![place],
            }),
        }
    }
    for sweep in &mut sweeps {
        sweep.works.sort_by(|x, y| x.0.total_cmp(&y.0));
    }
    sweeps
}

/// Each with its meaning, once.
fn parameters<'a>(sweeps: &[Sweep<'a>]) -> Vec<(&'a str, &'a str)> {
    let mut all: Vec<(&str, &str)> = Vec::new();
    for sweep in sweeps {
        let one = (sweep.swept.parameter.as_str(), sweep.swept.what.as_str());
        if !all.contains(&one) {
            all.push(one);
        }
    }
    all
}

fn panels(source: &Source, figure: &mut Figure, sweep: &Sweep) {
    let values: Vec<f64> = sweep.works.iter().map(|(value, _)| *value).collect();
    let Some(mut x) = axes::log(&sweep.swept.parameter, &values, axes::count_tick) else {
        return;
    };
    // Ticks at the values measured.
    x["tickvals"] = json!(values);
    x["ticktext"] = json!(values.iter().map(|v| axes::count_tick(*v)).collect::<Vec<_>>());
    for (metric, word, logarithmic, label) in KINDS {
        let mut reach = vec![];
        let mut data: Vec<Value> = vec![];
        for collector in &source.plan.collectors {
            let points: Vec<(f64, &Estimate)> = sweep
                .works
                .iter()
                .filter_map(|(value, w)| Some((*value, source.estimate(&w.id, &collector.name, metric)?)))
                .filter(|(_, e)| !logarithmic || e.median > 0.0)
                .collect();
            if points.is_empty() {
                continue;
            }
            reach.extend(points.iter().flat_map(|(_, e)| [e.lo, e.median, e.hi]));
            let of =
                |pick: fn(&Estimate) -> f64| -> Vec<f64> { points.iter().map(|(_, e)| pick(e)).collect() };
            let text =
                |(value, e): &(f64, &Estimate)| format!("{}: {}", format::count(*value), label(e.median));
            let style = source.palette.of(&collector.name);
            let mut trace = json!({
                "type": "scatter", "mode": "lines+markers", "name": plain(&collector.name),
                "x": points.iter().map(|p| p.0).collect::<Vec<_>>(), "y": of(|e| e.median),
                "text": points.iter().map(text).collect::<Vec<_>>(),
                "hovertemplate": "%{text}", "line": { "color": style.colour, "width": 1.5 },
                "marker": { "symbol": style.symbol, "size": 7 },
                "error_y": whiskers(&of(|e| e.median), &of(|e| e.lo), &of(|e| e.hi)),
            });
            trace["error_y"]["color"] = json!(style.colour);
            data.push(trace);
        }
        // A pause may be a gap that an idle process has too; a collection is none.
        let is_pause = metric.starts_with("pause_");
        if is_pause && !reach.is_empty() {
            reach.extend(floor::of(source));
        }
        let y = if logarithmic {
            axes::log(word, &reach, label)
        } else {
            axes::linear(word, &reach, label)
        };
        let Some(y) = y else { continue };
        let axes = vec![("xaxis", x.clone()), ("yaxis", y)];
        let mut layout = layout(&axes);
        if is_pause {
            floor::draw(source, "y", &mut layout, &mut data);
        }
        figure.panel(&format!("{}: {word}", sweep.name), 280, data, layout);
    }
}

/// Values without one valid run, with the reason.
fn undone(source: &Source, sweep: &Sweep) -> Vec<String> {
    let mut said = vec![];
    for (value, work) in &sweep.works {
        // What is not there at all has its word at the top of the page.
        let there = source.collectors(&[*work]);
        for collector in there.into_iter().filter(|c| c.unavailable.is_none()) {
            let done = source.summary(&work.id, &collector.name);
            if done.is_some_and(|summary| summary.valid > 0) {
                continue;
            }
            let missing = source.missing(&work.id, &collector.name);
            let reason = match missing.reason.as_str() {
                "" => String::new(),
                reason => format!(": {reason}"),
            };
            said.push(format!(
                "{} at {} {}: {}{reason}",
                collector.name,
                format::count(*value),
                sweep.swept.parameter,
                missing.word
            ));
        }
    }
    said
}

/// A row per work and collector, also where there is no number.
fn table(source: &Source, sweeps: &[Sweep]) -> Table {
    let metrics: Vec<_> = KINDS.iter().map(|k| k.0).chain(ALSO).filter_map(metric).collect();
    let mut head = vec!["work, collector".to_owned()];
    head.extend(metrics.iter().map(|m| m.name.to_owned()));
    let works = sweeps.iter().flat_map(|s| &s.works);
    let rows = works.flat_map(|(_, work)| {
        source.collectors(&[*work]).into_iter().map(|collector| Row {
            head: work.id.clone(),
            note: collector.name.clone(),
            cells: metrics
                .iter()
                .map(|m| measured(source, &work.id, &collector.name, m))
                .collect(),
        })
    });
    Table {
        caption: "Medians with 95 % intervals".into(),
        rows: rows.collect(),
        head,
    }
}
