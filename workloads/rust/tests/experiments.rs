//! What experiments tell of themselves. Each is a process of its own, since it looks at the whole heap.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

const HEAD: &str = "protocol=1 mode=closed threads=1 seed=42 warmup_ops=0 ops=4 p.live_bytes=8388608";

/// Status, the values by name, and the complaint.
fn run(workload: &str, parameters: &str) -> (Option<i32>, BTreeMap<String, String>, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_runner"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let request = format!("workload={workload} {HEAD} {parameters} run ");
    let text = request
        .split_whitespace()
        .map(|line| line.to_owned() + "\n")
        .collect::<String>();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let told = stdout.lines().filter_map(|l| l.split_once('='));
    let values = told
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    (
        output.status.code(),
        values,
        String::from_utf8(output.stderr).unwrap(),
    )
}

fn measured(workload: &str, parameters: &str, name: &str) -> f64 {
    let (status, values, complaint) = run(workload, parameters);
    assert_eq!(status, Some(0), "{workload} {parameters}: {complaint}");
    values[&format!("value.{name}")].parse().unwrap()
}

#[test]
fn an_object_takes_its_fields_and_a_header() {
    for fields in [1, 2, 3, 4, 8, 16, 64, 512] {
        let each = measured("objects", &format!("p.kind=values{fields}"), "object_bytes");
        let least = 8.0 * f64::from(fields);
        assert!(
            each >= least && each <= least + 40.0,
            "{fields} fields: {each} bytes"
        );
    }
    let (_, values, _) = run("objects", "p.kind=pointers4");
    assert_eq!(
        values["value.raised_once_share"], "",
        "there is nothing that would count"
    );
}

#[test]
fn an_emptied_map_keeps_its_memory() {
    let full = measured("maps", "", "full_bytes");
    assert!(full >= 8_388_608.0, "{full}");
    assert!(measured("maps", "", "half_bytes") < full);
    assert!(measured("maps", "", "emptied_bytes") > full * 0.9);
    assert!(measured("maps", "", "replaced_bytes") < full / 20.0);
}

#[test]
fn drop_reports_at_once_and_never_a_cycle() {
    for (parameters, reported) in [
        ("p.kind=alone p.opened=10 p.closed=7", 3.0),
        ("p.kind=cycle p.opened=20 p.closed=0", 0.0),
        ("p.kind=broken p.opened=20 p.closed=0", 20.0),
        ("p.kind=weak p.opened=20 p.closed=0", 20.0),
    ] {
        assert_eq!(
            measured("finalizers", parameters, "reported"),
            reported,
            "{parameters}"
        );
    }
}

#[test]
fn stores_are_timed_and_marking_is_nothing_here() {
    let stores = |collecting: &str| {
        run(
            "stores",
            &format!("p.collecting={collecting} p.stores_per_op=256"),
        )
    };
    let ((_, idle, complaint), (_, marking, _)) = (stores("idle"), stores("marking"));
    assert_eq!(complaint, "");
    assert_eq!(idle["checksum"], marking["checksum"]);
    let told = |name: &str| idle[&format!("value.{name}")].parse::<f64>().unwrap();
    let (pointer, number) = (told("pointer_store_ns"), told("number_store_ns"));
    assert!(pointer > 0.0 && number > 0.0, "{pointer} and {number}");
    assert!((told("barrier_ns") - (pointer - number)).abs() < 1e-9);
    assert!((told("store_ratio") - pointer / number).abs() < 1e-9);
    assert_eq!(idle["value.barrier_share"], "", "there is no barrier to be seen");
    assert_eq!(idle["value.profile_samples"], "");
}

#[test]
fn what_has_no_counterpart_here_says_so() {
    let (status, values, complaint) = run("finalizers", "p.kind=cleanup p.opened=20 p.closed=0");
    assert_eq!(status, Some(5), "{complaint}");
    assert!(values.is_empty() && complaint.contains("p.kind"), "{complaint}");
}
