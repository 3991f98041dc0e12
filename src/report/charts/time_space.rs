//! What memory buys: cost against measured peak memory, a curve per collector (Hertz & Berger, OOPSLA'05, drew them first).

use serde_json::{Value, json};

use crate::artifact::plan::{Budget, Work};
use crate::artifact::tradeoff::{Curve, Point, Price, Spread, Tradeoff};
use crate::report::axes;
use crate::report::charts::{Figure, Key, layout, plain, whiskers};
use crate::report::format;
use crate::report::palette::is_reference;
use crate::report::source::Source;
use crate::report::table::{Entry, Row, Table};

/// The figure over these measures of cost; None where no task was done with several amounts of memory.
pub fn figure(source: &Source, id: &str, prices: &[Price]) -> Option<Figure> {
    let told: Vec<&Tradeoff> = source
        .analysis
        .tradeoffs
        .iter()
        .filter(|t| prices.contains(&t.cost))
        .collect();
    if told.is_empty() {
        return None;
    }
    let mut figure = Figure::new(
        id,
        "What memory buys",
        "The same work with more and less memory: a point per budget or setting, where it really came to lie, with intervals; left is smaller, down is cheaper. A line joins \
         the points of a collector that are worth having: no other of its own has both less memory and less cost. The dashed line joins those of which this is true over \
         all collectors but the references: the Pareto front. Verdicts on throughput are read off these lines at equal memory, straight in logarithms between two points and never beyond the last. \
         1 × of cost is the least of any judged collector. Both scales are logarithmic.",
    );
    figure.key = vec![
        Key::new("line-dotted", "Pareto front over all collectors"),
        Key::new(
            "mark-diamond",
            "a setting not worth having, or one that failed in some rounds",
        ),
    ];
    for tradeoff in &told {
        if let Some((title, data, axes)) = panel(source, tradeoff) {
            figure.panel(&title, 320, data, layout(&axes));
        }
    }
    let drawn = |name: &String| told.iter().any(|t| t.curves.iter().any(|c| c.collector == *name));
    let names = source.plan.collectors.iter().map(|c| c.name.clone());
    figure.collectors = names.filter(drawn).collect();
    figure.table = table(source, &told);
    let works: Vec<&Work> = source
        .plan
        .works
        .iter()
        .filter(|w| told.iter().any(|t| t.task == w.task()))
        .collect();
    Some(figure.traced_to_works(source, &works))
}

fn words(price: Price) -> &'static str {
    match price {
        Price::Wall => "wall time",
        Price::Cpu => "CPU time",
        Price::Tail => "p99.9 response",
    }
}

fn panel(source: &Source, told: &Tradeoff) -> Option<(String, Vec<Value>, axes::Axes)> {
    let live = told.live.0 as f64;
    let judged = |c: &&Curve| {
        source
            .plan
            .collector(&c.collector)
            .is_some_and(|c| !is_reference(c))
    };
    let points = || told.curves.iter().flat_map(|c| &c.points);
    let least = |curves: Vec<&Curve>| {
        let costs = curves.into_iter().flat_map(|c| &c.points).map(|p| p.cost.value);
        costs.min_by(f64::total_cmp)
    };
    let best =
        least(told.curves.iter().filter(judged).collect()).or_else(|| least(told.curves.iter().collect()))?;
    let reach = |of: fn(&Point) -> Spread, by: f64| -> Vec<f64> {
        let spreads = points().map(of);
        spreads
            .flat_map(|s| [s.lo / by, s.value / by, s.hi / by])
            .collect()
    };
    let x = axes::log(
        "peak memory / live payload",
        &reach(|p| p.memory, live),
        axes::times_tick,
    )?;
    let y = axes::log(
        &format!("{}, best = 1", words(told.cost)),
        &reach(|p| p.cost, best),
        axes::times_tick,
    )?;
    let mut data: Vec<Value> = front(told, live, best).into_iter().collect();
    for curve in &told.curves {
        data.extend(lines(source, curve, told, live, best));
    }
    let title = format!("{}, {}", told.task, words(told.cost));
    Some((title, data, vec![("xaxis", x), ("yaxis", y)]))
}

fn front(told: &Tradeoff, live: f64, best: f64) -> Option<Value> {
    let mut places: Vec<(f64, f64)> = told
        .curves
        .iter()
        .flat_map(|c| &c.points)
        .filter(|p| p.front)
        .map(|p| (p.memory.value / live, p.cost.value / best))
        .collect();
    places.sort_by(|x, y| x.0.total_cmp(&y.0));
    let (x, y): (Vec<f64>, Vec<f64>) = places.into_iter().unzip();
    (x.len() > 1).then(|| {
        json!({
            "type": "scatter", "mode": "lines", "name": "Pareto front", "x": x, "y": y, "hoverinfo": "skip",
            "line": { "color": "#8b9094", "width": 7, "dash": "dot" }, "opacity": 0.45,
        })
    })
}

/// The points worth having, joined; then the others, hollow.
fn lines(source: &Source, curve: &Curve, told: &Tradeoff, live: f64, best: f64) -> Vec<Value> {
    let style = source.palette.of(&curve.collector);
    let trace = |points: Vec<&Point>, worth: bool| {
        let of =
            |pick: fn(&Point) -> f64, by: f64| -> Vec<f64> { points.iter().map(|p| pick(p) / by).collect() };
        let text: Vec<String> = points.iter().map(|p| hover(source, told, p, best)).collect();
        let (x, y) = (of(|p| p.memory.value, live), of(|p| p.cost.value, best));
        let mut trace = json!({
            "type": "scatter", "mode": if worth { "lines+markers" } else { "markers" }, "name": plain(&curve.collector),
            "text": text, "hovertemplate": "%{text}<extra></extra>",
            "line": { "color": style.colour, "width": 1.6 },
            "marker": {
                "color": if worth { style.colour } else { "rgba(0,0,0,0)" }, "symbol": style.symbol, "size": 8,
                "line": { "color": style.colour, "width": 1.4 },
            },
            "error_x": whiskers(&x, &of(|p| p.memory.lo, live), &of(|p| p.memory.hi, live)),
            "error_y": whiskers(&y, &of(|p| p.cost.lo, best), &of(|p| p.cost.hi, best)),
            "x": x, "y": y,
        });
        for error in ["error_x", "error_y"] {
            trace[error]["color"] = json!(style.colour);
        }
        trace
    };
    let (worth, rest): (Vec<&Point>, Vec<&Point>) = curve.points.iter().partition(|p| p.own_front);
    [(worth, true), (rest, false)]
        .into_iter()
        .filter(|(points, _)| !points.is_empty())
        .map(|(points, worth)| trace(points, worth))
        .collect()
}

fn hover(source: &Source, told: &Tradeoff, point: &Point, best: f64) -> String {
    format!(
        "{}: {} of the best {}, {} of live{}",
        plain(&setting(source, point)),
        format::times(point.cost.value / best),
        words(told.cost),
        format::times(point.memory.value / told.live.0 as f64),
        if point.failed > 0 {
            ", failed in some rounds"
        } else {
            ""
        },
    )
}

/// "g1, 3 × live", "go-gogc50".
pub fn setting(source: &Source, point: &Point) -> String {
    let Some(cell) = source.plan.cell(&point.cell) else {
        return point.cell.clone();
    };
    match source.plan.work(&cell.work).map(|w| w.budget) {
        Some(Budget::TimesLive(times)) => format!("{}, {} live", cell.collector, format::times(times)),
        _ => format!("{}, no limit", cell.collector),
    }
}

fn table(source: &Source, told: &[&Tradeoff]) -> Table {
    let mut rows = vec![];
    for tradeoff in told {
        let live = tradeoff.live.0 as f64;
        for point in tradeoff.curves.iter().flat_map(|c| &c.points) {
            let note = |s: Spread, by: f64| format::bounds(s.lo / by, s.hi / by);
            let worth = match (point.front, point.own_front, point.failed) {
                (true, ..) => "on the front over all collectors",
                (_, true, _) => "on its own",
                (_, _, 0) => "on none",
                _ => "on none: it failed in some rounds",
            };
            rows.push(Row {
                head: tradeoff.task.clone(),
                note: format!("{}, {}", setting(source, point), words(tradeoff.cost)),
                cells: vec![
                    Entry::value(format::times(point.memory.value / live)).note(note(point.memory, live)),
                    Entry::value(format::ns(point.cost.value)).note(format!(
                        "{} to {}, n {}",
                        format::ns(point.cost.lo),
                        format::ns(point.cost.hi),
                        point.runs.len()
                    )),
                    Entry::prose(worth),
                ],
            });
        }
    }
    Table {
        caption: "Medians with 95 % intervals".into(),
        head: ["task, setting", "peak memory / live", "cost", "front"]
            .map(str::to_owned)
            .into(),
        rows,
    }
}
