//! What `explain` predicts for another setting, beside what a run with that setting measures: Go, G1 and ZGC, on three works. Prints the
//! table of docs/PREDICT.md; PREDICT_ROUNDS=5 repeats every pair of runs and prints medians.

#[path = "predict/measured.rs"]
mod measured;
#[path = "predict/table.rs"]
mod table;

use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use gcrucible::artifact::event::Event;
use gcrucible::artifact::unit::Bytes;
use gcrucible::cmd::runners::prepare;
use gcrucible::define;
use gcrucible::explain::predict::{Model, Setting};
use gcrucible::observe::reader::Reader;
use gcrucible::plan::RunnerAt;
use gcrucible::toolchain::Effort;
use measured::Measured;
use table::{Figure, Row, Table};

const CPUS: u32 = 2;
const MIB: u64 = 1 << 20;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Live payload in MiB, warm-up and operations a thread: enough for tens of cycles in about two seconds.
const WORKS: [(&str, u64, u64, u64); 3] = [
    ("churn", 16, 1000, 16_000),
    ("graph", 8, 2000, 30_000),
    ("cache", 16, 500, 12_000),
];

fn request(workload: &str, live: u64, warmup: u64, ops: u64) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_gcrucible"))
        .args(["request", workload, "--project"])
        .arg(root())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let changed = text
        .lines()
        .map(|line| match line.split_once('=').map(|(key, _)| key) {
            Some("ops") => format!("ops={ops}\n"),
            Some("warmup_ops") => format!("warmup_ops={warmup}\n"),
            Some("p.live_bytes") => format!("p.live_bytes={}\n", live * MIB),
            _ => format!("{line}\n"),
        });
    changed.collect()
}

fn rounds() -> usize {
    std::env::var("PREDICT_ROUNDS").map_or(1, |n| n.parse().expect("PREDICT_ROUNDS: a number"))
}

fn runner(collector: &str) -> RunnerAt {
    let defs = define::load(&root()).unwrap();
    let effort = Effort {
        offline: false,
        force: false,
    };
    let built = prepare(&root(), &defs, &[collector.to_owned()], effort, &mut |line| {
        eprintln!("{line}")
    });
    println!("{collector}: {:?}", built.versions);
    built.runners[collector].clone().unwrap()
}

/// Runs to the end, with every hold answered by the end of stdin; the log is what comes on stderr, or what lies at `log`.
fn run(mut command: Command, request: &str, log: Option<&Path>) -> Vec<u8> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(request.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let words = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && words.ends_with("done=1\n"),
        "{command:?}: {words}"
    );
    log.map_or(output.stderr, |log| fs::read(log).unwrap())
}

fn events(log: &[u8], listener: &mut dyn FnMut(&Event)) {
    let mut reader = Reader::default();
    reader.read(Cursor::new(log), 1, listener).unwrap();
    let reading = reader.finish(listener);
    assert!(reading.is_reliable(), "{:?}", reading.unknown);
}

fn model(log: &[u8]) -> Model {
    let mut model = Model::default();
    events(log, &mut |event| model.hear(event));
    model
}

/// Runs at `present`, and for each of the settings that the model tries; tells the model's word and the run's.
fn compare(
    collector: &str,
    present: Setting,
    table: &mut Table,
    settings: impl Fn(&Model) -> Vec<Setting>,
    run_at: &dyn Fn(&str, Setting) -> Vec<u8>,
) {
    for (workload, live, warmup, ops) in WORKS {
        let request = request(workload, live, warmup, ops);
        let mut tried = Vec::new();
        for _ in 0..rounds() {
            let model = model(&run_at(&request, present));
            if tried.is_empty() {
                tried = settings(&model);
            }
            for setting in &tried {
                let forecast = model.at(*setting);
                let measured = Measured::from(&run_at(&request, *setting), CPUS);
                table.add(collector, workload, present, &forecast, &measured);
            }
        }
    }
}

#[test]
fn go_at_half_and_double_gogc_and_under_a_memory_limit() {
    let go = runner("go");
    let run_at = |request: &str, setting: Setting| {
        let mut command = Command::new(&go.runner);
        command
            .env("GODEBUG", "gctrace=1")
            .env("GOMAXPROCS", CPUS.to_string());
        match setting {
            Setting::Gogc(percent) => command.env("GOGC", percent.to_string()).env_remove("GOMEMLIMIT"),
            Setting::MemoryLimit(limit) => command.env("GOGC", "off").env("GOMEMLIMIT", limit.0.to_string()),
            Setting::HeapMax(_) => unreachable!(),
        };
        run(command, request, None)
    };
    let mut table = Table::default();
    let settings = |model: &Model| model.predict().into_iter().map(|f| f.setting).collect();
    compare("Go", Setting::Gogc(100), &mut table, settings, &run_at);
    println!("{table}");
    for row in table.rows() {
        assert!(
            matches!(row.setting, Setting::Gogc(50 | 200) | Setting::MemoryLimit(_)),
            "{row:?}"
        );
        assert_go(row);
    }
}

/// Peak heap is a matter of bytes and holds on a noisy machine; rates are of the clock, so that only their order of size is held to.
fn assert_go(row: &Row) {
    let (peak, cycles, cpu) = (
        row.error(Figure::Peak),
        row.error(Figure::Cycles),
        row.error(Figure::Cpu),
    );
    assert!(peak.is_some_and(|e| e.abs() < 0.35), "{row:?}");
    assert!(cycles.is_some_and(|e| (-0.6..1.5).contains(&e)), "{row:?}");
    assert!(cpu.is_some_and(|e| (-0.75..3.0).contains(&e)), "{row:?}");
}

/// About three times the live payload as the JVM holds it, on either side of which half and double are tried.
fn heap(workload: &str) -> Setting {
    let live = WORKS.iter().find(|w| w.0 == workload).map_or(0, |w| w.1);
    Setting::HeapMax(Bytes((live + 4) * 3 * MIB))
}

fn java(collector: &str, flag: &str, jdk: &RunnerAt) -> Table {
    let logs = tempfile::tempdir().unwrap();
    let log = logs.path().join("gc.log");
    let run_at = |request: &str, setting: Setting| {
        let Setting::HeapMax(max) = setting else {
            unreachable!()
        };
        let mut command = Command::new(&jdk.program);
        let m = max.0 / MIB;
        command.args([
            flag,
            &format!("-Xms{m}m"),
            &format!("-Xmx{m}m"),
            &format!("-XX:ActiveProcessorCount={CPUS}"),
        ]);
        command.arg(format!(
            "-Xlog:gc*=info,safepoint=info:file=\"{}\":uptimenanos,level,tags:filecount=0",
            log.display()
        ));
        command.arg("-jar").arg(&jdk.runner);
        run(command, request, Some(&log))
    };
    let mut table = Table::default();
    for (workload, live, warmup, ops) in WORKS {
        let present = heap(workload);
        let request = request(workload, live, warmup, ops);
        for _ in 0..rounds() {
            let model = model(&run_at(&request, present));
            for forecast in model.predict() {
                // A heap below the live data ends in OutOfMemoryError: there is nothing to compare with.
                let Setting::HeapMax(max) = forecast.setting else {
                    unreachable!()
                };
                if max.0 < (live + live / 4) * MIB {
                    assert_eq!(forecast.cycles_per_s, None, "{forecast:?}");
                    continue;
                }
                let measured = Measured::from(&run_at(&request, forecast.setting), CPUS);
                table.add(collector, workload, present, &forecast, &measured);
            }
        }
    }
    table
}

#[test]
fn g1_at_half_and_double_the_heap() {
    let table = java("G1", "-XX:+UseG1GC", &runner("g1"));
    println!("{table}");
}

#[test]
fn zgc_at_half_and_double_the_heap() {
    let table = java("ZGC", "-XX:+UseZGC", &runner("zgc"));
    println!("{table}");
}
