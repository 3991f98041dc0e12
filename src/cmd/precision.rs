//! How narrow headlines came out, on the terminal.

use crate::artifact::analysis::Analysis;
use crate::artifact::axis::Axis;
use crate::artifact::goal::{Goal, Precision, Why};
use crate::artifact::plan::Plan;

/// "5 % (throughput, memory) and 25 % (pauses, tails)"
pub fn widths(goal: &Goal) -> String {
    format!(
        "{} (throughput, memory) and {} (pauses, tails) of their medians",
        percent(goal.cost),
        percent(goal.tail)
    )
}

fn percent(share: f64) -> String {
    let number = format!("{:.1}", share * 100.0);
    format!("{} %", number.strip_suffix(".0").unwrap_or(&number))
}

/// What the person sees between rounds.
pub fn after_round(round: u32, wide: &[Precision], holding_up: usize) -> String {
    let worst = wide
        .iter()
        .filter_map(|p| Some((p, p.half_width?)))
        .max_by(|x, y| (x.1 / x.0.goal).total_cmp(&(y.1 / y.0.goal)));
    let worst = worst.map_or(String::new(), |(p, width)| {
        format!(", widest {} of {} (± {})", p.metric, p.cell, percent(width))
    });
    match holding_up {
        0 => format!("round {round}: every headline is as narrow as was asked"),
        n => format!("round {round}: {n} headlines are wider than was asked{worst}"),
    }
}

/// Under the table of verdicts, where the suite or the person has a goal: how many headlines reached it, and why the run ended.
pub fn lines(plan: &Plan, analysis: &Analysis) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(rule) = &plan.stopping {
        let asked = widths(&rule.goal);
        lines.push(match &analysis.stopped {
            None => format!("rounds until headlines are within {asked}: not ended yet"),
            Some(stopped) => match (stopped.why, stopped.wide.len()) {
                (Why::Reached, 0) => format!("stopped after round {}: all headlines are within {asked}", stopped.after),
                (Why::Reached, n) => format!(
                    "stopped after round {}: all headlines that have values are within {asked}; {n} have none",
                    stopped.after
                ),
                (Why::Limit, n) => format!(
                    "stopped after round {}, the limit: {n} headlines are not within {asked}; the report lists them",
                    stopped.after
                ),
            },
        });
    }
    if plan.goal.is_some() {
        let counts: Vec<String> = Axis::ALL
            .iter()
            .filter_map(|axis| {
                let of = || analysis.precision.iter().filter(|p| p.axis == *axis);
                let reached = of().filter(|p| p.reached()).count();
                (of().count() > 0).then(|| {
                    format!(
                        "{} {reached} of {} within {}",
                        axis.title().to_lowercase(),
                        of().count(),
                        percent(plan.goal().of(*axis))
                    )
                })
            })
            .collect();
        lines.push(format!("the suite's goal, by cells: {}", counts.join(", ")));
    }
    lines
}
