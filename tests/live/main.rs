//! `--metrics`: what is served is OpenMetrics to Prometheus itself, tells a real run while it runs, and no client can hold that up.

mod prometheus;
mod scrape;
mod served;
mod told;
mod values;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use gcrucible::artifact::analysis::Analysis;
use gcrucible::artifact::read;
use gcrucible::expose::text::CONTENT_TYPE;

use scrape::{Series, ask, series, types};

/// Each is parsed by promtool, which takes a fifth of a second.
const PARSED: usize = 20;

fn gcrucible(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gcrucible"));
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

/// Ends the run when a test that looks at it fails.
struct Running(std::process::Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A short run in this folder, and the bodies of what was scraped until it ended.
fn watched(out: &Path) -> (String, Vec<String>) {
    let arguments = [
        "bench",
        "--suite",
        "smoke",
        "--workloads",
        "churn,cache",
        "--metrics",
        "127.0.0.1:0",
    ];
    let child = gcrucible(&arguments)
        .args(["--out", out.to_str().unwrap()])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut running = Running(child);
    let mut lines = BufReader::new(running.0.stderr.take().unwrap())
        .lines()
        .map_while(Result::ok);
    let mut said = String::new();
    let address: Option<SocketAddr> = lines.by_ref().find_map(|line| {
        said += &format!("{line}\n");
        line.strip_prefix("metrics: http://")?
            .strip_suffix("/metrics")?
            .parse()
            .ok()
    });
    let address = address.unwrap_or_else(|| panic!("no address on stderr: {said}"));
    // Read on, or the pipe fills up.
    let rest = std::thread::spawn(move || lines.fold(said, |text, line| text + &line + "\n"));
    let mut bodies = Vec::new();
    // Until nobody listens any more.
    while let Ok(answer) = ask(address, "GET", "/metrics") {
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), Some(CONTENT_TYPE));
        bodies.push(answer.body);
    }
    let said = rest.join().unwrap();
    let status = running.0.wait().unwrap();
    assert_eq!(status.code(), Some(0), "{said}");
    (said, bodies)
}

#[test]
fn a_run_is_told_while_it_runs_and_its_record_says_how_often_it_was_asked() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let (said, bodies) = watched(&out);
    let scrapes: Vec<BTreeMap<Series, f64>> = bodies.iter().map(|body| series(body)).collect();
    never_fall(&bodies, &scrapes);

    let names: BTreeSet<&str> = scrapes
        .iter()
        .flatten()
        .map(|((name, _), _)| name.as_str())
        .collect();
    for name in [
        "gcrucible_run_info",
        "gcrucible_planned_invocations",
        "gcrucible_current_invocation_info",
        "gcrucible_runner_resident_memory_bytes",
        "gcrucible_runner_threads",
        "gcrucible_gc_pause_seconds_bucket",
        "gcrucible_gc_cycles_total",
        "gcrucible_gc_cpu_seconds_total",
        "gcrucible_gc_stall_seconds_total",
        "gcrucible_allocated_bytes_total",
        "gcrucible_response_time_seconds",
        "gcrucible_saturated",
    ] {
        assert!(names.contains(name), "{name} was never told: {names:?}");
    }
    let most = |name: &str, label: (&str, &str)| {
        let all = scrapes.iter().flatten();
        let found =
            all.filter(|((n, labels), _)| n == name && labels.get(label.0).is_some_and(|v| v == label.1));
        found.map(|(_, value)| *value).fold(0.0, f64::max)
    };
    assert!(most("gcrucible_invocations_total", ("outcome", "finished")) >= 1.0);
    for collector in ["go", "g1", "rust"] {
        let of = |name| most(name, ("collector", collector));
        assert!(of("gcrucible_runner_cpu_seconds_total") > 0.0, "{collector}");
        assert!(of("gcrucible_runner_page_faults_total") > 0.0, "{collector}");
        assert!(
            of("gcrucible_runner_resident_memory_bytes") > 100_000.0,
            "{collector}"
        );
    }

    let analysis: Analysis = read(&out).unwrap();
    let scraped = analysis.instrument.scraped.expect("the record says so");
    assert!(
        scraped.processes >= 1 && scraped.scrapes >= scraped.processes,
        "{scraped:?}"
    );
    assert!(
        scraped.scrapes <= bodies.len() as u64,
        "those between processes disturbed none"
    );
    assert!(scraped.cpu.0 > 0, "{scraped:?}");
    assert!(
        said.contains(&format!("metrics: asked for {} times", scraped.scrapes)),
        "{said}"
    );
    let page = std::fs::read_to_string(out.join("index.html")).unwrap();
    assert!(page.contains("Live metrics were served"));

    if let Some(promtool) = prometheus::tool("promtool") {
        for body in bodies.iter().step_by(bodies.len().div_ceil(PARSED)) {
            prometheus::parses(&promtool, body);
        }
    }
}

/// What is a counter, or a part of a histogram, is at least what it was, and is not gone.
fn never_fall(bodies: &[String], scrapes: &[BTreeMap<Series, f64>]) {
    let parts = ["_total", "_bucket", "_count", "_sum"];
    for (at, pair) in scrapes.windows(2).enumerate() {
        let types = types(&bodies[at]);
        for (series, before) in &pair[0] {
            let part = parts.iter().find_map(|part| series.0.strip_suffix(part));
            let kind = part.and_then(|family| types.get(family));
            if kind.is_some_and(|kind| kind == "counter" || kind == "histogram") {
                let after = pair[1].get(series);
                assert!(
                    after.is_some_and(|after| after >= before),
                    "{series:?}: {before}, {after:?}"
                );
            }
        }
    }
    let rising = scrapes
        .last()
        .into_iter()
        .flatten()
        .filter(|((name, _), _)| name.ends_with("_total"));
    assert!(rising.count() > 8, "there is something to compare");
}

fn refused(output: &Output, words: &[&str]) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    for word in words {
        assert!(stderr.contains(word), "`{word}` is not in: {stderr}");
    }
}

#[test]
fn an_address_in_use_ends_it_before_anything_is_built_or_run() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let held = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = held.local_addr().unwrap().to_string();
    for command in [
        &["bench", "--suite", "smoke"][..],
        &["claims", "--only", "task-04"],
    ] {
        let output = gcrucible(command)
            .args(["--metrics", &address, "--out", out.to_str().unwrap()])
            .output()
            .unwrap();
        refused(
            &output,
            &[&format!("--metrics {address}"), "in use", "nothing was run"],
        );
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(stderr.lines().count(), 1, "nothing was built: {stderr}");
        assert!(!out.exists());
    }
}

#[test]
fn an_address_that_is_not_written_out_is_refused_with_what_is_expected() {
    for address in [":9095", "*:9095", "box:9095", "70000", "0.0.0.0"] {
        let output = gcrucible(&["bench", "--metrics", address]).output().unwrap();
        refused(&output, &["--metrics", "expected a port of this machine alone"]);
    }
}

#[test]
fn every_command_that_runs_a_plan_can_serve() {
    for command in ["bench", "claims", "run"] {
        let output = gcrucible(&[command, "--help"]).output().unwrap();
        assert!(
            String::from_utf8_lossy(&output.stdout).contains("--metrics"),
            "{command}"
        );
    }
}
