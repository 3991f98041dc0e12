//! The claims ledger: the claims that are shipped, how an outcome follows from runs, a claim run for real, and what a person gets wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use gcrucible::artifact::analysis::{Analysis, CellSummary, Failure};
use gcrucible::artifact::definition::claim::{Direction, SURVIVED};
use gcrucible::artifact::doubt::Doubt;
use gcrucible::artifact::envelope::{self, Body};
use gcrucible::artifact::ledger::{Answer, Figure, Ledger, Outcome, Question, Questions, Row, Test};
use gcrucible::artifact::metric::{Unit, metric};
use gcrucible::artifact::outcome::Outcome as End;
use gcrucible::artifact::plan::{Cell, Collector, Invocation, Plan, Purpose};
use gcrucible::artifact::sample::Sample;
use gcrucible::plan::{Claims, Machine, Runners, expand_claims};
use gcrucible::report::ledger::markdown;
use gcrucible::{define, judge};

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

// How an outcome follows from runs.

fn figure(cell: &str, metric_name: &str) -> Figure {
    Figure {
        name: cell.into(),
        cell: cell.into(),
        metric: metric_name.into(),
        unit: metric(metric_name).map_or(Unit::Count, |m| m.unit),
    }
}

fn between(over: Option<&str>, at_least: Option<f64>, at_most: Option<f64>) -> Test {
    Test::Between {
        value: figure("x", "gc_cycles"),
        over: over.map(|cell| figure(cell, "gc_cycles")),
        at_least,
        at_most,
        in_every_run: false,
    }
}

/// A run of cells with values of gc_cycles, a round each.
struct Build {
    plan: Plan,
    samples: Vec<Sample>,
    analysis: Analysis,
}

impl Build {
    fn new(cells: &[(&str, &[f64])]) -> Self {
        let mut build = Build {
            plan: Plan::default(),
            samples: Vec::new(),
            analysis: Analysis::default(),
        };
        build.plan.collectors.push(Collector {
            name: "c".into(),
            label: "C".into(),
            runtime: "go".into(),
            version: "1".into(),
            tags: Vec::new(),
            log: "none".into(),
            gc_threads: Vec::new(),
            setting_of: None,
            unavailable: None,
        });
        for (name, values) in cells {
            build.plan.cells.push(Cell {
                id: (*name).into(),
                work: "w".into(),
                collector: "c".into(),
                argv: Vec::new(),
                env: BTreeMap::new(),
                request: Vec::new(),
                timeout_s: 1,
                load: None,
            });
            for (at, value) in values.iter().enumerate() {
                let run = build.run(name, at as u32 + 1);
                build.samples.push(Sample {
                    cell: (*name).into(),
                    invocation: run,
                    round: at as u32 + 1,
                    metric: "gc_cycles".into(),
                    value: *value,
                    unit: "count".into(),
                });
            }
        }
        build
    }

    fn run(&mut self, cell: &str, round: u32) -> String {
        let id = format!("r{round}-{cell}");
        self.plan.invocations.push(Invocation {
            id: id.clone(),
            cell: cell.into(),
            round,
            purpose: Purpose::Measure,
        });
        id
    }

    fn failed(mut self, cell: &str, round: u32, outcome: End) -> Self {
        let invocation = self.run(cell, round);
        self.analysis.failures.push(Failure {
            invocation,
            cell: cell.into(),
            outcome,
        });
        self
    }

    fn answer(&self, test: Test) -> Answer {
        let question = Question {
            id: "t".into(),
            says: "so it is".into(),
            test,
            because: Vec::new(),
            inapplicable: "never".into(),
            unfit: None,
        };
        let questions = Questions {
            rows: vec![Row {
                name: "t".into(),
                title: String::new(),
                method: String::new(),
                rounds: 3,
                questions: vec![question],
            }],
        };
        let ledger = judge::settle(&questions, &self.plan, &self.samples, &self.analysis);
        ledger.answers.into_iter().next().unwrap()
    }
}

#[test]
fn the_interval_against_the_bounds_decides() {
    let tight = Build::new(&[("x", &[99.0, 100.0, 101.0]), ("y", &[33.0, 33.3, 33.7])]);
    let ratio = |lo, hi| tight.answer(between(Some("y"), lo, hi)).outcome;
    assert_eq!(ratio(Some(2.0), Some(4.0)), Outcome::Holds);
    assert_eq!(ratio(Some(3.5), None), Outcome::DoesNotHold);
    assert_eq!(ratio(None, Some(2.0)), Outcome::DoesNotHold);
    assert_eq!(
        ratio(Some(3.0), None),
        Outcome::Undecided,
        "3.0 is inside its interval"
    );
    let alone = |lo, hi| tight.answer(between(None, lo, hi)).outcome;
    assert_eq!(alone(Some(90.0), Some(110.0)), Outcome::Holds);
    assert_eq!(alone(Some(100.0), None), Outcome::Undecided);
}

/// Both sides of a round shared the machine's wave; as two samples the same figures would say nothing.
#[test]
fn a_ratio_is_taken_inside_rounds() {
    let waves = Build::new(&[("x", &[100.0, 200.0, 400.0]), ("y", &[50.0, 100.0, 200.0])]);
    let answer = waves.answer(between(Some("y"), Some(1.9), Some(2.1)));
    assert_eq!(answer.outcome, Outcome::Holds);
    assert_eq!(answer.measured.unwrap().values, [2.0, 2.0, 2.0]);
}

#[test]
fn one_run_has_no_interval_and_decides_nothing() {
    let one = Build::new(&[("x", &[100.0])]);
    let answer = one.answer(between(None, Some(1.0), None));
    assert_eq!(answer.outcome, Outcome::Undecided);
    assert!(answer.reason.unwrap().contains("2 are needed"));
}

#[test]
fn something_over_nothing_has_no_bound() {
    let none = Build::new(&[("x", &[5.0, 6.0]), ("y", &[0.0, 0.0])]);
    let answer = none.answer(between(Some("y"), Some(2.0), None));
    assert_eq!(
        (answer.outcome, answer.measured.unwrap().value),
        (Outcome::Holds, None)
    );
    assert!(answer.reason.unwrap().contains("no bound"));
    assert_eq!(
        none.answer(between(Some("y"), None, Some(9.0))).outcome,
        Outcome::DoesNotHold
    );
    let some = Build::new(&[("x", &[5.0, 6.0]), ("y", &[0.0, 1.0])]);
    assert_eq!(
        some.answer(between(Some("y"), Some(2.0), None)).outcome,
        Outcome::Undecided
    );
}

#[test]
fn what_must_be_so_in_every_run_falls_with_one() {
    let every = |values: &[f64]| {
        Build::new(&[("x", values)]).answer(Test::Between {
            value: figure("x", "gc_cycles"),
            over: None,
            at_least: Some(10.0),
            at_most: Some(10.0),
            in_every_run: true,
        })
    };
    assert_eq!(every(&[10.0, 10.0, 10.0]).outcome, Outcome::Holds);
    let answer = every(&[10.0, 11.0, 10.0]);
    assert_eq!(answer.outcome, Outcome::DoesNotHold);
    assert_eq!(answer.reason.unwrap(), "2 of 3 runs");
}

#[test]
fn a_course_holds_if_every_step_does_and_falls_with_one_that_is_the_other_way() {
    let course = |third: &[f64], goes| {
        Build::new(&[
            ("a", &[10.0, 10.1, 9.9]),
            ("b", &[20.0, 20.2, 19.8]),
            ("c", third),
        ])
        .answer(Test::Course {
            along: ["a", "b", "c"]
                .iter()
                .map(|cell| figure(cell, "gc_cycles"))
                .collect(),
            goes,
        })
    };
    assert_eq!(course(&[40.0, 41.0, 39.0], Direction::Up).outcome, Outcome::Holds);
    assert_eq!(
        course(&[40.0, 41.0, 39.0], Direction::Down).outcome,
        Outcome::DoesNotHold
    );
    let answer = course(&[10.0, 10.2, 9.8], Direction::Up);
    assert_eq!(answer.outcome, Outcome::DoesNotHold);
    assert!(answer.reason.unwrap().contains("from `b` to `c`"));
    assert!(answer.measured.unwrap().value.unwrap() < 1.0);
    assert_eq!(
        course(&[20.0, 21.0, 19.0], Direction::Up).outcome,
        Outcome::Undecided
    );
    // Zero is a value, though it has no ratio.
    let from_nothing = Build::new(&[("a", &[0.0, 0.0, 0.0]), ("b", &[5.0, 6.0, 5.0])]).answer(Test::Course {
        along: ["a", "b"].iter().map(|cell| figure(cell, "gc_cycles")).collect(),
        goes: Direction::Up,
    });
    assert_eq!(from_nothing.outcome, Outcome::Holds);
}

#[test]
fn a_run_that_died_of_memory_counts_where_survival_is_asked_and_spoils_what_else_is() {
    let oom = || End::OutOfMemory {
        reason: "java heap".into(),
    };
    let survived = |at_least, at_most| Test::Between {
        value: figure("x", SURVIVED),
        over: None,
        at_least,
        at_most,
        in_every_run: true,
    };
    let died = Build::new(&[("x", &[])])
        .failed("x", 1, oom())
        .failed("x", 2, oom());
    assert_eq!(died.answer(survived(None, Some(0.0))).outcome, Outcome::Holds);
    assert_eq!(
        died.answer(survived(Some(1.0), None)).outcome,
        Outcome::DoesNotHold
    );
    let once = Build::new(&[("x", &[7.0])]).failed("x", 2, oom());
    assert_eq!(
        once.answer(survived(Some(1.0), None)).outcome,
        Outcome::DoesNotHold
    );
    assert_eq!(
        once.answer(between(None, Some(1.0), None)).outcome,
        Outcome::Undecided
    );
    // Any other end says nothing of memory.
    let hung = Build::new(&[("x", &[7.0])]).failed("x", 2, End::TimedOut { after_s: 9 });
    let answer = hung.answer(survived(Some(1.0), None));
    assert_eq!(answer.outcome, Outcome::Undecided);
    assert!(answer.reason.unwrap().contains("timed out"));
}

#[test]
fn a_collector_that_is_not_here_makes_a_claim_inapplicable() {
    let mut build = Build::new(&[("x", &[])]);
    build.plan.collectors[0].unavailable = Some("no JDK".into());
    let answer = build.answer(between(None, Some(1.0), None));
    assert_eq!(answer.outcome, Outcome::NotApplicable);
    assert!(answer.reason.unwrap().contains("no JDK"));
}

/// A claim about collecting that rests on runs without a collection would pass by measuring nothing unseen.
#[test]
fn what_is_doubtful_about_a_cell_stands_beside_what_it_decided() {
    let mut build = Build::new(&[("x", &[5.0, 6.0]), ("z", &[1.0, 1.0])]);
    for cell in ["x", "z"] {
        let summary = CellSummary {
            doubts: vec![
                Doubt::FewRounds { rounds: 2 },
                Doubt::NoCollections,
                Doubt::LiveDiffers { asked: 1, found: 2 },
            ],
            ..CellSummary::default()
        };
        build.analysis.cells.insert(cell.into(), summary);
    }
    let doubts = build.answer(between(None, Some(1.0), None)).doubts;
    assert_eq!(doubts.len(), 1, "{doubts:?}");
    assert_eq!(
        (doubts[0].name.as_str(), &doubts[0].doubt),
        ("x", &Doubt::NoCollections)
    );
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
        ("rounds = 5", "rounds = 1", &["2 or more"]),
        ("row = \"task-04\"", "row = \"task-40\"", &["task-40.toml"]),
    ] {
        let copy = tempfile::tempdir().unwrap();
        for name in ["workloads", "go", "jvm"] {
            copy_toml(&root().join(name), &copy.path().join(name));
        }
        let path = copy.path().join("workloads/claims/task-04.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(was), "{was}");
        std::fs::write(&path, text.replacen(was, is, 1)).unwrap();
        let place = |stderr: &str| {
            let at = stderr.find("task-04.toml:")?;
            let mut numbers = stderr[at + "task-04.toml:".len()..].split([':', '\n']);
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
}

fn copy_toml(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() && !path.ends_with("target") {
            copy_toml(&path, &target);
        } else if path.extension().is_some_and(|e| e == "toml") {
            std::fs::copy(&path, target).unwrap();
        }
    }
}
