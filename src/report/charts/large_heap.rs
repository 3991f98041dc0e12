//! Large heap: how figures grow with the live payload, and where their laws would lead beyond what was measured.

use serde_json::{Value, json};

use crate::artifact::analysis::Estimate;
use crate::artifact::axis::Axis;
use crate::artifact::growth::{Beyond, Law};
use crate::artifact::plan::{Collector, Work};
use crate::report::axes::{self, Label};
use crate::report::charts::throughput::table;
use crate::report::charts::{Figure, Key, layout, plain, whiskers};
use crate::report::source::Source;
use crate::report::{floor, format, growth};

struct Kind {
    metric: &'static str,
    word: &'static str,
    label: Label,
    /// A share may be zero, which no logarithm is.
    logarithmic: bool,
    /// An idle process suffers such gaps as well.
    has_floor: bool,
}

const fn kind(metric: &'static str, word: &'static str, label: Label, has_floor: bool) -> Kind {
    Kind {
        metric,
        word,
        label,
        logarithmic: true,
        has_floor,
    }
}

const KINDS: [Kind; 6] = [
    kind("response_p999_ns", "p99.9 response", axes::ns_tick, true),
    kind("pause_max_ns", "longest pause", axes::ns_tick, true),
    Kind {
        logarithmic: false,
        ..kind(
            "gc_cpu_share",
            "collector's share of CPU",
            axes::share_tick,
            false,
        )
    },
    kind(
        "forced_ns",
        "a forced collection of the live payload",
        axes::ns_tick,
        false,
    ),
    kind(
        "memory_peak_over_live",
        "peak memory / live",
        axes::times_tick,
        false,
    ),
    kind("setup_ns", "time to build the live set", axes::ns_tick, false),
];

/// A panel per series of works and figure, over live payload.
pub fn series(source: &Source) -> Figure {
    let works = source.works(Axis::LargeHeap);
    let mut figure = Figure::new(
        "large-heap-series",
        "Growth with the live payload",
        "Marks are medians with intervals over runs, lines the power law that was fitted to every run: both scales are logarithmic but for shares, so that a level line does not feel the heap and one \
         of slope one grows in proportion. What is dashed and stands on grey was not measured: it is where one further run would lie with 95 % if that law went on. Nothing in these \
         runs knows of what begins beyond them, such as references of 8 bytes instead of 4 in a JVM's heap from 32 GB on, more than one memory node, or another page size; and a figure with a constant part \
         grows faster later than its law says. Fewer than three payloads have no law.",
    );
    figure.key = vec![
        Key::new("line-solid", "law fitted to what was measured"),
        Key::new(
            "line-dashed",
            "the same carried on, with the 95 % interval of one run",
        ),
    ];
    figure.key.extend(floor::key(source));
    for (name, mut members) in source.plan.series() {
        members.retain(|w| w.axes.contains(&Axis::LargeHeap));
        for kind in &KINDS {
            panel(source, &mut figure, name, &members, kind);
        }
    }
    // A work outside any series is a series of one.
    for work in works.iter().filter(|w| w.series.is_none()) {
        for kind in &KINDS {
            panel(source, &mut figure, &work.id, &[work], kind);
        }
    }
    figure.table = table(source, &works, &KINDS.map(|k| k.metric));
    figure.traced_to_works(source, &works)
}

/// What one collector has in a panel.
struct Line<'a> {
    collector: &'a Collector,
    points: Vec<(u64, &'a Estimate)>,
    law: Option<&'a Law>,
}

impl Line<'_> {
    /// Only what has a place on a logarithmic scale.
    fn beyond(&self) -> &[Beyond] {
        self.law.map_or(&[], |law| &law.beyond)
    }
}

fn panel(source: &Source, figure: &mut Figure, name: &str, members: &[&Work], kind: &Kind) {
    let lines: Vec<Line> = source
        .plan
        .collectors
        .iter()
        .map(|collector| Line {
            collector,
            points: members
                .iter()
                .filter_map(|w| Some((w.live.0, source.estimate(&w.id, &collector.name, kind.metric)?)))
                .filter(|(_, e)| !kind.logarithmic || e.median > 0.0)
                .collect(),
            law: growth::of(source, name, &collector.name, kind.metric).and_then(|g| g.law.as_ref()),
        })
        .filter(|line| !line.points.is_empty())
        .collect();
    let measured: Vec<f64> = lines
        .iter()
        .flat_map(|l| &l.points)
        .flat_map(|(_, e)| [e.lo, e.median, e.hi])
        .collect();
    let mut reach = measured.clone();
    reach.extend(lines.iter().flat_map(Line::beyond).map(|b| b.value));
    // The band may leave the panel, so that it does not flatten what was measured.
    let highest = measured.iter().copied().fold(0.0, f64::max);
    let of_band = lines.iter().flat_map(Line::beyond).flat_map(|b| [b.lo, b.hi]);
    reach.extend(of_band.filter(|v| *v <= 30.0 * highest && 30.0 * *v >= highest));
    let with_floor = kind.has_floor && !reach.is_empty();
    if with_floor {
        reach.extend(floor::of(source));
    }
    let y = if kind.logarithmic {
        axes::log(kind.word, &reach, kind.label)
    } else {
        axes::linear(kind.word, &reach, kind.label)
    };
    let (Some(x), Some(y)) = (payloads(members, &lines), y) else {
        return;
    };
    let mut layout = layout(&vec![("xaxis", x), ("yaxis", y)]);
    let mut data: Vec<Value> = vec![];
    for line in &lines {
        data.extend(carried_on(source, line, kind));
    }
    for line in &lines {
        data.extend(as_measured(source, line, kind));
    }
    mark_beyond(&mut layout, &lines);
    if with_floor {
        floor::draw(source, "y", &mut layout, &mut data);
    }
    figure.panel(&format!("{name}: {}", kind.word), 280, data, layout);
}

/// Ticks at payloads that were measured, and at those one would like to know about: powers of ten say nothing about doublings.
fn payloads(members: &[&Work], lines: &[Line]) -> Option<Value> {
    const MOST: usize = 4;
    let sizes: Vec<f64> = members.iter().map(|w| w.live.0 as f64).collect();
    let mut ticks: Vec<f64> = match sizes.len() {
        n if n > MOST => sizes.iter().rev().step_by(n.div_ceil(MOST)).copied().collect(),
        _ => sizes.clone(),
    };
    ticks.sort_by(f64::total_cmp);
    let far = lines.iter().flat_map(Line::beyond).map(|b| b.live);
    if let Some(far) = far.max() {
        let told = Law::REACH.iter().filter(|at| **at <= far).step_by(2);
        ticks.extend(told.map(|at| at.0 as f64));
    }
    let mut axis = axes::log("live payload", &[sizes, ticks.clone()].concat(), axes::bytes_tick)?;
    axis["tickvals"] = json!(ticks);
    axis["ticktext"] = json!(ticks.iter().map(|t| axes::bytes_tick(*t)).collect::<Vec<_>>());
    Some(axis)
}

/// Marks with whiskers, and the law through them; joined by lines where there is none.
fn as_measured(source: &Source, line: &Line, kind: &Kind) -> Vec<Value> {
    let style = source.palette.of(&line.collector.name);
    let name = plain(&line.collector.name);
    let of = |pick: fn(&Estimate) -> f64| -> Vec<f64> { line.points.iter().map(|(_, e)| pick(e)).collect() };
    let text: Vec<String> = line
        .points
        .iter()
        .map(|(live, e)| format!("{}: {}", format::bytes(*live as f64), (kind.label)(e.median)))
        .collect();
    let mut marks = json!({
        "type": "scatter", "mode": if line.law.is_some() { "markers" } else { "lines+markers" }, "name": name,
        "x": line.points.iter().map(|p| p.0).collect::<Vec<_>>(), "y": of(|e| e.median),
        "text": text, "hovertemplate": "%{text}", "line": { "color": style.colour, "width": 1.5 },
        "marker": { "color": style.colour, "symbol": style.symbol, "size": 7 },
        "error_y": whiskers(&of(|e| e.median), &of(|e| e.lo), &of(|e| e.hi)),
    });
    marks["error_y"]["color"] = json!(style.colour);
    let law = line.law.map(|law| {
        let (x, y): (Vec<u64>, Vec<f64>) = law.fitted.iter().map(|(live, v)| (live.0, *v)).unzip();
        json!({
            "type": "scatter", "mode": "lines", "name": name, "x": x, "y": y, "hoverinfo": "skip",
            "line": { "color": style.colour, "width": 1.5 },
        })
    });
    law.into_iter().chain([marks]).collect()
}

/// The interval of one further run as a band, and the law in it, both dashed.
fn carried_on(source: &Source, line: &Line, kind: &Kind) -> Vec<Value> {
    let beyond = line.beyond();
    if beyond.is_empty() {
        return vec![];
    }
    let colour = source.palette.of(&line.collector.name).colour;
    let name = plain(&line.collector.name);
    let there: Vec<u64> = beyond.iter().map(|b| b.live.0).collect();
    let and_back: Vec<u64> = there.iter().chain(there.iter().rev()).copied().collect();
    let edge: Vec<f64> = beyond
        .iter()
        .map(|b| b.hi)
        .chain(beyond.iter().rev().map(|b| b.lo))
        .collect();
    let text: Vec<String> = beyond
        .iter()
        .map(|b| {
            let bounds = |lo, hi| format!("{} to {}", (kind.label)(lo), (kind.label)(hi));
            format!(
                "{}: {} ({}), extrapolated, not measured",
                format::bytes(b.live.0 as f64),
                (kind.label)(b.value),
                growth::ends(b.value, b.lo, b.hi, bounds)
            )
        })
        .collect();
    vec![
        json!({
            "type": "scatter", "mode": "lines", "name": name, "x": and_back, "y": edge, "hoverinfo": "skip", "fill": "toself", "opacity": 0.25,
            "line": { "color": colour, "width": 0.8, "dash": "dash" },
        }),
        json!({
            "type": "scatter", "mode": "lines", "name": name, "x": there, "y": beyond.iter().map(|b| b.value).collect::<Vec<_>>(),
            "text": text, "hovertemplate": "%{text}", "line": { "color": colour, "width": 1.5, "dash": "dash" },
        }),
    ]
}

/// Greys what lies beyond the largest payload from which a law is carried on, and says so.
fn mark_beyond(layout: &mut Value, lines: &[Line]) {
    let begins = lines.iter().filter_map(|l| l.beyond().first()).map(|b| b.live);
    let ends = lines.iter().filter_map(|l| l.beyond().last()).map(|b| b.live);
    let (Some(from), Some(to)) = (begins.max(), ends.max()) else {
        return;
    };
    layout["shapes"] = json!([{
        "type": "rect", "xref": "x", "yref": "paper", "x0": from.0, "x1": to.0 * 2, "y0": 0, "y1": 1, "layer": "below",
        "line": { "width": 0 }, "fillcolor": "rgba(128,132,136,0.08)",
    }]);
    layout["annotations"] = json!([{
        // On a logarithmic axis shapes take values and annotations their logarithms.
        "xref": "x", "yref": "paper", "x": (from.0 as f64).log10(), "y": 1, "xanchor": "left", "yanchor": "top",
        "text": "not measured", "showarrow": false, "font": { "size": 10 }, "borderpad": 2,
    }]);
}
