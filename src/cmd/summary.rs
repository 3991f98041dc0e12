//! The table at the end of a run.

use std::io::IsTerminal;
use std::path::Path;

use super::stages::Outcome;
use super::{Ending, claims, precision};
use crate::artifact::analysis::Failure;
use crate::artifact::axis::Axis;
use crate::artifact::outcome::Outcome as RunOutcome;
use crate::artifact::run_dir::RunDir;
use crate::artifact::verdict::{Decision, Verdict};

/// Prints the verdicts and the page's path. A failed or invalid invocation makes the ending 1.
pub fn show(dir: &RunDir, outcome: &Outcome, json: bool) -> anyhow::Result<Ending> {
    if let Some(settled) = &outcome.settled {
        return claims::show(dir, outcome, settled, json);
    }
    show_page(&dir.page(), outcome, json)
}

/// As [`show`], for a page that is not the folder's own.
pub fn show_page(page: &Path, outcome: &Outcome, json: bool) -> anyhow::Result<Ending> {
    let page = std::path::absolute(page)?;
    if json {
        let object = serde_json::json!({
            "report": page,
            "verdicts": outcome.verdicts.verdicts,
            "untrusted": outcome.verdicts.untrusted,
            "failures": outcome.analysis.failures,
            "goal": outcome.plan.goal(),
            "precision": outcome.analysis.precision,
            "stopping": outcome.plan.stopping,
            "stopped": outcome.analysis.stopped,
        });
        println!("{}", serde_json::to_string(&object)?);
    } else {
        print!("{}", table(outcome, std::io::stdout().is_terminal()));
        for line in precision::lines(&outcome.plan, &outcome.analysis)
            .iter()
            .chain(&failures(outcome))
        {
            println!("{line}");
        }
        for doubt in &outcome.verdicts.untrusted {
            println!("untrusted: {doubt}");
        }
        if page.exists() {
            println!("report: {}", page.display());
        }
    }
    Ok(if outcome.analysis.failures.is_empty() {
        Ending::Ok
    } else {
        Ending::Invalid
    })
}

/// One line per failure, but one per collector that cannot run here at all.
fn failures(outcome: &Outcome) -> Vec<String> {
    let absent = outcome.plan.collectors.iter();
    let absent = absent.filter_map(|c| Some((c, c.unavailable.as_deref()?)));
    let mut lines: Vec<String> = absent
        .clone()
        .map(|(c, reason)| format!("{}: not started: {reason}", c.name))
        .collect();
    let known = |failure: &Failure| match &failure.outcome {
        RunOutcome::NotStarted { reason } => absent.clone().any(|(_, why)| why == reason),
        _ => false,
    };
    let others = outcome.analysis.failures.iter().filter(|f| !known(f));
    lines.extend(others.map(|f| format!("{}: {}", f.invocation, f.outcome)));
    lines
}

/// A row per axis, a column per pair; columns are as wide as what stands in them.
pub fn table(outcome: &Outcome, colour: bool) -> String {
    let mut rows = vec![vec![(String::new(), false)]];
    for pair in &outcome.plan.pairs {
        rows[0].push((format!("{} against {}", pair.a, pair.b), false));
    }
    for axis in Axis::ALL {
        let mut row = vec![(axis.title().to_owned(), false)];
        for pair in &outcome.plan.pairs {
            let verdict = outcome
                .verdicts
                .verdicts
                .iter()
                .find(|v| v.axis == axis && v.a == pair.a && v.b == pair.b);
            let wins = verdict.is_some_and(|v| matches!(v.decision, Decision::AWins | Decision::BWins));
            row.push((verdict.map_or("-".into(), words), wins));
        }
        rows.push(row);
    }
    aligned(&rows, colour) + "ratios are a/b, lower is better for a; in brackets the interval\n"
}

/// Cells are (text, bold); two spaces between columns.
fn aligned(rows: &[Vec<(String, bool)>], colour: bool) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|r| r.get(column));
        cells.map(|(text, _)| text.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for ((cell, bold), width) in row.iter().zip(&widths) {
            let pad = " ".repeat(width + 2 - cell.chars().count());
            line += &if colour && *bold {
                format!("\x1b[1m{cell}\x1b[0m{pad}")
            } else {
                format!("{cell}{pad}")
            };
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}

/// "a wins 0.50 [0.40, 0.60]"
pub fn words(verdict: &Verdict) -> String {
    let who = match verdict.decision {
        Decision::AWins => format!("{} wins", verdict.a),
        Decision::BWins => format!("{} wins", verdict.b),
        Decision::Tie => "tie".into(),
        Decision::Undecided => "undecided".into(),
        Decision::NoData => "no data".into(),
    };
    match verdict.ratio {
        Some(r) => format!("{who} {:.2} [{:.2}, {:.2}]", r.value, r.lo, r.hi),
        None => who,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(text: &str) -> (String, bool) {
        (text.to_owned(), text.contains("wins"))
    }

    #[test]
    fn columns_never_touch_however_long_their_text() {
        let long = "shenandoah wins 1.33 [1.25, 1.42]";
        let rows = vec![
            vec![cell(""), cell("go against shenandoah"), cell("go against rust")],
            vec![cell("Fragmentation"), cell(long), cell("rust wins")],
        ];
        assert_eq!(
            aligned(&rows, false),
            format!(
                "               go against shenandoah              go against rust\n\
                 Fragmentation  {long}  rust wins\n"
            )
        );
    }

    #[test]
    fn bold_text_takes_no_more_room_than_plain_text() {
        let rows = vec![
            vec![cell("x wins"), cell("y")],
            vec![cell("undecided"), cell("z")],
        ];
        let bold = aligned(&rows, true);
        assert!(bold.contains("\x1b[1mx wins\x1b[0m     y\n"), "{bold:?}");
        assert_eq!(
            bold.replace("\x1b[1m", "").replace("\x1b[0m", ""),
            aligned(&rows, false)
        );
    }
}
