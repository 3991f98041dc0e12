//! Percentile curves: value over 1 / (1 - q).

use serde_json::{Value, json};

use crate::artifact::analysis::Curve;
use crate::report::charts::{MAX_POINTS, plain, thin};
use crate::report::floor;
use crate::report::format;
use crate::report::palette::Style;
use crate::report::source::Source;
use crate::report::table::{Entry, Row};

/// Columns of the table beside a figure of curves.
pub const QUANTILES: [f64; 5] = [0.5, 0.9, 0.99, 0.999, 0.9999];

/// How far right a curve goes: its last quantile, or its maximum's rank.
pub fn deepest(curve: &Curve) -> f64 {
    curve.n.max(1) as f64
}

/// The line, and an open mark for the maximum, which is one value and no quantile.
pub fn traces(name: &str, curve: &Curve, style: Style, dash: &str) -> Vec<Value> {
    let points: Vec<(f64, f64)> = curve
        .points
        .iter()
        .filter(|(q, _)| (0.0..1.0).contains(q))
        .map(|(q, v)| (*q, v.0.max(1) as f64))
        .collect();
    let values: Vec<f64> = points.iter().map(|p| p.1).collect();
    let kept = thin(&values, MAX_POINTS);
    let x: Vec<f64> = kept.iter().map(|i| 1.0 / (1.0 - points[*i].0)).collect();
    let y: Vec<f64> = kept.iter().map(|i| points[*i].1).collect();
    let text: Vec<String> = kept
        .iter()
        .map(|i| format!("{}: {}", format::percent(points[*i].0), format::ns(points[*i].1)))
        .collect();
    let mut traces = vec![];
    if !x.is_empty() {
        traces.push(json!({
            "type": "scatter", "mode": "lines", "name": plain(name), "x": x, "y": y, "text": text,
            "hovertemplate": "%{text}",
            "line": { "color": style.colour, "width": if dash == "solid" { 1.8 } else { 1.2 }, "dash": dash },
        }));
    }
    if dash == "solid" && curve.n > 0 {
        let max = curve.max.0.max(1) as f64;
        traces.push(json!({
            "type": "scatter", "mode": "markers", "name": plain(name), "x": [curve.n as f64], "y": [max],
            "text": [format!("maximum of {}: {}", format::count(curve.n as f64), format::ns(max))],
            "hovertemplate": "%{text}", "cliponaxis": false,
            "marker": { "color": style.colour, "symbol": format!("{}-open", style.symbol), "size": 7 },
        }));
    }
    traces
}

/// Columns after the row's head: number of values, the quantiles, the maximum.
pub fn head(first: &str) -> Vec<String> {
    let mut head = vec![first.to_owned(), "values".to_owned()];
    head.extend(QUANTILES.map(format::quantile));
    head.push("max".to_owned());
    head
}

pub fn row(source: &Source, name: String, note: &str, curve: &Curve) -> Row {
    let entry = |ns: f64| floor::mark_ns(source, ns, Entry::value(format::ns(ns)));
    let mut cells = vec![Entry::value(format::count(curve.n as f64))];
    for wanted in QUANTILES {
        // The grid of quantiles is the analysis's: the next point at or above counts as long as it is next to the wanted one.
        let found = curve
            .points
            .iter()
            .find(|(q, _)| *q >= wanted - 1e-9)
            .filter(|(q, _)| q - wanted <= 0.1 * (1.0 - wanted) + 1e-9);
        cells.push(match found {
            Some((_, value)) => entry(value.0 as f64),
            None => Entry::none(),
        });
    }
    cells.push(entry(curve.max.0 as f64));
    Row {
        head: name,
        note: note.to_owned(),
        cells,
    }
}
