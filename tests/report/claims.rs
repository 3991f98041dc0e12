//! The section on claims: what the latest ones of the machine came to.

use gcrucible::artifact::settled::Settled;
use serde_json::json;

use crate::report_data::{Run, complete};

/// The section's HTML.
fn section(run: &Run) -> String {
    let (_, html) = run.render();
    let from = html.find("<section id=\"claims\"").unwrap();
    let to = html[from..].find("</section>").unwrap();
    html[from..from + to].replace('\u{a0}', " ")
}

#[test]
fn a_report_of_a_machine_on_which_no_claim_was_tested_says_so() {
    let text = section(&complete());
    assert!(
        text.contains("No claims were tested on this machine yet: gcrucible claims."),
        "{text}"
    );
    assert!(!text.contains("<details"), "{text}");
}

#[test]
fn a_report_shows_the_latest_claims_with_their_outcomes_and_evidence_and_a_filter() {
    let mut run = complete();
    let claim = json!({
        "id": "task-04-cycles",
        "says": "GOGC=50 takes three to four times the <cycles> of 200.",
        "outcome": "does not hold",
        "class": "fails",
        "asserted": "3.00 × to 4.00 ×",
        "measured": "5.20 × [5.11, 5.29]",
        "of": "gc_cycles, half / double",
        "reason": null,
        "because": "104 collections against 20.",
        "doubts": [],
        "doubtful": "0 doubts",
        "inapplicable": "no Go toolchain.",
        "values": "5.1, 5.3",
        "strip": null,
        "cells": [{ "name": "half", "label": "Go", "id": "w/go", "command": "GOGC=50 runner", "runs": ["r1-001"] }],
    });
    run.settled = Some(Settled {
        folder: "2026-01-31-box-claims".into(),
        view: json!({
            "started": "2026-01-31T10:00:00Z",
            "tally": "1 claim: 1 does not hold",
            "untrusted": ["a stranger used the CPU"],
            "n": 1,
            "outcomes": [{ "words": "does not hold", "class": "fails", "n": 1 }],
            "rows": [{ "name": "task-04", "title": "GOGC", "method": "Fixed work.", "claims": [claim] }],
        }),
    });
    let text = section(&run);
    for word in [
        "1 claim: 1 does not hold, in the run 2026-01-31-box-claims of 2026-01-31T10:00:00Z",
        "was not to be trusted",
        "id=\"show-fails\"",
        "<details class=\"claim fails\" id=\"task-04-cycles\">",
        "the &lt;cycles&gt; of 200",
        "5.20 × [5.11, 5.29]",
        "asserted: 3.00 × to 4.00 ×",
        "104 collections against 20.",
        "GOGC=50 runner",
    ] {
        assert!(text.contains(word), "`{word}` is not in: {text}");
    }
    // Its runs are in another folder.
    assert!(!text.contains("href=\"raw/"), "{text}");
}
