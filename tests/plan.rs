//! From a suite to processes: who does which work, with how much memory.

use std::path::PathBuf;

use gcrucible::artifact::definition::{Definitions, Minimum, MinimumFile, SuiteDef};
use gcrucible::artifact::plan::{Budget, Plan};
use gcrucible::define;
use gcrucible::plan::{Machine, RunnerAt, Runners, Selection, collectors_wanted, expand};

fn definitions() -> Definitions {
    define::load(&PathBuf::from(env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// A suite of one swept work, whose collectors are `go` and `rust`.
fn suite(defs: &Definitions, change: impl FnOnce(&mut SuiteDef)) -> SuiteDef {
    let mut suite = defs.suites["smoke"].clone();
    suite.groups.truncate(1);
    suite.collectors = vec!["go".into(), "rust".into()];
    suite.pairs.clear();
    change(&mut suite);
    suite
}

fn plan(defs: &Definitions, suite: &SuiteDef, selection: &Selection) -> Plan {
    let names = collectors_wanted(defs, suite, selection).unwrap();
    let at = |name: &String| {
        let runner = RunnerAt {
            program: "program".into(),
            runner: name.clone(),
            version: "v1".into(),
        };
        (name.clone(), Ok(runner))
    };
    let runners: Runners = names.iter().map(at).collect();
    let machine = Machine {
        cores: 2,
        memory: 16 << 30,
    };
    expand(defs, suite, selection, &runners, machine).unwrap()
}

fn cells(plan: &Plan) -> Vec<&str> {
    plan.cells.iter().map(|c| c.id.as_str()).collect()
}

#[test]
fn a_collector_to_which_a_budget_means_nothing_does_swept_work_once() {
    let defs = definitions();
    let swept = suite(&defs, |s| {
        s.groups[0].axes = vec![gcrucible::artifact::axis::Axis::Throughput];
        s.groups[0].budgets = Some(vec![3.0, 2.0]);
    });
    let plan = plan(&defs, &swept, &Selection::default());
    assert_eq!(
        cells(&plan),
        [
            "churn.closed@8MiB:3x/go",
            "churn.closed@8MiB:3x/rust",
            "churn.closed@8MiB:2x/go"
        ]
    );
    let tasks: Vec<&str> = plan.works.iter().map(|w| w.task()).collect();
    assert_eq!(tasks, ["churn.closed@8MiB"; 2], "the same work with less memory");
}

#[test]
fn a_work_that_informs_another_axis_is_done_by_all() {
    let defs = definitions();
    let swept = suite(&defs, |s| s.groups[0].budgets = Some(vec![3.0, 2.0]));
    assert_eq!(plan(&defs, &swept, &Selection::default()).cells.len(), 4);
}

#[test]
fn a_group_may_have_collectors_of_its_own() {
    let defs = definitions();
    let two = suite(&defs, |s| {
        s.groups[0].budgets = None;
        let mut second = s.groups[0].clone();
        second.budgets = Some(vec![3.0]);
        second.also = vec!["serial".into()];
        s.groups.push(second);
    });
    let whole = plan(&defs, &two, &Selection::default());
    let serial: Vec<&str> = cells(&whole)
        .into_iter()
        .filter(|c| c.ends_with("/serial"))
        .collect();
    assert_eq!(serial, ["churn.closed@8MiB:3x/serial"]);
    assert_eq!(whole.invocations.len(), 5 * whole.rounds as usize);

    let named = Selection {
        collectors: Some(vec!["go".into(), "g1".into()]),
        ..Selection::default()
    };
    assert!(
        cells(&plan(&defs, &two, &named))
            .iter()
            .all(|c| !c.ends_with("/serial")),
        "who names collectors gets those"
    );
}

#[test]
fn what_calibration_found_goes_with_the_plan() {
    let mut defs = definitions();
    let minimum = |task: &str, collector: &str| Minimum {
        task: task.into(),
        collector: collector.into(),
        times_live: Some(1.5),
        fails_at: None,
        fails_with: None,
        runs: 5,
        peak_over_live: None,
        slowdown: None,
        rule: String::new(),
        version: String::new(),
        host: String::new(),
        found: String::new(),
    };
    let minimums = [
        ("churn.closed@8MiB", "go"),
        ("churn.closed@8MiB", "zgc"),
        ("cache.closed@8MiB", "go"),
    ];
    defs.minimums.insert(
        "smoke".into(),
        MinimumFile {
            preset: "smoke".into(),
            minimums: minimums.map(|(t, c)| minimum(t, c)).into(),
        },
    );
    let plan = plan(&defs, &suite(&defs, |_| {}), &Selection::default());
    assert_eq!(
        plan.minimums,
        [minimum("churn.closed@8MiB", "go")],
        "of its tasks and collectors only"
    );
}

#[test]
fn every_suite_gives_a_collector_the_budgets_that_it_asks_for() {
    let defs = definitions();
    for suite in defs.suites.values() {
        let plan = plan(&defs, suite, &Selection::default());
        for work in &plan.works {
            let Budget::TimesLive(times) = work.budget else {
                continue;
            };
            let bytes = ((work.live.0 as f64 * times) as u64).to_string();
            let go = plan
                .cells
                .iter()
                .find(|c| c.work == work.id && c.collector == "go")
                .unwrap();
            assert_eq!(go.env["GOMEMLIMIT"], bytes, "{}", go.id);
        }
    }
}
