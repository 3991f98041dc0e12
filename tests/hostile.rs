//! Runners that hang, crash, fork, flood, lie: each ends as a typed outcome, leaves no process behind, and stops nothing else.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use gcrucible::artifact::exit::Exit;
use gcrucible::artifact::observation::Observation;
use gcrucible::artifact::outcome::Outcome;
use gcrucible::artifact::plan::{Budget, Cell, Collector, Invocation, Mode, Plan, Purpose, Work};
use gcrucible::artifact::run_dir::RunDir;
use gcrucible::artifact::unit::Bytes;
use gcrucible::artifact::{read_at, write};
use gcrucible::{observe, run};

/// The run stage ends every stray child of this process: two runs at once in one process would end each other's.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// A runner that does its work and says so; hostile ones are variations of it.
const HONEST: &str = r#"
t=$(date +%s%N)
echo protocol=1; echo runtime=sh; echo version=1
echo mark.start=$t; echo mark.setup=$t; echo mark.warmup=$t
"#;

fn honest_tail(checksum: &str, allocated: u64) -> String {
    format!(
        "t=$((t + 1000000)); echo mark.begin=$t; t=$((t + 1000000000)); echo mark.end=$t\n\
         echo mark.rest=$t; echo ops=2; echo requested_bytes=1000; echo live_bytes=1048576\n\
         echo checksum={checksum}\n\
         echo before.cpu_ns=0; echo after.cpu_ns=1000; echo before.alloc_bytes=0; echo after.alloc_bytes={allocated}\n\
         echo done=1\n"
    )
}

fn plan(scripts: &[(&str, String)], timeout_s: u64, expected: Option<&str>) -> Plan {
    let work = Work {
        id: "work.closed@1MiB".into(),
        workload: "work".into(),
        variant: None,
        mode: Mode::Closed,
        live: Bytes(1 << 20),
        budget: Budget::Default,
        threads: 1,
        axes: Vec::new(),
        series: None,
        ladder: None,
        block: None,
        rounds: None,
        swept: None,
        summary: String::new(),
        expected_checksum: expected.map(str::to_owned),
    };
    let mut plan = Plan {
        suite: "hostile".into(),
        question: String::new(),
        seed: 1,
        rounds: 1,
        pairs: Vec::new(),
        collectors: Vec::new(),
        works: vec![work.clone()],
        cells: Vec::new(),
        invocations: Vec::new(),
        minimums: Vec::new(),
        goal: None,
        stopping: None,
    };
    for (name, script) in scripts {
        let id = format!("{}/{name}", work.id);
        plan.collectors.push(Collector {
            name: (*name).into(),
            label: (*name).into(),
            runtime: "sh".into(),
            version: String::new(),
            tags: vec!["no-gc".into()],
            log: "none".into(),
            gc_threads: Vec::new(),
            setting_of: None,
            unavailable: None,
        });
        plan.cells.push(Cell {
            id: id.clone(),
            work: work.id.clone(),
            collector: (*name).into(),
            argv: vec!["bash".into(), "-c".into(), script.clone()],
            env: BTreeMap::new(),
            request: vec![
                ("protocol".into(), "1".into()),
                ("ops".into(), "2".into()),
                ("threads".into(), "1".into()),
            ],
            timeout_s,
            load: None,
        });
        plan.invocations.push(Invocation {
            id: format!("r1-{name}"),
            cell: id,
            round: 1,
            purpose: Purpose::Measure,
        });
    }
    plan
}

/// Runs the scripts and gives (observation, exit) of each.
fn outcomes(scripts: &[(&str, String)], timeout_s: u64, expected: Option<&str>) -> Vec<(Observation, Exit)> {
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(|e| e.into_inner());
    let folder = tempfile::tempdir().unwrap();
    let dir = RunDir::new(folder.path());
    let plan = plan(scripts, timeout_s, expected);
    write(dir.root(), &plan, &[]).unwrap();
    let stop = AtomicBool::new(false);
    let around = run::Surroundings {
        control: Vec::new(),
        stop: &stop,
    };
    assert!(run::execute(&plan, &dir, &around, &mut |_| {}).unwrap());
    let observations = observe::parse(&plan, &dir).unwrap();
    assert_eq!(
        observations.len(),
        scripts.len(),
        "a failed run is a row, never a missing one"
    );
    observations
        .into_iter()
        .map(|o| {
            let exit = read_at(&dir.raw(&o.invocation).exit(), dir.root()).unwrap();
            (o, exit)
        })
        .collect()
}

fn one(script: &str, timeout_s: u64) -> (Observation, Exit) {
    outcomes(&[("hostile", script.to_owned())], timeout_s, None).remove(0)
}

fn alive(pid: &str) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{}/status", pid.trim())).unwrap_or_default();
    !status.is_empty() && !status.contains("State:\tZ")
}

#[test]
fn an_honest_runner_finishes() {
    let script = format!("{HONEST}{}", honest_tail("00000000000000aa", 2000));
    assert_eq!(one(&script, 20).0.outcome, Outcome::Finished);
}

#[test]
fn one_that_hangs_is_killed_at_its_limit() {
    let (observation, _) = one("echo protocol=1; sleep 1000", 1);
    assert_eq!(observation.outcome, Outcome::TimedOut { after_s: 1 });
}

#[test]
fn one_that_segfaults_is_signalled() {
    let (observation, _) = one("kill -SEGV $$", 20);
    assert_eq!(observation.outcome, Outcome::Signalled { signal: 11 });
}

#[test]
fn one_killed_as_the_kernel_does_is_not_finished() {
    let (observation, _) = one("kill -KILL $$", 20);
    let named = matches!(
        observation.outcome,
        Outcome::Signalled { signal: 9 } | Outcome::OutOfMemory { .. }
    );
    assert!(named, "{:?}", observation.outcome);
}

#[test]
fn one_that_says_it_ran_out_of_memory_is_believed() {
    let (observation, _) = one(
        "echo 'java.lang.OutOfMemoryError: Java heap space' >&2; exit 4",
        20,
    );
    assert!(
        matches!(observation.outcome, Outcome::OutOfMemory { .. }),
        "{:?}",
        observation.outcome
    );
}

#[test]
fn a_child_it_forked_is_ended_even_when_it_left_the_group() {
    let folder = tempfile::tempdir().unwrap();
    let pids = folder.path().join("pids");
    let script = format!(
        "sleep 1000 & echo $! >> {0}; setsid sleep 1001 & echo $! >> {0}; sleep 0.3; exit 7",
        pids.display()
    );
    let (observation, exit) = one(&script, 20);
    assert!(
        matches!(observation.outcome, Outcome::Failed { status: Some(7), .. }),
        "{:?}",
        observation.outcome
    );
    assert!(exit.strays_killed >= 1, "{exit:?}");
    let pids = std::fs::read_to_string(pids).unwrap();
    assert_eq!(pids.lines().count(), 2);
    for pid in pids.lines() {
        assert!(!alive(pid), "{pid} is still running");
    }
}

#[test]
fn what_threads_spend_is_looked_at_by_the_second_inside_the_window_where_a_collector_has_some() {
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(|e| e.into_inner());
    let folder = tempfile::tempdir().unwrap();
    let dir = RunDir::new(folder.path());
    let script = format!(
        "while [ \"$line\" != run ]; do read line; done; {HONEST} echo hold=setup; read go; sleep 1.2; echo hold=end; read go; {}",
        honest_tail("00000000000000aa", 2000)
    );
    let mut plan = plan(&[("threaded", script.clone()), ("plain", script)], 20, None);
    plan.collectors[0].gc_threads = vec!["bash*".into()];
    write(dir.root(), &plan, &[]).unwrap();
    let stop = AtomicBool::new(false);
    let around = run::Surroundings {
        control: Vec::new(),
        stop: &stop,
    };
    assert!(run::execute(&plan, &dir, &around, &mut |_| {}).unwrap());
    assert!(!dir.raw("r1-plain").seconds().exists());
    let text = std::fs::read_to_string(dir.raw("r1-threaded").seconds()).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("t_ns,tid,name,cpu_ns"));
    let mut looks: Vec<&str> = lines.map(|line| line.split_once(',').unwrap().0).collect();
    assert!(text.contains(",bash,"), "{text}");
    looks.dedup();
    assert!(looks.len() >= 3, "at both ends and once between: {text}");
    assert!(looks.is_sorted(), "{text}");
}

#[test]
fn a_flood_on_stderr_stalls_nothing_and_is_kept() {
    let script = format!(
        "yes 'noise noise noise' | head -c 3000000 >&2\n{HONEST}{}",
        honest_tail("aa", 2000)
    );
    let (observation, _) = one(&script, 30);
    assert!(
        !matches!(observation.outcome, Outcome::TimedOut { .. }),
        "{:?}",
        observation.outcome
    );
}

#[test]
fn a_lie_about_the_checksum_is_found_by_the_expected_one_and_by_the_others() {
    let honest = format!("{HONEST}{}", honest_tail("00000000000000aa", 2000));
    let liar = format!("{HONEST}{}", honest_tail("00000000000000bb", 2000));
    let expected = outcomes(&[("liar", liar.clone())], 20, Some("00000000000000aa"));
    assert!(
        matches!(expected[0].0.outcome, Outcome::ChecksumDiffers { .. }),
        "{:?}",
        expected[0].0.outcome
    );
    let three = outcomes(&[("a", honest.clone()), ("b", liar), ("c", honest)], 20, None);
    assert!(three[0].0.outcome.is_finished() && three[2].0.outcome.is_finished());
    assert!(
        matches!(three[1].0.outcome, Outcome::ChecksumDiffers { .. }),
        "{:?}",
        three[1].0.outcome
    );
}

#[test]
fn work_that_the_compiler_removed_is_no_result() {
    let script = format!("{HONEST}{}", honest_tail("00000000000000aa", 999));
    let (observation, _) = one(&script, 20);
    assert_eq!(
        observation.outcome,
        Outcome::AllocationElided {
            requested_bytes: 1000,
            allocated_bytes: 999
        }
    );
}

#[test]
fn a_program_that_is_not_there_is_not_started() {
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(|e| e.into_inner());
    let folder = tempfile::tempdir().unwrap();
    let dir = RunDir::new(folder.path());
    let mut plan = plan(&[("ghost", String::new())], 5, None);
    plan.cells[0].argv = vec!["/nowhere/runner".into()];
    write(dir.root(), &plan, &[]).unwrap();
    let stop = AtomicBool::new(false);
    run::execute(
        &plan,
        &dir,
        &run::Surroundings {
            control: Vec::new(),
            stop: &stop,
        },
        &mut |_| {},
    )
    .unwrap();
    let observation = observe::parse(&plan, &dir).unwrap().remove(0);
    assert!(
        matches!(observation.outcome, Outcome::NotStarted { .. }),
        "{:?}",
        observation.outcome
    );
}

#[test]
fn a_stopped_run_keeps_what_it_has_and_goes_on_later() {
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(|e| e.into_inner());
    let folder = tempfile::tempdir().unwrap();
    let dir = RunDir::new(folder.path());
    let script = format!("{HONEST}{}", honest_tail("00000000000000aa", 2000));
    let plan = plan(&[("a", script.clone()), ("b", script)], 20, None);
    write(dir.root(), &plan, &[]).unwrap();
    let stop = AtomicBool::new(false);
    let around = run::Surroundings {
        control: Vec::new(),
        stop: &stop,
    };
    let complete = run::execute(&plan, &dir, &around, &mut |event| {
        if let run::Event::Finished { index: 0, .. } = event {
            stop.store(true, std::sync::atomic::Ordering::Relaxed);
        }
    });
    assert!(!complete.unwrap());
    assert_eq!(observe::parse(&plan, &dir).unwrap().len(), 1);
    stop.store(false, std::sync::atomic::Ordering::Relaxed);
    let first = std::fs::read(dir.raw("r1-a").exit()).unwrap();
    assert!(run::execute(&plan, &dir, &around, &mut |_| {}).unwrap());
    assert_eq!(
        std::fs::read(dir.raw("r1-a").exit()).unwrap(),
        first,
        "what was written is not rewritten"
    );
    assert!(Path::new(&dir.raw("r1-b").exit()).exists());
}
