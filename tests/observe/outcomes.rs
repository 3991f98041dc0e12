//! Every way a run can end or be wrong, and the name it gets.

use std::fs;

use gcrucible::artifact::outcome::Outcome;
use gcrucible::observe::{ObserveError, parse};

use super::{Run, copy};

fn failed(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Failed { reason, .. } => reason,
        other => panic!("{other}"),
    }
}

#[test]
fn an_unknown_key_fails_with_its_line() {
    let run = Run::new();
    run.change("r1-001-go/stdout", |t| t.replace("mark.setup=", "mark.started="));
    assert_eq!(
        failed(&run.outcome("r1-001-go")),
        "stdout:5: unknown key `mark.started`"
    );
}

#[test]
fn counters_need_a_known_name_or_a_runtimes_prefix() {
    let run = Run::new();
    run.change("r1-001-go/stdout", |t| {
        t.replace("before.gc_cycles=", "before.cycles=")
    });
    assert!(failed(&run.outcome("r1-001-go")).contains("unknown key `before.cycles`"));
    let run = Run::new();
    run.change("r1-001-go/stdout", |t| {
        t.replace("before.gc_cycles=", "before.rust.cycles=")
    });
    assert_eq!(run.outcome("r1-001-go"), Outcome::Finished);
}

#[test]
fn an_answer_cut_anywhere_is_not_finished() {
    let run = Run::new();
    let path = run.file("r1-001-go/stdout");
    let whole = fs::read(&path).unwrap();
    for end in [0, 10, whole.len() / 2, whole.len() - 7, whole.len() - 1] {
        fs::write(&path, &whole[..end]).unwrap();
        failed(&run.outcome("r1-001-go"));
    }
}

#[test]
fn a_runtime_that_does_not_count_its_allocation_fails() {
    let run = Run::new();
    run.change("r1-001-go/stdout", |t| {
        t.replace("after.alloc_bytes=", "after.go.alloc_bytes=")
    });
    assert_eq!(
        failed(&run.outcome("r1-001-go")),
        "stdout: `after.alloc_bytes` is missing"
    );
}

#[test]
fn less_allocated_than_asked_for_is_elided() {
    let run = Run::new();
    run.change("r1-001-go/stdout", |t| {
        t.replace("requested_bytes=", "requested_bytes=9")
    });
    assert!(matches!(
        run.outcome("r1-001-go"),
        Outcome::AllocationElided { .. }
    ));
}

#[test]
fn fewer_operations_than_asked_for_fail() {
    let run = Run::new();
    run.change("r1-001-go/stdout", |t| t.replace("ops=6000", "ops=5999"));
    assert_eq!(
        failed(&run.outcome("r1-001-go")),
        "stdout: did 5999 operations of 6000"
    );
}

#[test]
fn the_end_that_the_driver_saw_has_a_name() {
    let end = |to: &str| {
        let run = Run::new();
        run.change("r1-001-go/exit.json", |t| {
            let from = t.find("\"end\": {").unwrap();
            let close = from + t[from..].find('}').unwrap();
            format!("{}\"end\": {to}{}", &t[..from], &t[close + 1..])
        });
        run.outcome("r1-001-go")
    };
    assert_eq!(
        end(r#"{"end": "signalled", "signal": 11}"#),
        Outcome::Signalled { signal: 11 }
    );
    assert_eq!(
        end(r#"{"end": "timed-out", "after_s": 5}"#),
        Outcome::TimedOut { after_s: 5 }
    );
    assert_eq!(end(r#"{"end": "interrupted"}"#), Outcome::Interrupted);
}

#[test]
fn a_panic_among_gctrace_lines_is_the_reason() {
    let run = Run::new();
    run.change("r1-001-go/exit.json", |t| {
        t.replace("\"status\": 0", "\"status\": 2")
    });
    run.change("r1-001-go/stderr", |t| {
        t + "panic: lost a leaf\n\ngoroutine 1 [running]:\nmain.main()\n"
    });
    assert_eq!(failed(&run.outcome("r1-001-go")), "panic: lost a leaf");
    run.change("r1-001-go/stderr", |t| {
        t.replace("panic: lost a leaf", "fatal error: runtime: out of memory")
    });
    assert!(matches!(run.outcome("r1-001-go"), Outcome::OutOfMemory { .. }));
}

#[test]
fn a_runner_that_refuses_what_cannot_be_done_here_did_not_start() {
    let run = Run::new();
    run.change("r1-001-go/exit.json", |t| {
        t.replace("\"status\": 0", "\"status\": 5")
    });
    run.change("r1-001-go/stderr", |_| {
        "runner: p.sleepers: 100000 threads do not fit here: at most 31000 (kernel.pid_max)\n".into()
    });
    assert!(
        matches!(run.outcome("r1-001-go"), Outcome::Failed { status: Some(5), .. }),
        "what has answered has started"
    );
    fs::write(run.file("r1-001-go/stdout"), "").unwrap();
    let reason = "p.sleepers: 100000 threads do not fit here: at most 31000 (kernel.pid_max)";
    assert_eq!(
        run.outcome("r1-001-go"),
        Outcome::NotStarted {
            reason: reason.into()
        }
    );
}

/// What Go 1.26 and JDK 25 print; both end before the program begins.
#[test]
fn a_setting_that_the_runtime_refuses_is_no_fault_of_the_runner() {
    for said in [
        "fatal error: malformed GOMEMLIMIT; see `go doc runtime/debug.SetMemoryLimit`\n\nruntime.throw({0x1, 0x2})\n",
        "Unrecognized VM option 'UseNoSuchGC'\nError: Could not create the Java Virtual Machine.\n         Error: A fatal exception has occurred. Program will exit.\n",
    ] {
        let run = Run::new();
        run.change("r1-001-go/exit.json", |t| {
            t.replace("\"status\": 0", "\"status\": 2")
        });
        run.change("r1-001-go/stderr", |_| said.into());
        assert!(
            matches!(run.outcome("r1-001-go"), Outcome::Failed { .. }),
            "what has answered has started"
        );
        fs::write(run.file("r1-001-go/stdout"), "").unwrap();
        let reason = said.lines().next().unwrap();
        assert_eq!(
            run.outcome("r1-001-go"),
            Outcome::Refused {
                reason: reason.into()
            }
        );
    }
}

#[test]
fn a_malformed_file_of_the_drivers_own_is_an_error_with_its_line() {
    let run = Run::new();
    run.change("r1-001-go/memory.csv", |t| t.replacen('\n', "\n12,many\n", 1));
    match parse(&run.plan, &run.dir()) {
        Err(ObserveError::Malformed { path, line: 2, .. }) => assert!(path.ends_with("r1-001-go/memory.csv")),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_control_watchers_histogram_is_carried_along() {
    let run = Run::new();
    let stdout = fs::read_to_string(run.file("r1-001-go/stdout")).unwrap();
    let watcher = stdout
        .lines()
        .find_map(|l| l.strip_prefix("hist.watcher="))
        .unwrap();
    fs::write(run.file("r1-001-go/control.hist"), format!("{watcher}\n")).unwrap();
    assert_eq!(run.observe()["r1-001-go"].histograms["control"], watcher);
    fs::write(run.file("r1-001-go/control.hist"), "no histogram\n").unwrap();
    assert!(matches!(
        parse(&run.plan, &run.dir()),
        Err(ObserveError::Malformed { line: 1, .. })
    ));
}

// The checksum gate.

const SUM: &str = "4c6740b6a588fe5b";
const WRONG: &str = "0000000000000001";

fn wrong(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::ChecksumDiffers { .. })
}

#[test]
fn the_known_checksum_gates() {
    let mut run = Run::new();
    let work = run
        .plan
        .works
        .iter_mut()
        .find(|w| w.id == "churn.closed@8MiB")
        .unwrap();
    work.expected_checksum = Some(WRONG.into());
    let observed = run.observe();
    assert!(wrong(&observed["r1-001-go"].outcome) && wrong(&observed["r1-002-serial"].outcome));
    assert_eq!(
        observed["c-001-go"].outcome,
        Outcome::Finished,
        "calibration is another request"
    );
}

#[test]
fn without_a_known_one_the_majority_is_right() {
    let run = Run::new();
    for (from, to) in [("r1-002-serial", "r1-006-zgc"), ("r1-002-serial", "r1-007-zgc")] {
        copy(&run.file(from), &run.file(to));
    }
    run.change("r1-001-go/stdout", |t| t.replace(SUM, WRONG));
    let observed = run.observe();
    let (expected, found) = (SUM.to_owned(), WRONG.to_owned());
    assert_eq!(
        observed["r1-001-go"].outcome,
        Outcome::ChecksumDiffers { expected, found }
    );
    assert_eq!(observed["r1-002-serial"].outcome, Outcome::Finished);
}

#[test]
fn in_a_tie_the_run_without_a_collector_is_right_and_else_nobody() {
    let mut run = Run::new();
    run.change("r1-001-go/stdout", |t| t.replace(SUM, WRONG));
    let observed = run.observe();
    assert!(wrong(&observed["r1-001-go"].outcome) && wrong(&observed["r1-002-serial"].outcome));
    let collector = run
        .plan
        .collectors
        .iter_mut()
        .find(|c| c.name == "serial@17")
        .unwrap();
    collector.tags = vec!["no-gc".into()];
    let observed = run.observe();
    assert!(wrong(&observed["r1-001-go"].outcome));
    assert_eq!(observed["r1-002-serial"].outcome, Outcome::Finished);
}

#[test]
fn another_request_is_other_work() {
    let run = Run::new();
    run.change("r1-001-go/stdout", |t| t.replace(SUM, WRONG));
    run.change("r1-001-go/request", |t| t.replace("seed=42", "seed=43"));
    assert_eq!(run.outcome("r1-001-go"), Outcome::Finished);
}
