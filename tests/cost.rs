//! What measuring costs: the way of its figures from a runner to the page, and that what is recorded is all there. Counts, not times.

mod report_data;

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use gcrucible::analyze::recorder_costs;
use gcrucible::artifact::analysis::{PerOperation, RecorderCost};
use gcrucible::artifact::observation::Slowest;
use gcrucible::artifact::plan::{Cell, Mode};
use gcrucible::artifact::recorder::{Recorder, Timing};
use gcrucible::artifact::unit::Ns;
use gcrucible::cmd::runners::prepare;
use gcrucible::observe::runner_output;
use gcrucible::toolchain::Effort;
use gcrucible::{define, plan};
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Deserializer, Serializer, V2DeflateSerializer};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn timing(path: &str, rounds: u64, durations: &[u64]) -> Timing {
    let mut histogram = Histogram::<u64>::new_with_bounds(1, 3_600_000_000_000, 3).unwrap();
    for ns in durations {
        histogram.record(*ns).unwrap();
    }
    let mut bytes = Vec::new();
    V2DeflateSerializer::new()
        .serialize(&histogram, &mut bytes)
        .unwrap();
    Timing {
        runtime: "go".into(),
        path: path.into(),
        times: 10,
        rounds,
        durations: Some(STANDARD.encode(bytes)),
        ..Timing::default()
    }
}

#[test]
fn a_recorders_cost_is_its_median_round_over_the_recordings_in_it() {
    let failed = Timing {
        durations: None,
        failure: Some("killed".into()),
        ..timing("open", 3, &[])
    };
    let costs = recorder_costs(&Recorder {
        timings: vec![
            timing("closed", 3, &[300, 340, 990]),
            timing("clock", 3, &[280, 280]), // a round is missing
            failed,
        ],
    });
    let expected = RecorderCost {
        closed: Some(PerOperation {
            median: 34.0,
            fastest: 30.0,
            rounds: 3,
        }),
        ..RecorderCost::default()
    };
    assert_eq!(costs["go"], expected);
}

/// The text of the cost section.
fn section(run: &report_data::Run) -> String {
    let (_, html) = run.render();
    let from = html.find("<section id=\"cost\">").unwrap();
    let to = html[from..].find("</section>").unwrap();
    html[from..from + to].to_owned()
}

#[test]
fn a_run_without_a_timed_recorder_says_so() {
    let text = section(&report_data::complete());
    assert!(text.contains("was not measured in this run"), "{text}");
    assert!(!text.contains("Recording beside the fastest"), "{text}");
}

#[test]
fn the_page_sets_each_cost_beside_its_goal() {
    let mut run = report_data::complete();
    let each = |median| {
        Some(PerOperation {
            median,
            fastest: median,
            rounds: 500,
        })
    };
    let cost = RecorderCost {
        clock: each(28.0),
        closed: each(34.0),
        open: each(37.0),
        waited: each(65.0),
    };
    for collector in &run.plan.collectors {
        let costs = &mut run.analysis.instrument.recorder;
        costs.insert(collector.runtime.clone(), cost.clone());
    }
    // The fastest operation of the first closed work takes 1640 ns; (4 x 34 + 28) / 16 is 10.25 ns where a quarter is recorded.
    let work = run
        .plan
        .works
        .iter()
        .find(|w| w.mode == Mode::Closed)
        .unwrap()
        .id
        .clone();
    for (cell, record) in run
        .plan
        .cells
        .iter_mut()
        .filter(|c| c.work == work)
        .zip(["2"].iter().cycle())
    {
        cell.request.retain(|(k, _)| k != "record");
        cell.request.push(("record".into(), (*record).into()));
        let metrics = &mut run.analysis.cells.get_mut(&cell.id).unwrap().metrics;
        let mut service = metrics["wall_ns"].clone();
        service.median = 1640.0;
        metrics.insert("service_p50_ns".into(), service);
    }
    let text = section(&run).replace('\u{a0}', " ");
    for word in ["34 ns", "65 ns", "60 ns", "met", "missed", "10.2 ns", "0.625 %"] {
        assert!(text.contains(word), "{word}: {text}");
    }
    assert!(!text.contains("not measured in this run"), "{text}");
}

#[test]
fn a_closed_loop_of_very_many_operations_records_a_quarter_of_them() {
    let defs = define::load(&root()).unwrap();
    let machine = plan::Machine {
        cores: 8,
        memory: 1 << 36,
    };
    let recorded = |ops: u64| {
        let mut suite = defs.suites["smoke"].clone();
        for group in &mut suite.groups {
            group.ops = Some(ops);
        }
        let (none, runners) = (plan::Selection::default(), plan::Runners::new());
        let plan = plan::expand(&defs, &suite, &none, &runners, machine).unwrap();
        let value = |cell: &Cell, key: &str| cell.request.iter().find(|(k, _)| k == key).unwrap().1.clone();
        let all: BTreeSet<(String, String)> = plan
            .cells
            .iter()
            .map(|c| (value(c, "mode"), value(c, "record")))
            .collect();
        all.into_iter()
            .map(|(mode, record)| format!("{mode} {record}"))
            .collect::<Vec<_>>()
    };
    // Two threads each.
    assert_eq!(recorded(499_999), ["closed 1", "open 1"]);
    assert_eq!(recorded(500_000), ["closed 2", "open 1"]);
}

/// A runner in open loop, 2000 requests a second for a second, is stopped for 70 ms: every request is counted, none is skipped, and
/// those that were due meanwhile waited. A recorder that timed from the actual start would see one slow request.
#[test]
fn a_stall_is_found_in_the_response_times_of_every_language() {
    let defs = define::load(&root()).unwrap();
    let names: Vec<String> = ["go", "serial", "rust"].map(String::from).into();
    let effort = Effort {
        offline: false,
        force: false,
    };
    let built = prepare(&root(), &defs, &names, effort, &mut |line| eprintln!("{line}"));
    let mut suite = defs.suites["smoke"].clone();
    suite.collectors = names;
    suite.pairs.clear();
    let machine = plan::Machine {
        cores: 2,
        memory: 1 << 33,
    };
    let plan = plan::expand(
        &defs,
        &suite,
        &plan::Selection::default(),
        &built.runners,
        machine,
    )
    .unwrap();
    let logs = tempfile::tempdir().unwrap();
    for collector in &plan.collectors {
        let cell = plan
            .cells
            .iter()
            .find(|c| c.collector == collector.name && c.load.is_some())
            .unwrap();
        let mut request: Vec<(String, String)> = cell.request.clone();
        for (key, value) in &mut request {
            match key.as_str() {
                "threads" => "1".clone_into(value),
                "ops" => "2000".clone_into(value),
                _ => {}
            }
        }
        request.push(("rate".into(), "2000".into()));
        let Answer {
            response,
            service,
            slowest,
            went_on,
        } = stalled(&cell.argv, &cell.env, &request, logs.path());
        let name = &collector.name;
        assert_eq!((response.len(), service.len()), (2000, 2000), "{name}");
        assert!(response.max() >= 60_000_000, "{name}: {} ns", response.max());
        // About 140 were due during the stall; those of its first 50 ms waited for 20 ms and more.
        let waited = response.count_between(20_000_000, u64::MAX >> 1);
        assert!(waited >= 40, "{name}: {waited} requests waited");
        let slow = service.count_between(20_000_000, u64::MAX >> 1);
        assert!(slow < waited, "{name}: {slow} slow services, {waited} waits");
        // And on the clock: one that was due before it went on and done after, and none that is slower than the histogram's slowest.
        let of_the_stall = |s: &Slowest| s.response.0 >= 60_000_000 && s.intended < went_on;
        let found = slowest
            .iter()
            .any(|s| of_the_stall(s) && s.intended.0 + s.response.0 > went_on.0);
        assert!(
            found,
            "{name}: nothing slow when it went on at {went_on:?}: {slowest:?}"
        );
        let most = slowest.iter().map(|s| s.response.0).max().unwrap();
        assert!(
            response.equivalent(most, response.max()),
            "{name}: {most} and {}",
            response.max()
        );
    }
}

struct Answer {
    response: Histogram<u64>,
    service: Histogram<u64>,
    slowest: Vec<Slowest>,
    /// CLOCK_MONOTONIC just before the process went on.
    went_on: Ns,
}

fn stalled(
    argv: &[String],
    env: &std::collections::BTreeMap<String, String>,
    request: &[(String, String)],
    logs: &Path,
) -> Answer {
    let log = logs.join("gc.log").display().to_string();
    let mut child = Command::new(&argv[0])
        .args(argv[1..].iter().map(|a| a.replace("{log}", &log)))
        .envs(env)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    for (key, value) in request {
        writeln!(stdin, "{key}={value}").unwrap();
    }
    writeln!(stdin, "run").unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while line != "hold=setup\n" {
        line.clear();
        assert!(stdout.read_line(&mut line).unwrap() > 0, "the runner has gone");
    }
    // The end of stdin answers every hold.
    drop(stdin);
    let pid = rustix::process::Pid::from_child(&child);
    std::thread::sleep(Duration::from_millis(300));
    rustix::process::kill_process(pid, rustix::process::Signal::STOP).unwrap();
    // Stopped is when all threads are, not when the signal was sent.
    while !std::fs::read_to_string(format!("/proc/{}/stat", child.id()))
        .unwrap()
        .contains(") T ")
    {
        std::thread::sleep(Duration::from_millis(1));
    }
    std::thread::sleep(Duration::from_millis(70));
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    let went_on = Ns(now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64);
    rustix::process::kill_process(pid, rustix::process::Signal::CONT).unwrap();
    let mut text = String::new();
    stdout.read_to_string(&mut text).unwrap();
    assert!(child.wait().unwrap().success());
    let histogram = |name: &str| -> Histogram<u64> {
        let encoded = text.lines().find_map(|l| l.strip_prefix(name)).unwrap();
        let bytes = STANDARD.decode(encoded).unwrap();
        Deserializer::new().deserialize(&mut bytes.as_slice()).unwrap()
    };
    let read = runner_output::read(text.as_bytes()).unwrap();
    assert_eq!(read.fault, None);
    Answer {
        response: histogram("hist.response="),
        service: histogram("hist.service="),
        slowest: read.slowest,
        went_on,
    }
}
