//! What a person can get wrong, and what they are told: one clear message, exit status 2, never a panic.

use std::path::PathBuf;
use std::process::{Command, Output};

use gcrucible::artifact::envelope;
use gcrucible::artifact::host::Host;
use gcrucible::artifact::plan::Plan;
use gcrucible::artifact::unit::Bytes;

#[path = "definitions/mod.rs"]
mod definitions;

use definitions::with_changed;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn gcrucible(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gcrucible"))
        .args(arguments)
        .current_dir(root())
        .output()
        .unwrap()
}

/// Status 2 and every one of the words on stderr.
fn refused(output: &Output, words: &[&str]) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    for word in words {
        assert!(stderr.contains(word), "`{word}` is not in: {stderr}");
    }
    assert!(!stderr.contains("panicked"), "{stderr}");
}

fn plan_in(copy: &tempfile::TempDir) -> Output {
    gcrucible(&["--project", copy.path().to_str().unwrap(), "plan", "--check"])
}

#[test]
fn an_unknown_name_gets_the_nearest_and_the_list() {
    refused(
        &gcrucible(&["plan", "--collectors", "shenandoa"]),
        &["shenandoa", "did you mean `shenandoah`", "epsilon"],
    );
    refused(
        &gcrucible(&["plan", "--workloads", "curn"]),
        &["did you mean `churn`", "fragment"],
    );
    refused(
        &gcrucible(&["plan", "--suite", "quik"]),
        &["did you mean `quick`", "standard"],
    );
    refused(&gcrucible(&["request", "grap"]), &["did you mean `graph`"]);
    refused(&gcrucible(&["plan", "--bogus"]), &["--bogus"]);
}

#[test]
fn an_unknown_parameter_in_a_suite_names_the_file_and_the_nearest() {
    let copy = with_changed("workloads/suites/smoke.toml", |t| {
        t.replacen(
            "budgets = [3]",
            "budgets = [3]\nparameters = { survival = \"1\" }",
            1,
        )
    });
    refused(&plan_in(&copy), &["smoke.toml", "survival", "survival_permille"]);
}

#[test]
fn fewer_rounds_are_for_groups_without_a_verdict_and_never_none() {
    let group = "workload = \"fragment\"\nmode = \"closed\"\naxes = [";
    for (axes, rounds, words) in [
        ("\"fragmentation\"]", "1", "every round"),
        ("]", "0", "from 1 to"),
        ("]", "99", "from 1 to"),
    ] {
        let copy = with_changed("workloads/suites/standard.toml", |t| {
            let more = format!("\n[[cells]]\n{group}{axes}\nmark = \"again\"\nrounds = {rounds}\n");
            t.to_owned() + &more
        });
        let output = gcrucible(&[
            "--project",
            copy.path().to_str().unwrap(),
            "plan",
            "--suite",
            "standard",
        ]);
        refused(&output, &["standard.toml", "`rounds` of `fragment`", words]);
    }
}

/// They would be one work, and the later group's wish would be lost in silence.
#[test]
fn groups_that_ask_otherwise_under_one_name_need_a_mark() {
    let again = |mark: &str| {
        with_changed("workloads/suites/smoke.toml", |t| {
            t.to_owned()
                + &format!(
                    "\n[[cells]]\nworkload = \"fragment\"\nmode = \"closed\"\naxes = []\nreturn_ms = 777\n{mark}\n"
                )
        })
    };
    let plan_of = |mark: &str| {
        let copy = again(mark);
        gcrucible(&[
            "--project",
            copy.path().to_str().unwrap(),
            "plan",
            "--suite",
            "smoke",
        ])
    };
    refused(
        &plan_of(""),
        &["smoke", "fragment.growing.closed@8MiB", "return_ms=777", "`mark`"],
    );
    refused(
        &plan_of("mark = \"a b\""),
        &["smoke.toml", "`mark` of `fragment`"],
    );
    let output = plan_of("mark = \"long\"");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(told.contains("fragment.growing.closed@8MiB+long/go"), "{told}");
}

#[test]
fn an_unknown_variant_gets_the_nearest_word_or_case() {
    let copy = with_changed("workloads/suites/smoke.toml", |t| {
        t.replacen(
            "workload = \"fragment\"",
            "workload = \"fragment\"\nvariants = [\"stripe\"]",
            1,
        )
    });
    refused(
        &plan_in(&copy),
        &[
            "smoke.toml",
            "variant of fragment `stripe`",
            "`stripes`",
            "growing",
        ],
    );
    refused(
        &gcrucible(&["request", "fragment", "--variant", "growin"]),
        &["did you mean `growing`"],
    );
}

#[test]
fn a_case_sets_known_parameters_in_their_range_under_a_name_of_its_own() {
    for (from, to, words) in [
        (
            "layout = \"stripes\"",
            "layot = \"stripes\"",
            "did you mean `layout`",
        ),
        (
            "layout = \"stripes\"",
            "layout = \"stripe\"",
            "did you mean `stripes`",
        ),
        ("keep_permille = \"10\"", "keep_permille = \"1000\"", "0 to 999"),
        ("keep_permille = \"10\"", "live_bytes = \"1MiB\"", "live_bytes"),
        ("[case.stripes]", "[case.mixed]", "word of the variant"),
        ("probe_bytes = \"4MiB\"", "probe_bytes = \"4MB\"", "MiB"),
    ] {
        let copy = with_changed("workloads/fragment.toml", |t| {
            assert!(t.contains(from), "{from}");
            t.replacen(from, to, 1)
        });
        refused(&plan_in(&copy), &["fragment.toml", words]);
    }
}

#[test]
fn a_toml_mistake_has_file_line_column_and_what_was_expected() {
    let copy = with_changed("workloads/churn.toml", |t| {
        t.replacen("threads = 2", "threads = \"two\"", 1)
    });
    refused(
        &plan_in(&copy),
        &["churn.toml:", "invalid type", "expected u32", "^"],
    );
    let copy = with_changed("go/runtime.toml", |t| t.replacen("log =", "lag =", 1));
    refused(&plan_in(&copy), &["runtime.toml:", "lag", "expected"]);
}

#[test]
fn a_value_out_of_range_comes_with_the_range() {
    let copy = with_changed("workloads/churn.toml", |t| {
        t.replacen(
            "{ live_bytes = \"8MiB\" }",
            "{ live_bytes = \"8MiB\", survival_permille = \"1001\" }",
            1,
        )
    });
    refused(&plan_in(&copy), &["survival_permille", "1001", "0 to 1000"]);
    refused(&gcrucible(&["plan", "--live", "64MB"]), &["64MB", "MiB"]);
    refused(&gcrucible(&["plan", "--rounds", "0"]), &["at least 1"]);
    refused(&gcrucible(&["plan", "--rate=-1"]), &["rate"]);
}

#[test]
fn a_ladder_of_loads_must_be_one() {
    let with = |loads: &str| {
        let loads = format!("loads = {loads}");
        let copy = with_changed("workloads/suites/smoke.toml", |t| {
            assert!(t.contains("loads = [0.3, 0.7]"));
            t.replace("loads = [0.3, 0.7]", &loads)
        });
        plan_in(&copy)
    };
    for loads in ["[]", "[0.0, 0.5]", "[0.5, 0.3]", "[0.5, 0.5]", "[30, 70]"] {
        refused(&with(loads), &["smoke.toml", "loads", "[0.3, 0.5, 0.7, 0.85]"]);
    }
    let closed = with_changed("workloads/suites/smoke.toml", |t| {
        t.replace("loads = [0.3, 0.7]", "").replacen(
            "mode = \"closed\"",
            "mode = \"closed\"\nloads = [0.5]",
            1,
        )
    });
    refused(&plan_in(&closed), &["smoke.toml", "closed loop", "open"]);
}

#[test]
fn sizes_from_memory_need_both_ends_and_leave_the_machine_some() {
    let with = |line: &str| {
        let copy = with_changed("workloads/suites/smoke.toml", |t| {
            t.replacen("mode = \"closed\"", &format!("mode = \"closed\"\n{line}"), 1)
        });
        plan_in(&copy)
    };
    for (line, words) in [
        ("grow = { from = \"256MiB\" }", "to = \"0.7 of memory\""),
        ("grow = { to = \"0.9 of memory\" }", "0.7 of memory"),
        ("grow = { to = \"0.5 of cores\" }", "0.7 of memory"),
        ("grow = { threads = \"2 of cores\" }", "1 of cores"),
        ("grow = { seconds_per_gib = -1.0 }", "above zero"),
        ("grow = { from = \"1GB\", to = \"0.7 of memory\" }", "GiB"),
        (
            "live = [\"8MiB\"]\ngrow = { from = \"8MiB\", to = \"0.7 of memory\" }",
            "keep one",
        ),
        ("only = [\"zgcc\"]", "zgcc"),
        ("only = [\"zgc\"]", "zgc"), // a collector, but none of this suite's
    ] {
        refused(&with(line), &["smoke.toml", words]);
    }
}

#[test]
fn a_parameter_that_is_swept_must_be_a_number_of_the_workload_that_nothing_else_sets() {
    const OVER: &str = "over = { parameter = \"sleepers\", values = [\"10\", \"100\"] }";
    let with = |over: &str| {
        let copy = with_changed("workloads/suites/smoke.toml", |t| {
            assert!(t.contains(OVER));
            t.replace(OVER, over)
        });
        plan_in(&copy)
    };
    for (parameter, values, words) in [
        (
            "sleeper",
            "[\"10\"]",
            vec!["unknown parameter `sleeper`", "`sleepers`"],
        ),
        ("kind", "[\"light\"]", vec!["`kind` has words", "variants"]),
        ("live_bytes", "[\"8MiB\"]", vec!["set elsewhere"]),
        ("sleepers", "[]", vec!["must ascend"]),
        ("sleepers", "[\"100\", \"10\"]", vec!["must ascend"]),
        (
            "sleepers",
            "[\"10\", \"1000000\"]",
            vec!["out of range", "10 to 100000"],
        ),
    ] {
        let over = format!("over = {{ parameter = \"{parameter}\", values = {values} }}");
        refused(&with(&over), &[&["smoke.toml"], &words[..]].concat());
    }
    refused(
        &with(&format!("{OVER}\nparameters = {{ sleepers = \"20\" }}")),
        &["set elsewhere"],
    );
    refused(&with(&format!("{OVER}\nseries = true")), &["not beside `series`"]);
}

#[test]
fn more_live_payload_than_the_machine_holds_is_refused_before_anything_starts() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let output = gcrucible(&[
        "bench",
        "--suite",
        "smoke",
        "--live",
        "8TiB",
        "--out",
        out.to_str().unwrap(),
    ]);
    refused(&output, &["this machine can hold", "MiB"]);
    assert!(!out.exists(), "a refused run leaves nothing");
}

/// Neither runner can be built from definitions without sources.
#[test]
fn a_run_that_could_compare_nothing_is_refused_and_leaves_nothing() {
    let copy = with_changed("go/runtime.toml", |t| t);
    let (project, out) = (copy.path(), copy.path().join("run"));
    let arguments = ["bench", "--suite", "smoke", "--offline", "--project"];
    let paths = [project.to_str().unwrap(), "--out", out.to_str().unwrap()];
    refused(
        &gcrucible(&[&arguments[..], &paths].concat()),
        &["go: not started", "nothing can be compared", "go against rust"],
    );
    assert!(!out.exists());
}

#[test]
fn a_folder_that_is_no_run_is_refused_with_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    refused(&gcrucible(&["report", "/nowhere/at/all"]), &["no such folder"]);
    refused(
        &gcrucible(&["report", folder.path().to_str().unwrap()]),
        &["is not a run folder"],
    );
    std::fs::write(folder.path().join("plan.json"), "not json").unwrap();
    refused(
        &gcrucible(&["report", folder.path().to_str().unwrap()]),
        &["plan.json", "not a gcrucible artifact"],
    );
    let newer = r#"{"kind": "plan", "format": 999, "parents": {}, "body": {}}"#;
    std::fs::write(folder.path().join("plan.json"), newer).unwrap();
    refused(
        &gcrucible(&["report", folder.path().to_str().unwrap()]),
        &["format 999", "newer version"],
    );
    let other = r#"{"kind": "host", "format": 1, "parents": {}, "body": {}}"#;
    std::fs::write(folder.path().join("plan.json"), other).unwrap();
    refused(
        &gcrucible(&["report", folder.path().to_str().unwrap()]),
        &["is a `host`"],
    );
}

#[test]
fn a_folder_that_is_full_of_something_else_is_not_written_into() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("thesis.txt"), "precious").unwrap();
    let out = folder.path().to_str().unwrap();
    refused(
        &gcrucible(&["bench", "--suite", "smoke", "--collectors", "rust", "--out", out]),
        &["is not empty", "--out"],
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn outside_a_checkout_it_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_gcrucible"))
        .arg("list")
        .current_dir(folder.path())
        .output()
        .unwrap();
    refused(&output, &["no gcrucible checkout", "--project"]);
}

#[test]
fn a_part_of_the_self_test_that_there_is_not_is_told_with_those_that_there_are() {
    refused(
        &gcrucible(&["selftest", "--only", "stals"]),
        &["--only", "stals", "stalls"],
    );
}

#[test]
fn a_width_to_stop_at_is_a_percentage_and_its_limit_leaves_room_for_three_rounds() {
    for wrong in ["5", "five%", "0%", "-1%", "400%", "5%,", "5%,5%,5%"] {
        let until = format!("--until={wrong}");
        refused(&gcrucible(&["plan", &until]), &["--until", wrong, "%"]);
    }
    refused(
        &gcrucible(&["plan", "--until", "5%", "--rounds", "2"]),
        &["--rounds 2", "at least 3 rounds"],
    );
}

#[test]
fn a_pair_is_two_collectors_of_the_run() {
    refused(
        &gcrucible(&["plan", "--pair", "go"]),
        &["--pair", "`go` is not a pair"],
    );
    refused(
        &gcrucible(&["plan", "--pair", "go,go"]),
        &["compares go with itself"],
    );
    refused(
        &gcrucible(&["plan", "--suite", "smoke", "--pair", "go,g1x"]),
        &["unknown collector `g1x`", "did you mean `g1`", "go, g1, rust"],
    );
}

#[test]
fn a_goal_that_no_interval_can_reach_is_refused_with_its_file() {
    let copy = with_changed("workloads/suites/smoke.toml", |t| {
        t.replacen("rounds = 1", "rounds = 1\ngoal = { cost = 0.0, tail = 0.25 }", 1)
    });
    refused(&plan_in(&copy), &["smoke.toml", "goal", "cost is 0"]);
}

/// A plan with one process to run, and the host that began it.
fn begun(change: impl Fn(&mut Host)) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let recorded = root().join("tests/data/observe/run");
    let mut plan: Plan = envelope::read(&recorded).unwrap();
    for cell in &mut plan.cells {
        cell.argv = vec!["/nowhere/runner".into()];
    }
    envelope::write(folder.path(), &plan, &[]).unwrap();
    let mut host = gcrucible::run::host::look(String::new(), Default::default(), Default::default());
    change(&mut host);
    envelope::write(folder.path(), &host, &[]).unwrap();
    folder
}

#[test]
fn a_run_is_not_gone_on_with_on_another_machine() {
    type Change = fn(&mut Host);
    let changes: [(&str, Change); 5] = [
        ("CPU: Imaginary 9000 and", |h| h.cpu = "Imaginary 9000".into()),
        ("cores: 1999 and", |h| h.cores = 1999),
        ("memory: 7 bytes and", |h| h.memory = Bytes(7)),
        ("kernel: 0.1 and", |h| h.kernel = "0.1".into()),
        ("virtualisation: by nobody and", |h| {
            h.virtualised = Some("by nobody".into())
        }),
    ];
    for (words, change) in changes {
        let folder = begun(change);
        let output = gcrucible(&["run", folder.path().to_str().unwrap()]);
        refused(&output, &["another machine", words, "gcrucible report"]);
        assert!(!folder.path().join("raw").exists(), "nothing was run");
    }
}

#[test]
fn a_run_is_not_gone_on_with_when_its_runner_was_built_anew() {
    let folder = begun(|host| {
        host.binaries.insert("sh default 1".into(), "00".repeat(32));
    });
    let mut plan: Plan = envelope::read(folder.path()).unwrap();
    let runner = folder.path().join("runner");
    std::fs::write(&runner, "#!/bin/sh\n").unwrap();
    for cell in &mut plan.cells {
        cell.argv = vec![runner.display().to_string()];
    }
    envelope::write(folder.path(), &plan, &[]).unwrap();
    let output = gcrucible(&["run", folder.path().to_str().unwrap()]);
    refused(&output, &["runner was built anew since this run began"]);
    assert!(!folder.path().join("raw").exists(), "nothing was run");
}

#[test]
fn a_plan_that_compares_nothing_gets_a_page_that_says_so() {
    let folder = begun(|_| ());
    let mut plan: Plan = envelope::read(folder.path()).unwrap();
    (plan.pairs, plan.works, plan.cells) = Default::default();
    (plan.collectors, plan.invocations) = Default::default();
    envelope::write(folder.path(), &plan, &[]).unwrap();
    let output = gcrucible(&["report", folder.path().to_str().unwrap()]);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let page = std::fs::read_to_string(folder.path().join("index.html")).unwrap();
    assert!(page.contains("This plan compares no pair of collectors."));
}
