//! Real processes, really stopped.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use gcrucible::artifact::exit::{End, Exit};
use gcrucible::artifact::interference::{AskedStall, Disturbance, Interference, Stalled};
use gcrucible::artifact::plan::{Invocation, Mode, Purpose};
use gcrucible::artifact::run_dir::RunDir;
use gcrucible::artifact::unit::Ns;
use gcrucible::artifact::{read_at, write};
use gcrucible::cmd::runners::prepare;
use gcrucible::prove::design::{self, Shape};
use gcrucible::prove::stalls;
use gcrucible::toolchain::Effort;
use gcrucible::{define, observe, plan, run};

use super::{scripted, work};

/// The run stage ends every stray child of this process.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

const MS: u64 = 1_000_000;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn asked(stalls: &[(u64, u64)]) -> Disturbance {
    Disturbance {
        stalls: stalls
            .iter()
            .map(|(after, length)| AskedStall {
                after: Ns(after * MS),
                length: Ns(length * MS),
            })
            .collect(),
        unsampled: false,
    }
}

fn made(dir: &RunDir, invocation: &str) -> Vec<Stalled> {
    let mut reader = csv::Reader::from_path(dir.raw(invocation).stalls()).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

/// 2000 requests a second, three stalls of 100 ms: of the requests that fell due meanwhile 99 % and more have the response time that they
/// must have, and service times account for a few.
#[test]
fn a_runner_stopped_for_100_ms_has_the_requests_that_fell_due_meanwhile_in_its_response_times() {
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(|e| e.into_inner());
    let defs = define::load(&root()).unwrap();
    let names = ["rust".to_owned()];
    let effort = Effort {
        offline: true,
        force: false,
    };
    let built = prepare(&root(), &defs, &names, effort, &mut |line| eprintln!("{line}"));
    let selection = plan::Selection {
        collectors: Some(names.into()),
        rate: Some(2000.0),
        ..plan::Selection::default()
    };
    let machine = plan::Machine {
        cores: 2,
        memory: 1 << 33,
    };
    let base = plan::expand(
        &defs,
        &defs.suites["selftest"],
        &selection,
        &built.runners,
        machine,
    )
    .unwrap();
    let open = design::open(&base).unwrap();
    let shape = Shape {
        seconds: Some(1.5),
        ..Shape::default()
    };
    let plan = design::plan(&base, &[(open, shape, base.collectors.iter().collect())], 1, 1);
    let folder = tempfile::tempdir().unwrap();
    let dir = RunDir::new(folder.path());
    let id = plan.invocations[0].id.clone();
    let interference = Interference {
        of: BTreeMap::from([(id.clone(), asked(&[(200, 100), (500, 100), (800, 100)]))]),
    };
    write(dir.root(), &interference, &[]).unwrap();
    write(dir.root(), &plan, &[]).unwrap();
    let around = run::Surroundings {
        control: Vec::new(),
        stop: &AtomicBool::new(false),
    };
    assert!(run::execute(&plan, &dir, &around, &mut |_| {}).unwrap());
    let observation = observe::parse(&plan, &dir).unwrap().remove(0);
    assert!(observation.outcome.is_finished(), "{:?}", observation.outcome);
    let request = std::fs::read_to_string(dir.raw(&id).request()).unwrap();
    let stalls = made(&dir, &id);
    assert_eq!(stalls.len(), 3);
    for s in &stalls {
        assert!(s.stopping <= s.stopped && s.stopped <= s.continuing && s.continuing <= s.continued);
        assert!(s.continuing.0 - s.stopping.0 >= 100 * MS, "{s:?}");
    }
    let proof = stalls::proof(&observation, &request, &stalls, "Rust", (Ns(100 * MS), 3));
    let figure = |name: &str| {
        let found = proof.figures.iter().find(|f| f.name == name);
        found.unwrap_or_else(|| panic!("{name}: {proof:?}")).value
    };
    assert!(figure("requests due while stopped") >= 100.0, "{proof:?}");
    assert!(
        figure("of the requests due while stopped, in response times") >= 0.99,
        "{proof:?}"
    );
    assert!(figure("in service times") < 0.5, "{proof:?}");
}

/// Runs the script with one disturbance; `during` sees the stop flag from another thread.
fn disturbed(
    script: &str,
    timeout_s: u64,
    disturbance: Disturbance,
    during: impl FnOnce(&AtomicBool) + Send,
) -> (tempfile::TempDir, bool) {
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(|e| e.into_inner());
    let folder = tempfile::tempdir().unwrap();
    let dir = RunDir::new(folder.path());
    let mut plan = scripted(work("w.closed@1MiB", Mode::Closed, &[]), script, timeout_s);
    plan.invocations = vec![Invocation {
        id: "r1-x".into(),
        cell: plan.cells[0].id.clone(),
        round: 1,
        purpose: Purpose::Measure,
    }];
    let interference = Interference {
        of: BTreeMap::from([("r1-x".to_owned(), disturbance)]),
    };
    write(dir.root(), &interference, &[]).unwrap();
    write(dir.root(), &plan, &[]).unwrap();
    let stop = AtomicBool::new(false);
    let complete = std::thread::scope(|scope| {
        scope.spawn(|| during(&stop));
        let around = run::Surroundings {
            control: Vec::new(),
            stop: &stop,
        };
        run::execute(&plan, &dir, &around, &mut |_| {}).unwrap()
    });
    (folder, complete)
}

/// The state letter of /proc: T is stopped. None once it is gone.
fn state(pid: &str) -> Option<char> {
    let text = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).ok()?;
    text.rsplit(") ").next()?.chars().next().filter(|s| *s != 'Z')
}

/// Waits until it holds; a machine that is busy takes its time.
fn wait_for(what: &str, holds: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(60);
    while !holds() {
        assert!(Instant::now() < until, "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// It says who it is, waits for its window, and would go on for long.
fn endless(pid: &std::path::Path) -> String {
    format!(
        "echo $$ > {0}.new; mv {0}.new {0}; echo hold=setup; while read -r line; do [ \"$line\" = go ] && break; done; \
         while true; do sleep 0.05; done",
        pid.display()
    )
}

#[test]
fn a_process_is_not_left_behind_when_the_person_stops_the_run_while_it_stands_still() {
    let place = tempfile::tempdir().unwrap();
    let pid = place.path().join("pid");
    let (folder, complete) = disturbed(&endless(&pid), 600, asked(&[(0, 600_000)]), |stop| {
        let read = || std::fs::read_to_string(&pid).unwrap_or_default();
        wait_for("it is stopped", || state(&read()) == Some('T'));
        stop.store(true, Ordering::Relaxed);
    });
    assert!(!complete);
    let pid = std::fs::read_to_string(&pid).unwrap();
    assert_eq!(state(&pid), None, "{pid} is still there");
    assert!(
        !RunDir::new(folder.path()).raw("r1-x").exit().exists(),
        "it is no result"
    );
}

#[test]
fn one_that_stands_still_beyond_its_time_is_killed_as_any_other() {
    let place = tempfile::tempdir().unwrap();
    let pid = place.path().join("pid");
    let (folder, complete) = disturbed(&endless(&pid), 1, asked(&[(0, 600_000)]), |_| {});
    assert!(complete);
    let dir = RunDir::new(folder.path());
    let exit: Exit = read_at(&dir.raw("r1-x").exit(), dir.root()).unwrap();
    assert_eq!(exit.end, End::TimedOut { after_s: 1 });
    assert_eq!(state(&std::fs::read_to_string(&pid).unwrap()), None);
    assert_eq!(made(&dir, "r1-x"), [], "it was not whole");
}

#[test]
fn nothing_is_stopped_after_the_window() {
    let script = "hold() { echo hold=$1; while read -r line; do [ \"$line\" = go ] && return; done; }; \
                  echo protocol=1; hold setup; hold end; sleep 1; exit 0";
    let (folder, complete) = disturbed(script, 60, asked(&[(300, 600_000)]), |_| {});
    assert!(complete);
    let dir = RunDir::new(folder.path());
    let exit: Exit = read_at(&dir.raw("r1-x").exit(), dir.root()).unwrap();
    assert_eq!(exit.end, End::Exited { status: 0 });
    assert_eq!(made(&dir, "r1-x"), []);
}

#[test]
fn a_process_whose_memory_is_not_sampled_runs_as_any_other() {
    let disturbance = Disturbance {
        stalls: Vec::new(),
        unsampled: true,
    };
    let (folder, complete) = disturbed("sleep 0.1", 60, disturbance, |_| {});
    assert!(complete);
    let dir = RunDir::new(folder.path());
    let exit: Exit = read_at(&dir.raw("r1-x").exit(), dir.root()).unwrap();
    assert_eq!((exit.end, exit.sampler.samples), (End::Exited { status: 0 }, 0));
    assert!(!dir.raw("r1-x").stalls().exists());
}
