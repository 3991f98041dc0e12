//! The top of the page: the answer in a sentence, and six rows of verdicts.

use serde::Serialize;

use crate::artifact::axis::Axis;
use crate::artifact::plan::{Collector, Pair};
use crate::artifact::verdict::{Decision, Verdict};

use super::floor;
use super::format;
use super::source::Source;
use super::table::texts;

#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    pub caption: String,
    pub pairs: Vec<PairHead>,
    pub references: Vec<String>,
    pub rows: Vec<Line>,
}

#[derive(Clone, Debug, Serialize)]
pub struct PairHead {
    pub a: String,
    pub b: String,
    pub leads: bool,
}

#[derive(Clone, Debug, Serialize)]
pub struct Line {
    pub id: &'static str,
    pub title: &'static str,
    pub metric: &'static str,
    pub cells: Vec<Cell>,
    pub references: Vec<Reference>,
}

/// One axis, one pair.
#[derive(Clone, Debug, Serialize)]
pub struct Cell {
    /// For narrow screens, where the head is out of sight.
    pub label: String,
    pub leads: bool,
    /// "x wins", "tie", "undecided", "no data".
    pub word: String,
    /// `win`, `tie`, `undecided`, `none`.
    pub kind: &'static str,
    /// Of the winner; empty without one.
    pub colour: &'static str,
    pub ratio: String,
    pub interval: String,
    pub n: String,
    /// What would decide, or why there are no data.
    pub note: String,
    pub doubts: Vec<String>,
    /// Why it is no finding, where all of its works lie under the noise floor.
    pub under: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct Reference {
    pub label: String,
    pub text: String,
    pub note: String,
}

/// Beyond this an estimate of rounds is a way to say no.
const MANY_ROUNDS: u32 = 100;

/// References that no pair compares: they have a column of their own.
fn unjudged<'a>(source: &Source<'a>) -> Vec<&'a Collector> {
    source.references().filter(|c| !source.judged(&c.name)).collect()
}

pub fn summary(source: &Source) -> Summary {
    let lead = source.lead();
    Summary {
        caption: "Ratios are first / second of the pair; lower is better on every axis, so below 1 × the first is ahead. Intervals are in \
                  brackets, n is runs per collector and work."
            .to_owned(),
        pairs: source
            .plan
            .pairs
            .iter()
            .map(|p| PairHead {
                a: p.a.clone(),
                b: p.b.clone(),
                leads: Some(p) == lead,
            })
            .collect(),
        references: unjudged(source)
            .into_iter()
            .map(|c| match lead {
                Some(pair) => format!("{} / {}", c.name, pair.a),
                None => c.name.clone(),
            })
            .collect(),
        rows: Axis::ALL.iter().map(|axis| line(source, *axis)).collect(),
    }
}

fn line(source: &Source, axis: Axis) -> Line {
    Line {
        id: axis.id(),
        title: axis.title(),
        metric: headline_words(axis),
        cells: source
            .plan
            .pairs
            .iter()
            .map(|pair| cell(source, pair, axis))
            .collect(),
        references: unjudged(source)
            .into_iter()
            .map(|c| reference(source, c, axis))
            .collect(),
    }
}

/// The headline metric in a few words.
pub fn headline_words(axis: Axis) -> &'static str {
    match axis {
        Axis::Pause => "longest stop of the world",
        Axis::Throughput => "wall time of fixed work",
        Axis::Memory => "peak resident / live payload",
        Axis::Tail => "p99.9 response time at one rate",
        Axis::Fragmentation => "resident / live after shifting sizes",
        Axis::LargeHeap => "p99.9 response time over the series",
    }
}

pub fn cell(source: &Source, pair: &Pair, axis: Axis) -> Cell {
    let mut cell = Cell {
        label: format!("{} against {}", pair.a, pair.b),
        leads: source.lead() == Some(pair),
        word: "no data".to_owned(),
        kind: "none",
        colour: "",
        ratio: String::new(),
        interval: String::new(),
        n: String::new(),
        note: String::new(),
        doubts: vec![],
        under: String::new(),
    };
    let Some(verdict) = source.verdict(pair, axis) else {
        cell.note = why_no_data(source, pair, axis);
        return cell;
    };
    cell.doubts = texts(&verdict.doubts);
    let mut floors = verdict.works.iter().map(|w| floor::doubted(&w.doubts));
    if !verdict.works.is_empty() && floors.all(|words| !words.is_empty()) {
        cell.under = floor::doubted(&verdict.doubts);
    }
    let winner = match verdict.decision {
        Decision::AWins => Some(&pair.a),
        Decision::BWins => Some(&pair.b),
        _ => None,
    };
    if let Some(winner) = winner {
        cell.word = format!("{winner} wins");
        cell.kind = "win";
        cell.colour = source.palette.of(winner).colour;
    }
    match verdict.decision {
        Decision::Tie => (cell.word, cell.kind) = ("tie".to_owned(), "tie"),
        Decision::Undecided => {
            (cell.word, cell.kind) = ("undecided".to_owned(), "undecided");
            cell.note = match verdict.rounds_to_decide {
                Some(rounds) if rounds > MANY_ROUNDS => format!("over {MANY_ROUNDS} rounds would be needed"),
                Some(rounds) => format!("about {} would decide", format::things(rounds as usize, "round")),
                None => String::new(),
            };
        }
        Decision::NoData => cell.note = why_no_data(source, pair, axis),
        Decision::AWins | Decision::BWins => {}
    }
    if let Some(ratio) = verdict.ratio {
        cell.ratio = format::times(ratio.value);
        cell.interval = format::bounds(ratio.lo, ratio.hi);
    }
    cell.n = runs(verdict);
    cell
}

/// "n 5, 4 works"
fn runs(verdict: &Verdict) -> String {
    let counts = || verdict.works.iter().flat_map(|w| [w.n_a, w.n_b]);
    match (counts().min(), counts().max()) {
        (Some(lo), Some(hi)) => format!(
            "n {}, {}",
            format::span(lo, hi),
            format::things(verdict.works.len(), "work")
        ),
        _ => String::new(),
    }
}

fn why_no_data(source: &Source, pair: &Pair, axis: Axis) -> String {
    let works = source.works(axis);
    let Some(work) = works.first() else {
        return "no work of this suite informs the axis".to_owned();
    };
    let metric = axis.headline();
    for name in [&pair.a, &pair.b] {
        if works
            .iter()
            .any(|w| source.estimate(&w.id, name, metric).is_some())
        {
            continue;
        }
        let missing = source.missing(&work.id, name);
        let reason = if missing.reason.is_empty() {
            String::new()
        } else {
            format!(": {}", missing.reason)
        };
        let word = if missing.word == format::NONE {
            "no such figure".to_owned()
        } else {
            missing.word
        };
        return format!("{name} {word}{reason}");
    }
    "no work has a figure from both".to_owned()
}

/// Geometric mean over the works that both have; a reference is shown, never judged.
fn reference(source: &Source, collector: &Collector, axis: Axis) -> Reference {
    let mut cell = Reference {
        label: format!("{} (reference)", collector.name),
        text: format::NONE.to_owned(),
        note: String::new(),
    };
    let Some(lead) = source.lead() else {
        return cell;
    };
    let works = source.works(axis);
    let value = |work: &str, name: &str| {
        source
            .estimate(work, name, axis.headline())
            .map(|e| e.median)
            .filter(|v| *v > 0.0)
    };
    let logs: Vec<f64> = works
        .iter()
        .filter_map(|w| Some((value(&w.id, &collector.name)? / value(&w.id, &lead.a)?).ln()))
        .collect();
    if logs.is_empty() {
        if let Some(work) = works.first() {
            let missing = source.missing(&work.id, &collector.name);
            cell.note = if missing.word == format::NONE {
                "no such figure".to_owned()
            } else {
                missing.word
            };
        }
        return cell;
    }
    cell.text = format::times((logs.iter().sum::<f64>() / logs.len() as f64).exp());
    cell.note = format::things(logs.len(), "work");
    cell
}

/// One sentence on the leading pair, made from its verdicts.
pub fn answer(source: &Source) -> String {
    let Some(pair) = source.lead() else {
        return "This plan compares no pair of collectors.".to_owned();
    };
    let (mut a, mut b, mut ties, mut open, mut empty) = (vec![], vec![], vec![], vec![], vec![]);
    for axis in Axis::ALL {
        let name = axis.title().to_lowercase();
        let Some(verdict) = source.verdict(pair, axis) else {
            empty.push(name);
            continue;
        };
        // As a factor of the winner, which is how one says it.
        let by = |ratio: f64| format!("{name} by {}", format::times(ratio));
        let ratio = verdict
            .ratio
            .map(|r| r.value)
            .filter(|v| v.is_finite() && *v > 0.0);
        match (verdict.decision, ratio) {
            (Decision::AWins, Some(r)) => a.push(by(1.0 / r)),
            (Decision::AWins, None) => a.push(name),
            (Decision::BWins, Some(r)) => b.push(by(r)),
            (Decision::BWins, None) => b.push(name),
            (Decision::Tie, _) => ties.push(name),
            (Decision::Undecided, _) => open.push(name),
            (Decision::NoData, _) => empty.push(name),
        }
    }
    if empty.len() == Axis::ALL.len() {
        let why = why_no_data(source, pair, Axis::Pause);
        return format!(
            "No verdict: there is no axis on which both {} and {} have a valid run ({why}).",
            pair.a, pair.b
        );
    }
    let mut parts = vec![];
    for (name, wins) in [(&pair.a, &a), (&pair.b, &b)] {
        if !wins.is_empty() {
            parts.push(format!("{name} wins {}", list(wins)));
        }
    }
    let is = |names: &[String]| if names.len() == 1 { "is" } else { "are" };
    if !ties.is_empty() {
        let what = if ties.len() == 1 { "a tie" } else { "ties" };
        parts.push(format!("{} {} {what}", list(&ties), is(&ties)));
    }
    if !open.is_empty() {
        parts.push(format!("{} {} undecided", list(&open), is(&open)));
    }
    if !empty.is_empty() {
        let has = if empty.len() == 1 { "has" } else { "have" };
        parts.push(format!("{} {has} no data", list(&empty)));
    }
    format!("On this machine {}.", parts.join("; "))
}

/// "x, y and z"
fn list(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [head @ .., last] => format!("{} and {last}", head.join(", ")),
    }
}

/// What the axis is decided by, with the metric's name in samples.csv.
pub fn decided_by(axis: Axis) -> String {
    format!("Decided by: {} ({}).", headline_words(axis), axis.headline())
}
