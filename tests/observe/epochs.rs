//! The heap after each epoch, and the blocks that it could still serve: the lines `epoch` and `probe`.

use std::fs;

use gcrucible::artifact::observation::{Observation, Probe};
use gcrucible::artifact::outcome::Outcome;
use gcrucible::artifact::unit::{Bytes, Ns};
use gcrucible::observe::runner_output;
use proptest::prelude::*;

use super::{Run, data};

/// Four epochs, recorded before a runner told what it holds and wastes.
const EPOCHS: &str = "r1-005-go";

fn recorded() -> String {
    fs::read_to_string(data().join("run/raw").join(EPOCHS).join("stdout")).unwrap()
}

/// The recorded answer with this line in it.
fn answer(line: &str) -> String {
    recorded().replace("done=1\n", &format!("{line}\ndone=1\n"))
}

fn fault(line: &str) -> String {
    let fault = runner_output::read(answer(line).as_bytes()).unwrap().fault;
    fault.unwrap_or_else(|| panic!("{line} was taken"))
}

const MIB: u64 = 1 << 20;

#[test]
fn what_a_runtime_holds_and_wastes_after_an_epoch_is_part_of_the_observation() {
    let run = Run::new();
    run.change(&format!("{EPOCHS}/stdout"), |text| {
        let told = |line: &str| match line.strip_prefix("epoch=") {
            Some(epoch) => match &epoch[..1] {
                "0" => format!("{line},7000,800\n"),
                "1" => format!("{line},7001,\n"),
                "2" => format!("{line},,\n"),
                _ => format!("{line}\n"),
            },
            None => format!("{line}\n"),
        };
        text.lines().map(told).collect()
    });
    let observed = &run.observe()[EPOCHS];
    assert_eq!(observed.outcome, Outcome::Finished);
    let told: Vec<_> = observed.epochs.iter().map(|e| (e.held, e.waste)).collect();
    assert_eq!(
        told,
        [
            (Some(Bytes(7000)), Some(Bytes(800))),
            (Some(Bytes(7001)), None),
            (None, None),
            (None, None)
        ],
        "an empty field is not told, and an older runner has neither"
    );
}

#[test]
fn a_malformed_epoch_is_a_fault_that_names_the_key() {
    for value in [
        "",
        "4,1,2,3",
        "4,1,2,3,",
        "4,1,2,3,4,5",
        "4,1,2,3,4,5,6,7",
        "4,1,2,3,4,-5,6",
        "4,1,2,3,4,5,x",
        "4,1,,3,4,5,6",
        "4294967296,1,2,3,4,5,6",
    ] {
        let fault = fault(&format!("epoch={value}"));
        assert!(
            fault.ends_with("expected index,t_ns,live_bytes,heap_used,heap_committed,heap_held,waste"),
            "{fault}"
        );
    }
}

#[test]
fn the_blocks_that_a_heap_could_still_serve_are_part_of_the_observation() {
    let run = Run::new();
    run.change(&format!("{EPOCHS}/stdout"), |_| {
        answer("probe=1048576:250;2097152:900;4194304:failed")
    });
    let observed = &run.observe()[EPOCHS];
    assert_eq!(observed.outcome, Outcome::Finished);
    let told = |bytes, took: Option<u64>| Probe {
        bytes: Bytes(bytes),
        took: took.map(Ns),
    };
    assert_eq!(
        observed.probes,
        [
            told(MIB, Some(250)),
            told(2 * MIB, Some(900)),
            told(4 * MIB, None)
        ]
    );
}

#[test]
fn a_runner_that_probed_nothing_and_an_observation_of_before_are_read() {
    let observed = Run::new().observe()[EPOCHS].clone();
    assert_eq!(
        (&observed.outcome, observed.probes.len()),
        (&Outcome::Finished, 0)
    );
    let mut json = serde_json::to_value(&observed).unwrap();
    assert!(json.as_object_mut().unwrap().remove("probes").is_some());
    for epoch in json["epochs"].as_array_mut().unwrap() {
        let epoch = epoch.as_object_mut().unwrap();
        assert!(epoch.remove("held").is_some() && epoch.remove("waste").is_some());
    }
    assert_eq!(serde_json::from_value::<Observation>(json).unwrap(), observed);
}

#[test]
fn a_malformed_or_impossible_probe_is_a_fault_that_names_the_key_and_makes_the_run_fail() {
    let malformed = "is not bytes:ns or bytes:failed";
    let doubling = "is not twice the one before it, from 1 MiB on";
    for (value, what) in [
        ("", malformed),
        ("1048576", malformed),
        ("1048576:", malformed),
        ("1048576:5;", malformed),
        ("1048576:-5", malformed),
        ("1048576:5:6", malformed),
        ("many:5", malformed),
        ("2097152:5", doubling),
        ("1048576:5;1048576:5", doubling),
        ("1048576:5;4194304:5", doubling),
        ("1048576:failed;2097152:5", "comes after one that failed"),
    ] {
        let fault = fault(&format!("probe={value}"));
        assert!(fault.contains("`probe`: ") && fault.ends_with(what), "{fault}");
    }
    assert!(fault("probe=1048576:5\nprobe=1048576:5").ends_with("`probe`: is given twice"));

    let run = Run::new();
    run.change(&format!("{EPOCHS}/stdout"), |_| answer("probe=7:7"));
    assert!(matches!(run.outcome(EPOCHS), Outcome::Failed { .. }));
}

proptest! {
    #[test]
    fn no_value_makes_the_reader_panic_and_what_is_taken_doubles_until_it_fails(
        value in "[0-9:;faild]{0,40}", times in prop::collection::vec(any::<Option<u32>>(), 1..50), epoch in "[0-9,-]{0,30}",
    ) {
        let told = |(i, took): (usize, &Option<u32>)| {
            let took = took.map_or("failed".to_owned(), |ns| ns.to_string());
            format!("{}:{took}", u128::from(MIB) << i)
        };
        let series: Vec<String> = times.iter().enumerate().map(told).collect();
        for value in [value, series.join(";")] {
            let text = answer(&format!("probe={value}\nepoch={epoch}"));
            let response = runner_output::read(text.as_bytes()).unwrap();
            prop_assert!(response.done);
            prop_assert!(response.epochs.len() == 5 || response.fault.is_some());
            for (i, probe) in response.probes.iter().enumerate() {
                prop_assert_eq!(probe.bytes, Bytes(MIB << i));
                prop_assert!(probe.took.is_some() || i + 1 == response.probes.len());
            }
        }
    }
}
