//! From a suite to processes: who does which work, with how much memory.

use std::path::PathBuf;

use gcrucible::artifact::axis::Axis;
use gcrucible::artifact::definition::suite::CellGroup;
use gcrucible::artifact::definition::{Definitions, Minimum, MinimumFile, SuiteDef};
use gcrucible::artifact::plan::{Budget, Cell, Invocation, Mode, Plan, Purpose};
use gcrucible::define;
use gcrucible::plan::{
    Machine, PlanError, RunnerAt, Runners, Selection, collectors_wanted, estimate, expand, left_out,
};

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
    expand(defs, suite, selection, &runners, SMALL).unwrap()
}

const SMALL: Machine = Machine {
    cores: 2,
    memory: 16 << 30,
};

fn cells(plan: &Plan) -> Vec<&str> {
    plan.cells.iter().map(|c| c.id.as_str()).collect()
}

#[test]
fn a_collector_to_which_a_budget_means_nothing_does_swept_work_once() {
    let defs = definitions();
    let swept = suite(&defs, |s| {
        s.groups[0].axes = vec![Axis::Throughput];
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
fn a_parameter_that_is_swept_makes_a_work_of_each_value_and_else_changes_nothing() {
    let defs = definitions();
    let swept = suite(&defs, |s| {
        s.groups = defs.suites["smoke"].groups.clone();
        s.groups.retain(|g| g.over.is_some());
        s.groups[0].budgets = Some(vec![3.0, 2.0]);
    });
    let plan = plan(&defs, &swept, &Selection::default());
    let ids: Vec<&str> = plan.works.iter().map(|w| w.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "stacks.platform.closed@8MiB+sleepers=10:3x",
            "stacks.platform.closed@8MiB+sleepers=10:2x",
            "stacks.platform.closed@8MiB+sleepers=100:3x",
            "stacks.platform.closed@8MiB+sleepers=100:2x",
        ]
    );
    assert_eq!(plan.works[0].task(), "stacks.platform.closed@8MiB+sleepers=10");
    assert_eq!(
        plan.works[0].sweep(),
        plan.works[2].sweep(),
        "equal budgets are one sweep"
    );
    assert_ne!(plan.works[0].sweep(), plan.works[1].sweep());
    let request = |work: usize| {
        let cell = plan.cells.iter().find(|c| c.work == ids[work]).unwrap();
        let mut request = cell.request.clone();
        let at = request.iter().position(|(key, _)| key == "p.sleepers").unwrap();
        (request.remove(at).1, request)
    };
    let (few, many) = (request(0), request(2));
    assert_eq!((few.0.as_str(), many.0.as_str()), ("10", "100"));
    assert_eq!(few.1, many.1);
    for work in &plan.works {
        assert_eq!(work.swept.as_ref().unwrap().parameter, "sleepers");
        assert!(
            work.expected_checksum.is_none(),
            "a preset's checksum is of its own value"
        );
    }
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

fn on(memory: u64, cores: u32) -> Machine {
    Machine { cores, memory }
}

/// As the suite of one work, whose payloads come from the machine.
fn growing(defs: &Definitions, to: &str, budgets: Option<Vec<f64>>) -> SuiteDef {
    suite(defs, |s| {
        s.groups[0].grow.from = Some("256MiB".into());
        s.groups[0].grow.to = Some(to.into());
        s.groups[0].budgets = budgets;
        s.groups[0].series = true;
    })
}

fn expanded(defs: &Definitions, suite: &SuiteDef, machine: Machine) -> Result<Plan, PlanError> {
    expand(defs, suite, &Selection::default(), &Runners::new(), machine)
}

fn payloads(plan: &Plan) -> Vec<u64> {
    plan.works.iter().map(|w| w.live.0 >> 20).collect()
}

#[test]
fn payloads_double_as_far_as_the_largest_budget_leaves_room_in_memory() {
    let defs = definitions();
    let of = |to: &str, budgets: Vec<f64>, gib: u64| {
        payloads(&expanded(&defs, &growing(&defs, to, Some(budgets)), on(gib << 30, 8)).unwrap())
    };
    assert_eq!(of("0.7 of memory", vec![2.0], 8), [256, 512, 1024, 2048]);
    assert_eq!(of("0.35 of memory", vec![2.0], 8), [256, 512, 1024]);
    assert_eq!(of("0.7 of memory", vec![2.0], 1024).last(), Some(&(256 << 10)));
    // A budget of 4 leaves half of the room, whatever stands beside it.
    let both = of("0.7 of memory", vec![2.0, 4.0], 8);
    assert_eq!(both, [256, 256, 512, 512, 1024, 1024]);
}

#[test]
fn a_series_has_one_budget_for_what_is_compared_over_it_is_the_payload() {
    let defs = definitions();
    let suite = growing(&defs, "0.7 of memory", Some(vec![2.0, 4.0]));
    let plan = expanded(&defs, &suite, on(8 << 30, 8)).unwrap();
    for work in &plan.works {
        let Budget::TimesLive(times) = work.budget else {
            panic!()
        };
        assert_eq!(work.series, Some(format!("churn.closed:{times}x")));
    }
}

#[test]
fn a_list_keeps_what_the_machine_holds_and_the_rest_is_told() {
    let defs = definitions();
    let listed = suite(&defs, |s| {
        s.groups[0].live = Some(vec!["1GiB".into(), "4GiB".into(), "12GiB".into()]);
        s.groups[0].grow.to = Some("0.7 of memory".into());
        s.groups[0].budgets = Some(vec![1.35]);
    });
    let told = |gib: u64| left_out(&defs, &listed, &Selection::default(), on(gib << 30, 2)).unwrap();
    assert_eq!(
        payloads(&expanded(&defs, &listed, on(24 << 30, 2)).unwrap()),
        [1024, 4096, 12288]
    );
    assert_eq!(told(24), Vec::<String>::new());
    assert_eq!(
        payloads(&expanded(&defs, &listed, on(16 << 30, 2)).unwrap()),
        [1024, 4096]
    );
    assert_eq!(told(16), ["churn.closed: 12GiB"]);
}

#[test]
fn what_would_take_more_than_seventy_percent_of_memory_is_refused_with_the_largest_that_fits() {
    let defs = definitions();
    let refused = |suite: &SuiteDef, machine: Machine| {
        let error = expanded(&defs, suite, machine).unwrap_err();
        let PlanError::TooLarge { asked, largest, .. } = error else {
            panic!("{error}")
        };
        assert!(asked > largest);
        largest >> 20
    };
    let listed = |budgets: Option<Vec<f64>>| {
        suite(&defs, |s| {
            s.groups[0].live = Some(vec!["6GiB".into()]);
            s.groups[0].budgets = budgets;
        })
    };
    // 0.7 x 16 GiB / 2, and the largest budget counts.
    assert_eq!(refused(&listed(Some(vec![2.0])), SMALL), 5734);
    assert_eq!(refused(&listed(Some(vec![1.5, 4.0])), SMALL), 2867);
    assert_eq!(refused(&listed(None), SMALL), 4096);
    // A machine that does not hold even the first of a series.
    assert_eq!(
        refused(
            &growing(&defs, "0.7 of memory", Some(vec![2.0])),
            on(512 << 20, 2)
        ),
        179
    );
    assert!(expanded(&defs, &listed(Some(vec![1.8])), SMALL).is_ok());
}

#[test]
fn windows_grow_with_the_payload_and_threads_with_the_cores() {
    let defs = definitions();
    let mut suite = growing(&defs, "0.7 of memory", Some(vec![2.0]));
    suite.groups[0].grow.threads = Some("0.5 of cores".into());
    suite.groups[0].grow.ops_per_gib = Some(4000.0);
    suite.groups[0].grow.seconds_per_gib = Some(8.0);
    let mut open = suite.groups[0].clone();
    (open.mode, open.open_seconds) = (Mode::Open, Some(3.0));
    suite.groups.push(open);
    let value = |plan: &Plan, work: &str, key: &str| {
        let cell = plan.cells.iter().find(|c| c.work == work).unwrap();
        let found = cell.request.iter().find(|(k, _)| k == key);
        found.unwrap().1.clone()
    };
    let plan = expanded(&defs, &suite, on(8 << 30, 16)).unwrap();
    let ops = |size: &str| value(&plan, &format!("churn.closed@{size}:2x"), "ops");
    // The preset has 2000, which is more than a quarter of 4000.
    assert_eq!(
        [ops("256MiB"), ops("512MiB"), ops("1GiB"), ops("2GiB")],
        ["2000", "2000", "4000", "8000"]
    );
    let seconds: Vec<f64> = plan
        .works
        .iter()
        .filter(|w| w.mode == Mode::Open)
        .map(|w| plan.cells.iter().find(|c| c.work == w.id).unwrap())
        .map(|c| c.load.as_ref().unwrap().seconds)
        .collect();
    assert_eq!(seconds, [3.0, 4.0, 8.0, 16.0]);
    assert!(plan.works.iter().all(|w| w.threads == 8));
    assert_eq!(value(&plan, "churn.closed@1GiB:2x", "threads"), "8");
    for (cores, threads) in [(1, 2), (3, 2), (9, 4), (1000, 256)] {
        let plan = expanded(&defs, &suite, on(8 << 30, cores)).unwrap();
        assert_eq!(plan.works[0].threads, threads, "{cores} cores");
        // No preset has this work, so nobody knows its checksum beforehand.
        assert!(plan.works.iter().all(|w| w.expected_checksum.is_none()));
    }
}

#[test]
fn a_group_may_be_for_some_collectors_only_unless_the_person_names_them() {
    let defs = definitions();
    let some = suite(&defs, |s| s.groups[0].only = Some(vec!["rust".into()]));
    let named = Selection {
        collectors: Some(vec!["go".into()]),
        ..Selection::default()
    };
    let collectors = |selection: &Selection| -> Vec<String> {
        let plan = plan(&defs, &some, selection);
        plan.cells.iter().map(|c| c.collector.clone()).collect()
    };
    assert_eq!(collectors(&Selection::default()), ["rust"]);
    assert_eq!(collectors(&named), ["go"]);
}

#[test]
fn the_suite_for_large_machines_fits_them_and_says_how_long_it_takes() {
    let defs = definitions();
    let suite = &defs.suites["large"];
    let mut last = 0.0;
    for (gib, largest) in [(64, 16), (128, 32), (256, 64), (1024, 256)] {
        let machine = on(gib << 30, (gib / 4) as u32);
        let plan = expanded(&defs, suite, machine).unwrap();
        let most = plan.works.iter().map(|w| w.live.0 >> 30).max();
        assert_eq!(most, Some(largest), "{gib} GiB");
        for series in ["cache.open:2x", "churn.open:2x", "graph.closed:2x"] {
            let members = plan.works.iter().filter(|w| w.series.as_deref() == Some(series));
            assert!(members.count() >= 7, "{series}");
        }
        let seconds = estimate::seconds(&plan, suite.pace.as_ref().unwrap());
        println!("{gib} GiB: {:.1} h", seconds / 3600.0);
        assert!(
            seconds > last && seconds < 72.0 * 3600.0,
            "{gib} GiB: {seconds} s"
        );
        last = seconds;
    }
    // No machine is too small for three payloads that is one of those for which the other suites are.
    let small = expanded(&defs, suite, SMALL).unwrap();
    assert!(small.works.iter().filter(|w| w.mode == Mode::Closed).count() >= 3);
}

/// A process that waits for memory to be given back is not late.
#[test]
fn the_time_limit_counts_the_wait_for_memory() {
    let defs = definitions();
    let limit = |ms: u64| {
        let suite = fragmentation(&defs, |group| group.return_ms = Some(ms));
        plan(&defs, &suite, &Selection::default()).cells[0].timeout_s
    };
    assert_eq!(limit(300_000), limit(0) + 300);
}

/// So that they meet the machine in the same state: a round of a long suite takes many minutes.
#[test]
fn what_is_compared_runs_next_to_each_other_and_blocks_and_their_members_in_no_fixed_order() {
    let defs = definitions();
    let plan = plan(&defs, &defs.suites["quick"], &Selection::default());
    let round = |n: u32| -> Vec<&Cell> {
        let mine = |i: &&Invocation| i.round == n && i.purpose == Purpose::Measure;
        let these = plan.invocations.iter().filter(mine);
        these.map(|i| plan.cell(&i.cell).unwrap()).collect()
    };
    let work = |cell: &&&Cell| plan.work(&cell.work).unwrap();
    for n in 1..=plan.rounds {
        let order = round(n);
        assert_eq!(order.len(), plan.cells.len(), "each cell once");
        let blocks = |of: &dyn Fn(&&&Cell) -> String| {
            let mut names: Vec<String> = order.iter().map(|c| of(&c)).collect();
            names.dedup();
            let all = names.len();
            names.sort_unstable();
            names.dedup();
            (all, names.len())
        };
        let (works, distinct) = blocks(&|c| work(c).id.clone());
        assert_eq!(works, distinct, "a work is one block");
        let (tasks, distinct) = blocks(&|c| {
            work(c)
                .ladder
                .clone()
                .unwrap_or_else(|| work(c).task().to_owned())
        });
        assert_eq!(
            tasks, distinct,
            "and so are all budgets of a task, and the rungs of a ladder"
        );
        assert!(tasks < works);
    }
    let of_work = |n: u32, id: &str| -> Vec<String> {
        let these = round(n).into_iter().filter(|c| c.work == id);
        these.map(|c| c.collector.clone()).collect()
    };
    let first = |n: u32| round(n)[0].work.clone();
    let (one, two) = (plan.works[0].id.clone(), 2);
    assert!(
        first(1) != first(two) || first(two) != first(3),
        "works in no fixed order"
    );
    assert_ne!(of_work(1, &one), of_work(two, &one), "nor collectors in a work");
}

#[test]
fn a_group_may_be_made_in_its_first_rounds_only() {
    let defs = definitions();
    let suite = suite(&defs, |s| {
        s.rounds = 5;
        s.groups[0].axes.clear();
        s.groups[0].rounds = Some(2);
    });
    let rounds = |selection: Selection| -> Vec<u32> {
        let plan = plan(&defs, &suite, &selection);
        let mut rounds: Vec<u32> = plan.invocations.iter().map(|i| i.round).collect();
        rounds.dedup();
        rounds
    };
    assert_eq!(rounds(Selection::default()), [1, 2]);
    let fewer = Selection {
        rounds: Some(1),
        ..Selection::default()
    };
    assert_eq!(rounds(fewer), [1], "never more than are asked for");
}

#[test]
fn payloads_of_a_series_run_in_turn() {
    let defs = definitions();
    let suite = growing(&defs, "0.7 of memory", Some(vec![2.0]));
    let plan = expanded(&defs, &suite, on(64 << 30, 8)).unwrap();
    let order = |round: u32| -> Vec<u64> {
        let mine = plan
            .invocations
            .iter()
            .filter(|i| i.round == round && i.purpose == Purpose::Measure);
        mine.map(|i| plan.work(&plan.cell(&i.cell).unwrap().work).unwrap().live.0)
            .collect()
    };
    let first = order(1);
    let mut sorted = first.clone();
    sorted.sort_unstable();
    assert_ne!(first, sorted, "shuffled, not from small to large");
}

/// A suite of the fragmentation work alone.
fn fragmentation(defs: &Definitions, change: impl FnOnce(&mut CellGroup)) -> SuiteDef {
    let mut suite = defs.suites["smoke"].clone();
    suite.groups.retain(|g| g.axes.contains(&Axis::Fragmentation));
    suite.collectors = vec!["go".into()];
    suite.pairs.clear();
    change(&mut suite.groups[0]);
    suite
}

fn asked<'a>(plan: &'a Plan, cell: &str, key: &str) -> Option<&'a str> {
    let cell = plan
        .cell(cell)
        .unwrap_or_else(|| panic!("{cell}: {:?}", cells(plan)));
    let of = cell.request.iter().find(|(k, _)| k == key)?;
    Some(&of.1)
}

#[test]
fn a_case_is_a_variant_with_parameters_and_a_checksum_of_its_own() {
    let defs = definitions();
    let def = &defs.workloads["fragment"];
    let names: Vec<String> = def.variants().into_iter().map(str::to_owned).collect();
    assert!(names.len() > def.cases.len() && !def.cases.is_empty());
    let suite = fragmentation(&defs, |g| g.variants = Some(names.clone()));
    let plan = plan(&defs, &suite, &Selection::default());
    assert_eq!(plan.works.len(), names.len(), "each is a work");
    for (name, case) in &def.cases {
        let work = format!("fragment.{name}.closed@8MiB");
        for (key, text) in &case.parameters {
            let value = def.parameters[key].value(key, text).unwrap();
            let found = asked(&plan, &format!("{work}/go"), &format!("p.{key}"));
            assert_eq!(found, Some(&*value), "{work}");
        }
        let known = &def.presets["smoke"].checksum[&format!("{name}.closed")];
        assert_eq!(plan.work(&work).unwrap().expected_checksum.as_ref(), Some(known));
    }
    let growing = "fragment.growing.closed@8MiB/go";
    assert_eq!(asked(&plan, growing, "p.layout"), Some("random"), "the default");
}

#[test]
fn an_unforced_run_is_the_same_work_under_a_name_of_its_own() {
    let defs = definitions();
    let mut suite = fragmentation(&defs, |g| g.axes.clear());
    let mut unforced = suite.groups[0].clone();
    unforced.force = Some(false);
    unforced.budgets = Some(vec![0.0, 3.0]);
    suite.groups.push(unforced);
    let plan = plan(&defs, &suite, &Selection::default());
    let (forced, unforced) = (
        "fragment.growing.closed@8MiB",
        "fragment.growing.closed@8MiB:unforced",
    );
    assert_eq!(asked(&plan, &format!("{forced}/go"), "force"), None);
    assert_eq!(asked(&plan, &format!("{unforced}/go"), "force"), Some("0"));
    let checksum = |work: &str| plan.work(work).unwrap().expected_checksum.clone().unwrap();
    assert_eq!(checksum(forced), checksum(unforced));
    let budgeted = plan.work(&format!("{unforced}:3x")).unwrap();
    assert_eq!(budgeted.task(), unforced, "the same work with less memory");
}

#[test]
fn a_block_is_probed_for_only_where_there_is_room_beside_the_live_payload() {
    let defs = definitions();
    let probe = |change: &dyn Fn(&mut CellGroup)| {
        let plan = plan(&defs, &fragmentation(&defs, change), &Selection::default());
        let cell = plan.cells[0].id.clone();
        asked(&plan, &cell, "probe_bytes").map(|bytes| bytes.parse::<u64>().unwrap() >> 20)
    };
    assert_eq!(probe(&|_| ()), Some(4), "the preset's");
    assert_eq!(probe(&|g| g.probe_bytes = Some("0".into())), None);
    assert_eq!(probe(&|g| g.probe_bytes = Some("1GiB".into())), Some(1024));
    let budget = |g: &mut CellGroup| {
        g.probe_bytes = Some("1GiB".into());
        g.budgets = Some(vec![3.0]);
    };
    assert_eq!(
        probe(&budget),
        Some(16),
        "live payload and block are within 24 MiB"
    );
    let large = |g: &mut CellGroup| g.live = Some(vec!["4GiB".into()]);
    assert_eq!(probe(&large), None, "a quarter of 16 GiB is taken");
    assert_eq!(
        asked(
            &plan(&defs, &suite(&defs, |_| {}), &Selection::default()),
            "churn.closed@8MiB:3x/go",
            "probe_bytes"
        ),
        None,
        "a preset without"
    );
}
