//! Axes of charts: ranges and ticks computed here, so that their texts come from `format` and panels of one figure share a scale.

use serde_json::{Value, json};

use super::format;

// Ticks are drawn without colour: they keep the labels of both axes apart at the corner.

/// Layout key ("xaxis", "yaxis2") and axis.
pub type Axes = Vec<(&'static str, Value)>;

/// How a number on an axis is written.
pub type Label = fn(f64) -> String;

/// Logarithmic over all of `values` that are positive, with a margin; None where there are none.
pub fn log(title: &str, values: &[f64], label: Label) -> Option<Value> {
    let (lo, hi) = extent(values.iter().copied().filter(|v| *v > 0.0))?;
    let (lo, hi) = (lo.log10() - 0.08, hi.log10() + 0.08);
    // At least half a decade, or a flat series fills the height with noise.
    let pad = ((0.5 - (hi - lo)) / 2.0).max(0.0);
    let (lo, hi) = (lo - pad, hi + pad);
    let steps: &[f64] = if hi - lo < 0.55 {
        &[1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0]
    } else if hi - lo < 0.9 {
        // Six at most: a narrow screen has room for no more texts.
        &[1.0, 1.5, 2.0, 3.0, 5.0, 7.0]
    } else if hi - lo < 2.2 {
        &[1.0, 2.0, 5.0]
    } else if hi - lo < 4.0 {
        &[1.0, 3.0]
    } else {
        &[1.0]
    };
    let mut ticks = vec![];
    for decade in (lo.floor() as i32)..=(hi.ceil() as i32) {
        for step in steps {
            let at = step * 10f64.powi(decade);
            if (lo..=hi).contains(&at.log10()) {
                ticks.push(at);
            }
        }
    }
    Some(axis(title, "log", [lo, hi], &ticks, label))
}

/// Keeps every second, third... tick, for strips with room for few.
pub fn few_ticks(mut axis: Value, most: usize) -> Value {
    for key in ["tickvals", "ticktext"] {
        if let Some(ticks) = axis[key].as_array_mut() {
            let step = ticks.len().div_ceil(most.max(1)).max(1);
            *ticks = ticks.iter().step_by(step).cloned().collect();
        }
    }
    axis
}

/// Linear from zero (or the lowest value, where that is negative) to a little above the highest.
pub fn linear(title: &str, values: &[f64], label: Label) -> Option<Value> {
    let (lo, hi) = extent(values.iter().copied())?;
    let lo = lo.min(0.0);
    let hi = if hi > lo { hi + (hi - lo) * 0.06 } else { lo + 1.0 };
    let ticks = round_ticks(lo, hi, 10.0, 1.0);
    Some(axis(title, "linear", [lo, hi], &ticks, label))
}

/// Things numbered from zero or one, with room for a mark at both ends.
pub fn numbered(title: &str, values: &[f64]) -> Option<Value> {
    let (lo, hi) = extent(values.iter().copied())?;
    let room = ((hi - lo) * 0.04).max(0.2);
    let mut ticks = round_ticks(lo, hi.max(lo + 1.0), 10.0, 1.0);
    ticks.retain(|t| t.fract() == 0.0 && *t <= hi);
    Some(axis(title, "linear", [lo - room, hi + room], &ticks, count_tick))
}

/// As [`linear`] for bytes: ticks at round numbers of KiB, MiB or GiB.
pub fn linear_bytes(title: &str, values: &[f64]) -> Option<Value> {
    let (_, hi) = extent(values.iter().copied())?;
    let hi = (hi * 1.06).max(1.0);
    let unit = 1024f64.powf((hi / 2.0).log(1024.0).floor().max(0.0));
    Some(axis(
        title,
        "linear",
        [0.0, hi],
        &round_ticks(0.0, hi, 10.0, unit),
        bytes_tick,
    ))
}

/// Percentiles as distance from 100 %: x = 1 / (1 - q), logarithmic; `deepest` is the largest x drawn.
pub fn percentiles(deepest: f64) -> Value {
    let ticks = [2.0f64, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6, 1e7];
    let hi = deepest.max(10.0).log10() + 0.06;
    let shown: Vec<f64> = ticks.into_iter().filter(|t| t.log10() <= hi).collect();
    let texts: Vec<String> = shown
        .iter()
        .map(|t| format::percent(1.0 - 1.0 / t).replace("\u{a0}%", ""))
        .collect();
    json!({
        "type": "log", "range": [0.0, hi], "tickvals": shown, "ticktext": texts, "title": title("percentile"),
        "zeroline": false, "automargin": true, "tickangle": 0, "ticks": "outside", "ticklen": 4, "tickcolor": "rgba(0,0,0,0)",
    })
}

/// Names, one below the other in the given order.
pub fn names_down(names: &[String]) -> Value {
    json!({
        "type": "category", "categoryorder": "array", "categoryarray": names, "autorange": "reversed",
        "automargin": true, "ticks": "outside", "ticklen": 4, "tickcolor": "rgba(0,0,0,0)", "showgrid": false, "fixedrange": true,
    })
}

/// Names, side by side.
pub fn names_across(names: &[String]) -> Value {
    json!({
        "type": "category", "categoryorder": "array", "categoryarray": names, "automargin": true, "ticks": "outside",
        "ticklen": 4, "tickcolor": "rgba(0,0,0,0)", "showgrid": false, "fixedrange": true,
    })
}

fn axis(name: &str, kind: &str, range: [f64; 2], ticks: &[f64], label: Label) -> Value {
    let texts: Vec<String> = ticks.iter().map(|t| label(*t)).collect();
    json!({
        "type": kind, "range": range, "tickvals": ticks, "ticktext": texts, "title": title(name),
        "zeroline": false, "automargin": true, "ticks": "outside", "ticklen": 4, "tickcolor": "rgba(0,0,0,0)",
    })
}

fn title(text: &str) -> Value {
    json!({ "text": text, "standoff": 6, "font": { "size": 11 } })
}

fn extent(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values
        .filter(|v| v.is_finite())
        .fold(None, |extent, v| match extent {
            None => Some((v, v)),
            Some((lo, hi)) => Some((f64::min(lo, v), f64::max(hi, v))),
        })
}

/// Four to eight multiples of 1, 2 or 5 times a power of `base`, in `unit`s.
fn round_ticks(lo: f64, hi: f64, base: f64, unit: f64) -> Vec<f64> {
    let rough = (hi - lo) / unit / 5.0;
    let power = base.powf(rough.log(base).floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|m| m * power)
        .find(|s| *s >= rough)
        .unwrap_or(power)
        * unit;
    let first = (lo / step).ceil() as i64;
    let last = (hi / step).floor() as i64;
    (first..=last).map(|i| i as f64 * step).collect()
}

/// A duration as an axis tick: whole numbers stay short, zero needs no unit.
pub fn ns_tick(value: f64) -> String {
    if value == 0.0 {
        return format::significant(value);
    }
    short(&format::ns(value))
}

pub fn bytes_tick(value: f64) -> String {
    short(&format::bytes(value))
}

pub fn times_tick(value: f64) -> String {
    short(&format::times(value))
}

pub fn rate_tick(value: f64) -> String {
    if value == 0.0 {
        return format::significant(value);
    }
    short(&format::rate(value))
}

pub fn share_tick(value: f64) -> String {
    short(&format::share(value))
}

pub fn count_tick(value: f64) -> String {
    short(&format::significant(value))
}

/// `1.00 ms` -> `1 ms`: the zeros of a tick carry no precision.
fn short(text: &str) -> String {
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '−' || c == ','))
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    if number.contains('.') {
        format!("{}{unit}", number.trim_end_matches('0').trim_end_matches('.'))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(axis: &Value) -> Vec<String> {
        axis["ticktext"]
            .as_array()
            .unwrap()
            .iter()
            .map(|t| t.as_str().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn ticks_are_round_and_carry_units() {
        let axis = log("", &[90_000.0, 12e6], ns_tick).unwrap();
        assert_eq!(
            ticks(&axis),
            [
                "100\u{a0}µs",
                "300\u{a0}µs",
                "1\u{a0}ms",
                "3\u{a0}ms",
                "10\u{a0}ms"
            ]
        );
        let axis = linear_bytes("", &[700.0 * 1048576.0]).unwrap();
        assert_eq!(ticks(&axis)[1], "200\u{a0}MiB");
        let axis = linear("", &[0.2, 3.9], times_tick).unwrap();
        assert_eq!(ticks(&axis)[..3], ["0\u{a0}×", "1\u{a0}×", "2\u{a0}×"]);
    }

    #[test]
    fn numbered_things_have_whole_ticks_and_room_at_both_ends() {
        let axis = numbered("epoch", &[0.0, 1.0, 2.0]).unwrap();
        assert_eq!(ticks(&axis), ["0", "1", "2"]);
        assert!(axis["range"][0].as_f64().unwrap() < 0.0 && axis["range"][1].as_f64().unwrap() > 2.0);
        assert_eq!(ticks(&numbered("epoch", &[3.0]).unwrap()), ["3"]);
    }

    #[test]
    fn no_value_makes_no_axis() {
        assert!(log("", &[0.0, f64::NAN], ns_tick).is_none());
        assert!(linear("", &[], count_tick).is_none());
    }

    #[test]
    fn a_strip_gets_few_ticks_and_each_keeps_its_text() {
        let axis = few_ticks(log("", &[1e4, 1e8], ns_tick).unwrap(), 4);
        assert!(ticks(&axis).len() <= 4);
        assert_eq!(axis["tickvals"].as_array().unwrap().len(), ticks(&axis).len());
    }

    #[test]
    fn percentile_ticks_end_where_the_data_end() {
        let axis = percentiles(1000.0);
        assert_eq!(ticks(&axis).last().unwrap(), "99.9");
    }
}
