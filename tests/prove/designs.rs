//! Plans of a self-test, and what its instruments say.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use gcrucible::artifact::plan::{Plan, Purpose};
use gcrucible::artifact::selftest::Outcome;
use gcrucible::prove::design::{self, Shape};
use gcrucible::prove::jfr::{self, Logged};
use gcrucible::{define, plan};

fn base() -> Plan {
    let defs = define::load(&PathBuf::from(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let machine = plan::Machine {
        cores: 2,
        memory: 1 << 34,
    };
    let (none, runners) = (plan::Selection::default(), plan::Runners::new());
    plan::expand(&defs, &defs.suites["selftest"], &none, &runners, machine).unwrap()
}

#[test]
fn the_suite_has_a_small_work_for_every_axis_and_a_closed_and_an_open_one() {
    let base = base();
    for axis in gcrucible::artifact::axis::Axis::ALL {
        assert!(!design::works_of(&base, axis).is_empty(), "{axis:?}");
    }
    assert!(design::closed(&base).is_some() && design::open(&base).is_some());
    let runtimes: Vec<&str> = base.collectors.iter().map(|c| c.runtime.as_str()).collect();
    assert_eq!(runtimes, ["go", "jvm", "rust"]);
}

#[test]
fn shapes_are_cells_of_their_own_shuffled_together_within_each_round() {
    let base = base();
    let work = design::closed(&base).unwrap();
    let one = &base.collectors[0];
    let slow = Shape::named("+slow").with("drag_permille", 50).with("ops", 7);
    let wanted = [
        (work, Shape::default(), vec![one]),
        (work, slow.clone(), vec![one]),
    ];
    let plan = design::plan(&base, &wanted, 30, 1);
    assert_eq!(
        plan,
        design::plan(&base, &wanted, 30, 1),
        "it follows from its seed"
    );
    let request = |cell: &str, key: &str| {
        let request = &plan.cell(cell).unwrap().request;
        let found: Vec<&String> = request.iter().filter(|(k, _)| k == key).map(|(_, v)| v).collect();
        (found.len(), found.last().map(|v| v.as_str().to_owned()))
    };
    let (plain, slow) = (Shape::default().cell(work, one), slow.cell(work, one));
    assert_eq!(
        request(&slow, "ops"),
        (1, Some("7".into())),
        "a key is set, not given twice"
    );
    assert_eq!(request(&slow, "drag_permille"), (1, Some("50".into())));
    assert_eq!(request(&plain, "drag_permille"), (0, None));
    let first = |cell: &str| {
        let rounds = plan.invocations.chunks(2);
        rounds.filter(|round| round[0].cell == cell).count()
    };
    assert_eq!(first(&plain) + first(&slow), 30, "each is once in each round");
    assert!(first(&plain) > 5 && first(&slow) > 5, "in either order");
}

#[test]
fn shapes_of_one_collector_follow_each_other() {
    let base = base();
    let work = design::closed(&base).unwrap();
    let all: Vec<_> = base.collectors.iter().collect();
    let wanted = ["", "+slow", "+slower"].map(|shape| (work, Shape::named(shape), all.clone()));
    let plan = design::plan(&base, &wanted, 10, 1);
    let of = |cell: &str| plan.cell(cell).unwrap().collector.clone();
    assert_eq!(plan.invocations.len(), 10 * 9);
    for block in plan.invocations.chunks(3) {
        assert!(
            block.iter().all(|i| of(&i.cell) == of(&block[0].cell)),
            "{block:?}"
        );
    }
    let first: BTreeSet<String> = plan
        .invocations
        .chunks(9)
        .map(|round| of(&round[0].cell))
        .collect();
    assert!(first.len() > 1, "in no fixed order");
}

#[test]
fn calibration_is_kept_for_what_is_measured_and_for_nothing_else() {
    let base = base();
    let open = design::open(&base).unwrap();
    let one = &base.collectors[0];
    let plan = design::plan(&base, &[(open, Shape::default(), vec![one])], 1, 1);
    let calibrated = plan
        .invocations
        .iter()
        .filter(|i| i.purpose == Purpose::Calibrate);
    let cells: BTreeSet<&str> = calibrated.map(|i| i.cell.as_str()).collect();
    assert_eq!(cells, BTreeSet::from([Shape::default().cell(open, one).as_str()]));
}

fn stop(id: u64, operation: &str, at_us: u64, us: u64) -> String {
    let time = |at: u64| format!("2026-01-01T00:00:00.{at:06}000Z");
    let lasts = |us: u64| format!("PT0.{us:06}S");
    [
        ("SafepointBegin", String::new(), at_us, 10),
        (
            "ExecuteVMOperation",
            format!("\"operation\":\"{operation}\",\"safepoint\":true,"),
            at_us + 10,
            us - 10,
        ),
        ("SafepointEnd", String::new(), at_us + us, 100),
    ]
    .map(|(kind, more, from, lasted)| {
        format!(
            "{{\"type\":\"jdk.{kind}\",\"values\":{{\"safepointId\":{id},{more}\"startTime\":\"{}\",\"duration\":\"{}\"}}}}",
            time(from),
            lasts(lasted)
        )
    })
    .join(",")
}

fn recording(n: u64) -> String {
    let stops: Vec<String> = (2..=n).map(|id| stop(id, "Collect", id * 10_000, 1000)).collect();
    format!("{{\"recording\":{{\"events\":[{}]}}}}", stops.join(","))
}

fn log(n: usize, leaving_us: u64) -> Vec<Logged> {
    let one = Logged {
        operation: "Collect".into(),
        collection: true,
        total: 1_050_000,
        until_leaving: Some(leaving_us * 1000),
    };
    vec![one; n]
}

#[test]
fn a_log_agrees_with_the_flight_recorder_within_two_per_cent_or_fails() {
    let recorded = jfr::read(recording(20).as_bytes()).unwrap();
    assert_eq!(recorded.len(), 19);
    assert_eq!(recorded[&2].until_leaving, 1_000_000);
    assert_eq!(recorded[&2].with_printing, 1_100_000);
    let outcome = |log: &[Logged]| jfr::proof("X", log, &recorded).outcome;
    assert_eq!(outcome(&log(20, 1010)), Outcome::Passed);
    assert_eq!(outcome(&log(20, 1030)), Outcome::Failed);
    assert_eq!(
        outcome(&log(19, 1000)),
        Outcome::Failed,
        "the last has no partner"
    );
    let few: BTreeMap<_, _> = recorded.clone().into_iter().take(5).collect();
    assert_eq!(
        jfr::proof("X", &log(20, 1000), &few).outcome,
        Outcome::NotApplicable
    );
    let mut other = log(20, 1000);
    other[4].operation = "Deoptimize".into();
    assert!(jfr::proof("X", &other, &recorded).note.contains("safepoint 5"));
}

#[test]
fn a_recording_that_is_none_is_an_error_and_no_panic() {
    for text in ["", "{}", "[1]", "{\"recording\":{}}"] {
        assert!(jfr::read(text.as_bytes()).is_err(), "{text}");
    }
}
