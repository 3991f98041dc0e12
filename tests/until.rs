//! Sequential stopping: by widths that were declared before the first run, never by who is ahead.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use gcrucible::analyze;
use gcrucible::artifact::analysis::Analysis;
use gcrucible::artifact::axis::Axis;
use gcrucible::artifact::envelope;
use gcrucible::artifact::goal::{Goal, Stopped, Stopping, Why};
use gcrucible::artifact::host::Host;
use gcrucible::artifact::plan::*;
use gcrucible::artifact::run_dir::RunDir;
use gcrucible::artifact::unit::Bytes;
use gcrucible::cmd::progress::Progress;
use gcrucible::cmd::{stages, until};
use gcrucible::run::{self, Ended, Surroundings};

/// The run stage ends every stray child of this process: two runs at once in one process would end each other's.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// A runner whose window takes as many seconds as the expression says; n is its how-manieth run it is, from 1.
fn runner(folder: &Path, name: &str, seconds: &str) -> String {
    format!(
        "n=$(($(cat {0}/{name} 2>/dev/null || echo 0) + 1)); echo $n > {0}/{name}\n\
         t=$(date +%s%N); echo protocol=1; echo runtime=sh; echo version=1\n\
         echo mark.start=$t; echo mark.setup=$t; echo mark.warmup=$t\n\
         echo mark.begin=$t; t=$((t + ({seconds}) * 1000000)); echo mark.end=$t; echo mark.rest=$t\n\
         echo ops=2; echo requested_bytes=1000; echo live_bytes=1048576; echo checksum=0000000000000001\n\
         echo before.cpu_ns=0; echo after.cpu_ns=1000; echo before.alloc_bytes=0; echo after.alloc_bytes=2000; echo done=1",
        folder.display()
    )
}

/// A plan with one work and the rule that costs be within 5 %; `sides` are (name, script).
fn plan(sides: &[(&str, String)], rounds: u32) -> Plan {
    let work = Work {
        id: "work.closed@1MiB".into(),
        workload: "work".into(),
        variant: None,
        mode: Mode::Closed,
        live: Bytes(1 << 20),
        budget: Budget::Default,
        threads: 1,
        axes: vec![Axis::Throughput],
        series: None,
        ladder: None,
        block: None,
        rounds: None,
        swept: None,
        summary: String::new(),
        expected_checksum: None,
    };
    let mut plan = Plan {
        suite: "until".into(),
        question: "Which?".into(),
        seed: 1,
        rounds,
        pairs: vec![Pair {
            a: sides[0].0.into(),
            b: sides[1].0.into(),
        }],
        collectors: Vec::new(),
        works: vec![work.clone()],
        cells: Vec::new(),
        invocations: Vec::new(),
        minimums: Vec::new(),
        goal: None,
        stopping: Some(Stopping {
            goal: Goal::USUAL,
            at_least: 3,
        }),
    };
    for (name, script) in sides {
        plan.collectors.push(Collector {
            name: (*name).into(),
            label: (*name).into(),
            runtime: "sh".into(),
            version: String::new(),
            tags: vec!["no-gc".into()],
            log: "none".into(),
            gc_threads: Vec::new(),
            unavailable: None,
            setting_of: None,
        });
        plan.cells.push(Cell {
            id: format!("{}/{name}", work.id),
            work: work.id.clone(),
            collector: (*name).into(),
            argv: vec!["bash".into(), "-c".into(), script.clone()],
            env: BTreeMap::new(),
            request: vec![
                ("protocol".into(), "1".into()),
                ("ops".into(), "2".into()),
                ("threads".into(), "1".into()),
            ],
            timeout_s: 20,
            load: None,
        });
    }
    for round in 1..=rounds {
        for cell in &plan.cells {
            plan.invocations.push(Invocation {
                id: format!("r{round}-{}", cell.collector),
                cell: cell.id.clone(),
                round,
                purpose: Purpose::Measure,
            });
        }
    }
    plan
}

struct Run {
    folder: tempfile::TempDir,
    plan: Plan,
}

impl Run {
    /// `seconds` of each side, as an expression of n, in milliseconds.
    fn new(a: &str, b: &str, rounds: u32) -> Run {
        let folder = tempfile::tempdir().unwrap();
        let counts = folder.path().join("counts");
        std::fs::create_dir(&counts).unwrap();
        let script = |name: &str, of: &str| match of {
            "fails" => "echo no >&2; exit 3".to_owned(),
            seconds => runner(&counts, name, seconds),
        };
        let plan = plan(&[("a", script("a", a)), ("b", script("b", b))], rounds);
        let run = Run { folder, plan };
        envelope::write(run.dir().root(), &run.plan, &[]).unwrap();
        envelope::write(run.dir().root(), &Host::default(), &[]).unwrap();
        run
    }

    fn dir(&self) -> RunDir {
        RunDir::new(self.folder.path().join("run"))
    }

    fn go(&self) -> Stopped {
        let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(|e| e.into_inner());
        let stop = AtomicBool::new(false);
        let around = Surroundings {
            control: Vec::new(),
            stop: &stop,
        };
        let mut progress = Progress::new(&self.plan);
        assert!(until::execute(&self.plan, &self.dir(), &around, &mut progress).unwrap());
        envelope::read(self.dir().root()).unwrap()
    }

    fn ran(&self) -> usize {
        let ran = |i: &&Invocation| self.dir().raw(&i.id).exit().exists();
        self.plan.invocations.iter().filter(ran).count()
    }
}

#[test]
fn it_ends_after_three_rounds_where_nothing_varies_and_not_before() {
    let run = Run::new("1000", "2000", 9);
    let stopped = run.go();
    assert_eq!(
        (stopped.why, stopped.after, stopped.wide.len()),
        (Why::Reached, 3, 0)
    );
    assert_eq!(run.ran(), 6);
}

#[test]
fn it_goes_on_to_the_limit_where_a_cell_stays_too_wide_and_names_it_with_its_width() {
    // Clear of each other from the first round on: who is ahead ends nothing.
    let run = Run::new("1000", "8000 + 4000 * (n % 2)", 5);
    let stopped = run.go();
    assert_eq!((stopped.why, stopped.after), (Why::Limit, 5));
    assert_eq!(run.ran(), 10);
    let [wide] = &stopped.wide[..] else {
        panic!("{:?}", stopped.wide);
    };
    assert_eq!(
        (wide.cell.as_str(), wide.metric.as_str(), wide.n),
        ("work.closed@1MiB/b", "wall_ns", 5)
    );
    assert!(wide.half_width.unwrap() > 0.05);
    assert!(wide.rounds.is_none_or(|more| more > 5));
}

#[test]
fn it_ends_when_the_width_that_was_too_large_has_become_small_enough() {
    // One odd value among six no longer moves the order statistics at nine.
    let run = Run::new("1000", "n == 1 ? 1300 : 1000", 20);
    let stopped = run.go();
    assert_eq!(stopped.why, Why::Reached);
    assert!((6..20).contains(&stopped.after), "{}", stopped.after);
    assert_eq!(run.ran(), 2 * stopped.after as usize);
}

#[test]
fn a_cell_that_never_runs_is_told_and_holds_nothing_up() {
    let run = Run::new("1000", "fails", 9);
    let stopped = run.go();
    assert_eq!((stopped.why, stopped.after), (Why::Reached, 3));
    let [without] = &stopped.wide[..] else {
        panic!("{:?}", stopped.wide);
    };
    assert_eq!((without.n, without.half_width), (0, None));
}

#[test]
fn rounds_that_were_never_run_are_no_failures_and_the_page_says_the_rule_and_the_reason() {
    let run = Run::new("1000", "2000", 9);
    run.go();
    let outcome = stages::through(&run.dir()).unwrap();
    assert!(
        outcome.analysis.failures.is_empty(),
        "{:?}",
        outcome.analysis.failures
    );
    assert_eq!(outcome.analysis.stopped.as_ref().map(|s| s.after), Some(3));
    let page = std::fs::read_to_string(run.dir().page()).unwrap();
    for words in [
        "declared in plan.json before the first run",
        "It ended the run after round 3",
        "6 of 6 runs valid",
    ] {
        assert!(page.replace('\u{a0}', " ").contains(words), "{words}");
    }
    assert!(!page.contains("raw/r4-"), "a link to a run that never was");
}

#[test]
fn an_interrupted_run_goes_on_by_its_rule_and_rewrites_nothing() {
    let whole = Run::new("1000", "2000", 9);
    let expected = whole.go();

    let run = Run::new("1000", "2000", 9);
    {
        let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(|e| e.into_inner());
        let stop = AtomicBool::new(false);
        let around = Surroundings {
            control: Vec::new(),
            stop: &stop,
        };
        let mut asked = Vec::new();
        let ended = run::execute_while(
            &run.plan,
            &run.dir(),
            &around,
            &mut |event| {
                if let run::Event::Finished { index: 2, .. } = event {
                    stop.store(true, std::sync::atomic::Ordering::Relaxed);
                }
            },
            &mut |after| {
                asked.push(after);
                true
            },
        );
        assert_eq!((ended.unwrap(), &asked[..]), (Ended::Interrupted, &[1][..]));
    }
    let before = files(run.dir().root());
    assert_eq!(run.ran(), 3);
    assert_eq!(run.go(), expected);
    let ended = files(run.dir().root());
    for (name, bytes) in &before {
        assert!(ended.get(name) == Some(bytes), "{name} was rewritten");
    }
    run.go();
    assert!(ended == files(run.dir().root()), "an ended run is left as it is");
}

fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            all.insert(path.display().to_string(), std::fs::read(&path).unwrap());
        }
    }
    all
}

#[test]
fn every_analysis_says_of_each_headline_whether_it_is_as_narrow_as_is_usual() {
    let run = Run::new("1000", "8000 + 4000 * (n % 2)", 3);
    run.go();
    let outcome = stages::through(&run.dir()).unwrap();
    let page = std::fs::read_to_string(run.dir().page()).unwrap();
    assert!(page.contains("left wider than it asked"));
    let analysis: Analysis = envelope::read(run.dir().root()).unwrap();
    assert_eq!(analysis.precision, outcome.analysis.precision);
    let told: Vec<(&str, bool, f64)> = analysis
        .precision
        .iter()
        .map(|p| (p.cell.as_str(), p.reached(), p.goal))
        .collect();
    assert_eq!(
        told,
        [
            ("work.closed@1MiB/a", true, 0.05),
            ("work.closed@1MiB/b", false, 0.05)
        ]
    );
    let wide = &analysis.precision[1];
    assert!(wide.rounds.is_none_or(|more| more > wide.n), "{wide:?}");
    // What a run in progress is asked is what its analysis says.
    let samples = gcrucible::artifact::sample::read(&run.dir().samples()).unwrap();
    let asked = analyze::precision_of_samples(&run.plan, &Goal::USUAL, samples.iter());
    assert_eq!(asked, analysis.precision);
}
