//! A ladder of loads: what is planned for it, from which capacity its rates come, and who shares a calibration.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use gcrucible::artifact::calibration::Calibration;
use gcrucible::artifact::definition::SuiteDef;
use gcrucible::artifact::exit::{End, Exit};
use gcrucible::artifact::plan::{Capacity, Mode, Plan, Purpose};
use gcrucible::artifact::run_dir::RunDir;
use gcrucible::artifact::{read, read_at, write};
use gcrucible::plan::{self, Machine, RunnerAt, Runners, Selection};
use gcrucible::{define, run};

/// The run stage ends every stray child of this process: two runs at once in one process would end each other's.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn suite(change: impl FnOnce(&mut SuiteDef)) -> (gcrucible::artifact::definition::Definitions, SuiteDef) {
    let defs = define::load(&PathBuf::from(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let mut suite = defs.suites["smoke"].clone();
    suite.groups.retain(|g| g.mode == Mode::Open);
    change(&mut suite);
    (defs, suite)
}

fn planned(change: impl FnOnce(&mut SuiteDef), selection: &Selection, runners: &Runners) -> Plan {
    let (defs, suite) = suite(change);
    let machine = Machine {
        cores: 2,
        memory: 1 << 36,
    };
    plan::expand(&defs, &suite, selection, runners, machine).unwrap()
}

/// One group without a series, at these budgets.
fn swept(budgets: &[f64]) -> impl Fn(&mut SuiteDef) {
    let budgets = budgets.to_vec();
    move |suite| {
        suite.groups.truncate(1);
        suite.groups[0].series = false;
        suite.groups[0].live = None;
        suite.groups[0].budgets = Some(budgets.clone());
    }
}

/// Works whose cells are calibrated, and how often each cell is.
fn calibrated(plan: &Plan) -> Vec<(String, usize)> {
    let runs = |cell: &str| {
        let mine = plan.invocations.iter().filter(|i| i.cell == cell);
        mine.filter(|i| i.purpose == Purpose::Calibrate).count()
    };
    let mut found: Vec<(String, usize)> = Vec::new();
    for cell in &plan.cells {
        let entry = (cell.work.clone(), runs(&cell.id));
        if entry.1 > 0 && !found.contains(&entry) {
            found.push(entry);
        }
    }
    found
}

#[test]
fn rungs_stand_beside_the_common_rate_and_inform_no_axis() {
    let plan = planned(|_| {}, &Selection::default(), &Runners::new());
    let ids: Vec<&str> = plan.works.iter().map(|w| w.id.as_str()).collect();
    // In a series only the first payload is calibrated: a ladder elsewhere would stand on another payload's capacity.
    assert_eq!(
        ids,
        [
            "cache.open@8MiB",
            "cache.open@8MiB:own30%",
            "cache.open@8MiB:own70%",
            "cache.open@16MiB"
        ]
    );
    for work in &plan.works {
        let rung = work.id.contains(":own");
        assert_eq!(work.axes.is_empty(), rung, "{}", work.id);
        assert_eq!(work.series.is_none(), rung, "{}", work.id);
        assert_eq!(work.ladder.as_deref(), rung.then_some("cache.open@8MiB"));
        for cell in plan.cells.iter().filter(|c| c.work == work.id) {
            let load = cell.load.as_ref().unwrap();
            assert_eq!(load.of == Capacity::Own, rung);
        }
    }
    let fraction = |work: &str| {
        let cell = plan.cells.iter().find(|c| c.work == work).unwrap();
        cell.load.as_ref().unwrap().fraction
    };
    assert_eq!([fraction(ids[1]), fraction(ids[2])], [0.3, 0.7]);
}

#[test]
fn every_capacity_is_the_least_of_two_runs_that_are_apart() {
    let plan = planned(|_| {}, &Selection::default(), &Runners::new());
    assert_eq!(calibrated(&plan), [("cache.open@8MiB".to_owned(), 2)]);
    let cells: Vec<&str> = plan
        .invocations
        .iter()
        .filter(|i| i.purpose == Purpose::Calibrate)
        .map(|i| i.cell.as_str())
        .collect();
    let (first, second) = cells.split_at(cells.len() / 2);
    assert_eq!(first, second);
}

#[test]
fn budgets_of_one_task_share_the_calibration_of_the_first() {
    let plan = planned(swept(&[3.0, 2.0, 6.0]), &Selection::default(), &Runners::new());
    assert_eq!(calibrated(&plan), [("cache.open@8MiB:3x".to_owned(), 2)]);
    let rungs: Vec<&str> = plan.works.iter().filter_map(|w| w.ladder.as_deref()).collect();
    assert_eq!(
        rungs, ["cache.open@8MiB:3x"; 2],
        "no capacity is known at another budget"
    );
}

#[test]
fn a_ladder_at_a_budget_that_is_not_the_reference_has_a_calibration_of_its_own() {
    let change = |suite: &mut SuiteDef| {
        swept(&[2.0, 3.0])(suite);
        let mut ladder = suite.groups[0].clone();
        suite.groups[0].loads = None;
        (ladder.budgets, ladder.axes) = (Some(vec![3.0]), Vec::new());
        suite.groups.push(ladder);
    };
    let plan = planned(change, &Selection::default(), &Runners::new());
    assert_eq!(
        calibrated(&plan),
        [
            ("cache.open@8MiB:2x".to_owned(), 2),
            ("cache.open@8MiB:3x".to_owned(), 2)
        ]
    );
}

#[test]
fn a_rate_that_the_person_fixed_needs_no_calibration_and_has_no_ladder() {
    let selection = Selection {
        rate: Some(1000.0),
        ..Selection::default()
    };
    let plan = planned(|_| {}, &selection, &Runners::new());
    assert_eq!(calibrated(&plan), []);
    assert!(plan.works.iter().all(|w| w.ladder.is_none()));
}

/// A runner that does `first` operations a second in its first calibration and `second` in the next; 0 fails.
fn runner(folder: &Path, name: &str, first: u32, second: u32) -> (String, Result<RunnerAt, String>) {
    let path = folder.join(name);
    let script = format!(
        r#"#!/bin/bash
while read -r line; do
  case $line in mode=*) mode=${{line#mode=}} ;; run) break ;; esac
done
ops=1
if [ "$mode" = closed ]; then
  if [ -e "$0.seen" ]; then ops={second}; else ops={first}; fi
  touch "$0.seen"
fi
[ "$ops" = 0 ] && exit 1
echo ops=$ops; echo mark.begin=1000000000; echo mark.end=2000000000; echo done=1
"#
    );
    std::fs::write(&path, script).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    let at = RunnerAt {
        program: String::new(),
        runner: path.to_str().unwrap().into(),
        version: "1".into(),
    };
    (name.to_owned(), Ok(at))
}

#[test]
fn rates_are_shares_of_the_least_that_was_seen_and_who_has_no_capacity_is_a_row_that_says_so() {
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(|e| e.into_inner());
    let folder = tempfile::tempdir().unwrap();
    let runners: Runners = [
        runner(folder.path(), "go", 1000, 1500),
        runner(folder.path(), "go-gogc50", 0, 0),
        runner(folder.path(), "rust", 4321, 3456),
    ]
    .into();
    let change = |suite: &mut SuiteDef| {
        swept(&[3.0, 2.0])(suite);
        suite.collectors = runners.keys().cloned().collect();
        suite.pairs.clear();
    };
    let plan = planned(change, &Selection::default(), &runners);
    let dir = RunDir::new(folder.path().join("run"));
    write(dir.root(), &plan, &[]).unwrap();
    let stop = AtomicBool::new(false);
    let around = run::Surroundings {
        control: Vec::new(),
        stop: &stop,
    };
    assert!(run::execute(&plan, &dir, &around, &mut |_| {}).unwrap());

    let found: Calibration = read(dir.root()).unwrap();
    let at = |collector: &str| format!("cache.open@8MiB:3x/{collector}");
    assert_eq!(found.runs[&at("go")], [1000.0, 1500.0]);
    assert_eq!(found.runs[&at("rust")], [4321.0, 3456.0]);
    assert_eq!(
        found.capacity.into_iter().collect::<Vec<_>>(),
        [(at("go"), 1000.0), (at("rust"), 3456.0)]
    );
    // Half of the slowest, the same at every budget.
    assert_eq!(
        found.rate.into_iter().collect::<Vec<_>>(),
        [
            ("cache.open@8MiB:2x".to_owned(), 500.0),
            ("cache.open@8MiB:3x".to_owned(), 500.0)
        ]
    );
    let rung = |percent: u32, collector: &str| format!("cache.open@8MiB:3x:own{percent}%/{collector}");
    assert_eq!(
        found.own.into_iter().collect::<Vec<_>>(),
        [
            (rung(30, "go"), 300.0),
            (rung(30, "rust"), 1030.0),
            (rung(70, "go"), 700.0),
            (rung(70, "rust"), 2410.0),
        ]
    );

    let exit = |cell: &str| -> Exit {
        let mut all = plan.invocations.iter();
        let invocation = all
            .find(|i| i.cell == cell && i.purpose == Purpose::Measure)
            .unwrap();
        read_at(&dir.raw(&invocation.id).exit(), dir.root()).unwrap()
    };
    assert_eq!(exit(&rung(70, "rust")).rate, Some(2410.0));
    assert_eq!(exit(&rung(70, "rust")).end, End::Exited { status: 0 });
    assert_eq!(exit(&at("rust")).rate, Some(500.0));
    let End::NotStarted { reason } = exit(&rung(30, "go-gogc50")).end else {
        panic!("a rung without a capacity is not started");
    };
    assert!(reason.contains("own capacity is not known"), "{reason}");
    // It is offered the common rate all the same.
    assert_eq!(exit(&at("go-gogc50")).rate, Some(500.0));
}
