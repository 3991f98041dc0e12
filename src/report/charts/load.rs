//! Latency against load: every collector at shares of its own capacity, and at the common rate.

use serde_json::{Value, json};

use crate::artifact::analysis::Estimate;
use crate::artifact::metric::metric;
use crate::artifact::plan::{Cell, Collector, Work};
use crate::report::axes;
use crate::report::charts::{Figure, Key, layout, plain, whiskers};
use crate::report::floor;
use crate::report::format;
use crate::report::section::Group;
use crate::report::source::Source;
use crate::report::table::{Entry, Row, Table, measured};

/// From the deepest: response, service, the quantile. A figure takes the first that half of its rungs have.
const DEPTHS: [(&str, &str, f64); 3] = [
    ("response_p999_ns", "service_p999_ns", 0.999),
    ("response_p99_ns", "service_p99_ns", 0.99),
    ("response_p50_ns", "service_p50_ns", 0.5),
];

/// The work at the common rate, and its rungs from the least load up.
struct Ladder<'a> {
    common: &'a Work,
    rungs: Vec<&'a Work>,
}

/// One collector's runs at one load.
struct Point<'a> {
    work: &'a Work,
    /// Operations a second.
    offered: f64,
    achieved: f64,
    saturated: bool,
    response: Option<&'a Estimate>,
    service: Option<&'a Estimate>,
}

/// A panel per ladder.
pub fn figure(source: &Source) -> Figure {
    let ladders = ladders(source);
    let depth = deepest(source, &ladders);
    let quantile = format::quantile(depth.2);
    let mut figure = Figure::new(
        "tail-load",
        "Latency against load",
        &format!(
            "Medians of {quantile} with intervals over runs. Each collector is offered shares of its own capacity, so that its curve tells how near to \
             its limit it can be run; no verdict rests on that, for the rates are unequal. What all are offered alike, the common rate, is marked apart. The capacity is what \
             the closed loop did: nobody waits there and nobody is woken, so that it is the most that an open loop could carry. Where the backlog grew the point has no \
             percentile and stands open at the upper edge."
        ),
    );
    if ladders.is_empty() {
        figure.empty = "This suite has no ladder of loads: collectors were offered the common rate alone.";
        return figure;
    }
    figure.key = vec![
        Key::new("line-solid", "response time, own shares"),
        Key::new("line-dashed", "service time"),
        Key::new("mark-ring", "response at the common rate"),
        Key::new("mark-open", "saturated: the backlog grew"),
        Key::new("line-dotted", "capacity in closed loop"),
    ];
    figure.key.extend(floor::key(source));
    let mut works = vec![];
    for ladder in &ladders {
        let found: Vec<(&Collector, Vec<Point>)> = climbers(source, ladder)
            .into_iter()
            .map(|c| (c, points(source, ladder, c, depth)))
            .collect();
        panel(source, &mut figure, ladder, &found, &quantile);
        let items = found
            .iter()
            .map(|(c, points)| in_words(source, ladder, c, points));
        figure.said.push(Group {
            head: ladder.common.id.clone(),
            items: items.collect(),
        });
        works.push(ladder.common);
        works.extend(&ladder.rungs);
    }
    figure.table = table(source, &ladders);
    figure.traced_to_works(source, &works)
}

fn ladders<'a>(source: &Source<'a>) -> Vec<Ladder<'a>> {
    let works = &source.plan.works;
    let of = |common: &'a Work| Ladder {
        common,
        rungs: works
            .iter()
            .filter(|w| w.ladder.as_ref() == Some(&common.id))
            .collect(),
    };
    let all = works.iter().map(of);
    all.filter(|l| !l.rungs.is_empty()).collect()
}

/// Collectors that were to be offered shares of their own.
fn climbers<'a>(source: &Source<'a>, ladder: &Ladder) -> Vec<&'a Collector> {
    let has = |c: &&Collector| ladder.rungs.iter().any(|w| source.cell(&w.id, &c.name).is_some());
    source.plan.collectors.iter().filter(has).collect()
}

/// The deepest quantile that half of the rungs have that were carried: short windows of a slow collector have few requests.
fn deepest(source: &Source, ladders: &[Ladder]) -> (&'static str, &'static str, f64) {
    let rungs = ladders.iter().flat_map(|l| &l.rungs);
    let collectors = &source.plan.collectors;
    let cells = rungs.flat_map(|w| collectors.iter().map(|c| (w.id.as_str(), c.name.as_str())));
    let carried = |(work, name): &(&str, &str)| {
        let grew = source.estimate(work, name, "saturated");
        grew.is_some() && source.saturated(work, name) < 0.5
    };
    let carried: Vec<(&str, &str)> = cells.filter(carried).collect();
    let most = |metric: &str| {
        let have = carried
            .iter()
            .filter(|(work, name)| source.estimate(work, name, metric).is_some());
        2 * have.count() >= carried.len()
    };
    let known = DEPTHS.into_iter().find(|(response, ..)| most(response));
    known.unwrap_or(DEPTHS[0])
}

/// In order of load, the common rate last; only those with a valid run.
fn points<'a>(
    source: &Source<'a>,
    ladder: &Ladder<'a>,
    collector: &Collector,
    (response, service, _): (&str, &str, f64),
) -> Vec<Point<'a>> {
    let of = |work: &'a Work| {
        let get = |name: &str| source.estimate(&work.id, &collector.name, name);
        Some(Point {
            work,
            offered: get("rate")?.median,
            achieved: get("ops_per_s")?.median,
            saturated: source.saturated(&work.id, &collector.name) >= 0.5,
            response: get(response),
            service: get(service),
        })
    };
    let works = ladder.rungs.iter().copied().chain([ladder.common]);
    works.filter_map(of).collect()
}

fn capacity(source: &Source, ladder: &Ladder, collector: &Collector) -> Option<f64> {
    let cell: &Cell = source.cell(&ladder.common.id, &collector.name)?;
    source.calibration?.capacity.get(&cell.id).copied()
}

fn panel(
    source: &Source,
    figure: &mut Figure,
    ladder: &Ladder,
    found: &[(&Collector, Vec<Point>)],
    quantile: &str,
) {
    let all = || found.iter().flat_map(|(_, points)| points);
    let mut rates: Vec<f64> = all().map(|p| p.offered).collect();
    rates.extend(found.iter().filter_map(|(c, _)| capacity(source, ladder, c)));
    let estimates = all().flat_map(|p| [p.response.filter(|_| !p.saturated), p.service]);
    let mut heights: Vec<f64> = estimates.flatten().flat_map(|e| [e.lo, e.median, e.hi]).collect();
    if !heights.is_empty() {
        heights.extend(floor::of(source));
    }
    if all().any(|p| p.saturated) {
        // Room for the marks of what has no value.
        heights.extend(heights.iter().copied().reduce(f64::max).map(|most| most * 2.0));
    }
    let (Some(x), Some(y)) = (
        axes::linear(
            "offered rate",
            &[&[0.0], rates.as_slice()].concat(),
            axes::rate_tick,
        ),
        axes::log(quantile, &heights, axes::ns_tick),
    ) else {
        return;
    };
    let edge = |end: usize| 10f64.powf(y["range"][end].as_f64().unwrap_or(0.0));
    let (low, high) = (edge(0), edge(1));
    // Where the marks without a value stand: whole, below the upper edge.
    let top = low.powf(0.03) * high.powf(0.97);
    let mut data: Vec<Value> = vec![];
    for (collector, points) in found {
        let name = plain(&collector.name);
        let style = source.palette.of(&collector.name);
        if let Some(capacity) = capacity(source, ladder, collector) {
            let text = format!("capacity: {}", format::rate(capacity));
            data.push(json!({
                "type": "scatter", "mode": "lines", "name": name, "x": [capacity, capacity], "y": [low, high], "text": [&text, &text],
                "hovertemplate": "%{text}", "line": { "color": style.colour, "width": 1, "dash": "dot" },
            }));
        }
        let (common, rungs): (Vec<&Point>, Vec<&Point>) =
            points.iter().partition(|p| p.work.id == ladder.common.id);
        data.extend(curve(&name, &rungs, quantile, style.colour, style.symbol));
        for point in common {
            if let Some(response) = point.response.filter(|_| !point.saturated) {
                data.push(json!({
                    "type": "scatter", "mode": "markers", "name": name, "x": [point.offered], "y": [response.median],
                    "text": [format!("common rate {}: {quantile} {}", format::rate(point.offered), format::ns(response.median))],
                    "hovertemplate": "%{text}",
                    "marker": { "color": style.colour, "symbol": format!("{}-open-dot", style.symbol), "size": 12 },
                }));
            }
        }
        let beyond: Vec<&Point> = points.iter().filter(|p| p.saturated).collect();
        if !beyond.is_empty() {
            let told = |p: &&Point| {
                format!(
                    "offered {}, achieved {}",
                    format::rate(p.offered),
                    format::rate(p.achieved)
                )
            };
            data.push(json!({
                "type": "scatter", "mode": "markers+text", "name": name,
                "x": beyond.iter().map(|p| p.offered).collect::<Vec<_>>(), "y": vec![top; beyond.len()],
                "text": vec!["saturated"; beyond.len()], "textposition": "bottom left",
                "textfont": { "size": 10, "color": style.colour },
                "customdata": beyond.iter().map(told).collect::<Vec<_>>(), "hovertemplate": "saturated: %{customdata}",
                "cliponaxis": false, "marker": { "color": style.colour, "symbol": format!("{}-open", style.symbol), "size": 9 },
            }));
        }
    }
    let mut layout = layout(&vec![("xaxis", x), ("yaxis", y)]);
    floor::draw(source, "y", &mut layout, &mut data);
    figure.panel(&ladder.common.id, 340, data, layout);
}

/// Response with intervals, service below it.
fn curve(name: &str, rungs: &[&Point], quantile: &str, colour: &str, symbol: &str) -> Vec<Value> {
    let response = rungs.iter().filter(|p| !p.saturated);
    let response: Vec<(f64, &Estimate)> = response.filter_map(|p| Some((p.offered, p.response?))).collect();
    let service = rungs.iter().filter_map(|p| Some((p.offered, p.service?)));
    let service: Vec<(f64, &Estimate)> = service.collect();
    let line = |of: &[(f64, &Estimate)], mode: &str, word: &str, line: Value| {
        json!({
            "type": "scatter", "mode": mode, "name": name,
            "x": of.iter().map(|p| p.0).collect::<Vec<_>>(), "y": of.iter().map(|p| p.1.median).collect::<Vec<_>>(),
            "text": of.iter().map(|(rate, e)| format!("{}: {quantile} {word} {}", format::rate(*rate), format::ns(e.median))).collect::<Vec<_>>(),
            "hovertemplate": "%{text}", "line": line, "marker": { "symbol": symbol, "size": 7 },
        })
    };
    let mut traces = vec![];
    if !response.is_empty() {
        let solid = json!({ "color": colour, "width": 1.8 });
        let mut trace = line(&response, "lines+markers", "response", solid);
        let of = |pick: fn(&Estimate) -> f64| -> Vec<f64> { response.iter().map(|(_, e)| pick(e)).collect() };
        trace["error_y"] = whiskers(&of(|e| e.median), &of(|e| e.lo), &of(|e| e.hi));
        trace["error_y"]["color"] = json!(colour);
        traces.push(trace);
    }
    if !service.is_empty() {
        let dashed = json!({ "color": colour, "width": 1.2, "dash": "dash" });
        traces.push(line(&service, "lines", "service", dashed));
    }
    traces
}

/// What a collector carried of its capacity.
fn in_words(source: &Source, ladder: &Ladder, collector: &Collector, points: &[Point]) -> String {
    let name = &collector.name;
    let climbed = points.iter().any(|p| p.work.id != ladder.common.id);
    let Some(capacity) = capacity(source, ladder, collector).filter(|_| climbed) else {
        let missing = source.missing(&ladder.rungs[0].id, name);
        let why = if missing.reason.is_empty() {
            missing.word
        } else {
            missing.reason
        };
        return format!("{name}: no run at a share of its own capacity; {why}.");
    };
    let share = |p: &Point| {
        let load = source.cell(&p.work.id, name).and_then(|c| c.load.as_ref());
        load.map_or(p.offered / capacity, |l| l.fraction)
    };
    let (beyond, carried): (Vec<&Point>, Vec<&Point>) = points
        .iter()
        .filter(|p| p.work.id != ladder.common.id)
        .partition(|p| p.saturated);
    let carried = match carried.last() {
        Some(p) => format!("carried {} of it", format::percent(share(p))),
        None => "carried no share of it that was offered".to_owned(),
    };
    let saturated = beyond.first().map_or(String::new(), |p| {
        format!(
            ", saturated at {}: of {} it achieved {}",
            format::percent(share(p)),
            format::rate(p.offered),
            format::rate(p.achieved)
        )
    });
    let runs = source
        .cell(&ladder.common.id, name)
        .and_then(|c| source.calibration?.runs.get(&c.id))
        .filter(|runs| runs.len() > 1);
    let runs = runs.map_or(String::new(), |runs| {
        let each: Vec<String> = runs.iter().map(|r| format::rate(*r)).collect();
        format!(", the least of {}", each.join(" and "))
    });
    format!(
        "{name}: capacity {}{runs}; {carried}{saturated}.",
        format::rate(capacity)
    )
}

/// Response and service side by side, a row per collector and load.
fn table(source: &Source, ladders: &[Ladder]) -> Table {
    let mut head: Vec<String> = [
        "work, collector",
        "offered",
        "achieved",
        "saturated",
        "requests a run",
    ]
    .map(str::to_owned)
    .to_vec();
    let depths = || DEPTHS.iter().rev();
    for (_, _, quantile) in depths() {
        let quantile = format::quantile(*quantile);
        head.extend([format!("{quantile} response"), format!("{quantile} service")]);
    }
    let mut rows = vec![];
    for ladder in ladders {
        for collector in climbers(source, ladder) {
            for work in [ladder.common].into_iter().chain(ladder.rungs.iter().copied()) {
                let mut cells = load(source, work, collector);
                for (response, service, _) in depths() {
                    for metric in [response, service].iter().filter_map(|m| metric(m)) {
                        cells.push(measured(source, &work.id, &collector.name, metric));
                    }
                }
                rows.push(Row {
                    head: work.id.clone(),
                    note: collector.name.clone(),
                    cells,
                });
            }
        }
    }
    Table {
        caption: "Medians over runs, 95 % interval, number of runs; a quantile that has fewer than ten requests beyond it in a run is blank".into(),
        head,
        rows,
    }
}

/// Offered, achieved, saturated, requests a run.
fn load(source: &Source, work: &Work, collector: &Collector) -> Vec<Entry> {
    let name = &collector.name;
    let of = |metric_name: &str| match metric(metric_name) {
        Some(metric) => measured(source, &work.id, name, metric),
        None => Entry::none(),
    };
    let summary = source.summary(&work.id, name).filter(|s| s.valid > 0);
    let offered = source.estimate(&work.id, name, "rate");
    let grew = source.estimate(&work.id, name, "saturated");
    let grew = grew.map_or_else(Entry::none, |e| {
        let runs = e.values.iter().filter(|v| **v > 0.0).count();
        Entry::value(match runs {
            0 => "no".to_owned(),
            _ if runs == e.values.len() => "yes".to_owned(),
            _ => format!("{runs} of {}", format::things(e.values.len(), "run")),
        })
    });
    let requests = summary.and_then(|s| Some(s.curves.get("service")?.n as f64 / f64::from(s.valid)));
    vec![
        offered.map_or_else(|| of("rate"), |e| Entry::value(format::rate(e.median))),
        of("ops_per_s"),
        grew,
        requests.map_or_else(Entry::none, |n| Entry::value(format::count(n))),
    ]
}
