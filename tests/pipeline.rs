//! The stages after the run on a generated run of a few hundred processes: the whole comes to the same whatever was stored before.

#[path = "../benches/pipeline/generated.rs"]
mod generated;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use gcrucible::artifact::analysis::Analysis;
use gcrucible::artifact::plan::{Plan, Purpose};
use gcrucible::artifact::{RunDir, read, sample};
use gcrucible::{analyze, observe, sample as samples};
use generated::{Size, write_run};

const DERIVED: [&str; 6] = [
    "samples.csv",
    "tracker.csv",
    "analysis.json",
    "verdict.json",
    "view.json",
    "index.html",
];

fn run(command: &str, folder: &Path) {
    let output = Command::new(env!("CARGO_BIN_EXE_gcrucible"))
        .arg(command)
        .arg(folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}

fn derived(folder: &Path) -> Vec<Vec<u8>> {
    DERIVED
        .iter()
        .map(|name| fs::read(folder.join(name)).unwrap())
        .collect()
}

#[test]
fn a_large_run_comes_to_the_same_from_raw_files_and_from_stored_observations() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/published/quick");
    let size = Size { copies: 1, rounds: 3 };
    let plan: Plan = write_run(&source, folder, size);
    let published: Plan = read(&source).unwrap();
    let calibrations = |p: &Plan| {
        p.invocations
            .iter()
            .filter(|i| i.purpose == Purpose::Calibrate)
            .count()
    };
    assert!(calibrations(&plan) > 0 && plan.cells.len() == published.cells.len());
    assert_eq!(
        plan.invocations.len(),
        calibrations(&published) + 3 * published.cells.len()
    );

    run("report", folder);
    let first = derived(folder);
    assert_eq!(
        fs::read_dir(folder.join("observed")).unwrap().count(),
        plan.invocations.len()
    );
    run("report", folder);
    for ((name, first), again) in DERIVED.iter().zip(&first).zip(derived(folder)) {
        assert!(*first == again, "{name} differs once observations are stored");
    }

    // Work by work is the same as all at once, and the rows stand in the plan's order.
    let dir = RunDir::new(folder);
    let observations = observe::parse(&plan, &dir).unwrap();
    let measured = plan.invocations.iter().filter(|i| i.purpose == Purpose::Measure);
    let ids: Vec<&str> = measured.map(|i| i.id.as_str()).collect();
    let extracted = samples::extract(&observations);
    assert_eq!(sample::read(&dir.samples()).unwrap(), extracted);
    let mut in_rows: Vec<&str> = extracted.iter().map(|s| s.invocation.as_str()).collect();
    in_rows.dedup();
    assert_eq!(in_rows, ids);
    let at_once = analyze::summarise(&plan, &observations, &extracted, &[], &[]);
    let by_work: Analysis = read(folder).unwrap();
    assert_eq!(at_once.cells, by_work.cells);
    assert_eq!(at_once.distilled, by_work.distilled);
    assert_eq!(at_once.noise, by_work.noise);
    assert_eq!(at_once.failures, by_work.failures);
    assert!(by_work.failures.is_empty(), "{:?}", by_work.failures);

    // What the generator is for: no two processes of a cell are alike.
    for cell in by_work.cells.values() {
        let walls: BTreeSet<u64> = cell.metrics["wall_ns"].values.iter().map(|v| *v as u64).collect();
        assert_eq!(walls.len(), 3);
    }
}
