//! The shape of every table of the page.

use serde::Serialize;

use crate::artifact::doubt::Doubt;
use crate::artifact::metric::Metric;

use super::floor;
use super::format;
use super::source::Source;

#[derive(Clone, Debug, Default, Serialize)]
pub struct Table {
    pub caption: String,
    pub head: Vec<String>,
    pub rows: Vec<Row>,
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct Row {
    pub head: String,
    /// Below the head, smaller.
    pub note: String,
    pub cells: Vec<Entry>,
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct Entry {
    pub text: String,
    /// Below the text, smaller: an interval, a reason.
    pub note: String,
    pub doubts: Vec<String>,
    /// Why it is no finding, which sets it grey; empty for all others.
    pub under: String,
    /// `value`, `none` or `prose`: how it is set.
    pub kind: &'static str,
}

impl Entry {
    pub fn value(text: impl Into<String>) -> Entry {
        Entry {
            text: text.into(),
            kind: "value",
            ..Entry::default()
        }
    }

    pub fn prose(text: impl Into<String>) -> Entry {
        Entry {
            text: text.into(),
            kind: "prose",
            ..Entry::default()
        }
    }

    pub fn none() -> Entry {
        Entry {
            text: format::NONE.to_owned(),
            kind: "none",
            ..Entry::default()
        }
    }

    pub fn note(mut self, note: impl Into<String>) -> Entry {
        self.note = note.into();
        self
    }

    pub fn doubts(mut self, doubts: &[Doubt]) -> Entry {
        self.doubts = texts(doubts);
        self
    }
}

/// Each doubt once.
pub fn texts(doubts: &[Doubt]) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    for doubt in doubts {
        let text = doubt.to_string();
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts
}

/// The metric of one cell with interval and number of runs, or the reason why there is none.
pub fn measured(source: &Source, work: &str, collector: &str, metric: &Metric) -> Entry {
    match source.estimate(work, collector, metric.name) {
        Some(estimate) => {
            let (text, interval) = format::estimate(metric, estimate);
            let entry = Entry::value(text).note(format!("{interval}, n {}", estimate.n));
            floor::mark(source, metric, estimate.median, entry)
        }
        None if metric.name.starts_with("response_") && source.saturated(work, collector) > 0.0 => {
            let achieved = source.estimate(work, collector, "ops_per_s").map(|e| e.median);
            Entry {
                text: "saturated".to_owned(),
                note: achieved.map_or(String::new(), |rate| format!("achieved {}", format::rate(rate))),
                kind: "none",
                ..Entry::default()
            }
        }
        None => {
            let missing = source.missing(work, collector);
            Entry {
                text: missing.word,
                note: missing.reason,
                kind: "none",
                ..Entry::default()
            }
        }
    }
}
