//! What threads suffered: stops, the time it took to stop, stalls or assists, what a thread saw, what an idle process saw.

use serde_json::{Value, json};

use crate::artifact::axis::Axis;
use crate::artifact::metric::{self, Metric, SUFFERED};
use crate::artifact::plan::{Collector, Work};
use crate::report::axes;
use crate::report::charts::{Figure, Key, More, layout, plain};
use crate::report::floor;
use crate::report::format;
use crate::report::source::Source;
use crate::report::table::{Entry, Row, Table, measured};

/// What is drawn side by side: first word of the metrics' names, what the bar says, its pattern.
const SIDES: [(&str, &str, &str); 4] = [
    ("pause", "declared pause", ""),
    ("stall", "stall", "x"),
    ("watcher", "watcher thread", "/"),
    ("control", "idle process", ""),
];

/// Heads of the columns, one for each of [`SUFFERED`].
const HEADS: [&str; 15] = [
    "stopped, p99",
    "stopped, max",
    "stopped, of the time",
    "to safepoint, max",
    "to safepoint, of the stops",
    "stalls",
    "stalls, sum",
    "stall, max",
    "paced, sum",
    "assists, CPU",
    "assists, of GC CPU",
    "watcher p99",
    "watcher max",
    "idle p99",
    "idle max",
];

/// p99 and maximum of what has a length, medians over runs; and the table of all that threads suffered.
pub fn figure(source: &Source) -> Figure {
    let works = source.works(Axis::Pause);
    let mut figure = Figure::new(
        "pause-felt",
        "What threads suffered: declared, stalled, felt, and the machine's own noise",
        "Medians over runs on a logarithmic scale, so compare where bars end. A pause that the runtime declares (plain) is not all that a thread suffers: it may stall \
         alone (crossed), be held back or made to work for the collector (pacing and assists: sums without a place in time, so they stand in the table and not in the drawing), or wait for other threads to \
         stop (time to safepoint, a part of the stop). If a thread inside the process (hatched) stands still for longer than the runtime declares, believe the thread; what does not \
         rise above the idle process (grey) is the machine's noise.",
    );
    figure.key = vec![
        Key::new("bar-plain", "declared pause"),
        Key::new(
            "bar-crossed",
            "longest stall (also degenerated and full collections)",
        ),
        Key::new("bar-hatched", "watcher thread in the process"),
        Key::new("bar-grey", "idle process beside it"),
        Key::new("bar-depth", "full up to p99, pale up to the maximum"),
    ];
    figure.key.extend(floor::key(source));
    let mut heights: Vec<f64> = works
        .iter()
        .flat_map(|w| source.plan.collectors.iter().map(move |c| (w, c)))
        .flat_map(|(w, c)| {
            SIDES.map(|(side, _, _)| ["p99", "max"].map(|what| height(source, w, c, side, what)))
        })
        .flatten()
        .flatten()
        .collect();
    if !heights.is_empty() {
        heights.extend(floor::of(source));
    }
    if let Some(y) = axes::log("", &heights, axes::ns_tick) {
        // A suite may have collectors for other works only.
        let has_one = |c: &&Collector| works.iter().any(|w| source.summary(&w.id, &c.name).is_some());
        let collectors: Vec<&Collector> = source.plan.collectors.iter().filter(has_one).collect();
        let names: Vec<String> = collectors.iter().map(|c| plain(&c.name)).collect();
        for work in &works {
            let mut data = bars(source, work, &collectors, &names);
            if data.is_empty() {
                continue;
            }
            let axes = vec![("xaxis", axes::names_across(&names)), ("yaxis", y.clone())];
            let mut layout = layout(&axes);
            layout["barmode"] = json!("group");
            layout["bargap"] = json!(0.24);
            layout["bargroupgap"] = json!(0.06);
            floor::draw(source, "y", &mut layout, &mut data);
            figure.panel(&work.id, 230, data, layout);
        }
    }
    figure.open = true;
    figure.table = side_by_side(source, &works);
    for (summary, table) in [
        ("All of it, with intervals", in_full(source, &works)),
        ("Run by run", run_by_run(source, &works)),
    ] {
        if !table.rows.is_empty() {
            figure.more.push(More { summary, table });
        }
    }
    figure.traced_to_works(source, &works)
}

fn height(source: &Source, work: &Work, collector: &Collector, side: &str, what: &str) -> Option<f64> {
    source
        .estimate(&work.id, &collector.name, &format!("{side}_{what}_ns"))
        .map(|e| e.median)
        .filter(|v| *v > 0.0)
}

fn bars(source: &Source, work: &Work, collectors: &[&Collector], names: &[String]) -> Vec<Value> {
    let mut data = vec![];
    for (side, word, pattern) in SIDES {
        // The maximum first: p99 is drawn over it.
        for (what, pale) in [("max", side != "stall"), ("p99", false)] {
            let values: Vec<Option<f64>> = collectors
                .iter()
                .map(|c| height(source, work, c, side, what))
                .collect();
            if values.iter().all(Option::is_none) {
                continue;
            }
            let colours: Vec<&str> = collectors
                .iter()
                .map(|c| match side {
                    "control" => "#8b8f93",
                    _ => source.palette.of(&c.name).colour,
                })
                .collect();
            let text: Vec<String> = values
                .iter()
                .map(|v| v.map_or(String::new(), |v| format!("{word}, {what}: {}", format::ns(v))))
                .collect();
            data.push(json!({
                "type": "bar", "name": word, "x": names, "y": values, "hovertext": text, "hovertemplate": "%{hovertext}<extra></extra>",
                "offsetgroup": side, "opacity": if pale { 0.42 } else { 1.0 },
                "marker": { "color": colours, "pattern": { "shape": pattern, "size": 5, "solidity": 0.35, "fillmode": "overlay" } },
            }));
        }
    }
    data
}

/// Narrow enough for a screen and for paper: the longest of each, and below it what else is known.
fn side_by_side(source: &Source, works: &[&Work]) -> Table {
    let head = [
        "work, collector",
        "stopped",
        "to safepoint",
        "stall",
        "assists (CPU)",
        "watcher",
        "idle process",
    ];
    let rows = pairs(source, works).filter_map(|(work, collector)| {
        let median = |name: &str| source.estimate(&work.id, &collector.name, name).map(|e| e.median);
        let text = |name: &str| Some(format::value(metric::metric(name)?, median(name)?));
        let with = |name: &str, notes: &[Option<String>]| {
            let mut entry = text(name).map_or_else(Entry::none, Entry::value);
            if let (Some(metric), Some(value)) = (metric::metric(name), median(name)) {
                entry = floor::mark(source, metric, value, entry);
            }
            entry.note(notes.iter().flatten().cloned().collect::<Vec<_>>().join(", "))
        };
        let p99 = |name: &str| text(name).map(|t| format!("p99 {t}"));
        let stalls = text("stall_count").filter(|_| median("stall_count") > Some(0.0));
        let of = |name: &str, whole: &str| text(name).map(|t| format!("{t} of {whole}"));
        let cells = vec![
            with(
                "pause_max_ns",
                &[p99("pause_p99_ns"), of("pause_share", "the time")],
            ),
            with("ttsp_max_ns", &[of("ttsp_share", "the stops")]),
            match why_blank(source, work, collector, "stall") {
                Some(why) => Entry::none().note(why),
                None => with(
                    "stall_max_ns",
                    &[
                        stalls.map(|n| format!("{n} in all, {}", text("stall_total_ns").unwrap_or_default())),
                        text("pacing_total_ns").map(|t| format!("paced {t}")),
                    ],
                ),
            },
            match why_blank(source, work, collector, "assist") {
                Some(why) => Entry::none().note(why),
                None => with("assist_cpu_ns", &[of("assist_share", "GC CPU")]),
            },
            with("watcher_max_ns", &[p99("watcher_p99_ns")]),
            with("control_max_ns", &[p99("control_p99_ns")]),
        ];
        cells.iter().any(|c| c.kind == "value").then(|| Row {
            head: work.id.clone(),
            note: collector.name.clone(),
            cells,
        })
    });
    Table {
        caption: "What threads suffered: the longest of each, medians over runs. A blank is not a zero: a p99 needs 1000 of a kind in a run, and a runtime tells stalls or accounts assists, not both".into(),
        head: head.map(str::to_owned).to_vec(),
        rows: rows.collect(),
    }
}

/// `kind`: stall or assist.
fn why_blank(source: &Source, work: &Work, collector: &Collector, kind: &str) -> Option<&'static str> {
    let has = |name: &str| source.estimate(&work.id, &collector.name, name).is_some();
    let (stalls, assists) = (has("stall_count"), has("assist_cpu_ns"));
    match kind {
        "stall" if assists && !stalls => Some("see assists"),
        "stall" if stalls && !has("stall_max_ns") && !has("pacing_total_ns") => Some("none"),
        "assist" if stalls && !assists => Some("see stalls"),
        _ => None,
    }
}

fn pairs<'a>(source: &'a Source, works: &'a [&Work]) -> impl Iterator<Item = (&'a Work, &'a Collector)> {
    let collectors = &source.plan.collectors;
    works
        .iter()
        .flat_map(move |w| collectors.iter().map(move |c| (*w, c)))
}

fn head() -> Vec<String> {
    let mut head = vec!["work, collector".to_owned()];
    head.extend(HEADS.map(str::to_owned));
    head
}

fn metrics() -> impl Iterator<Item = &'static Metric> {
    SUFFERED.iter().filter_map(|name| metric::metric(name))
}

fn in_full(source: &Source, works: &[&Work]) -> Table {
    let rows = pairs(source, works).map(|(work, collector)| Row {
        head: work.id.clone(),
        note: collector.name.clone(),
        cells: metrics()
            .map(|metric| measured(source, &work.id, &collector.name, metric))
            .collect(),
    });
    Table {
        caption: "What threads suffered: medians over runs with 95 % intervals".into(),
        head: head(),
        rows: rows
            .filter(|row| row.cells.iter().any(|c| c.kind == "value"))
            .collect(),
    }
}

fn run_by_run(source: &Source, works: &[&Work]) -> Table {
    let mut rows = vec![];
    for (work, collector) in pairs(source, works) {
        let Some(summary) = source.summary(&work.id, &collector.name) else {
            continue;
        };
        for run in summary.suffered.iter().filter(|run| !run.values.is_empty()) {
            let cells = metrics().map(|metric| match run.values.get(metric.name) {
                Some(value) => {
                    let entry = Entry::value(format::value(metric, *value));
                    floor::mark(source, metric, *value, entry)
                }
                None => Entry::none(),
            });
            rows.push(Row {
                head: work.id.clone(),
                note: format!("{}, round {}", collector.name, run.round),
                cells: cells.collect(),
            });
        }
    }
    Table {
        caption: "What threads suffered in each run that counts".into(),
        head: head(),
        rows,
    }
}
