//! The noise floor: what an idle process beside the runs was late by, at p99. A pause or a response below it is no finding; it is drawn as a
//! band, and what lies in it is grey.

use serde_json::{Value, json};

use crate::artifact::doubt::Doubt;
use crate::artifact::metric::{Metric, Unit};
use crate::report::charts::Key;
use crate::report::format;
use crate::report::source::Source;
use crate::report::table::Entry;

/// Of marks under the floor; the band is lighter.
const GREY: &str = "#a9adb1";
/// Traces with more points than this do not say it of each.
const FEW: usize = 60;

/// ns; None where no control process was heard.
pub fn of(source: &Source) -> Option<f64> {
    let noise = source.analysis.noise.as_ref()?;
    Some(noise.p99.0 as f64).filter(|p99| *p99 > 0.0)
}

/// What an entry under the floor says when it is pointed at.
fn words(floor: f64) -> String {
    format!(
        "under the noise floor: an idle process beside the runs was late by {} at p99, so this is no finding",
        format::ns(floor)
    )
}

/// Lengths of single gaps that an idle process would see as well. Sums and costs are none, and the idle process is the floor itself.
fn is_gap(metric: &Metric) -> bool {
    let kinds = ["pause_", "stall_", "ttsp_", "watcher_", "response_", "service_"];
    metric.unit == Unit::Ns
        && !metric.name.contains("_total")
        && kinds.iter().any(|kind| metric.name.starts_with(kind))
}

/// Grey if it is a gap below the floor.
pub fn mark(source: &Source, metric: &Metric, value: f64, entry: Entry) -> Entry {
    if is_gap(metric) {
        mark_ns(source, value, entry)
    } else {
        entry
    }
}

/// As [`mark`], of a duration that is a gap.
pub fn mark_ns(source: &Source, value: f64, mut entry: Entry) -> Entry {
    if let Some(floor) = of(source).filter(|floor| value > 0.0 && value < *floor) {
        entry.under = words(floor);
    }
    entry
}

/// What a ratio under the floor says; empty for all others.
pub fn doubted(doubts: &[Doubt]) -> String {
    doubts
        .iter()
        .find_map(|d| match d {
            Doubt::UnderNoiseFloor { floor_ns, .. } => Some(words(*floor_ns as f64)),
            _ => None,
        })
        .unwrap_or_default()
}

/// The band's entry in a figure's key; none without a floor.
pub fn key(source: &Source) -> Option<Key> {
    let floor = of(source)?;
    let text = format!("noise floor: p99 of an idle process, {}", format::ns(floor));
    Some(Key::new("band", &text))
}

/// Draws the band, from zero to the floor, into a layout whose `axis` ("y", "y2") is a logarithmic axis of durations, and greys the marks of
/// `data` on it that lie below.
pub fn draw(source: &Source, axis: &str, layout: &mut Value, data: &mut [Value]) {
    let Some(floor) = of(source) else { return };
    push(
        layout,
        "shapes",
        json!({
            "type": "rect", "xref": "paper", "yref": axis, "x0": 0, "x1": 1, "y0": 1, "y1": floor, "layer": "below",
            "line": { "width": 0 }, "fillcolor": "rgba(128,132,136,0.16)",
        }),
    );
    push(
        layout,
        "annotations",
        json!({
            // On a logarithmic axis shapes take values and annotations their logarithms.
            "xref": "paper", "yref": axis, "x": 1, "y": floor.log10(), "xanchor": "right", "yanchor": "top",
            "text": "noise floor", "showarrow": false, "font": { "size": 10 }, "borderpad": 1,
        }),
    );
    for trace in data
        .iter_mut()
        .filter(|t| t["yaxis"].as_str().unwrap_or("y") == axis)
    {
        grey(trace, floor);
    }
}

fn push(layout: &mut Value, list: &str, item: Value) {
    match layout[list].as_array_mut() {
        Some(items) => items.push(item),
        None => layout[list] = json!([item]),
    }
}

/// Bars and markers; a line stays what it is, for it lies within the band for all to see.
fn grey(trace: &mut Value, floor: f64) {
    let marks = trace["type"] == "bar" || trace["mode"].as_str().is_some_and(|m| m.contains("markers"));
    let Some(values) = trace["y"].as_array().filter(|_| marks) else {
        return;
    };
    let below: Vec<bool> = values
        .iter()
        .map(|v| v.as_f64().is_some_and(|v| v > 0.0 && v < floor))
        .collect();
    if !below.contains(&true) {
        return;
    }
    let own = match &trace["marker"]["color"] {
        Value::Null => trace["line"]["color"].clone(),
        colour => colour.clone(),
    };
    let colours: Vec<Value> = below
        .iter()
        .enumerate()
        .map(|(i, below)| match (below, own.as_array()) {
            (true, _) => json!(GREY),
            (false, Some(each)) => each.get(i).cloned().unwrap_or(Value::Null),
            (false, None) => own.clone(),
        })
        .collect();
    trace["marker"]["color"] = json!(colours);
    if below.len() > FEW {
        return;
    }
    for key in ["text", "hovertext"] {
        let Some(texts) = trace[key].as_array_mut() else {
            continue;
        };
        for (text, _) in texts.iter_mut().zip(&below).filter(|(_, below)| **below) {
            if let Some(said) = text.as_str() {
                *text = json!(format!("{said}, under the noise floor"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifact::metric::{METRICS, metric};

    #[test]
    fn only_lengths_of_single_gaps_have_a_floor() {
        for name in [
            "pause_max_ns",
            "response_p999_ns",
            "watcher_p99_ns",
            "stall_max_ns",
            "ttsp_max_ns",
        ] {
            assert!(is_gap(metric(name).unwrap()), "{name}");
        }
        for name in [
            "pause_total_ns",
            "stall_total_ns",
            "control_max_ns",
            "wall_ns",
            "pause_count",
        ] {
            assert!(!is_gap(metric(name).unwrap()), "{name}");
        }
        assert!(METRICS.iter().any(is_gap));
    }

    #[test]
    fn marks_below_are_grey_and_say_so_and_the_others_keep_their_colour() {
        let mut bar = json!({ "type": "bar", "y": [5.0, null, 50.0], "hovertext": ["a", "", "b"], "marker": { "color": ["#1", "#2", "#3"] } });
        grey(&mut bar, 10.0);
        assert_eq!(bar["marker"]["color"], json!([GREY, "#2", "#3"]));
        assert_eq!(bar["hovertext"], json!(["a, under the noise floor", "", "b"]));
        let mut line = json!({ "type": "scatter", "mode": "lines+markers", "y": [50.0, 5.0], "text": ["a", "b"], "line": { "color": "#1" } });
        grey(&mut line, 10.0);
        assert_eq!(line["marker"]["color"], json!(["#1", GREY]));
        let mut curve = json!({ "type": "scatter", "mode": "lines", "y": [5.0] });
        grey(&mut curve, 10.0);
        assert!(curve["marker"].is_null());
    }
}
