//! How long do the stages after the run take for a large stored run, and how much memory? Goal: 10 000 stored invocations in 10 s and 500 MB.
//! Prints each figure beside its goal; asserts nothing, since a busy machine is no fault of the code.
//!
//! `cargo bench --bench pipeline`, or with another size: `cargo bench --bench pipeline -- COPIES ROUNDS [DIR]` (70 processes each; the
//! folder is kept where DIR names a new one).

mod generated;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use generated::{Size, write_run};

const SECONDS: f64 = 10.0;
const MEGABYTES: f64 = 500.0;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --benches` runs this too, without the word.
    if !arguments.iter().any(|a| a == "--bench") {
        return;
    }
    let mut numbers = arguments.iter().filter_map(|a| a.parse().ok());
    let size = Size {
        copies: numbers.next().unwrap_or(3),
        rounds: numbers.next().unwrap_or(48),
    };
    let temporary = tempfile::tempdir().expect("a temporary folder");
    let kept = arguments.iter().find(|a| a.contains('/'));
    let folder = kept.map_or(temporary.path(), Path::new);
    assert!(kept.is_none() || !folder.exists(), "{} exists", folder.display());
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let began = Instant::now();
    let plan = write_run(&project.join("reports/published/quick"), folder, size);
    println!(
        "{} invocations of {} cells, made in {:.1} s",
        plan.invocations.len(),
        plan.cells.len(),
        began.elapsed().as_secs_f64()
    );
    // The first pass parses raw/; the goal is for what is stored.
    print_cost("observe", &stage("observe", folder), None);
    for _ in 0..3 {
        print_cost("report", &stage("report", folder), Some((SECONDS, MEGABYTES)));
    }
}

struct Cost {
    wall: Duration,
    /// VmHWM, bytes.
    peak: u64,
    ended_well: bool,
}

/// One command in a process of its own, so that its memory is its own too.
fn stage(command: &str, folder: &Path) -> Cost {
    let began = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_gcrucible"))
        .arg(command)
        .arg(folder)
        .stdout(Stdio::null())
        .spawn()
        .expect("gcrucible starts");
    let mut peak = 0;
    // VmHWM only grows, and is gone with the process: the last look is at most one pause old.
    let status = loop {
        peak = high_water(child.id()).unwrap_or(peak).max(peak);
        if let Some(status) = child.try_wait().expect("it is our child") {
            break status;
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    Cost {
        wall: began.elapsed(),
        peak,
        ended_well: status.success(),
    }
}

/// Bytes; None once the process has ended.
fn high_water(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

fn print_cost(what: &str, cost: &Cost, goal: Option<(f64, f64)>) {
    let (seconds, megabytes) = (cost.wall.as_secs_f64(), cost.peak as f64 / 1e6);
    let judged = goal.map_or(String::new(), |(most, room)| {
        let verdict = |met: bool| if met { "met" } else { "missed" };
        format!(
            "  at most {most} s: {}, at most {room} MB: {}",
            verdict(seconds <= most),
            verdict(megabytes <= room)
        )
    });
    let end = if cost.ended_well {
        ""
    } else {
        "  (did not end well)"
    };
    println!("{what:<8} {seconds:6.2} s  {megabytes:7.1} MB{judged}{end}");
}
