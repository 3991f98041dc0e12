//! What a report prints of it.

use gcrucible::artifact::selftest::{Bound, Figure, Machine, Part, PartName, Proof, Selftest, Unit};

use crate::report_data::{Run, complete};

/// The text of the section on the self-test.
fn self_test(run: &Run) -> String {
    let (_, html) = run.render();
    let from = html.find("<section id=\"selftest\">").unwrap();
    let to = html[from..].find("</section>").unwrap();
    html[from..from + to].replace('\u{a0}', " ")
}

#[test]
fn a_report_of_a_machine_without_a_self_test_says_so() {
    let text = self_test(&complete());
    assert!(
        text.contains("No self-test of this machine yet: gcrucible selftest."),
        "{text}"
    );
    assert!(!text.contains("<table"), "{text}");
}

#[test]
fn a_report_prints_what_the_instrument_proved_and_never_folds_away_what_failed() {
    let share = |value| Figure::bounded("in response times", value, Unit::Share, Bound::AtLeast(0.99));
    let mut run = complete();
    run.selftest = Some(Selftest {
        machine: Machine {
            name: "box".into(),
            cpu: "a <CPU>".into(),
            cores: 2,
            ..Machine::default()
        },
        parts: vec![Part {
            name: PartName::Stalls,
            began: "2026-01-31T10:00:00Z".into(),
            seconds: 61.0,
            program: "0.1".into(),
            doubts: vec!["a stranger used the CPU".into()],
            proofs: vec![
                Proof::of("stalls of 20 ms", "G1", vec![share(0.998)]),
                Proof::of("stalls of 5 ms", "Go", vec![share(0.42)]),
                Proof::not_applicable("stalls of 2 ms", "Rust", "no pidfd here"),
            ],
        }],
    });
    let text = self_test(&run);
    let folded = text.find("<details").unwrap();
    let failed = text.find("42.0 % (at least 99.0 %)").unwrap();
    assert!(failed < folded, "{text}");
    for word in [
        "box",
        "a &lt;CPU&gt;",
        "2026-01-31T10:00:00Z",
        "a stranger used the CPU",
        "99.8 % (at least 99.0 %)",
        "no pidfd here",
        "is found stopped that long",
    ] {
        assert!(text.contains(word), "{word}: {text}");
    }
    let rows: Vec<_> = run.render().0.0["proven"]["parts"]["rows"]
        .as_array()
        .unwrap()
        .clone();
    let counts: Vec<_> = rows[0]["cells"].as_array().unwrap()[..3]
        .iter()
        .map(|c| c["text"].clone())
        .collect();
    assert_eq!(counts, ["1", "1", "1"]);
}
