//! The table at the end of a run.

use std::io::IsTerminal;

use super::Ending;
use super::stages::Outcome;
use crate::artifact::analysis::Failure;
use crate::artifact::axis::Axis;
use crate::artifact::outcome::Outcome as RunOutcome;
use crate::artifact::run_dir::RunDir;
use crate::artifact::verdict::{Decision, Verdict};

/// Prints the verdicts and the page's path. A failed or invalid invocation makes the ending 1.
pub fn show(dir: &RunDir, outcome: &Outcome, json: bool) -> anyhow::Result<Ending> {
    let page = std::path::absolute(dir.page())?;
    if json {
        let object = serde_json::json!({
            "report": page,
            "verdicts": outcome.verdicts.verdicts,
            "untrusted": outcome.verdicts.untrusted,
            "failures": outcome.analysis.failures,
        });
        println!("{}", serde_json::to_string(&object)?);
    } else {
        print!("{}", table(outcome, std::io::stdout().is_terminal()));
        for line in failures(outcome) {
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

fn table(outcome: &Outcome, colour: bool) -> String {
    const WIDTH: usize = 30;
    let mut text = format!("{:<18}", "");
    for pair in &outcome.plan.pairs {
        text += &format!("{:<WIDTH$}", format!("{} against {}", pair.a, pair.b));
    }
    text.push('\n');
    for axis in Axis::ALL {
        text += &format!("{:<18}", axis.title());
        for pair in &outcome.plan.pairs {
            let verdict = outcome
                .verdicts
                .verdicts
                .iter()
                .find(|v| v.axis == axis && v.a == pair.a && v.b == pair.b);
            let words = verdict.map_or("-".into(), words);
            let padded = format!("{words:<WIDTH$}");
            let wins = verdict.is_some_and(|v| matches!(v.decision, Decision::AWins | Decision::BWins));
            text += &if colour && wins {
                format!("\x1b[1m{padded}\x1b[0m")
            } else {
                padded
            };
        }
        text = text.trim_end().to_owned() + "\n";
    }
    text + "ratios are a/b, lower is better for a; in brackets the interval\n"
}

fn words(verdict: &Verdict) -> String {
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
