//! What the instrument proved of itself on the machine of the run, as copied into its folder.

use serde::Serialize;

use crate::artifact::selftest::{Bound, Figure, Outcome, Part, Proof, Selftest, Unit};

use super::format;
use super::table::{Entry, Row, Table};

#[derive(Clone, Debug, Serialize)]
pub struct Proven {
    pub sentence: String,
    /// A row a part; without rows where there was no self-test.
    pub parts: Table,
    /// What failed, in full: it is never folded away.
    pub failed: Table,
    /// Every proof of every part.
    pub all: Vec<Table>,
}

pub fn proven(selftest: Option<&Selftest>) -> Proven {
    let Some(selftest) = selftest else {
        return Proven {
            sentence: "No self-test of this machine yet: gcrucible selftest.".to_owned(),
            parts: Table::default(),
            failed: Table::default(),
            all: Vec::new(),
        };
    };
    let failures = selftest.parts.iter().flat_map(|p| &p.proofs);
    let failures: Vec<&Proof> = failures.filter(|p| p.outcome == Outcome::Failed).collect();
    Proven {
        sentence: format!(
            "The latest self-test of this machine ({}, {}, {}), in the state it was in before this run. Bounds were declared before; a proof that fails is shown and \
             not tried again.",
            selftest.machine.name,
            selftest.machine.cpu,
            format::things(selftest.machine.cores as usize, "core"),
        ),
        parts: Table {
            caption: "The instrument proves itself".to_owned(),
            head: [
                "what is shown",
                "passed",
                "failed",
                "not applicable",
                "when",
                "took",
                "program",
            ]
            .map(str::to_owned)
            .to_vec(),
            rows: selftest.parts.iter().map(part).collect(),
        },
        failed: proofs("Failed proofs", &failures),
        all: selftest
            .parts
            .iter()
            .map(|p| proofs(p.name.claim(), &p.proofs.iter().collect::<Vec<_>>()))
            .collect(),
    }
}

fn part(part: &Part) -> Row {
    let [passed, failed, not_applicable] = part.tally();
    let count = |n: usize| Entry::value(format::count(n as f64));
    Row {
        head: part.name.claim().to_owned(),
        note: part.doubts.join(" "),
        cells: vec![
            count(passed),
            count(failed),
            count(not_applicable),
            Entry::prose(part.began.clone()),
            Entry::value(format::ns(part.seconds * 1e9)),
            Entry::prose(part.program.clone()),
        ],
    }
}

fn proofs(caption: &str, proofs: &[&Proof]) -> Table {
    Table {
        caption: caption.to_owned(),
        head: ["proof", "of", "outcome", "figures"].map(str::to_owned).to_vec(),
        rows: proofs
            .iter()
            .map(|p| {
                let word = match p.outcome {
                    Outcome::Passed => "passed",
                    Outcome::Failed => "failed",
                    Outcome::NotApplicable => "not applicable",
                };
                let figures: Vec<String> = p.figures.iter().map(figure).collect();
                Row {
                    head: p.what.clone(),
                    note: String::new(),
                    cells: vec![
                        Entry::prose(p.subject.clone()),
                        Entry::prose(word),
                        Entry::prose(figures.join("; ")).note(p.note.clone()),
                    ],
                }
            })
            .collect(),
    }
}

/// "splits with a winner 0.5 % (at most 5 %)"
pub fn figure(figure: &Figure) -> String {
    let show = |value: f64| match figure.unit {
        Unit::Ns => format::ns(value),
        Unit::Bytes => format::bytes(value),
        Unit::Count => format::count(value),
        Unit::Share => format::share(value),
        Unit::Ratio => format::times(value),
    };
    let bound = match figure.bound {
        None => String::new(),
        Some(Bound::AtLeast(least)) => format!(" (at least {})", show(least)),
        Some(Bound::AtMost(most)) => format!(" (at most {})", show(most)),
        Some(Bound::Within(lo, hi)) => format!(" (from {} to {})", show(lo), show(hi)),
    };
    format!("{} {}{bound}", figure.name, show(figure.value))
}
