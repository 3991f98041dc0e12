//! How the work progressed: the line `progress` of a closed loop's answer.

use std::fs;

use gcrucible::artifact::observation::{Observation, Progress};
use gcrucible::artifact::outcome::Outcome;
use gcrucible::artifact::unit::Ns;
use gcrucible::observe::runner_output;
use proptest::prelude::*;

use super::{Run, data};

/// 3000 operations on each of two threads.
const CLOSED: &str = "r1-001-go";

/// The recorded answer of a closed loop, with this line in it.
fn answer(line: &str) -> String {
    let whole = fs::read_to_string(data().join("run/raw").join(CLOSED).join("stdout")).unwrap();
    whole.replace("done=1\n", &format!("{line}\ndone=1\n"))
}

fn fault(text: &str) -> String {
    let fault = runner_output::read(text.as_bytes()).unwrap().fault;
    fault.unwrap_or_else(|| panic!("{text} was taken"))
}

#[test]
fn a_closed_loops_blocks_are_part_of_its_observation() {
    let run = Run::new();
    run.change(&format!("{CLOSED}/stdout"), |_| {
        answer("progress=1000:5,6,7;8,9,10")
    });
    let observed = &run.observe()[CLOSED];
    assert_eq!(observed.outcome, Outcome::Finished);
    let thread = |times: [u64; 3]| times.map(Ns).to_vec();
    let told = Progress {
        block: 1000,
        threads: vec![thread([5, 6, 7]), thread([8, 9, 10])],
    };
    assert_eq!(observed.progress, Some(told));
}

#[test]
fn a_last_block_may_have_fewer_operations() {
    let read = runner_output::read(answer("progress=1024:5,6,7;8,9,1").as_bytes()).unwrap();
    assert_eq!((read.fault, read.progress.unwrap().block), (None, 1024));
}

#[test]
fn a_runner_that_does_not_tell_and_an_observation_without_it_are_read() {
    let observed = Run::new().observe()[CLOSED].clone();
    assert_eq!(
        (&observed.outcome, &observed.progress),
        (&Outcome::Finished, &None)
    );
    let mut json = serde_json::to_value(&observed).unwrap();
    assert!(json.as_object_mut().unwrap().remove("progress").is_some());
    assert_eq!(serde_json::from_value::<Observation>(json).unwrap(), observed);
}

#[test]
fn a_malformed_or_impossible_progress_is_a_fault_that_names_the_key_and_makes_the_run_fail() {
    let many = vec!["1"; 257].join(",");
    let threads = vec!["1,1,1"; 257].join(";");
    let malformed = "is not block:duration,...;duration,...";
    for (value, what) in [
        ("", malformed),
        ("1000", malformed),
        ("1000:", malformed),
        ("0:1,1,1;1,1,1", malformed),
        ("-1:1,1,1;1,1,1", malformed),
        ("1000:1,1,1;1,,1", malformed),
        ("1000:1,1,1;1,1,-1", malformed),
        ("1000:1,1,1;1,1,x", malformed),
        ("1000:1,1,1;1,1,1;", malformed),
        ("1000:1:1", malformed),
        (&format!("11:{many};{many}"), malformed),
        (&format!("1000:{threads}"), malformed),
        ("1000:1,1;1,1,1", "has not the 3 blocks of 3000 operations"),
        ("1000:1,1,1", "has not the 6 blocks of 6000 operations"),
        ("999:1,1,1;1,1,1", "has not the 4 blocks of 3000 operations"),
        (
            "1000:1,1,9000000000000;1,1,1",
            "has blocks that are longer than the window together",
        ),
        (
            "1000:18446744073709551615,1,1;1,1,1",
            "has blocks that are longer than the window together",
        ),
    ] {
        let fault = fault(&answer(&format!("progress={value}")));
        assert!(fault.contains("`progress`: ") && fault.ends_with(what), "{fault}");
    }
    let line = "progress=1000:1,1,1;1,1,1";
    assert!(fault(&answer(&format!("{line}\n{line}"))).ends_with("`progress`: is given twice"));
    let early = |key: &str| answer("").replace(key, &format!("{line}\n{key}"));
    assert!(fault(&early("mark.begin=")).ends_with("`progress`: comes before mark.begin and mark.end"));
    assert!(fault(&early("ops=")).ends_with("`progress`: comes before ops"));

    let run = Run::new();
    run.change(&format!("{CLOSED}/stdout"), |_| answer("progress=1000:1"));
    assert!(matches!(run.outcome(CLOSED), Outcome::Failed { .. }));
}

proptest! {
    #[test]
    fn no_value_makes_the_reader_panic_and_what_is_taken_fits_the_window(
        value in "[0-9:;,-]{0,60}", block in 1_u64..4000, times in prop::collection::vec(any::<u32>(), 0..12),
    ) {
        let times: Vec<String> = times.iter().map(u32::to_string).collect();
        let series = times.join(",");
        for value in [value, format!("{block}:{series};{series}")] {
            let read = runner_output::read(answer(&format!("progress={value}")).as_bytes()).unwrap();
            prop_assert!(read.done);
            prop_assert_eq!(read.progress.is_none(), read.fault.is_some());
            if let Some(progress) = read.progress {
                let window = read.marks["end"].0 - read.marks["begin"].0;
                for thread in &progress.threads {
                    prop_assert!(thread.iter().map(|t| t.0).sum::<u64>() <= window);
                    prop_assert!(thread.len() <= 256);
                }
            }
        }
    }
}
