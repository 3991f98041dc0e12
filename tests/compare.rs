//! Two run folders of one machine: compared under the rule of every report, or refused with the reason.

mod report_data;

use std::process::{Command, Output};

use gcrucible::artifact::envelope;
use report_data::{Run, complete};
use serde_json::Value;

struct Two {
    folder: tempfile::TempDir,
}

impl Two {
    /// The same run twice, the second one changed.
    fn new(change: impl Fn(&mut Run)) -> Two {
        let two = Two {
            folder: tempfile::tempdir().unwrap(),
        };
        let mut run = complete();
        two.write("first", &run);
        change(&mut run);
        two.write("second", &run);
        two
    }

    fn write(&self, name: &str, run: &Run) {
        let dir = self.folder.path().join(name);
        envelope::write(&dir, &run.plan, &[]).unwrap();
        envelope::write(&dir, &run.calibration, &["plan.json"]).unwrap();
        envelope::write(&dir, &run.analysis, &["plan.json"]).unwrap();
        envelope::write(&dir, &run.verdicts, &["plan.json", "analysis.json"]).unwrap();
    }

    fn compare(&self, more: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_gcrucible"))
            .current_dir(self.folder.path())
            .args(["compare", "first", "second"])
            .args(more)
            .output()
            .unwrap()
    }

    fn json(&self) -> Value {
        let output = self.compare(&["--json"]);
        assert_eq!(
            output.status.code(),
            Some(0),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn refused(&self, more: &[&str], words: &[&str]) {
        let output = self.compare(more);
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{told}");
        for word in words {
            assert!(told.contains(word), "{word}: {told}");
        }
    }
}

fn newer_go(run: &mut Run) {
    for collector in run.plan.collectors.iter_mut().filter(|c| c.runtime == "go") {
        collector.version = "go version go1.28.1 linux/amd64".into();
    }
}

#[test]
fn a_collector_is_compared_with_itself_under_another_version_which_is_said_beside_every_ratio() {
    let two = Two::new(newer_go);
    let told = two.json();
    let pairs = told["pairs"].as_array().unwrap();
    assert_eq!(
        (&pairs[0]["a"], &pairs[0]["b"]),
        (&"go".into(), &"go (1.28.1)".into())
    );
    let mut ratios = 0;
    for verdict in told["verdicts"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|v| v["a"] == "go")
    {
        assert_ne!(verdict["decision"], "a-wins", "the same numbers");
        assert_ne!(verdict["decision"], "b-wins", "the same numbers");
        let places = verdict["works"].as_array().unwrap().iter().chain([verdict]);
        for place in places {
            assert!(
                place["rounds"].is_null(),
                "the folders have no round in common: {place}"
            );
            let doubts = place["doubts"].to_string();
            assert!(
                doubts.contains("other-version") && doubts.contains("other-time"),
                "{doubts}"
            );
            ratios += 1;
        }
    }
    assert!(ratios > 6, "{ratios}");
    let text = two.compare(&["--collectors", "go"]);
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    for words in [
        "go against go (1.28.1)",
        "Throughput",
        "the toolchains differ (go version go1.27",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(!text.contains("zgc"), "{text}");
}

#[test]
fn a_collector_twice_as_slow_in_the_second_folder_loses() {
    let two = Two::new(|run| {
        for cell in run.analysis.cells.values_mut() {
            for name in ["wall_ns", "memory_peak_over_live"] {
                let Some(estimate) = cell.metrics.get_mut(name) else {
                    continue;
                };
                for value in estimate.values.iter_mut().chain([&mut estimate.median]) {
                    *value *= 3.0;
                }
            }
        }
    });
    let told = two.json();
    let ratio = |axis: &str| {
        let verdicts = told["verdicts"].as_array().unwrap();
        let found = verdicts
            .iter()
            .find(|v| v["axis"] == axis && v["a"] == "go")
            .unwrap();
        (found["ratio"]["value"].as_f64().unwrap() * 3.0 - 1.0).abs()
    };
    assert!(ratio("throughput") < 1e-9 && ratio("memory") < 1e-9, "{told}");
}

#[test]
fn folders_of_different_machines_are_refused_with_what_differs() {
    Two::new(|run| run.verdicts.host.cores = 64).refused(&[], &["different machines", "cores: 8 and 64"]);
    Two::new(|run| run.verdicts.host.kernel = "6.2.0".into()).refused(&[], &["kernel: 6.1.0 and 6.2.0"]);
    Two::new(|run| run.verdicts.host.virtualised = Some("QEMU".into()))
        .refused(&[], &["virtualisation: none and QEMU"]);
}

#[test]
fn works_that_were_asked_differently_are_refused_with_the_parameter() {
    Two::new(|run| {
        for cell in &mut run.plan.cells {
            cell.request.push(("p.size_max".into(), "64".into()));
        }
    })
    .refused(&[], &["asked differently", "p.size_max is absent and 64"]);
}

#[test]
fn a_work_that_was_offered_another_rate_is_left_out_and_a_slightly_other_one_is_doubted() {
    let two = Two::new(|run| run.calibration.rate.values_mut().for_each(|r| *r *= 2.0));
    let told = two.json();
    let left = told["left_out"].to_string();
    assert!(
        left.contains("offered 60000 requests/s in one folder and 120000"),
        "{left}"
    );
    let two = Two::new(|run| run.calibration.rate.values_mut().for_each(|r| *r *= 1.02));
    let told = two.json();
    for verdict in told["verdicts"].as_array().unwrap() {
        let offered = ["pause", "tail", "large-heap"]
            .iter()
            .any(|axis| verdict["axis"] == *axis);
        assert_eq!(
            verdict["doubts"].to_string().contains("other-rate"),
            offered,
            "{verdict}"
        );
    }
}

#[test]
fn an_unknown_collector_gets_the_nearest_and_those_of_both_folders() {
    let two = Two::new(|run| run.plan.collectors.retain(|c| c.name != "zgc"));
    two.refused(&["--collectors", "shenandoa"], &["did you mean `shenandoah`"]);
    two.refused(
        &["--collectors", "zgc"],
        &["unknown collector `zgc`", "those of both folders"],
    );
}

#[test]
fn a_folder_that_was_never_computed_is_refused_with_the_command_that_does() {
    let two = Two::new(|_| ());
    std::fs::remove_file(two.folder.path().join("second/verdict.json")).unwrap();
    two.refused(&[], &["gcrucible report second"]);
}
