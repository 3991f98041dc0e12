//! The claims ledger: the claims that are shipped, how an outcome follows from runs, a claim run for real, and what a person gets wrong.

#[path = "../definitions/mod.rs"]
mod definitions;
mod settle;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use definitions::with_changed;
use gcrucible::artifact::envelope::{self, Body};
use gcrucible::artifact::ledger::Ledger;
use gcrucible::define;
use gcrucible::plan::{Claims, Machine, Runners, expand_claims};
use gcrucible::report::ledger::markdown;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn gcrucible(project: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gcrucible"))
        .arg("--project")
        .arg(project)
        .args(arguments)
        .output()
        .unwrap()
}

const MACHINE: Machine = Machine {
    cores: 2,
    memory: 24 << 30,
};

#[test]
fn every_claim_that_is_shipped_has_its_processes_and_an_id_of_its_own() {
    let defs = define::load(&root()).unwrap();
    let (plan, questions) = expand_claims(&defs, &Claims::default(), &Runners::new(), MACHINE).unwrap();
    let mut ids = BTreeSet::new();
    for (row, question) in questions.all() {
        assert!(ids.insert(&question.id), "{} is there twice", question.id);
        for figure in question.test.figures() {
            let planned = plan.cell(&figure.cell).is_some();
            assert!(planned || question.unfit.is_some(), "{}: {figure:?}", question.id);
            let runs = plan.invocations.iter().filter(|i| i.cell == figure.cell);
            assert!(
                !planned || runs.count() == row.rounds as usize,
                "{}: {figure:?}",
                question.id
            );
        }
    }
    assert!(ids.len() >= 30, "{}", ids.len());
}

#[test]
fn the_page_in_docs_says_what_the_files_say_and_what_was_published_last() {
    let defs = define::load(&root()).unwrap();
    let (_, questions) = expand_claims(&defs, &Claims::default(), &Runners::new(), MACHINE).unwrap();
    let published = root().join("reports/published/claims");
    let ledger: Option<Ledger> = published
        .join(Ledger::FILE)
        .exists()
        .then(|| envelope::read(&published).unwrap());
    let page = markdown(&questions, ledger.as_ref());
    let path = root().join("docs/CLAIMS.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == page,
        "docs/CLAIMS.md is old: UPDATE_DOCS=1 cargo test --test claims page"
    );
}

/// What is divided must have met the same machine: cells of a row are neighbours in every round.
#[test]
fn cells_of_a_row_run_next_to_each_other() {
    let defs = define::load(&root()).unwrap();
    let (plan, _) = expand_claims(&defs, &Claims::default(), &Runners::new(), MACHINE).unwrap();
    let row = |cell: &str| plan.work(&plan.cell(cell).unwrap().work).unwrap().block.clone();
    for round in 1..=plan.rounds {
        let mut rows: Vec<_> = plan
            .invocations
            .iter()
            .filter(|i| i.round == round)
            .map(|i| row(&i.cell))
            .collect();
        rows.dedup();
        let distinct: BTreeSet<_> = rows.iter().collect();
        assert_eq!(rows.len(), distinct.len(), "round {round}");
    }
}

#[test]
fn a_setting_of_a_claim_reaches_the_process_and_nothing_else_of_the_collector_changes() {
    let defs = define::load(&root()).unwrap();
    let only = |name: &str| Claims {
        only: Some(vec![name.to_owned()]),
        ..Claims::default()
    };
    let (plan, _) = expand_claims(&defs, &only("task-05-rss"), &Runners::new(), MACHINE).unwrap();
    let env = |part: &str| &plan.cells.iter().find(|c| c.id.contains(part)).unwrap().env;
    let (limited, free) = (env("limit-100"), env("free"));
    assert_eq!(limited["GOMEMLIMIT"], "100MiB");
    assert!(!free.contains_key("GOMEMLIMIT"));
    let rest: BTreeMap<_, _> = limited.iter().filter(|(k, _)| *k != "GOMEMLIMIT").collect();
    assert_eq!(rest, free.iter().collect());

    let (plan, _) = expand_claims(&defs, &only("task-05-jvm"), &Runners::new(), MACHINE).unwrap();
    assert!(
        plan.cells[0].argv.iter().any(|a| a == "-Xmx160m"),
        "{:?}",
        plan.cells[0].argv
    );
}

/// What the controller is compared with has the same limit, and what it costs is measured with the same settings but for the bounds of GOGC.
#[test]
fn a_controller_is_given_the_budget_that_its_counterparts_have() {
    let defs = define::load(&root()).unwrap();
    let only = Claims {
        only: Some(vec!["stretch-3".to_owned()]),
        ..Claims::default()
    };
    let (plan, _) = expand_claims(&defs, &only, &Runners::new(), MACHINE).unwrap();
    let env = |name: &str| {
        let mark = format!("+stretch-3-{name}:");
        &plan.cells.iter().find(|c| c.id.contains(&mark)).unwrap().env
    };
    let (tuned, held, off) = (env("tuned"), env("held"), env("off"));
    assert_eq!(tuned["GCRUCIBLE_TUNER_LIMIT"], "134217728");
    assert_eq!(
        (off["GOGC"].as_str(), off["GOMEMLIMIT"].as_str()),
        ("off", "134217728")
    );
    let mut bounded = tuned.clone();
    bounded.insert("GCRUCIBLE_TUNER_GOGC".into(), "100-100".into());
    assert_eq!(&bounded, held);
    assert!(
        plan.cells
            .iter()
            .all(|c| c.env.contains_key("GCRUCIBLE_TUNER_TARGET") == (c.collector == "go-tuned"))
    );
}

#[test]
fn a_payload_that_this_machine_cannot_hold_makes_its_claims_inapplicable_and_no_other() {
    let defs = define::load(&root()).unwrap();
    let (plan, questions) = expand_claims(&defs, &Claims::default(), &Runners::new(), MACHINE).unwrap();
    let unfit: Vec<&str> = questions
        .all()
        .filter(|(_, q)| q.unfit.is_some())
        .map(|(_, q)| q.id.as_str())
        .collect();
    assert_eq!(unfit, ["task-24.6-large"]);
    assert!(plan.cells.iter().all(|c| !c.id.contains("32GiB")));
    let large = Machine {
        memory: 128 << 30,
        ..MACHINE
    };
    let (_, questions) = expand_claims(&defs, &Claims::default(), &Runners::new(), large).unwrap();
    assert!(questions.all().all(|(_, q)| q.unfit.is_none()));
}

// For real.

#[test]
fn a_claim_is_run_settled_and_shown_and_a_resumed_folder_says_the_same() {
    let scratch = tempfile::tempdir().unwrap();
    let out = scratch.path().join("run");
    let arguments = [
        "claims",
        "--only",
        "task-04-peak,task-19-jvm",
        "--rounds",
        "2",
        "--json",
        "--out",
    ];
    let arguments: Vec<&str> = arguments.into_iter().chain([out.to_str().unwrap()]).collect();
    let output = gcrucible(&root(), &arguments);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let claims = told["claims"].as_array().unwrap();
    assert_eq!(claims.len(), 2, "{told}");
    for claim in claims {
        assert_eq!(claim["n"], 2, "{claim}");
        assert!(
            ["holds", "does-not-hold", "undecided"].contains(&claim["outcome"].as_str().unwrap()),
            "{claim}"
        );
    }
    let page = std::fs::read_to_string(out.join("index.html")).unwrap();
    assert!(page.contains("task-04-peak") && !page.contains("<script"));

    let again = gcrucible(&root(), &["report", out.to_str().unwrap(), "--json"]);
    let again: serde_json::Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!(again["claims"], told["claims"]);
    // The same folder for other claims is refused.
    let other = gcrucible(
        &root(),
        &[
            "claims",
            "--only",
            "task-04-cost",
            "--rounds",
            "2",
            "--out",
            out.to_str().unwrap(),
        ],
    );
    assert_eq!(other.status.code(), Some(2));
}

// What a person gets wrong.

fn refused(output: &Output, words: &[&str]) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    for word in words {
        assert!(stderr.contains(word), "`{word}` is not in: {stderr}");
    }
}

#[test]
fn an_unknown_claim_names_the_nearest() {
    refused(
        &gcrucible(&root(), &["claims", "--list", "--only", "task-04-cycels"]),
        &["did you mean `task-04-cycles`"],
    );
    refused(
        &gcrucible(&root(), &["claims", "--list", "--runtime", "jmv"]),
        &["did you mean `jvm`"],
    );
    refused(
        &gcrucible(&root(), &["claims", "--list", "--rounds", "1"]),
        &["at least 2"],
    );
}

#[test]
fn claims_are_asked_for_by_row_by_axis_or_one_by_one() {
    let listed = |only: &str| -> Vec<String> {
        let output = gcrucible(&root(), &["claims", "--list", "--only", only]);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let ids = text
            .lines()
            .filter_map(|l| l.strip_prefix("  ")?.split(' ').next().map(str::to_owned));
        ids.collect()
    };
    let axis = listed("task-24.4");
    assert!(
        axis.len() > 1 && axis.iter().all(|id| id.starts_with("task-24.4-")),
        "{axis:?}"
    );
    assert!(listed("task-24").len() > axis.len());
    assert_eq!(
        listed("task-24.4-ratio,task-20-soft"),
        ["task-20-soft", "task-24.4-ratio"]
    );
    refused(
        &gcrucible(&root(), &["claims", "--list", "--only", "task-2"]),
        &["unknown claim `task-2`"],
    );
}

#[test]
fn a_mistake_in_a_claim_file_is_shown_with_its_place() {
    for (was, is, words) in [
        (
            "rss_peak\", over",
            "rss_peek\", over",
            &["unknown metric `rss_peek`", "rss_peak", "^"][..],
        ),
        (
            "task-14/gogc-50.gc_cycles\", over",
            "task-14/gogc50.gc_cycles\", over",
            &["unknown cell `gogc50`", "gogc-50"],
        ),
        (
            "{task-14/gogc-50.rss_peak}",
            "{task-14/gogc-50.rss_peak",
            &["brace", "^"],
        ),
        (
            "at_least = 3, at_most = 4",
            "at_least = 4, at_most = 3",
            &["cannot hold", "task-04-cycles"],
        ),
        (
            "at_least = 3, at_most = 4",
            "in_every_run = true",
            &["cannot fail"],
        ),
        (
            "id = \"task-04-cost\"",
            "id = \"task-4-cost\"",
            &["must begin with its row"],
        ),
        ("rounds = 4", "rounds = 1", &["2 or more"]),
        ("row = \"task-04\"", "row = \"task-40\"", &["task-40.toml"]),
    ] {
        mistaken("task-04.toml", was, is, words);
    }
}

#[test]
fn a_mistake_in_a_tour_or_in_the_name_of_a_value_is_shown_with_its_place() {
    for (file, was, is, words) in [
        (
            "task-02.toml",
            "\"go-2.value.entry_bytes\"",
            "\"go-2.value.entry_byte\"",
            &[
                "unknown metric `value.entry_byte`",
                "did you mean `value.entry_bytes`",
                "^",
            ][..],
        ),
        (
            "task-06.toml",
            "collector = \"go\"",
            "collector = \"g1\"",
            &["`profile` has no counterpart in the runtime of `g1`, jvm", "^"],
        ),
        // A value of another workload is none of this one's.
        (
            "task-02.toml",
            "\"go-2.value.entry_bytes\"",
            "\"go-2.value.reported\"",
            &["unknown metric `value.reported`"],
        ),
        (
            "task-11.toml",
            "collector = \"go\"",
            "collector = \"goo\"",
            &["unknown collector `goo`", "^"],
        ),
        (
            "task-11.toml",
            "finds = [\"func gcStart(trigger gcTrigger) {\"]",
            "finds = []",
            &["cannot fail", "task-11-signature"],
        ),
        (
            "task-11.toml",
            "file = \"runtime/mgc.go\"",
            "file = \"../../etc/passwd\"",
            &["a path below", "task-11-signature"],
        ),
    ] {
        mistaken(file, was, is, words);
    }
}

#[test]
fn a_mistake_in_a_chart_is_shown_with_its_place() {
    for (was, is, words) in [
        (
            "metric = \"gc_cpu_ns\"",
            "metric = \"gc_cpu\"",
            &["unknown metric `gc_cpu`", "^"][..],
        ),
        (
            "[\"gogc-25\", \"gogc-50\"",
            "[\"gogc-52\", \"gogc-50\"",
            &["unknown cell `gogc-52`", "^"],
        ),
        (
            "g1 = [\"\", \"\", ",
            "g1 = [\"\", ",
            &["line `g1` has 5 cells for 6 places"],
        ),
        ("at = [1.25, 1.5,", "at = [1.5, 1.25,", &["ascending"]),
    ] {
        mistaken("task-14.toml", was, is, words);
    }
}

#[test]
fn a_row_is_drawn_whole_and_one_claim_of_it_runs_its_own_cells() {
    let defs = define::load(&root()).unwrap();
    let asked = |only: &str, runtime: Option<&str>| Claims {
        only: Some(vec![only.to_owned()]),
        runtimes: runtime.map(|name| vec![name.to_owned()]),
        ..Claims::default()
    };
    let (plan, questions) = expand_claims(&defs, &asked("task-14", None), &Runners::new(), MACHINE).unwrap();
    let charts = &questions.rows[0].charts;
    assert!(!charts.is_empty());
    for figure in charts
        .iter()
        .flat_map(|c| &c.lines)
        .flat_map(|l| &l.figures)
        .flatten()
    {
        assert!(plan.cell(&figure.cell).is_some(), "{figure:?}");
    }
    let (plan, questions) =
        expand_claims(&defs, &asked("task-14-law", None), &Runners::new(), MACHINE).unwrap();
    assert!(questions.rows[0].charts.is_empty());
    assert_eq!(plan.cells.len(), 2);
    // Of the runtimes asked for alone.
    let (plan, questions) =
        expand_claims(&defs, &asked("task-14", Some("jvm")), &Runners::new(), MACHINE).unwrap();
    let lines: Vec<&str> = questions.rows[0].charts[0]
        .lines
        .iter()
        .map(|l| l.name.as_str())
        .collect();
    assert!(lines.contains(&"g1") && !lines.contains(&"go"), "{lines:?}");
    assert!(plan.cells.iter().all(|c| c.collector != "go"));
}

/// The claim file with this change is refused, with these words and with line and column.
fn mistaken(file: &str, was: &str, is: &str, words: &[&str]) {
    let copy = with_changed(&format!("workloads/claims/{file}"), |text| {
        assert!(text.contains(was), "{was}");
        text.replacen(was, is, 1)
    });
    let place = |stderr: &str| {
        let at = stderr.find(&format!("{file}:"))?;
        let mut numbers = stderr[at + file.len() + 1..].split([':', '\n']);
        let line: u32 = numbers.next()?.trim().parse().ok()?;
        let column: u32 = numbers.next()?.trim().parse().ok()?;
        Some((line, column))
    };
    let output = gcrucible(copy.path(), &["claims", "--list"]);
    refused(&output, words);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        place(&stderr).is_some_and(|(line, column)| line > 0 && column > 0),
        "{stderr}"
    );
}

#[test]
fn a_workload_names_runtimes_that_there_are() {
    let copy = with_changed("workloads/profile.toml", |text| {
        text.replacen("runtimes = [\"go\"]", "runtimes = [\"goo\"]", 1)
    });
    refused(
        &gcrucible(copy.path(), &["claims", "--list"]),
        &["profile.toml", "unknown runtime `goo`", "did you mean `go`"],
    );
}

#[test]
fn claims_about_a_source_are_of_the_runtime_whose_source_it_is() {
    let listed = |runtime: &str| {
        let output = gcrucible(&root(), &["claims", "--list", "--runtime", runtime]);
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    assert!(listed("go").contains("task-11-order"));
    assert!(!listed("jvm").contains("task-11-order"));
}
