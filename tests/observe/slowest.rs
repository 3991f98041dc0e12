//! Slow requests on the clock: the line `slowest` of an open loop's answer.

use std::fs;

use gcrucible::artifact::observation::{Observation, Slowest};
use gcrucible::artifact::outcome::Outcome;
use gcrucible::artifact::unit::Ns;
use gcrucible::observe::runner_output;
use proptest::prelude::*;

use super::{Run, data};

const OPEN: &str = "r1-004-go";

/// The recorded answer of an open loop, with this line in it.
fn answer(line: &str) -> String {
    let whole = fs::read_to_string(data().join("run/raw").join(OPEN).join("stdout")).unwrap();
    whole.replace("done=1\n", &format!("{line}\ndone=1\n"))
}

fn fault(line: &str) -> String {
    let fault = runner_output::read(answer(line).as_bytes()).unwrap().fault;
    fault.unwrap_or_else(|| panic!("{line} was taken"))
}

fn window() -> (u64, u64) {
    let marks = runner_output::read(answer("").as_bytes()).unwrap().marks;
    (marks["begin"].0, marks["end"].0)
}

#[test]
fn an_open_loops_slowest_requests_are_part_of_its_observation() {
    let run = Run::new();
    let (begin, end) = window();
    let line = format!("slowest={begin}:7000;{}:900", end - 900);
    run.change(&format!("{OPEN}/stdout"), |_| answer(&line));
    let observed = &run.observe()[OPEN];
    assert_eq!(observed.outcome, Outcome::Finished);
    let told = |intended, response| Slowest {
        intended: Ns(intended),
        response: Ns(response),
    };
    assert_eq!(observed.slowest, [told(begin, 7000), told(end - 900, 900)]);
}

#[test]
fn a_runner_that_does_not_tell_them_and_an_observation_without_them_are_read() {
    let observed = Run::new().observe()[OPEN].clone();
    assert_eq!(
        (&observed.outcome, observed.slowest.len()),
        (&Outcome::Finished, 0)
    );
    let mut json = serde_json::to_value(&observed).unwrap();
    assert!(json.as_object_mut().unwrap().remove("slowest").is_some());
    assert_eq!(serde_json::from_value::<Observation>(json).unwrap(), observed);
    assert!(runner_output::read(answer("slowest=").as_bytes()).unwrap().done);
}

#[test]
fn a_malformed_unordered_or_misplaced_request_is_a_fault_that_names_the_key() {
    let (begin, end) = window();
    for (value, what) in [
        ("12".to_owned(), "`12` is not intended:response"),
        (format!("{begin}:5:6"), "is not intended:response"),
        (format!("{begin}:-5"), "is not intended:response"),
        (format!("{};{begin}:7", begin + 1), "is not intended:response"),
        (
            format!("{}:7;{begin}:7", begin + 1),
            "is not later than the one before it",
        ),
        (
            format!("{begin}:7;{begin}:7"),
            "is not later than the one before it",
        ),
        (format!("{}:7", begin - 1), "is not inside the window"),
        (format!("{}:7", end - 6), "is not inside the window"),
        (format!("{begin}:{}", u64::MAX), "is not inside the window"),
    ] {
        let fault = fault(&format!("slowest={value}"));
        assert!(fault.contains("`slowest`: ") && fault.ends_with(what), "{fault}");
    }
    let early = answer("").replace("mark.begin=", "slowest=1:1\nmark.begin=");
    let fault = runner_output::read(early.as_bytes()).unwrap().fault.unwrap();
    assert!(
        fault.ends_with("`slowest`: comes before mark.begin and mark.end"),
        "{fault}"
    );
}

proptest! {
    #[test]
    fn no_value_makes_the_reader_panic_and_what_is_taken_is_in_order_and_inside_the_window(
        value in "[0-9:;-]{0,60}", offsets in prop::collection::vec((0u64..3_000_000_000, any::<u32>()), 0..5),
    ) {
        let (begin, end) = window();
        let near: Vec<String> = offsets.iter().map(|(at, took)| format!("{}:{took}", begin + at)).collect();
        for value in [value, near.join(";")] {
            let response = runner_output::read(answer(&format!("slowest={value}")).as_bytes()).unwrap();
            prop_assert!(response.done);
            prop_assert!(response.slowest.is_sorted_by(|a, b| a.intended < b.intended));
            for s in &response.slowest {
                prop_assert!(s.intended.0 >= begin && s.intended.0 + s.response.0 <= end);
            }
            let entries = value.split(';').filter(|e| !e.is_empty()).count();
            prop_assert_eq!(response.slowest.len(), if response.fault.is_none() { entries } else { 0 });
        }
    }
}
