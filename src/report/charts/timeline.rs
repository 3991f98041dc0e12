//! One run on one clock: memory above, stops and slow requests below.

use serde_json::{Value, json};

use crate::artifact::analysis::{SlowRequest, Timeline};
use crate::artifact::axis::Axis;
use crate::artifact::plan::{Collector, Work};
use crate::report::attribution;
use crate::report::axes;
use crate::report::charts::{Figure, Key, MAX_POINTS, layout, thin};
use crate::report::floor;
use crate::report::format;
use crate::report::section::Group;
use crate::report::source::Source;
use crate::report::table::{Entry, Row, Table};

/// A colour of its own: a stall is no pause, whoever's it is.
pub const STALL: &str = "#c0392b";
/// Requests: the slowest of their slices, and of those the ones beyond the run's p99.9.
const REQUEST: &str = "#808488";
pub const SLOW: &str = "#c2185b";

/// The work of the axis with the most timelines, a panel per collector, all on the same scales.
pub fn figure(source: &Source, axis: Axis) -> Figure {
    let mut figure = Figure::new(
        &format!("{}-timeline", axis.id()),
        "One run on one clock",
        "The run whose headline is the median of its cell. Above: resident memory (line) and the heap before and after each collection \
         (dotted). Below, on a logarithmic scale of length: every pause and stall at the moment it ended, and, where requests arrive on a schedule, the slowest \
         request of each slice of time from when it was due to when it was done; those beyond the run's own p99.9 (dashed) stand out. Zero is the begin of the window; drag over a stretch to see it larger.",
    );
    figure.key = vec![
        Key::new("line-solid", "resident memory"),
        Key::new("line-dotted", "heap in use, by the log"),
        Key::new("bar-plain", "pause"),
        Key::new("bar-stall", "stall, degenerated or full collection"),
    ];
    let Some(work) = work(source, axis) else {
        return figure.traced_to_runs(&[]);
    };
    figure.title = format!("One run of {} on one clock", work.id);
    let lines = with_timeline(source, &work.id);
    let memory: Vec<f64> = lines
        .iter()
        .flat_map(|(_, t)| {
            let heap = t
                .heap
                .iter()
                .flat_map(|h| [h.1, h.2])
                .flatten()
                .map(|b| b.0 as f64);
            t.rss.iter().map(|r| r.1.0 as f64).chain(heap)
        })
        .collect();
    if lines.iter().any(|(_, t)| !t.slow.is_empty()) {
        figure
            .key
            .push(Key::new("mark-open", "slowest request of its slice"));
        figure.key.push(Key::new("mark-slow", "the same, beyond p99.9"));
        figure.key.push(Key::new("line-limit", "p99.9 of the run"));
    }
    figure.key.extend(floor::key(source));
    let stops: Vec<f64> = lines
        .iter()
        .flat_map(|(_, t)| {
            let stops = t.pauses.iter().chain(&t.stalls).map(|s| s.1);
            stops
                .chain(t.slow.iter().map(|s| s.response))
                .chain(t.p999)
                .map(|ns| ns.0.max(1) as f64)
        })
        .collect();
    let stops: Vec<f64> = match stops[..] {
        [] => stops,
        _ => stops.into_iter().chain(floor::of(source)).collect(),
    };
    let seconds: Vec<f64> = lines
        .iter()
        .flat_map(|(_, t)| t.rss.iter().map(|r| r.0 as f64).chain([t.window.0 as f64]))
        .collect();
    let x = axes::linear("time in the run", &seconds, axes::ns_tick);
    let upper = axes::linear_bytes("memory", &memory);
    let lower = axes::log("length", &stops, axes::ns_tick).map(|axis| axes::few_ticks(axis, 4));
    for (collector, timeline) in &lines {
        let (Some(x), Some(mut upper)) = (x.clone(), upper.clone()) else {
            continue;
        };
        let mut axes = vec![];
        if let Some(mut lower) = lower.clone() {
            upper["domain"] = json!([0.56, 1.0]);
            lower["domain"] = json!([0.0, 0.48]);
            axes.push(("yaxis2", lower));
        }
        let mut x = x;
        x["anchor"] = json!(if axes.is_empty() { "y" } else { "y2" });
        axes.push(("xaxis", x));
        axes.push(("yaxis", upper));
        let mut layout = layout(&axes);
        layout["barmode"] = json!("overlay");
        let mut shapes = vec![json!({
            "type": "rect", "xref": "x", "yref": "paper", "x0": 0, "x1": timeline.window.0, "y0": 0, "y1": 1, "layer": "below",
            "line": { "width": 0 }, "fillcolor": "rgba(128,132,136,0.08)",
        })];
        shapes.extend(timeline.p999.filter(|_| !timeline.slow.is_empty()).map(|p999| {
            json!({
                "type": "line", "xref": "x", "yref": "y2", "x0": 0, "x1": timeline.window.0, "y0": p999.0, "y1": p999.0,
                "line": { "width": 1, "dash": "dash", "color": SLOW },
            })
        }));
        layout["shapes"] = json!(shapes);
        let span = seconds.iter().fold(0.0, |m: f64, v| m.max(*v));
        let mut data = traces(source.palette.of(&collector.name).colour, timeline, span);
        if lower.is_some() {
            floor::draw(source, "y2", &mut layout, &mut data);
        }
        figure.panel(&collector.name, 340, data, layout);
    }
    figure.said = lines
        .iter()
        .filter_map(|(c, t)| {
            let attribution = t.attribution.as_ref()?;
            Some(Group {
                head: c.name.clone(),
                items: vec![attribution::sentences(attribution).join(" ")],
            })
        })
        .collect();
    figure.table = Table {
        caption: format!("What happened in these runs of {}", work.id),
        head: [
            "collector",
            "run",
            "window",
            "highest resident",
            "pauses",
            "longest",
            "stalls",
            "longest",
            "p99.9",
            "slowest request",
        ]
        .map(str::to_owned)
        .to_vec(),
        rows: lines.iter().map(|(c, t)| row(source, c, t)).collect(),
    };
    let runs: Vec<(String, String)> = lines
        .iter()
        .filter_map(|(c, t)| Some((source.cell(&work.id, &c.name)?.id.clone(), t.invocation.clone())))
        .collect();
    figure.traced_to_runs(&runs)
}

/// The first of those with most timelines, with requests if there are some.
pub fn work<'a>(source: &Source<'a>, axis: Axis) -> Option<&'a Work> {
    let rank = |work: &str| {
        let lines = with_timeline(source, work);
        let with_requests = lines.iter().filter(|(_, t)| !t.slow.is_empty()).count();
        (lines.len(), with_requests)
    };
    // max_by_key would take the last of equals.
    let works = source.works(axis).into_iter().rev();
    works
        .max_by_key(|w| rank(&w.id))
        .filter(|w| !with_timeline(source, &w.id).is_empty())
}

pub fn with_timeline<'a>(source: &'a Source, work: &str) -> Vec<(&'a Collector, &'a Timeline)> {
    source
        .plan
        .collectors
        .iter()
        .filter_map(|c| Some((c, source.summary(work, &c.name)?.timeline.as_ref()?)))
        .collect()
}

fn traces(colour: &str, timeline: &Timeline, span: f64) -> Vec<Value> {
    let resident: Vec<f64> = timeline.rss.iter().map(|r| r.1.0 as f64).collect();
    let kept = thin(&resident, MAX_POINTS);
    let mut traces = vec![json!({
        "type": "scatter", "mode": "lines", "name": "resident", "line": { "color": colour, "width": 1.5 },
        "x": kept.iter().map(|i| timeline.rss[*i].0).collect::<Vec<_>>(),
        "y": kept.iter().map(|i| resident[*i]).collect::<Vec<_>>(),
        "text": kept.iter().map(|i| format::bytes(resident[*i])).collect::<Vec<_>>(),
        "hovertemplate": "%{text}",
    })];
    let heap: Vec<(i64, f64)> = timeline
        .heap
        .iter()
        .flat_map(|(at, before, after)| [before, after].map(|b| b.map(|b| (*at, b.0 as f64))))
        .flatten()
        .collect();
    if !heap.is_empty() {
        let kept = thin(&heap.iter().map(|h| h.1).collect::<Vec<_>>(), MAX_POINTS);
        traces.push(json!({
            "type": "scatter", "mode": "lines", "name": "heap", "line": { "color": colour, "width": 1, "dash": "dot" },
            "x": kept.iter().map(|i| heap[*i].0).collect::<Vec<_>>(),
            "y": kept.iter().map(|i| heap[*i].1).collect::<Vec<_>>(),
            "text": kept.iter().map(|i| format::bytes(heap[*i].1)).collect::<Vec<_>>(),
            "hovertemplate": "%{text}",
        }));
    }
    for (name, stops, colour) in [
        ("pause", &timeline.pauses, colour),
        ("stall", &timeline.stalls, STALL),
    ] {
        let lengths: Vec<f64> = stops.iter().map(|s| s.1.0.max(1) as f64).collect();
        let kept = thin(&lengths, MAX_POINTS);
        if kept.is_empty() {
            continue;
        }
        traces.push(json!({
            "type": "bar", "name": name, "yaxis": "y2", "width": (span / 220.0).max(1.0), "marker": { "color": colour, "line": { "width": 0 } },
            "x": kept.iter().map(|i| stops[*i].0).collect::<Vec<_>>(),
            "y": kept.iter().map(|i| lengths[*i]).collect::<Vec<_>>(),
            "hovertext": kept.iter().map(|i| format!("{}: {}", super::plain(&stops[*i].2), format::ns(lengths[*i]))).collect::<Vec<_>>(),
            "hovertemplate": "%{hovertext}",
        }));
    }
    traces.extend(requests(timeline));
    // Without any stop the lower axes would not be drawn, and panels would not be alike.
    traces.push(json!({ "type": "scatter", "mode": "lines", "yaxis": "y2", "x": [0], "y": [null], "hoverinfo": "skip" }));
    traces
}

/// The slowest request of each slice, from when it was due to when it was done, at the height of what it took.
fn requests(timeline: &Timeline) -> Vec<Value> {
    let beyond = |s: &&SlowRequest| timeline.p999.is_some_and(|p999| s.response > p999);
    let (slow, others): (Vec<&SlowRequest>, Vec<&SlowRequest>) = timeline.slow.iter().partition(beyond);
    [
        (others, "request", REQUEST, "circle-open", 4),
        (slow, "slow request", SLOW, "diamond", 7),
    ]
    .into_iter()
    .filter_map(|(requests, name, colour, symbol, size)| {
        let lengths: Vec<f64> = requests.iter().map(|s| s.response.0.max(1) as f64).collect();
        let kept: Vec<(&SlowRequest, f64)> = thin(&lengths, MAX_POINTS)
            .into_iter()
            .map(|i| (requests[i], lengths[i]))
            .collect();
        let text = |(s, length): &(&SlowRequest, f64)| {
            format!(
                "{}, due {}: {}",
                format::ns(*length),
                format::ns(s.at as f64),
                super::plain(&attribution::met(s))
            )
        };
        (!kept.is_empty()).then(|| {
            json!({
                "type": "scatter", "mode": "markers", "name": name, "yaxis": "y2",
                "x": kept.iter().map(|(s, _)| s.at).collect::<Vec<_>>(),
                "y": kept.iter().map(|(_, length)| *length).collect::<Vec<_>>(),
                "error_x": {
                    "type": "data", "symmetric": false, "thickness": 1.5, "width": 0, "color": colour,
                    "array": kept.iter().map(|(_, length)| *length).collect::<Vec<_>>(),
                    "arrayminus": vec![0; kept.len()],
                },
                "text": kept.iter().map(text).collect::<Vec<_>>(), "hovertemplate": "%{text}",
                "marker": { "color": colour, "symbol": symbol, "size": size },
            })
        })
    })
    .collect()
}

fn row(source: &Source, collector: &Collector, timeline: &Timeline) -> Row {
    let gap = |ns: u64| floor::mark_ns(source, ns as f64, Entry::value(format::ns(ns as f64)));
    let longest = |stops: &[(i64, crate::artifact::unit::Ns, String)]| {
        stops.iter().map(|s| s.1.0).max().map_or_else(Entry::none, gap)
    };
    Row {
        head: collector.name.clone(),
        note: String::new(),
        cells: vec![
            Entry::prose(timeline.invocation.clone()),
            Entry::value(format::ns(timeline.window.0 as f64)),
            timeline
                .rss
                .iter()
                .map(|r| r.1.0)
                .max()
                .map_or_else(Entry::none, |v| Entry::value(format::bytes(v as f64))),
            Entry::value(format::count(timeline.pauses.len() as f64)),
            longest(&timeline.pauses),
            Entry::value(format::count(timeline.stalls.len() as f64)),
            longest(&timeline.stalls),
            timeline.p999.map_or_else(Entry::none, |p999| gap(p999.0)),
            timeline
                .slow
                .iter()
                .map(|s| s.response.0)
                .max()
                .map_or_else(Entry::none, gap),
        ],
    }
}
