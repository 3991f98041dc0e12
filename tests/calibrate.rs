//! `gcrucible calibrate`, as a person uses it.

use std::path::Path;
use std::process::{Command, Output};

use gcrucible::artifact::definition::MinimumFile;

fn calibrate(to: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gcrucible"))
        .args(["calibrate", "--suite", "smoke", "--offline", "--to"])
        .arg(to)
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn the_least_memory_that_works_is_found_once_and_kept() {
    let dir = tempfile::tempdir().unwrap();
    let to = dir.path().join("minimums.toml");
    let ask = ["--workloads", "churn", "--collectors", "serial"];
    let first = calibrate(&to, &ask);
    if said(&first).contains("not started") {
        eprintln!("SKIPPED: {}", said(&first));
        return;
    }
    assert!(first.status.success(), "{}", said(&first));
    let text = std::fs::read_to_string(&to).unwrap();
    let file: MinimumFile = toml::from_str(&text).unwrap();
    let [found] = &file.minimums[..] else {
        panic!("{text}")
    };
    let (least, failed) = (found.times_live.unwrap(), found.fails_at.unwrap());
    // The payload alone does not fit into a heap of its size, and the next budget below failed.
    assert!(least > 1.0 && failed < least && least / failed < 1.07, "{text}");
    assert_eq!(found.runs, 5);
    assert!(found.fails_with.as_ref().is_some_and(|how| !how.is_empty()));

    let again = calibrate(&to, &ask);
    assert!(
        said(&again).contains("known (--refresh finds it again)"),
        "{}",
        said(&again)
    );
    assert_eq!(
        std::fs::read_to_string(&to).unwrap(),
        text,
        "nothing changes unless asked"
    );
}

#[test]
fn a_file_of_another_preset_is_not_written_into() {
    let dir = tempfile::tempdir().unwrap();
    let to = dir.path().join("minimums.toml");
    std::fs::write(&to, "preset = \"quick\"\n").unwrap();
    let output = calibrate(&to, &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        said(&output).contains("is of preset `quick`"),
        "{}",
        said(&output)
    );
    assert_eq!(std::fs::read_to_string(&to).unwrap(), "preset = \"quick\"\n");
}

#[test]
fn a_mistake_in_the_file_is_shown_with_its_place() {
    let dir = tempfile::tempdir().unwrap();
    let to = dir.path().join("minimums.toml");
    std::fs::write(&to, "preset = \"smoke\"\n[[minimum]]\ntask = 3\n").unwrap();
    let output = calibrate(&to, &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("minimums.toml:3"), "{}", said(&output));
}
