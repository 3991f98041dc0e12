//! A chart of the ledger: lines over what differs between cells, drawn with the page's own means, since that page has no script.

use serde_json::{Value, json};

use super::axes;
use super::format;
use super::ledger::known;
use super::palette::{HUES, SYMBOLS};
use crate::artifact::ledger::{Chart, Curves, Measured, Row};
use crate::artifact::metric::{self as table, Metric, Unit};

/// What tells lines apart beside their colours.
const DASHES: [&str; 5] = ["", "6 3", "2 3", "10 3 2 3", "1 4"];

/// A row's charts, as many as were measured.
pub fn of(row: &Row, all: &[Curves]) -> Vec<Value> {
    let found = |chart: &Chart| {
        let curves = all.iter().find(|c| c.row == row.name && c.title == chart.title)?;
        drawn(chart, curves)
    };
    row.charts.iter().filter_map(found).collect()
}

/// A place in percent of the plot's width, or height.
struct Scale {
    lo: f64,
    hi: f64,
    ticks: Vec<Value>,
}

impl Scale {
    /// Logarithmic; None where nothing is above zero.
    fn of(values: &[f64], label: axes::Label) -> Option<Scale> {
        let axis = axes::log("", values, label)?;
        let number = |value: &Value| value.as_f64();
        let (lo, hi) = (number(&axis["range"][0])?, number(&axis["range"][1])?);
        let mut scale = Scale {
            lo,
            hi,
            ticks: vec![],
        };
        let texts = axis["ticktext"].as_array()?.iter();
        let ticks = axis["tickvals"].as_array()?.iter().filter_map(number).zip(texts);
        scale.ticks = ticks
            .map(|(at, text)| json!({ "at": scale.place(at), "text": text }))
            .collect();
        Some(scale)
    }

    fn place(&self, value: f64) -> f64 {
        (1000.0 * 100.0 * (value.log10() - self.lo) / (self.hi - self.lo)).round() / 1000.0
    }
}

fn drawn(chart: &Chart, curves: &Curves) -> Option<Value> {
    let metric = known(&chart.metric, chart.unit);
    let label = label(chart.unit);
    let shown = |measured: &Measured| measured.value.filter(|v| *v > 0.0);
    let all: Vec<&Measured> = curves.lines.iter().flatten().flatten().collect();
    let ends = |m: &&Measured| [m.value, m.interval.map(|i| i.0), m.interval.map(|i| i.1)];
    let values: Vec<f64> = all.iter().flat_map(ends).flatten().collect();
    let y = Scale::of(&values, label)?;
    let mut x = Scale::of(&chart.at, axes::count_tick)?;
    // Ticks at what was measured.
    let text = |at: &f64| json!({ "at": x.place(*at), "text": axes::count_tick(*at) });
    x.ticks = chart.at.iter().map(text).collect();
    let lines: Vec<Value> = chart
        .lines
        .iter()
        .zip(&curves.lines)
        .enumerate()
        .map(|(i, (line, places))| {
            let there = || chart.at.iter().zip(places).filter_map(|(at, m)| Some((*at, m.as_ref()?)));
            let points: Vec<Value> = there()
                .filter_map(|(at, m)| {
                    let value = shown(m)?;
                    let ends = m.interval.filter(|(lo, _)| *lo > 0.0);
                    Some(json!({
                        "x": x.place(at),
                        "y": y.place(value),
                        "interval": ends.map(|(lo, hi)| json!({ "from": y.place(lo), "height": y.place(hi) - y.place(lo) })),
                        "text": format!("{} at {}: {}", line.name, axes::count_tick(at), format::value(&metric, value)),
                    }))
                })
                .collect();
            let path: Vec<String> = there()
                .filter_map(|(at, m)| Some(format!("{},{}", x.place(at), 100.0 - y.place(shown(m)?))))
                .collect();
            json!({
                "name": line.name,
                "colour": HUES[i % HUES.len()],
                "dash": DASHES[i % DASHES.len()],
                "outline": SYMBOLS[i % SYMBOLS.len()].1,
                "path": path.join(" "),
                "points": points,
                "cells": places.iter().map(|m| told(&metric, m.as_ref())).collect::<Vec<_>>(),
            })
        })
        .collect();
    Some(json!({
        "title": chart.title,
        "along": chart.along,
        "metric": chart.metric,
        // A workload's own value has its words in the workload's file alone.
        "sentence": table::metric(&chart.metric).map(|m| m.sentence),
        "at": chart.at.iter().map(|at| axes::count_tick(*at)).collect::<Vec<_>>(),
        "x": x.ticks,
        "y": y.ticks,
        "lines": lines,
    }))
}

/// "1.20 s [1.10, 1.31]"
fn told(metric: &Metric, measured: Option<&Measured>) -> String {
    let Some((measured, value)) = measured.and_then(|m| Some((m, m.value?))) else {
        return format::NONE.to_owned();
    };
    let number = |v: f64| format::value(metric, v);
    match measured.interval {
        Some((lo, hi)) => format!("{} [{}, {}]", number(value), number(lo), number(hi)),
        None => number(value),
    }
}

fn label(unit: Unit) -> axes::Label {
    match unit {
        Unit::Ns => axes::ns_tick,
        Unit::Bytes => axes::bytes_tick,
        Unit::PerSecond => axes::rate_tick,
        Unit::Ratio => axes::times_tick,
        Unit::BytesPerSecond | Unit::Count => axes::count_tick,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifact::ledger::Line;

    fn measured(value: f64) -> Option<Measured> {
        Some(Measured {
            value: Some(value),
            interval: Some((value / 2.0, value * 2.0)),
            values: vec![value; 3],
            unit: Some(Unit::Ns),
        })
    }

    fn row(at: &[f64]) -> Row {
        Row {
            name: "r".into(),
            title: String::new(),
            method: String::new(),
            rounds: 3,
            questions: vec![],
            charts: vec![Chart {
                title: "t".into(),
                metric: "wall_ns".into(),
                unit: Unit::Ns,
                along: "heap".into(),
                at: at.to_vec(),
                lines: vec![Line {
                    name: "<go>".into(),
                    figures: vec![None; at.len()],
                }],
            }],
        }
    }

    fn curves(places: Vec<Option<Measured>>) -> Vec<Curves> {
        vec![Curves {
            row: "r".into(),
            title: "t".into(),
            lines: vec![places],
        }]
    }

    #[test]
    fn equal_ratios_are_equal_steps_and_a_gap_is_no_point() {
        let found = of(
            &row(&[1.0, 10.0, 100.0]),
            &curves(vec![measured(1e6), None, measured(4e6)]),
        );
        let line = &found[0]["lines"][0];
        let x: Vec<f64> = found[0]["x"]
            .as_array()
            .unwrap()
            .iter()
            .map(|t| t["at"].as_f64().unwrap())
            .collect();
        assert!((x[1] - x[0] - (x[2] - x[1])).abs() < 0.01, "{x:?}");
        assert_eq!(line["points"].as_array().unwrap().len(), 2);
        assert_eq!(line["path"].as_str().unwrap().split(' ').count(), 2);
        assert_eq!(line["cells"][1], format::NONE);
        for point in line["points"].as_array().unwrap() {
            let (y, interval) = (point["y"].as_f64().unwrap(), &point["interval"]);
            let (from, height) = (
                interval["from"].as_f64().unwrap(),
                interval["height"].as_f64().unwrap(),
            );
            assert!(from < y && y < from + height && from > 0.0 && from + height < 100.0);
        }
    }

    #[test]
    fn a_metric_of_the_table_is_explained_and_a_workloads_own_value_is_not_taken_for_one() {
        let mut row = row(&[1.0, 2.0]);
        let drawn = |row: &Row| of(row, &curves(vec![measured(1.0), measured(2.0)]));
        assert!(
            drawn(&row)[0]["sentence"]
                .as_str()
                .is_some_and(|s| s.contains("window"))
        );
        row.charts[0].metric = "value.object_bytes".into();
        assert!(drawn(&row)[0]["sentence"].is_null());
    }

    #[test]
    fn a_chart_without_a_value_is_not_drawn() {
        assert!(of(&row(&[1.0, 2.0]), &curves(vec![None, None])).is_empty());
        assert!(of(&row(&[1.0, 2.0]), &[]).is_empty());
    }
}
