//! The claims ledger: as words for a terminal, and as one page.

use serde_json::{Value, json};
use tera::{Context, Tera};

use super::page::STYLE;
use super::{ReportError, format};
use crate::artifact::definition::claim::Direction;
use crate::artifact::doubt::Doubt;
use crate::artifact::host::Host;
use crate::artifact::ledger::{Answer, Figure, Ledger, Measured, Outcome, Question, Questions, Said, Test};
use crate::artifact::metric::{METRICS, Metric, Unit, metric};
use crate::artifact::plan::{Plan, Purpose};

const TEMPLATE: &str = include_str!("../../templates/ledger.html");
/// What a report's section has, too.
pub(super) const ROWS: (&str, &str) = ("claims.html", include_str!("../../templates/claims.html"));
pub(super) const MORE_STYLE: &str = include_str!("../../templates/ledger.css");

/// The page. Same inputs, same bytes. It needs no script.
///
/// # Errors
/// Only where the program itself is at fault: a template that does not fit.
pub fn page(
    plan: &Plan,
    questions: &Questions,
    ledger: &Ledger,
    host: &Host,
    untrusted: &[Doubt],
) -> Result<(Value, String), ReportError> {
    let view = view(plan, questions, ledger, host, untrusted);
    let mut tera = Tera::new();
    tera.add_raw_templates([("ledger.html", TEMPLATE), ROWS])?;
    let mut context = Context::from_serialize(&view)?;
    context.insert("style", &format!("{STYLE}{MORE_STYLE}"));
    let html = tera.render("ledger.html", &context)?;
    Ok((view, html))
}

fn view(plan: &Plan, questions: &Questions, ledger: &Ledger, host: &Host, untrusted: &[Doubt]) -> Value {
    let rows: Vec<Value> = questions
        .rows
        .iter()
        .map(|row| {
            let claims = row.questions.iter().filter_map(|question| {
                let answer = ledger.answers.iter().find(|a| a.id == question.id)?;
                Some(claim(plan, question, answer))
            });
            json!({
                "name": row.name,
                "title": row.title,
                "method": row.method,
                "charts": super::curves::of(row, &ledger.curves),
                "claims": claims.collect::<Vec<_>>(),
            })
        })
        .collect();
    let outcomes: Vec<Value> = Outcome::ALL
        .iter()
        .map(|outcome| json!({ "words": outcome.words(), "class": class(*outcome), "n": counted(ledger, *outcome) }))
        .collect();
    json!({
        "question": plan.question,
        "started": host.started,
        "machine": super::view::machine(host),
        "versions": super::view::versions(host),
        "untrusted": super::table::texts(untrusted),
        "tally": tally(ledger),
        "n": ledger.answers.len(),
        "outcomes": outcomes,
        "rows": rows,
    })
}

fn claim(plan: &Plan, question: &Question, answer: &Answer) -> Value {
    let cells: Vec<Value> = cells(question).iter().map(|figure| cell(plan, figure)).collect();
    json!({
        "id": question.id,
        "says": question.says,
        "outcome": answer.outcome.words(),
        "class": class(answer.outcome),
        "asserted": asserted(&question.test),
        "measured": answer.measured.as_ref().map(|m| measured(&question.test, m)),
        "of": what(&question.test),
        "reason": answer.reason,
        "because": because(answer),
        "doubts": doubts(answer),
        "doubtful": format::things(answer.doubts.len(), "doubt"),
        "inapplicable": question.inapplicable,
        "values": answer.measured.as_ref().map(|m| values(&question.test, m)),
        "tour": tour(&question.test),
        "strip": answer.measured.as_ref().and_then(|m| strip(&question.test, m)),
        "cells": cells,
    })
}

/// Cells of the test, each once.
fn cells(question: &Question) -> Vec<&Figure> {
    let mut all: Vec<&Figure> = Vec::new();
    for figure in question.test.figures() {
        if !all.iter().any(|f| f.cell == figure.cell) {
            all.push(figure);
        }
    }
    all
}

/// What ran, as a shell would take it, and where its raw files are.
fn cell(plan: &Plan, figure: &Figure) -> Value {
    let runs: Vec<&str> = plan
        .invocations
        .iter()
        .filter(|i| i.cell == figure.cell && i.purpose == Purpose::Measure)
        .map(|i| i.id.as_str())
        .collect();
    let label = plan
        .cell(&figure.cell)
        .and_then(|c| plan.collector(&c.collector))
        .map_or("", |c| c.label.as_str());
    let command = plan.cell(&figure.cell).map(|cell| {
        let env = cell.env.iter().map(|(k, v)| format!("{k}={v}"));
        // The runner's path says nothing.
        let program = cell
            .argv
            .iter()
            .map(|part| part.rsplit('/').next().unwrap_or(part).to_owned());
        env.chain(program).collect::<Vec<_>>().join(" ")
    });
    json!({ "name": figure.name, "label": label, "id": figure.cell, "command": command, "runs": runs })
}

/// "12 claims: 7 hold, 3 do not hold, 2 undecided"
pub fn tally(ledger: &Ledger) -> String {
    let parts: Vec<String> = Outcome::ALL
        .iter()
        .filter_map(|outcome| {
            let n = counted(ledger, *outcome);
            let words = match (outcome, n) {
                (Outcome::Holds, 2..) => "hold",
                (Outcome::DoesNotHold, 2..) => "do not hold",
                _ => outcome.words(),
            };
            (n > 0).then(|| format!("{n} {words}"))
        })
        .collect();
    format!(
        "{}: {}",
        format::things(ledger.answers.len(), "claim"),
        parts.join(", ")
    )
}

fn counted(ledger: &Ledger, outcome: Outcome) -> usize {
    ledger.answers.iter().filter(|a| a.outcome == outcome).count()
}

fn class(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Holds => "holds",
        Outcome::DoesNotHold => "fails",
        Outcome::Undecided => "undecided",
        Outcome::NotApplicable => "inapplicable",
    }
}

/// "3 to 4", "at most 1 ms", "falls at every step"
pub fn asserted(test: &Test) -> String {
    match test {
        Test::Between {
            at_least,
            at_most,
            in_every_run,
            ..
        } => {
            let figure = |v: f64| number(test, v);
            let bounds = match (at_least, at_most) {
                (Some(lo), Some(hi)) if lo == hi => figure(*lo),
                (Some(lo), Some(hi)) => format!("{} to {}", figure(*lo), figure(*hi)),
                (Some(lo), None) => format!("at least {}", figure(*lo)),
                (None, Some(hi)) => format!("at most {}", figure(*hi)),
                (None, None) => String::new(),
            };
            if *in_every_run {
                format!("{bounds} in every run")
            } else {
                bounds
            }
        }
        Test::Course {
            goes: Direction::Up, ..
        } => "rises at every step".to_owned(),
        Test::Course {
            goes: Direction::Down,
            ..
        } => "falls at every step".to_owned(),
        Test::Tour { file, finds, .. } => match finds.len() {
            1 => format!("a line of {file}"),
            n => format!("{n} lines of {file}, in order"),
        },
    }
}

/// What a tour looks for, and the number of the line where each was found.
fn tour(test: &Test) -> Option<Vec<Value>> {
    let Test::Tour { finds, seen, .. } = test else {
        return None;
    };
    let lines = seen.iter().flat_map(|seen| &seen.lines).map(Some);
    let places = lines.chain(std::iter::repeat(None));
    let place = |(text, line): (&String, Option<&u32>)| json!({ "text": text, "line": line });
    Some(finds.iter().zip(places).map(place).collect())
}

/// "3.61 × [3.58, 3.64]"
pub fn measured(test: &Test, measured: &Measured) -> String {
    let Some(value) = measured.value else {
        return "no bound".to_owned();
    };
    match measured.interval {
        Some((lo, hi)) => format!(
            "{} [{}, {}]",
            number(test, value),
            number(test, lo),
            number(test, hi)
        ),
        None => number(test, value),
    }
}

/// What the value is: "gc_cycles of half / of double".
fn what(test: &Test) -> String {
    match test {
        Test::Between {
            value, over: None, ..
        } => format!("{} of {}", value.metric, value.name),
        Test::Between {
            value,
            over: Some(over),
            ..
        } if value.metric == over.metric => {
            format!("{}, {} / {}", value.metric, value.name, over.name)
        }
        Test::Between {
            value,
            over: Some(over),
            ..
        } => {
            format!(
                "{} of {} / {} of {}",
                value.metric, value.name, over.metric, over.name
            )
        }
        Test::Course { along, .. } => {
            let names: Vec<&str> = along.iter().map(|f| f.name.as_str()).collect();
            format!(
                "{} along {}",
                along.first().map_or("", |f| f.metric.as_str()),
                names.join(", ")
            )
        }
        Test::Tour { finds, .. } => {
            let quoted = |text: &String| match text.contains('`') {
                true => format!("`` {text} ``"),
                false => format!("`{text}`"),
            };
            finds.iter().map(quoted).collect::<Vec<_>>().join(", ")
        }
    }
}

fn values(test: &Test, measured: &Measured) -> String {
    let all: Vec<String> = measured.values.iter().map(|v| number(test, *v)).collect();
    all.join(", ")
}

/// A number of the test's value: a ratio, or in its metric's unit.
fn number(test: &Test, value: f64) -> String {
    match test {
        Test::Between {
            value: figure,
            over: None,
            ..
        } => format::value(&known(&figure.metric, figure.unit), value),
        _ => format::times(value),
    }
}

/// A metric as the table of metrics has it; one that is not there, such as whether a run survived, is a plain number.
pub(super) fn known(name: &str, unit: Unit) -> Metric {
    metric(name).copied().unwrap_or(Metric {
        name: "",
        unit,
        lower_is_better: None,
        sentence: METRICS[0].sentence,
    })
}

/// The explanation with this run's figures.
pub fn because(answer: &Answer) -> String {
    let said = |piece: &Said| match piece {
        Said::Text(text) => text.clone(),
        Said::Figure { median: None, .. } => "(not measured)".to_owned(),
        Said::Figure {
            metric,
            unit,
            median: Some(value),
        } => format::value(&known(metric, *unit), *value),
    };
    answer.because.iter().map(said).collect()
}

/// "doubt of half: no collection fell into the window"
pub fn doubts(answer: &Answer) -> Vec<String> {
    let doubts = answer.doubts.iter();
    doubts
        .map(|d| format!("doubt of {}: {}", d.name, d.doubt))
        .collect()
}

/// Where values, interval and bounds stand on a common line, in percent of its length.
fn strip(test: &Test, measured: &Measured) -> Option<Value> {
    let bounds = match test {
        Test::Between {
            at_least, at_most, ..
        } => (*at_least, *at_most),
        Test::Course {
            goes: Direction::Up, ..
        } => (Some(1.0), None),
        Test::Course {
            goes: Direction::Down,
            ..
        } => (None, Some(1.0)),
        Test::Tour { .. } => return None,
    };
    let ends = measured
        .interval
        .map_or([None, None], |(lo, hi)| [Some(lo), Some(hi)]);
    let all: Vec<f64> = measured
        .values
        .iter()
        .copied()
        .map(Some)
        .chain(ends)
        .chain([bounds.0, bounds.1])
        .flatten()
        .filter(|v| v.is_finite())
        .collect();
    if measured.values.is_empty() {
        return None;
    }
    let logarithmic = all.iter().all(|v| *v > 0.0);
    let on = |v: f64| if logarithmic { v.ln() } else { v };
    let least = all.iter().copied().map(on).fold(f64::INFINITY, f64::min);
    let most = all.iter().copied().map(on).fold(f64::NEG_INFINITY, f64::max);
    // Where all are equal, they stand in the middle.
    let room = if most > least { 0.15 * (most - least) } else { 1.0 };
    let place = |v: f64| (1000.0 * (on(v) - least + room) / (most - least + 2.0 * room)).round() / 10.0;
    let from = bounds.0.map_or(0.0, place);
    let to = bounds.1.map_or(100.0, place);
    Some(json!({
        "from": from,
        "width": (to - from).max(0.5),
        "points": measured.values.iter().map(|v| place(*v)).collect::<Vec<_>>(),
        "interval": measured.interval.map(|(lo, hi)| json!({ "from": place(lo), "width": (place(hi) - place(lo)).max(0.3) })),
        "scale": if logarithmic { "logarithmic" } else { "linear" },
    }))
}

/// docs/CLAIMS.md: the sentence, how it is tested, and what last came out, of a published run.
pub fn markdown(questions: &Questions, published: Option<&Ledger>) -> String {
    let mut text = "# What is asserted of these collectors\n\nEach claim is a table in `workloads/claims/<row>.toml`: cells, that is workloads under a collector with settings, and a test on their \
         metrics (METRICS.md). `gcrucible claims` runs and judges them on your machine; `--only task-04` does one row. A ratio is taken round by round; the 95 % interval of \
         the mean over fresh processes decides: inside the bounds a claim holds, apart from them it does not, else it is undecided. Nothing is corrected for the number of claims. The last column is \
         what came out in [a published run](../reports/published/claims/static.html), on that machine. Made from the files (`UPDATE_DOCS=1 cargo test --test claims page`).\n"
        .to_owned();
    for row in &questions.rows {
        let toured = row.questions.iter().all(|q| q.test.figures().is_empty());
        let processes = match toured {
            true => "No process is run for it.".to_owned(),
            false => format!("{} fresh processes of each cell.", row.rounds),
        };
        text += &format!(
            "\n## {}: {}\n\n{} {processes}\n\n| claim | it says | tested by | asserted | not applicable | published |\n|---|---|---|---|---|---|\n",
            row.name, row.title, row.method
        );
        for question in &row.questions {
            let answer = published.and_then(|l| l.answers.iter().find(|a| a.id == question.id));
            let came_out = answer.map_or_else(
                || "not yet".to_owned(),
                |answer| {
                    let measured = answer
                        .measured
                        .as_ref()
                        .map(|m| format!(": {}", measured(&question.test, m)));
                    format!("{}{}", answer.outcome.words(), measured.unwrap_or_default())
                },
            );
            text += &format!(
                "| `{}` | {} | {} | {} | {} | {came_out} |\n",
                question.id,
                question.says,
                what(&question.test),
                asserted(&question.test),
                question.inapplicable
            );
        }
    }
    text
}
