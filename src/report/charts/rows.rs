//! Panels of horizontal bars: a row per collector, layers of one colour over each other.

use serde_json::{Value, json};

use crate::artifact::analysis::Estimate;
use crate::artifact::plan::Collector;
use crate::report::charts::{plain, whiskers};
use crate::report::source::Source;

/// A number with its interval.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    pub value: f64,
    pub lo: f64,
    pub hi: f64,
}

impl From<&Estimate> for Span {
    fn from(estimate: &Estimate) -> Span {
        Span {
            value: estimate.median,
            lo: estimate.lo,
            hi: estimate.hi,
        }
    }
}

impl Span {
    pub fn divided_by(self, by: f64) -> Span {
        Span {
            value: self.value / by,
            lo: self.lo / by,
            hi: self.hi / by,
        }
    }
}

/// Height of a panel with a row per collector.
pub fn height(collectors: &[&Collector]) -> u32 {
    56 + 24 * collectors.len() as u32
}

pub fn names(collectors: &[&Collector]) -> Vec<String> {
    collectors.iter().map(|c| plain(&c.name)).collect()
}

/// Bars; `spans` has one entry per collector, `text` what hovering says. None where no collector has a value.
pub fn bars(
    source: &Source,
    collectors: &[&Collector],
    spans: &[Option<Span>],
    opacity: f64,
    with_whiskers: bool,
    text: Vec<String>,
) -> Option<Value> {
    if spans.iter().all(Option::is_none) {
        return None;
    }
    let of =
        |pick: fn(&Span) -> f64| -> Vec<f64> { spans.iter().map(|s| s.as_ref().map_or(0.0, pick)).collect() };
    let values: Vec<Option<f64>> = spans.iter().map(|s| s.map(|s| s.value)).collect();
    let mut bars = json!({
        "type": "bar", "orientation": "h", "y": names(collectors), "x": values, "opacity": opacity,
        "hovertext": text, "hovertemplate": "%{hovertext}<extra></extra>",
        "marker": { "color": colours(source, collectors), "line": { "width": 0 } },
    });
    if with_whiskers {
        bars["error_x"] = whiskers(&of(|s| s.value), &of(|s| s.lo), &of(|s| s.hi));
        bars["error_x"]["color"] = json!("#7d8286");
    }
    Some(bars)
}

/// Marks instead of bars, on the same rows.
pub fn marks(
    source: &Source,
    collectors: &[&Collector],
    spans: &[Option<Span>],
    symbol: &str,
    text: Vec<String>,
) -> Option<Value> {
    if spans.iter().all(Option::is_none) {
        return None;
    }
    let values: Vec<Option<f64>> = spans.iter().map(|s| s.map(|s| s.value)).collect();
    Some(json!({
        "type": "scatter", "mode": "markers", "y": names(collectors), "x": values, "text": text,
        "hovertemplate": "%{text}<extra></extra>",
        "marker": { "color": "#ffffff", "symbol": symbol, "size": 8, "line": { "width": 1.6, "color": colours(source, collectors) } },
    }))
}

fn colours(source: &Source, collectors: &[&Collector]) -> Vec<&'static str> {
    collectors
        .iter()
        .map(|c| source.palette.of(&c.name).colour)
        .collect()
}
