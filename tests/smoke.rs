//! The main job on real processes: every runtime verified equal, the smoke suite end to end, and a stored run replayed to the byte.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use gcrucible::artifact::analysis::Analysis;
use gcrucible::artifact::axis::Axis;
use gcrucible::artifact::calibration::Calibration;
use gcrucible::artifact::plan::Plan;
use gcrucible::artifact::read;
use gcrucible::artifact::verdict::Verdicts;

fn gcrucible(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gcrucible"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn every_workload_layout_and_mode_is_the_same_work_in_every_runtime() {
    let output = gcrucible(&["verify", "--json"]);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}{}",
        text(&output.stdout),
        text(&output.stderr)
    );
    let table: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let rows = table["rows"].as_object().unwrap();
    let defs = gcrucible::define::load(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    assert!(
        rows.len() >= 13,
        "seven workloads, with layouts, shapes, kinds and open loop: {}",
        rows.len()
    );
    for (work, row) in rows {
        let found = row["found"].as_object().unwrap();
        let name = work.split(['.', '@']).next().unwrap();
        let runtimes = defs.workloads[name].runtimes.as_ref().map_or(3, Vec::len);
        assert_eq!(
            found.len(),
            runtimes,
            "{work}: Go, JVM and Rust, or those it names"
        );
        for (collector, result) in found {
            // A JDK before 21 says that it has no virtual threads, and Rust that nothing there sees to a cycle: that is no disagreement.
            let cannot = result["Err"]
                .as_str()
                .is_some_and(|e| e.starts_with("not started: ") && e.contains("p.kind"));
            assert!(
                cannot || result["Ok"][0].as_str().is_some_and(|c| c.len() == 16),
                "{work} {collector}: {result}"
            );
        }
    }
}

#[test]
fn doctor_says_what_a_run_here_would_be_branded_for() {
    let output = gcrucible(&["doctor", "--seconds", "2", "--json"]);
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let doubts = told["doubts"].as_array().unwrap();
    assert_eq!(told["fit"], doubts.is_empty());
    assert_eq!(output.status.code(), Some(i32::from(!doubts.is_empty())));
    for doubt in told["host"]["doubts"].as_array().unwrap() {
        assert!(doubts.iter().any(|d| d["doubt"] == *doubt), "{doubt}");
    }
    assert_eq!(told["toolchains"].as_object().unwrap().len(), 3);
    // A machine too busy to sleep a thousand times in two seconds has no percentile.
    let p99 = told["idle"]["p99"].as_u64();
    let noisy = doubts.iter().any(|d| d["doubt"]["doubt"] == "noise-floor");
    assert_eq!(noisy, p99.is_some_and(|ns| ns > 1_000_000), "{told}");
}

#[test]
fn the_smoke_suite_runs_to_a_report_and_replays_to_the_byte() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("smoke");
    let output = gcrucible(&["bench", "--suite", "smoke", "--out", out.to_str().unwrap()]);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}{}",
        text(&output.stdout),
        text(&output.stderr)
    );

    let plan: Plan = read(&out).unwrap();
    let analysis: Analysis = read(&out).unwrap();
    let verdicts: Verdicts = read(&out).unwrap();
    assert!(analysis.failures.is_empty(), "{:?}", analysis.failures);
    assert_eq!(analysis.cells.len(), plan.cells.len());
    assert_eq!(verdicts.verdicts.len(), plan.pairs.len() * Axis::ALL.len());
    for invocation in &plan.invocations {
        assert!(
            out.join("raw").join(&invocation.id).join("exit.json").exists(),
            "{}",
            invocation.id
        );
    }
    let costs = &analysis.instrument.recorder;
    assert_eq!(costs.len(), 3, "Go, JVM and Rust timed their recorders");
    for (runtime, cost) in costs {
        for path in [cost.clock, cost.closed, cost.open, cost.waited] {
            assert!(path.is_some_and(|p| p.rounds == 500), "{runtime}: {cost:?}");
        }
    }
    // Each rung was offered its share of the least that its collector did in two calibrations, and no verdict saw it.
    let calibration: Calibration = read(&out).unwrap();
    assert_eq!(
        calibration.own.len(),
        6,
        "two rungs of three collectors: {calibration:?}"
    );
    for (rung, rate) in &calibration.own {
        let cell = plan.cell(rung).unwrap();
        let ladder = plan.work(&cell.work).unwrap().ladder.as_deref().unwrap();
        let shown = format!("{ladder}/{}", cell.collector);
        let least = calibration.runs[&shown]
            .iter()
            .copied()
            .fold(f64::INFINITY, f64::min);
        assert_eq!(calibration.runs[&shown].len(), 2, "{shown}");
        assert_eq!(calibration.capacity[&shown], least, "{shown}");
        let share = rate / least / cell.load.as_ref().unwrap().fraction;
        assert!((0.99..1.0 + 1e-9).contains(&share), "{rung}: {rate} of {least}");
        assert_eq!(analysis.cells[rung].metrics["rate"].median, *rate, "{rung}");
        let mut told = verdicts.verdicts.iter().flat_map(|v| &v.works);
        assert!(told.all(|w| w.work != cell.work), "{rung}");
    }
    let page = std::fs::read_to_string(out.join("index.html")).unwrap();
    assert!(
        page.contains("id=\"tail-load-1\""),
        "latency against load is drawn"
    );
    for axis in Axis::ALL {
        assert!(
            page.contains(&format!("id=\"{}\"", axis.id())),
            "{} is missing",
            axis.id()
        );
    }

    let before = derived(&out);
    assert!(before.len() >= 6);
    let again = gcrucible(&["report", out.to_str().unwrap()]);
    assert_eq!(again.status.code(), Some(0), "{}", text(&again.stderr));
    for (path, bytes) in derived(&out) {
        let first = before
            .iter()
            .find(|(p, _)| *p == path)
            .unwrap_or_else(|| panic!("{path:?} is new"));
        assert!(first.1 == bytes, "{path:?} differs when computed again");
    }
}

/// This checkout, with a Java that no machine has.
fn without_a_jdk() -> tempfile::TempDir {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let project = tempfile::tempdir().unwrap();
    for name in [
        "go",
        "workloads",
        "target",
        ".toolchains",
        "Cargo.toml",
        "Cargo.lock",
    ] {
        std::os::unix::fs::symlink(root.join(name), project.path().join(name)).unwrap();
    }
    let text = std::fs::read_to_string(root.join("jvm/runtime.toml")).unwrap();
    let (find, rest) = text.split_once("[provision]").unwrap();
    let (_, rest) = rest.split_once("[build.default]").unwrap();
    let rest: Vec<&str> = rest.lines().filter(|l| !l.starts_with("needs =")).collect();
    let find = find.replace("minimum = \"17\"", "minimum = \"999\"");
    std::fs::create_dir(project.path().join("jvm")).unwrap();
    let text = format!("{find}[build.default]{}", rest.join("\n"));
    std::fs::write(project.path().join("jvm/runtime.toml"), text).unwrap();
    project
}

#[test]
fn a_machine_without_a_jdk_gets_a_go_against_rust_report_that_says_so_once() {
    let project = without_a_jdk();
    let out = project.path().join("run");
    let output = gcrucible(&[
        "--project",
        project.path().to_str().unwrap(),
        "bench",
        "--suite",
        "smoke",
        "--workloads",
        "slices",
        "--out",
        out.to_str().unwrap(),
    ]);
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(1), "{stdout}{stderr}");
    for said in [&stdout, &stderr] {
        let lines = said.lines().filter(|l| l.contains("not started"));
        let lines: Vec<&str> = lines.collect();
        assert!(
            matches!(lines[..], [line] if line.starts_with("g1: not started: no JDK found")),
            "{lines:#?}"
        );
    }
    let verdicts: Verdicts = read(&out).unwrap();
    let compared = verdicts.verdicts.iter().filter(|v| v.ratio.is_some());
    let compared: Vec<_> = compared.map(|v| (v.axis, v.a.as_str(), v.b.as_str())).collect();
    assert_eq!(compared, [(Axis::Throughput, "go", "rust")]);
    let page = std::fs::read_to_string(out.join("index.html")).unwrap();
    assert!(page.contains("not started: no JDK found"));
}

/// Every file that is computed from raw/.
fn derived(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<PathBuf> = [
        "samples.csv",
        "tracker.csv",
        "analysis.json",
        "verdict.json",
        "view.json",
        "index.html",
    ]
    .iter()
    .map(|f| dir.join(f))
    .collect();
    files.extend(
        std::fs::read_dir(dir.join("observed"))
            .unwrap()
            .map(|e| e.unwrap().path()),
    );
    files.sort();
    files
        .into_iter()
        .map(|p| (p.clone(), std::fs::read(&p).unwrap()))
        .collect()
}

#[test]
fn a_runner_can_be_run_by_hand() {
    let request = gcrucible(&["request", "churn", "--preset", "smoke"]);
    assert_eq!(request.status.code(), Some(0), "{}", text(&request.stderr));
    let request = text(&request.stdout);
    assert!(
        request.starts_with("protocol=1\nworkload=churn\n") && request.ends_with("run\n"),
        "{request}"
    );
}

#[test]
fn completions_are_there_for_the_usual_shells() {
    for shell in ["bash", "zsh", "fish"] {
        let output = gcrucible(&["completions", shell]);
        assert!(
            output.status.success() && text(&output.stdout).contains("gcrucible"),
            "{shell}"
        );
    }
}
