//! What an experiment measured itself: the lines `value.<name>` of an answer.

use std::fs;

use gcrucible::artifact::observation::Observation;
use gcrucible::artifact::outcome::Outcome;
use gcrucible::observe::runner_output;

use super::{Run, data};

const RUN: &str = "r1-001-go";

/// The recorded answer, with these lines in it.
fn answer(lines: &str) -> String {
    let whole = fs::read_to_string(data().join("run/raw").join(RUN).join("stdout")).unwrap();
    whole.replace("done=1\n", &format!("{lines}\ndone=1\n"))
}

#[test]
fn values_are_part_of_the_observation_and_one_that_a_runtime_does_not_tell_is_not() {
    let run = Run::new();
    run.change(&format!("{RUN}/stdout"), |_| {
        answer("value.object_bytes=16.25\nvalue.scanned_bytes=\nvalue.reported=1.5e3\nvalue.less_bytes=-8")
    });
    let observed = &run.observe()[RUN];
    assert_eq!(observed.outcome, Outcome::Finished);
    let told: Vec<(&str, f64)> = observed.values.iter().map(|(k, v)| (k.as_str(), *v)).collect();
    assert_eq!(
        told,
        [
            ("less_bytes", -8.0),
            ("object_bytes", 16.25),
            ("reported", 1500.0)
        ]
    );
}

#[test]
fn an_observation_from_before_there_were_values_is_read() {
    let observed = Run::new().observe()[RUN].clone();
    assert!(observed.values.is_empty());
    let mut json = serde_json::to_value(&observed).unwrap();
    assert!(json.as_object_mut().unwrap().remove("values").is_some());
    assert_eq!(serde_json::from_value::<Observation>(json).unwrap(), observed);
}

#[test]
fn a_malformed_value_is_a_fault_that_names_the_key() {
    for (line, what) in [
        ("value.object_bytes=many", "expected a number, or nothing"),
        ("value.object_bytes=NaN", "expected a number, or nothing"),
        ("value.object_bytes=inf", "expected a number, or nothing"),
        ("value.a=1\nvalue.a=2", "`value.a` is given twice"),
        ("value.=1", "unknown key `value.`"),
        ("value.Reported=1", "unknown key `value.Reported`"),
    ] {
        let fault = runner_output::read(answer(line).as_bytes()).unwrap().fault;
        let fault = fault.unwrap_or_else(|| panic!("{line} was taken"));
        assert!(fault.contains(what), "{line}: {fault}");
    }
}
