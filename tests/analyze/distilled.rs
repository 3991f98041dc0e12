//! What collecting costs at least.

use gcrucible::analyze::summarise;
use gcrucible::artifact::distilled::{Cost, Distilled};
use gcrucible::artifact::observation::Observation;
use gcrucible::artifact::plan::{Cell, Mode, Plan, Swept};
use gcrucible::artifact::sample::Sample;

use crate::build::*;

/// A run as (total, attributable), of wall and CPU alike; None: nobody tells what is attributable.
type Runs = Vec<(f64, Option<f64>)>;

/// A plan of one closed work under collectors named `runtime/collector`, each with its runs.
fn found(cells: &[(&str, Runs)], change: impl Fn(&mut Plan)) -> Vec<Distilled> {
    let mut plan = plan();
    plan.works[0].mode = Mode::Closed;
    let (collector, cell) = (plan.collectors[0].clone(), plan.cells[0].clone());
    (plan.collectors, plan.cells) = (Vec::new(), Vec::new());
    let (mut observations, mut samples) = (Vec::new(), Vec::new());
    for (name, runs) in cells {
        let mut collector = collector.clone();
        collector.name = (*name).to_owned();
        collector.runtime = name.split('/').next().unwrap().to_owned();
        let id = format!("w/{name}");
        plan.collectors.push(collector);
        plan.cells.push(Cell {
            id: id.clone(),
            collector: (*name).to_owned(),
            ..cell.clone()
        });
        for (round, (total, gc)) in (1..).zip(runs) {
            let invocation = format!("{name}-{round}");
            observations.push(Observation {
                cell: id.clone(),
                invocation: invocation.clone(),
                ..observation(round)
            });
            let mut put = |metric: &str, value: f64| {
                samples.push(Sample {
                    cell: id.clone(),
                    invocation: invocation.clone(),
                    ..sample(round, metric, value)
                });
            };
            for (metric, attributable) in [("wall_ns", "pause_total_ns"), ("cpu_ns", "gc_cpu_ns")] {
                put(metric, *total);
                if let Some(gc) = gc {
                    put(attributable, *gc);
                }
            }
        }
    }
    change(&mut plan);
    summarise(&plan, &observations, &samples, &[], &[]).distilled
}

fn runs(total: f64, gc: f64) -> Runs {
    (0..3)
        .map(|i| (total + f64::from(i), Some(gc + f64::from(i))))
        .collect()
}

fn ratio(distilled: &Distilled, cell: &str) -> f64 {
    distilled.overheads.iter().find(|o| o.cell == cell).unwrap().ratio
}

#[test]
fn each_total_stands_over_the_least_that_remains_of_any_collector_of_the_runtime() {
    let found = found(
        &[
            ("jvm/g1", runs(100.0, 40.0)),
            ("jvm/serial", runs(80.0, 10.0)),
            ("go/go", runs(50.0, 5.0)),
        ],
        |_| (),
    );
    assert_eq!(found.len(), 4, "two runtimes, wall and CPU");
    for cost in [Cost::Wall, Cost::Cpu] {
        let of = |runtime: &str| {
            found
                .iter()
                .find(|d| d.runtime == runtime && d.cost == cost)
                .unwrap()
        };
        let (jvm, go) = (of("jvm"), of("go"));
        assert_eq!((jvm.least, jvm.of.as_str()), (60.0, "w/jvm/g1"));
        // Medians of the runs: 101 and 81.
        assert!((ratio(jvm, "w/jvm/g1") - 101.0 / 60.0).abs() < 1e-9);
        assert!((ratio(jvm, "w/jvm/serial") - 81.0 / 60.0).abs() < 1e-9);
        assert_eq!(
            (go.least, go.of.as_str()),
            (45.0, "w/go/go"),
            "runtimes share no distilled cost"
        );
        for overhead in &jvm.overheads {
            assert!(1.0 < overhead.lo && overhead.lo <= overhead.ratio && overhead.ratio <= overhead.hi);
        }
    }
}

#[test]
fn without_an_account_a_collector_is_left_out_unless_it_never_collects() {
    let silent: Runs = vec![(70.0, None); 3];
    let cells = [("jvm/g1", runs(100.0, 40.0)), ("jvm/epsilon", silent)];
    let left_out = found(&cells, |_| ());
    assert_eq!(left_out[0].overheads.len(), 1);
    let told = found(&cells, |plan| plan.collectors[1].tags.push("no-gc".into()));
    assert!((ratio(&told[0], "w/jvm/epsilon") - 70.0 / 60.0).abs() < 1e-9);
}

#[test]
fn other_work_and_open_loops_have_no_part_in_it() {
    let cells = [("jvm/g1", runs(100.0, 40.0)), ("jvm/serial", runs(80.0, 60.0))];
    let other = found(&cells, |plan| {
        plan.cells[1].request.push(("ops".into(), "7".into()))
    });
    assert_eq!(other.len(), 4, "another request is another task");
    assert!(found(&cells, |plan| plan.works[0].mode = Mode::Open).is_empty());
}

#[test]
fn works_that_ask_how_something_grows_have_no_part_in_it() {
    let cells = [("jvm/g1", runs(100.0, 40.0)), ("jvm/serial", runs(80.0, 60.0))];
    assert!(!found(&cells, |_| ()).is_empty());
    let swept = Swept {
        parameter: "threads".into(),
        what: String::new(),
        value: 10,
    };
    assert!(found(&cells, |plan| plan.works[0].swept = Some(swept.clone())).is_empty());
}

#[test]
fn a_cost_that_would_be_all_collecting_is_no_cost() {
    assert!(found(&[("jvm/g1", runs(10.0, 10.0))], |_| ()).is_empty());
}
