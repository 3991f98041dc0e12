//! `workloads/claims/<row>.toml`: what is asserted of collectors, from which processes it is read, and what would settle it.
//!
//! Names that point to something else know their place in the file, so that a mistake is shown with line and column.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::artifact::plan::Mode;

/// One row of the ledger: claims that share a mechanism, and the processes that they are read from.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimFile {
    /// The file's name without `.toml`: `task-04`.
    pub row: Spanned<String>,
    /// What the row is about.
    pub title: String,
    /// How it is tested, and what would have measured nothing.
    pub method: String,
    /// Fresh processes of each cell.
    pub rounds: u32,
    #[serde(default, rename = "cell")]
    pub cells: BTreeMap<String, ClaimCell>,
    #[serde(default, rename = "chart")]
    pub charts: Vec<Chart>,
    #[serde(rename = "claim")]
    pub claims: Vec<Claim>,
}

/// One metric of several cells over what differs between them. It judges nothing.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chart {
    pub title: Spanned<String>,
    pub metric: Spanned<String>,
    /// What `at` counts.
    pub along: String,
    /// Ascending, above zero: the scale is logarithmic.
    pub at: Vec<f64>,
    /// Name -> a cell of this row for each of `at`; an empty name where there is none.
    #[serde(rename = "line")]
    pub lines: BTreeMap<String, Vec<Spanned<String>>>,
}

/// One workload under one collector: every run of it is a value of whatever metric a claim asks for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimCell {
    pub workload: Spanned<String>,
    pub collector: Spanned<String>,
    /// Whose sizes it has where nothing else is said.
    pub preset: Spanned<String>,
    #[serde(default = "closed")]
    pub mode: Mode,
    pub variant: Option<String>,
    pub live: Option<String>,
    /// Memory budget, as a multiple of the live payload.
    pub budget: Option<f64>,
    pub threads: Option<u32>,
    pub warmup_ops: Option<u64>,
    pub ops: Option<u64>,
    /// Of an open loop: operations a second, and how long.
    pub rate: Option<f64>,
    pub open_seconds: Option<f64>,
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
    /// Beside the collector's own, or instead of them.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// After the collector's own.
    #[serde(default)]
    pub flags: Vec<String>,
}

fn closed() -> Mode {
    Mode::Closed
}

/// One assertion, with exactly one of the tests.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// `task-04-cycles`: begins with the row's name.
    pub id: Spanned<String>,
    /// The assertion, in a sentence of our own.
    pub says: String,
    pub between: Option<Between>,
    pub course: Option<Course>,
    pub tour: Option<Tour>,
    /// What it comes from, in a sentence with measured figures: `{half.gc_cycles}` is the median of that metric in that cell.
    pub because: Option<Spanned<String>>,
    /// When the assertion means nothing on a machine.
    pub inapplicable: String,
}

/// A value, or its ratio to another, lies within bounds.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Between {
    /// `half.gc_cycles`: cell and metric; `task-14/half.gc_cycles` for a cell of another row. The metric `survived` is 1 for a run that ended well,
    /// and 0 for one that died of memory; `started` is 0 for one whose runtime refused a setting.
    pub value: Spanned<String>,
    /// What it is divided by, round by round.
    pub over: Option<Spanned<String>>,
    pub at_least: Option<f64>,
    pub at_most: Option<f64>,
    /// Every single run must do so, as with facts that do not vary; otherwise the 95 % interval of the mean decides.
    #[serde(default)]
    pub in_every_run: bool,
}

/// Values go one way along a series of cells.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Course {
    /// Of one metric, in the order in which the cells are compared: each with the next.
    pub along: Vec<Spanned<String>>,
    pub goes: Direction,
}

/// Lines that a runtime's own source has, in this order. No process is run for it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tour {
    /// Whose toolchain's source.
    pub collector: Spanned<String>,
    /// Below the toolchain's `src`: `runtime/mgc.go`.
    pub file: String,
    /// Pieces of lines. Where the first begins a function, the others must be inside it.
    pub finds: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    Up,
    Down,
}

/// Outcomes of the process itself, beside the metrics of samples.csv. This one: it did not die of memory.
pub const SURVIVED: &str = "survived";
/// Its runtime let the program begin.
pub const STARTED: &str = "started";
pub const FATES: [&str; 2] = [SURVIVED, STARTED];

/// `task-14/half.gc_cycles` in its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference<'a> {
    /// None: the row in which it stands.
    pub row: Option<&'a str>,
    pub cell: &'a str,
    pub metric: &'a str,
}

impl<'a> Reference<'a> {
    /// None where the text is not of that form.
    pub fn parse(text: &'a str) -> Option<Self> {
        let (row, rest) = match text.split_once('/') {
            Some((row, rest)) => (Some(row), rest),
            None => (None, text),
        };
        let (cell, metric) = rest.split_once('.')?;
        let named = !cell.is_empty() && !metric.is_empty() && row != Some("");
        named.then_some(Reference { row, cell, metric })
    }
}

/// A piece of a sentence: text, or what stood between braces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    Text(&'a str),
    Figure(&'a str),
}

/// The sentence in pieces; Err is the place of a brace without its other.
pub fn pieces(text: &str) -> Result<Vec<Piece<'_>>, usize> {
    let mut all = Vec::new();
    let mut at = 0;
    while let Some(open) = text[at..].find(['{', '}']).map(|n| at + n) {
        if text[open..].starts_with('}') {
            return Err(open);
        }
        let close = text[open + 1..].find(['{', '}']).map(|n| open + 1 + n);
        let Some(close) = close.filter(|c| text[*c..].starts_with('}')) else {
            return Err(open);
        };
        if open > at {
            all.push(Piece::Text(&text[at..open]));
        }
        all.push(Piece::Figure(&text[open + 1..close]));
        at = close + 1;
    }
    if at < text.len() {
        all.push(Piece::Text(&text[at..]));
    }
    Ok(all)
}

impl ClaimFile {
    /// References of a claim's test and of its explanation, each with the place where it stands.
    pub fn references(claim: &Claim) -> Vec<&Spanned<String>> {
        let between = claim
            .between
            .iter()
            .flat_map(|b| std::iter::once(&b.value).chain(&b.over));
        let course = claim.course.iter().flat_map(|c| &c.along);
        between.chain(course).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_names_a_cell_and_a_metric_and_perhaps_a_row() {
        let of = |row, cell, metric| Some(Reference { row, cell, metric });
        assert_eq!(Reference::parse("half.gc_cycles"), of(None, "half", "gc_cycles"));
        assert_eq!(
            Reference::parse("task-14/half.value.knee"),
            of(Some("task-14"), "half", "value.knee")
        );
        for bad in ["half", ".gc_cycles", "half.", "/half.gc_cycles"] {
            assert_eq!(Reference::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_sentence_is_cut_at_its_braces_and_a_lone_brace_has_a_place() {
        assert_eq!(
            pieces("a {b.c} d{e.f}"),
            Ok(vec![
                Piece::Text("a "),
                Piece::Figure("b.c"),
                Piece::Text(" d"),
                Piece::Figure("e.f")
            ])
        );
        assert_eq!(pieces("a {b"), Err(2));
        assert_eq!(pieces("a {b {c}"), Err(2));
        assert_eq!(pieces("a } b"), Err(2));
    }
}
