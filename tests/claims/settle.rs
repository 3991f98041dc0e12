//! How an outcome follows from runs.

use std::collections::BTreeMap;

use gcrucible::artifact::analysis::{Analysis, CellSummary, Failure};
use gcrucible::artifact::definition::claim::{Direction, STARTED, SURVIVED};
use gcrucible::artifact::doubt::Doubt;
use gcrucible::artifact::ledger::{
    Answer, Chart, Figure, Line, Outcome, Question, Questions, Row, Seen, Test,
};
use gcrucible::artifact::metric::{Unit, metric};
use gcrucible::artifact::outcome::Outcome as End;
use gcrucible::artifact::plan::{Cell, Collector, Invocation, Plan, Purpose};
use gcrucible::artifact::sample::Sample;
use gcrucible::judge;

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
                charts: Vec::new(),
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
    let every_run_is_ten = || Test::Between {
        value: figure("x", "gc_cycles"),
        over: None,
        at_least: Some(10.0),
        at_most: Some(10.0),
        in_every_run: true,
    };
    let every = |values: &[f64]| Build::new(&[("x", values)]).answer(every_run_is_ten());
    assert_eq!(every(&[10.0, 10.0, 10.0]).outcome, Outcome::Holds);
    let answer = every(&[10.0, 11.0, 10.0]);
    assert_eq!(answer.outcome, Outcome::DoesNotHold);
    assert_eq!(answer.reason.unwrap(), "2 of 3 runs");
    // Of a run that was stopped half-way.
    let mut begun = Build::new(&[("x", &[10.0])]);
    begun.run("x", 2);
    let answer = begun.answer(every_run_is_ten());
    assert_eq!(answer.outcome, Outcome::Undecided);
    assert_eq!(answer.reason.unwrap(), "1 of 2 runs");
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
fn a_process_whose_runtime_refused_a_setting_counts_where_its_start_is_asked() {
    let started = |at_least, at_most| Test::Between {
        value: figure("x", STARTED),
        over: None,
        at_least,
        at_most,
        in_every_run: true,
    };
    let refused = || End::Refused {
        reason: "malformed GOMEMLIMIT".into(),
    };
    let never = Build::new(&[("x", &[])])
        .failed("x", 1, refused())
        .failed("x", 2, refused());
    assert_eq!(never.answer(started(None, Some(0.0))).outcome, Outcome::Holds);
    assert_eq!(
        never.answer(started(Some(1.0), None)).outcome,
        Outcome::DoesNotHold
    );
    let always = Build::new(&[("x", &[7.0, 8.0])]);
    assert_eq!(
        always.answer(started(None, Some(0.0))).outcome,
        Outcome::DoesNotHold
    );
    // What died of memory had begun, but a run that went wrong decides nothing else; nor does this one say that a process survived.
    let died = Build::new(&[("x", &[7.0])]).failed(
        "x",
        2,
        End::OutOfMemory {
            reason: "heap".into(),
        },
    );
    assert_eq!(died.answer(started(Some(1.0), None)).outcome, Outcome::Undecided);
    let survived = Test::Between {
        value: figure("x", SURVIVED),
        over: None,
        at_least: Some(1.0),
        at_most: None,
        in_every_run: true,
    };
    assert_eq!(never.answer(survived).outcome, Outcome::Undecided);
}

#[test]
fn a_chart_has_the_mean_over_runs_of_each_place_and_a_gap_where_nothing_ran() {
    let build = Build::new(&[("x", &[2.0, 8.0]), ("y", &[5.0]), ("z", &[])]);
    let line = |cells: [Option<&str>; 3]| Line {
        name: "go".into(),
        figures: cells
            .iter()
            .map(|c| c.map(|cell| figure(cell, "gc_cycles")))
            .collect(),
    };
    let questions = Questions {
        rows: vec![Row {
            name: "t".into(),
            title: String::new(),
            method: String::new(),
            rounds: 2,
            questions: Vec::new(),
            charts: vec![Chart {
                title: "cycles".into(),
                metric: "gc_cycles".into(),
                unit: Unit::Count,
                along: "heap".into(),
                at: vec![1.0, 2.0, 3.0],
                lines: vec![
                    line([Some("x"), Some("y"), Some("z")]),
                    line([None, None, Some("x")]),
                ],
            }],
        }],
    };
    let ledger = judge::settle(&questions, &build.plan, &build.samples, &build.analysis);
    let lines = &ledger.curves[0].lines;
    let x = lines[0][0].as_ref().unwrap();
    assert!((x.value.unwrap() - 4.0).abs() < 1e-9, "{x:?}");
    assert!(x.interval.is_some_and(|(lo, hi)| lo < 4.0 && hi > 4.0));
    let y = lines[0][1].as_ref().unwrap();
    assert_eq!(
        (y.value, y.interval),
        (Some(5.0), None),
        "a single run has no interval"
    );
    assert!(lines[0][2].is_none() && lines[1][0].is_none() && lines[1][2].is_some());
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

#[test]
fn a_tour_holds_where_every_line_was_found_and_tells_the_first_that_was_not() {
    let toured = |lines: Option<&[u32]>| {
        Build::new(&[]).answer(Test::Tour {
            collector: "c".into(),
            file: "runtime/mgc.go".into(),
            finds: vec!["func gcStart(".into(), "setGCPhase(".into()],
            seen: lines.map(|lines| Seen {
                version: "go version go1.26.8".into(),
                lines: lines.to_vec(),
            }),
        })
    };
    let whole = toured(Some(&[733, 916]));
    assert_eq!((whole.outcome, whole.measured), (Outcome::Holds, None));
    let reason = whole.reason.unwrap();
    assert!(
        reason.contains("lines 733, 916") && reason.contains("go1.26.8"),
        "{reason}"
    );
    let half = toured(Some(&[733]));
    assert_eq!(half.outcome, Outcome::DoesNotHold);
    let reason = half.reason.unwrap();
    assert!(
        reason.contains("`setGCPhase(`") && reason.contains("after line 733"),
        "{reason}"
    );
    let none = toured(Some(&[]));
    assert_eq!(none.outcome, Outcome::DoesNotHold);
    assert!(none.reason.unwrap().contains("`func gcStart(`"));
    assert_eq!(toured(None).outcome, Outcome::Undecided);
}
