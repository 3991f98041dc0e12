//! What `explain` predicts for another setting, beside what a run with that setting measures: Go, G1 and ZGC, on three works. Prints the
//! table of docs/PREDICT.md; PREDICT_ROUNDS=5 repeats every pair of runs and prints medians, PREDICT_LENGTH=5 makes each run so many
//! times longer, PREDICT_OTHERS=1 adds the works that had no part in the choice of the rules.

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
use gcrucible::stats::median;
use gcrucible::toolchain::Effort;
use measured::Measured;
use table::{Figure, Table};

const CPUS: u32 = 2;
const MIB: u64 = 1 << 20;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

struct Work {
    name: &'static str,
    /// Payload in MiB.
    live: u64,
    /// Operations a thread: enough for tens of cycles in about two seconds.
    warmup: u64,
    ops: u64,
}

const fn work(name: &'static str, live: u64, warmup: u64, ops: u64) -> Work {
    Work {
        name,
        live,
        warmup,
        ops,
    }
}

const WORKS: [Work; 3] = [
    work("churn", 16, 1000, 16_000),
    work("graph", 8, 2000, 20_000),
    work("cache", 16, 500, 12_000),
];
const OTHERS: [Work; 2] = [work("slices", 16, 1500, 12_000), work("trees", 16, 700, 7_000)];

fn works() -> Vec<Work> {
    let others = std::env::var_os("PREDICT_OTHERS").is_some();
    let all = WORKS.into_iter().chain(OTHERS.into_iter().filter(|_| others));
    let length = asked("PREDICT_LENGTH");
    all.map(|work| Work {
        ops: work.ops * length,
        ..work
    })
    .collect()
}

/// A number from the environment; 1 where it is not set.
fn asked(name: &str) -> u64 {
    std::env::var(name).map_or(1, |n| {
        n.parse().unwrap_or_else(|_| panic!("{name}={n}: no number"))
    })
}

fn request(work: &Work) -> String {
    let Work {
        name,
        live,
        warmup,
        ops,
    } = *work;
    let output = Command::new(env!("CARGO_BIN_EXE_gcrucible"))
        .args(["request", name, "--project"])
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

fn runner(collector: &str) -> RunnerAt {
    found(collector).unwrap()
}

/// Err where this machine has no such toolchain.
fn found(collector: &str) -> Result<RunnerAt, String> {
    let defs = define::load(&root()).unwrap();
    let effort = Effort {
        offline: false,
        force: false,
    };
    let built = prepare(&root(), &defs, &[collector.to_owned()], effort, &mut |line| {
        eprintln!("{line}")
    });
    println!("{collector}: {:?}", built.versions);
    built.runners[collector].clone()
}

/// Runs to the end, with every hold answered by the end of stdin; the log is what comes on stderr, or what lies at `log`.
fn run(mut command: Command, request: &str, log: Option<&Path>) -> Result<Vec<u8>, String> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(request.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let words = String::from_utf8_lossy(&output.stdout);
    if words.contains("OutOfMemoryError")
        || String::from_utf8_lossy(&output.stderr).contains("OutOfMemoryError")
    {
        return Err("ended with OutOfMemoryError".into());
    }
    assert!(
        output.status.success() && words.ends_with("done=1\n"),
        "{command:?}: {words}"
    );
    Ok(log.map_or(output.stderr, |log| fs::read(log).unwrap()))
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
    for work in works() {
        let request = request(&work);
        let mut tried = Vec::new();
        for _ in 0..asked("PREDICT_ROUNDS") {
            let model = model(&run_at(&request, present));
            if tried.is_empty() {
                tried = settings(&model);
            }
            for setting in &tried {
                let forecast = model.at(*setting);
                let measured = Measured::from(&run_at(&request, *setting), CPUS);
                table.add(collector, work.name, present, &forecast, &measured);
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
        run(command, request, None).unwrap()
    };
    let mut table = Table::default();
    let settings = |model: &Model| model.predict().into_iter().map(|f| f.setting).collect();
    compare("Go", Setting::Gogc(100), &mut table, settings, &run_at);
    println!("{table}");
    // One short run a setting: when its few cycles begin, and with it how far each of them comes, is the scheduler's doing too. So a single
    // row may be far off on a machine that others use; most may not. docs/PREDICT.md has how far, over long runs on a quiet machine.
    for figure in [Figure::Allocated, Figure::Peak] {
        let off = table.rows().iter().map(|row| row.error(figure));
        let off: Vec<f64> = off.map(|e| e.expect("is predicted for Go").abs()).collect();
        let median = median(&off).expect("there are rows");
        assert!(median < 0.3, "{figure:?}: half of the rows are off by {median}");
    }
    // And every work is held to the order: with twice the room fewer cycles, more bytes in each, and a higher peak.
    for Work { name: workload, .. } in works() {
        let of = |setting, figure| {
            let row = table
                .rows()
                .iter()
                .find(|r| r.workload == workload && r.setting == setting);
            row.unwrap().medians(figure)
        };
        for (figure, falls) in [
            (Figure::Cycles, true),
            (Figure::Allocated, false),
            (Figure::Peak, false),
        ] {
            let (half, double) = (of(Setting::Gogc(50), figure), of(Setting::Gogc(200), figure));
            assert!(
                (half.0 > double.0) == falls && (half.1 > double.1) == falls,
                "{workload}, {figure:?}: {half:?} {double:?}"
            );
        }
    }
}

/// From so many times the live payload, and what the JVM itself has.
fn java(collector: &str, flag: &str, jdk: &RunnerAt, times: u64, threads: u32) -> Table {
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
    for work in works() {
        let present = Setting::HeapMax(Bytes((work.live + 4) * times * MIB));
        let request = request(&work).replace("threads=2", &format!("threads={threads}"));
        for _ in 0..asked("PREDICT_ROUNDS") {
            let model = model(&run_at(&request, present).unwrap());
            for forecast in model.predict() {
                match run_at(&request, forecast.setting) {
                    Ok(log) => {
                        let measured = Measured::from(&log, CPUS);
                        table.add(collector, work.name, present, &forecast, &measured);
                    }
                    // Nothing to compare with; that it would go well must not have been said.
                    Err(end) => {
                        println!(
                            "{collector} {} {}: {end}; predicted: {}",
                            work.name,
                            forecast.setting,
                            forecast.note()
                        );
                        assert_eq!(forecast.cycles_per_s, None, "{forecast:?}");
                    }
                }
            }
        }
    }
    table
}

/// What is predicted is of the right size, and what is not has its reason. How much is allocated between collections a JVM also decides by its
/// own timing: of one short run at each setting, on a machine that others use, some may be far off, most may not. docs/PREDICT.md has how
/// far, over long runs on a quiet machine.
fn holds(table: &Table) {
    let errors: Vec<f64> = table
        .rows()
        .iter()
        .filter_map(|r| r.error(Figure::Allocated))
        .collect();
    let near = errors.iter().filter(|e| (-0.6..1.5).contains(*e)).count();
    assert!(2 * near >= errors.len(), "{errors:?}");
    for row in table.rows() {
        let Setting::HeapMax(max) = row.setting else {
            unreachable!()
        };
        if row.error(Figure::Peak).is_some() {
            let (predicted, measured) = row.medians(Figure::Peak);
            assert!(
                predicted <= (max.0 / MIB) as f64 && predicted > 0.5 * measured,
                "{row:?}"
            );
        }
        assert!(
            row.error(Figure::Cycles).is_some() || row.note().len() > 40,
            "{row:?}"
        );
    }
}

#[test]
fn g1_at_half_and_double_the_heap() {
    let table = java("G1", "-XX:+UseG1GC", &runner("g1"), 4, 2);
    println!("{table}");
    holds(&table);
    assert!(table.rows().iter().any(|row| row.error(Figure::Cycles).is_some()));
}

/// With one of the two CPUs for the collector: with two busy mutators it collects without a break, and nothing can be predicted. JDK 17
/// has one generation, later ones two.
#[test]
fn zgc_at_half_and_double_the_heap() {
    for (name, collector) in [("ZGC, JDK 17", "zgc@17"), ("ZGC", "zgc")] {
        match found(collector) {
            Ok(jdk) => {
                let table = java(name, "-XX:+UseZGC", &jdk, 8, 1);
                println!("{table}");
                holds(&table);
            }
            Err(why) => println!("{collector}: {why}"),
        }
    }
}
