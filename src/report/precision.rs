//! How sure is each number: which headlines are as narrow as was asked, which are not, and what would make them so.

use serde::Serialize;

use crate::artifact::axis::Axis;
use crate::artifact::goal::{Goal, Precision, Why};

use super::format;
use super::source::Source;
use super::table::{Entry, Row, Table};

#[derive(Clone, Debug, Serialize)]
pub struct Widths {
    /// One line for the top of the page; empty where nothing is judged.
    pub lead: String,
    pub sentences: Vec<String>,
    /// A row per headline.
    pub headlines: Table,
    /// Cells that did not reach it.
    pub wide: Table,
    /// Cells that the stopping rule left wider than it asked.
    pub left: Table,
}

pub fn widths(source: &Source) -> Widths {
    let all = &source.analysis.precision;
    let mut sentences = vec![format!(
        "The width of a median is half of a 95 % interval over the median itself; the {} is {}. The interval is of whole order statistics, and with fewer than six runs Student's t on the median's \
         standard error: either is at least as wide as the one that the tables show, which covers no more than it says.",
        if source.plan.goal.is_some() {
            "suite's goal"
        } else {
            "usual goal"
        },
        goal(&source.plan.goal()),
    )];
    sentences.extend(stopping(source));
    Widths {
        lead: lead(source),
        sentences,
        headlines: headlines(source),
        wide: wide("the goal", all.iter().filter(|p| !p.reached())),
        left: wide(
            "the stopping rule asked",
            source.analysis.stopped.iter().flat_map(|s| &s.wide),
        ),
    }
}

/// "±5 % for throughput, memory and fragmentation, ±25 % for pauses and tails"
fn goal(goal: &Goal) -> String {
    format!(
        "±{} for throughput, memory and fragmentation, ±{} for pauses and tails",
        format::percent(goal.cost),
        format::percent(goal.tail)
    )
}

fn lead(source: &Source) -> String {
    let all = &source.analysis.precision;
    if all.is_empty() {
        return String::new();
    }
    let asked = source.plan.goal();
    let reached = all.iter().filter(|p| p.reached()).count();
    let ended = match (&source.plan.stopping, &source.analysis.stopped) {
        (Some(_), Some(stopped)) => format!(
            " The run ended by its stopping rule after {} of at most {}.",
            format::things(stopped.after as usize, "round"),
            source.plan.rounds
        ),
        (Some(_), None) => " The run has a stopping rule and has not ended yet.".to_owned(),
        (None, _) => String::new(),
    };
    format!(
        "{reached} of {} are within ±{} (costs) or ±{} (pauses, tails) of their median.{ended}",
        format::things(all.len(), "headline"),
        format::percent(asked.cost),
        format::percent(asked.tail),
    )
}

/// The rule that was declared, and how it ended the run.
fn stopping(source: &Source) -> Vec<String> {
    let Some(rule) = &source.plan.stopping else {
        return vec![];
    };
    let mut sentences = vec![format!(
        "Stopping rule, declared in plan.json before the first run: from {} on, no further round is begun once every headline is within {}; {} at most. It looks at widths alone, never at who \
         is ahead; a headline without any value holds nothing up.",
        format::things(rule.at_least as usize, "round"),
        goal(&rule.goal),
        format::things(source.plan.rounds as usize, "round"),
    )];
    sentences.push(match &source.analysis.stopped {
        None => "It has not ended the run: what is shown is a part of it.".to_owned(),
        Some(stopped) => {
            let rest = match stopped.wide.len() {
                0 => String::new(),
                n => format!(
                    " Wider than it asked, or without a value: {}, listed below.",
                    format::things(n, "headline")
                ),
            };
            let why = match stopped.why {
                Why::Reached => "every headline with values was narrow enough",
                Why::Limit => "the limit of rounds was met",
            };
            format!("It ended the run after round {}: {why}.{rest}", stopped.after)
        }
    });
    sentences
}

fn width(precision: &Precision) -> String {
    match precision.half_width {
        Some(width) => format!("±{}", format::share(width)),
        None => why_none(precision).to_owned(),
    }
}

fn why_none(precision: &Precision) -> &'static str {
    match precision.n {
        0 => "no value",
        1 => "one run has no interval",
        _ => "its median is zero, some runs are not",
    }
}

fn headlines(source: &Source) -> Table {
    let row = |axis: Axis| {
        let of = || source.analysis.precision.iter().filter(move |p| p.axis == axis);
        let widest = of()
            .filter_map(|p| Some((p, p.half_width?)))
            .max_by(|x, y| x.1.total_cmp(&y.1));
        (of().count() > 0).then(|| Row {
            head: axis.title().to_owned(),
            note: axis.headline().to_owned(),
            cells: vec![
                Entry::value(format!("±{}", format::percent(source.plan.goal().of(axis)))),
                Entry::value(format!(
                    "{} of {}",
                    of().filter(|p| p.reached()).count(),
                    of().count()
                )),
                widest.map_or_else(Entry::none, |(p, _)| Entry::value(width(p)).note(p.cell.clone())),
            ],
        })
    };
    Table {
        caption: "Headlines by axis; what decides several axes is counted at the first of them".to_owned(),
        head: ["axis", "goal", "cells that reach it", "widest"]
            .map(str::to_owned)
            .to_vec(),
        rows: Axis::ALL.into_iter().filter_map(row).collect(),
    }
}

fn wide<'a>(than: &str, found: impl Iterator<Item = &'a Precision>) -> Table {
    let row = |p: &Precision| Row {
        head: p.cell.clone(),
        note: p.metric.clone(),
        cells: vec![
            match p.half_width {
                Some(_) => Entry::value(width(p)),
                None => Entry::none().note(why_none(p)),
            },
            Entry::value(format!("±{}", format::percent(p.goal))),
            Entry::value(format::count(f64::from(p.n))),
            match (p.rounds, p.half_width) {
                (Some(rounds), _) => Entry::value(format!("about {}", format::count(f64::from(rounds)))),
                (None, Some(_)) => Entry::value("over 1,000"),
                (None, None) => Entry::none(),
            },
        ],
    };
    Table {
        caption: format!(
            "Headlines that are wider than {than}, and the rounds that would probably do if they vary as they did: the width shrinks with one over the root of their number"
        ),
        head: ["cell, headline", "width", "goal", "runs", "rounds that would do"]
            .map(str::to_owned)
            .to_vec(),
        rows: found.map(row).collect(),
    }
}
