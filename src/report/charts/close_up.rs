//! The slowest request of a run from near by: what of the collector's lay over it.

use serde_json::{Value, json};

use crate::artifact::analysis::{CloseUp, EventKind};
use crate::artifact::axis::Axis;
use crate::artifact::plan::Collector;
use crate::artifact::unit::Ns;
use crate::report::attribution;
use crate::report::axes;
use crate::report::charts::timeline::{self, SLOW, STALL};
use crate::report::charts::{Figure, Key, layout, plain};
use crate::report::floor;
use crate::report::format;
use crate::report::source::Source;
use crate::report::table::{Entry, Row, Table};

const LANES: [&str; 4] = ["request", "stop", "stall", "cycle"];

/// Of the runs of [`timeline::figure`], a panel each; None where they have no requests by slices.
pub fn figure(source: &Source, axis: Axis) -> Option<Figure> {
    let mut figure = Figure::new(
        &format!("{}-close-up", axis.id()),
        "The slowest request of each of these runs",
        "From the moment it was due (zero) to when it was done, and every stop, stall and collection that was no further from it than it took. A stall is of one \
         thread, perhaps of another than the request's. A request that lies after a stop may still have waited for it, in the queue. Where the log places events to 1 ms or worse, the lanes are off by \
         as much.",
    );
    figure.key = vec![
        Key::new("mark-slow", "the request"),
        Key::new("bar-plain", "stop"),
        Key::new("bar-stall", "stall of a thread"),
        Key::new("bar-pale", "collection, from its begin to its end"),
    ];
    let work = timeline::work(source, axis)?;
    figure.title = format!("The slowest request of each of these runs of {}", work.id);
    let lines = timeline::with_timeline(source, &work.id);
    let mut runs = vec![];
    let mut rows = vec![];
    for (collector, line) in &lines {
        let Some(close_up) = &line.close_up else { continue };
        if let Some((data, layout)) = drawing(source, collector, close_up) {
            let response = format::ns(close_up.request.response.0 as f64);
            figure.panel(&format!("{}: {response}", collector.name), 170, data, layout);
        }
        rows.push(row(
            source,
            collector,
            line.attribution.as_ref().map(|a| a.tolerance),
            close_up,
        ));
        if let Some(cell) = source.cell(&work.id, &collector.name) {
            runs.push((cell.id.clone(), line.invocation.clone()));
        }
    }
    figure.table = Table {
        caption: "The slowest request and what overlapped it most".into(),
        head: [
            "collector",
            "took",
            "due",
            "overlapped most",
            "events near it",
            "placed to",
        ]
        .map(str::to_owned)
        .to_vec(),
        rows,
    };
    (!runs.is_empty()).then(|| figure.traced_to_runs(&runs))
}

/// Bars on lanes, ns since the request was due.
fn drawing(source: &Source, collector: &Collector, close_up: &CloseUp) -> Option<(Vec<Value>, Value)> {
    let request = &close_up.request;
    let took = i64::try_from(request.response.0).ok()?.max(1);
    // What reaches beyond the drawing is cut, so that no bar widens it.
    let (from, to) = (-took, took.saturating_mul(2));
    let colour = source.palette.of(&collector.name).colour;
    let mut data = vec![lane(
        LANES[0],
        SLOW,
        1.0,
        &[(0, took, format!("request: {}", format::ns(took as f64)))],
    )];
    for (kind, name, colour, opacity) in [
        (EventKind::Stop, LANES[1], colour, 1.0),
        (EventKind::Stall, LANES[2], STALL, 1.0),
        (EventKind::Cycle, LANES[3], colour, 0.42),
    ] {
        let bars: Vec<(i64, i64, String)> = close_up
            .events
            .iter()
            .filter(|e| e.kind == kind)
            .map(|e| {
                let begin = e.at.saturating_sub(request.at);
                let end = begin.saturating_add(i64::try_from(e.duration.0).unwrap_or(i64::MAX));
                let text = format!("{}: {}", plain(&e.what), format::ns(e.duration.0 as f64));
                (begin.clamp(from, to), end.clamp(from, to), text)
            })
            .collect();
        if !bars.is_empty() {
            data.push(lane(name, colour, opacity, &bars));
        }
    }
    let mut x = axes::linear("since it was due", &[from as f64, to as f64], axes::ns_tick)?;
    x["range"] = json!([from, to]);
    let mut y = axes::names_down(&LANES.map(str::to_owned));
    // All lanes in every panel, also empty ones.
    y["autorange"] = json!(false);
    y["range"] = json!([LANES.len() as f64 - 0.5, -0.5]);
    let mut layout = layout(&vec![("xaxis", axes::few_ticks(x, 5)), ("yaxis", y)]);
    layout["barmode"] = json!("overlay");
    layout["bargap"] = json!(0.3);
    Some((data, layout))
}

/// `bars`: begin, end, what hovering says.
fn lane(name: &str, colour: &str, opacity: f64, bars: &[(i64, i64, String)]) -> Value {
    json!({
        "type": "bar", "orientation": "h", "name": name,
        "y": vec![name; bars.len()],
        "base": bars.iter().map(|b| b.0).collect::<Vec<_>>(),
        "x": bars.iter().map(|b| b.1 - b.0).collect::<Vec<_>>(),
        "hovertext": bars.iter().map(|b| b.2.as_str()).collect::<Vec<_>>(),
        "hovertemplate": "%{hovertext}<extra></extra>",
        // The line keeps a bar of some microseconds visible.
        "opacity": opacity, "marker": { "color": colour, "line": { "width": 1.2, "color": colour } },
    })
}

fn row(source: &Source, collector: &Collector, placed_to: Option<Ns>, close_up: &CloseUp) -> Row {
    let request = &close_up.request;
    Row {
        head: collector.name.clone(),
        note: String::new(),
        cells: vec![
            {
                let took = request.response.0 as f64;
                floor::mark_ns(source, took, Entry::value(format::ns(took)))
            },
            Entry::value(format::ns(request.at as f64)),
            Entry::prose(attribution::met(request)),
            Entry::value(format::count(close_up.events.len() as f64)),
            match placed_to {
                Some(Ns(0)) => Entry::value("exact"),
                Some(ns) => Entry::value(format!("±{}", format::ns(ns.0 as f64))),
                None => Entry::none(),
            },
        ],
    }
}
