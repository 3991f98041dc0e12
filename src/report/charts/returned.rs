//! Memory return: what a process still holds after nine tenths of its load were dropped.

use serde_json::{Value, json};

use crate::artifact::fragmentation::{REMAINING, RETURNED, Returned};
use crate::artifact::metric::metric;
use crate::artifact::plan::Work;
use crate::report::axes;
use crate::report::charts::fragmentation::{Line, lines, row, title, told, works};
use crate::report::charts::{Figure, Key, MAX_POINTS, layout, plain};
use crate::report::format;
use crate::report::source::Source;
use crate::report::table::{Entry, Table, measured};

const HELD: &str = "return_rss_over_live";

/// Resident memory over what remains, over the time since; a panel per work.
pub fn figure(source: &Source) -> Figure {
    let works = works(source);
    let lines = lines(source, &works);
    let mut figure = Figure::new(
        "fragmentation-return",
        "Memory held after the load has dropped",
        "Nine tenths of the payload are let go, then the process idles. Resident memory over what remains of the payload, sampled from outside, against the time since the drop: \
         medians over runs, as long as every run waited. The scale of memory is logarithmic: 1 × gave everything back, the dotted line is within 25 % of that.",
    );
    figure.key = vec![Key::new("line-dotted", "within 25 % of the remaining payload")];
    let curves: Vec<(&Line, &Returned)> = lines
        .iter()
        .filter_map(|line| Some((line, told(line)?.returned.as_ref()?)))
        .filter(|(_, r)| r.curve.len() > 1)
        .collect();
    for work in &works {
        let of_work = || curves.iter().filter(|(line, _)| line.0.id == work.id);
        let points = || of_work().flat_map(|(_, r)| &r.curve);
        let heights: Vec<f64> = points()
            .map(|(_, height)| *height)
            .chain([1.0, RETURNED])
            .collect();
        let times: Vec<f64> = points().map(|(at, _)| at.0 as f64).collect();
        let (Some(x), Some(y)) = (
            axes::linear("since the drop", &times, axes::ns_tick),
            axes::log("resident / remaining payload", &heights, axes::times_tick),
        ) else {
            continue;
        };
        let data: Vec<Value> = of_work()
            .map(|(line, returned)| curve(source, &line.1.name, returned))
            .collect();
        let mut layout = layout(&vec![("xaxis", x), ("yaxis", y)]);
        layout["shapes"] = json!([{
            "type": "line", "xref": "paper", "yref": "y", "x0": 0, "x1": 1, "y0": RETURNED, "y1": RETURNED,
            "line": { "width": 1.2, "dash": "dot", "color": "#8b8f93" },
        }]);
        figure.panel(&title(source, work), 260, data, layout);
    }
    figure.table = what_came_back(source, &lines);
    figure.traced_to_works(source, &works)
}

fn curve(source: &Source, collector: &str, returned: &Returned) -> Value {
    let style = source.palette.of(collector);
    let drawn: Vec<_> = returned
        .curve
        .iter()
        .filter(|(_, h)| *h > 0.0)
        .take(MAX_POINTS)
        .collect();
    let text: Vec<String> = drawn
        .iter()
        .map(|(at, height)| format!("{} after {}", format::times(*height), format::ns(at.0 as f64)))
        .collect();
    // Settings of one collector share its colour: a symbol now and then tells them apart.
    let sizes: Vec<u32> = (0..drawn.len())
        .map(|i| if i % 10 == 0 { 6 } else { 0 })
        .collect();
    json!({
        "type": "scatter", "mode": "lines+markers", "name": plain(collector),
        "x": drawn.iter().map(|p| p.0).collect::<Vec<_>>(), "y": drawn.iter().map(|p| p.1).collect::<Vec<_>>(),
        "text": text, "hovertemplate": "%{text}", "line": { "color": style.colour, "width": 1.5 },
        "marker": { "color": style.colour, "symbol": style.symbol, "size": sizes },
    })
}

/// A row per cell of a work that dropped its load, also where no run is valid.
fn what_came_back(source: &Source, lines: &[Line]) -> Table {
    let dropped = |work: &Work| {
        let mut of_work = lines.iter().filter(|l| l.0.id == work.id);
        of_work.any(|l| told(l).is_some_and(|f| f.returned.is_some()))
    };
    let rows = lines.iter().filter(|l| dropped(l.0)).map(|line| {
        let (work, collector, _) = line;
        let of = |name: &str| {
            metric(name).map_or_else(Entry::none, |m| measured(source, &work.id, &collector.name, m))
        };
        let returned = told(line).and_then(|f| f.returned.as_ref());
        let at_drop = returned.and_then(|r| r.curve.first());
        let beyond = source
            .estimate(&work.id, &collector.name, HELD)
            .map(|e| (e.median - 1.0) * REMAINING * work.live.0 as f64);
        row(
            source,
            line,
            vec![
                at_drop.map_or_else(Entry::none, |(_, height)| Entry::value(format::times(*height))),
                of(HELD),
                beyond.map_or_else(Entry::none, |bytes| Entry::value(format::bytes(bytes))),
                of("return_share"),
                returned.map_or_else(Entry::none, |r| within(r, of("return_ns"))),
                returned.map_or_else(Entry::none, |r| Entry::value(format::ns(r.waited.0 as f64))),
            ],
        )
    });
    Table {
        caption: "Resident memory over the remaining payload, and what of it never came back in the time waited; medians over runs with 95 % intervals".into(),
        head: [
            "work, collector",
            "at the drop",
            "at the end",
            "not come back",
            "given back",
            "within 25 %",
            "waited",
        ]
        .map(str::to_owned)
        .to_vec(),
        rows: rows.collect(),
    }
}

/// `all` is the entry of those that came so far. A run that never did is told, and counts as later than any other.
fn within(returned: &Returned, all: Entry) -> Entry {
    let (never, of) = (returned.never(), returned.within.len());
    let not = format!("not within {}", format::ns(returned.waited.0 as f64));
    let runs = format!("in {never} of {}", format::things(of, "run"));
    match returned.median() {
        _ if of == 0 => Entry::none(),
        Some(_) if never == 0 => all,
        Some(at) => Entry::value(format::ns(at.0 as f64)).note(format!("{not} {runs}")),
        None => Entry::value(not).note(runs),
    }
}
