//! Stage observe against what real runtimes wrote: logs of every collector (tests/data/observe/logs) and a run folder of real
//! runners (tests/data/observe/run).

#[path = "observe/corpus.rs"]
mod corpus;
#[path = "observe/cuts.rs"]
mod cuts;
#[path = "observe/decorations.rs"]
mod decorations;
#[path = "observe/epochs.rs"]
mod epochs;
#[path = "observe/logs.rs"]
mod logs;
#[path = "observe/outcomes.rs"]
mod outcomes;
#[path = "observe/progress.rs"]
mod progress;
#[path = "observe/slowest.rs"]
mod slowest;
#[path = "observe/stored.rs"]
mod stored;
#[path = "observe/ticks.rs"]
mod ticks;
#[path = "observe/traces.rs"]
mod traces;
#[path = "observe/values.rs"]
mod values;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use gcrucible::artifact::observation::Observation;
use gcrucible::artifact::outcome::Outcome;
use gcrucible::artifact::plan::Plan;
use gcrucible::artifact::unit::Ns;
use gcrucible::artifact::{Body, RunDir, read, read_at};
use gcrucible::observe::parse;

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/observe")
}

/// A copy of the recorded run folder that a test may spoil.
struct Run {
    folder: tempfile::TempDir,
    plan: Plan,
}

impl Run {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(&data().join("run"), folder.path());
        let plan = read(folder.path()).unwrap();
        Run { folder, plan }
    }

    fn dir(&self) -> RunDir {
        RunDir::new(self.folder.path())
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join("raw").join(name)
    }

    fn change(&self, file: &str, change: impl Fn(String) -> String) {
        let path = self.file(file);
        let text = fs::read_to_string(&path).unwrap();
        let changed = change(text.clone());
        assert_ne!(text, changed, "the change found nothing to change");
        fs::write(path, changed).unwrap();
    }

    fn observe(&self) -> BTreeMap<String, Observation> {
        let all = parse(&self.plan, &self.dir()).unwrap();
        all.into_iter().map(|o| (o.invocation.clone(), o)).collect()
    }

    fn outcome(&self, invocation: &str) -> Outcome {
        self.observe()[invocation].outcome.clone()
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, target).unwrap();
        }
    }
}

#[test]
fn a_run_folder_becomes_observations() {
    let mut text = String::new();
    for (id, o) in Run::new().observe() {
        let window = o
            .marks
            .get("end")
            .zip(o.marks.get("begin"))
            .map(|(e, b)| e.0 - b.0);
        let mut line = format!("{id}: {}; window {window:?}; ops {}; ", o.outcome, o.ops);
        let share = o.log_understood.map(|s| format!("{:.1} %", s * 100.0));
        write!(
            line,
            "pauses {} + {} buckets; ",
            o.pauses.events.len(),
            o.pauses.buckets.len()
        )
        .unwrap();
        write!(
            line,
            "stalls {}; cycles {}; epochs {}; ",
            o.stalls.len(),
            o.cycles.len(),
            o.epochs.len()
        )
        .unwrap();
        write!(
            line,
            "gc cpu {:?} by {}; ",
            o.cpu.collector.map(|c| c.0),
            o.cpu.attribution
        )
        .unwrap();
        write!(
            line,
            "rss {} / {}, {} samples; ",
            o.memory.peak.0, o.memory.mean.0, o.memory.samples
        )
        .unwrap();
        let histograms: Vec<&str> = o.histograms.keys().map(String::as_str).collect();
        writeln!(text, "{line}{histograms:?}; log {share:?}").unwrap();
    }
    insta::assert_snapshot!(text);
}

#[test]
fn what_has_not_run_yet_is_left_out_and_what_could_not_start_is_a_row() {
    let run = Run::new();
    let observed = run.observe();
    assert!(!observed.contains_key("r1-008-go"));
    let reason = "no such file".to_owned();
    assert_eq!(observed["r1-007-zgc"].outcome, Outcome::NotStarted { reason });
    assert!(!run.dir().observed("r1-008-go").exists());
}

#[test]
fn observations_are_written_with_their_parents_and_twice_the_same() {
    let run = Run::new();
    let first = run.observe();
    let path = run.dir().observed("r1-001-go");
    let bytes = fs::read(&path).unwrap();
    let back: Observation = read_at(&path, run.dir().root()).unwrap();
    assert_eq!(back, first["r1-001-go"]);
    run.observe();
    assert_eq!(fs::read(&path).unwrap(), bytes);
    run.change("r1-001-go/stdout", |text| text + "\n");
    assert!(read_at::<Observation>(&path, run.dir().root()).is_err(), "stale");
    assert_eq!(Observation::KIND, "observation");
}

#[test]
fn the_log_is_clipped_to_the_window() {
    let observed = Run::new().observe();
    for id in ["r1-002-serial", "r1-003-g1", "r1-001-go"] {
        let o = &observed[id];
        let (begin, end) = (o.marks["begin"], o.marks["end"]);
        // gctrace has stamps of 1 ms and a start known to 10 ms; clipping itself is exact.
        assert!(
            o.pauses
                .events
                .iter()
                .all(|p| p.at > begin && p.at.0 - p.total.0 < end.0),
            "{id}"
        );
        assert!(o.cycles.iter().all(|c| begin <= c.at && c.at < end), "{id}");
        assert!(!o.cycles.is_empty(), "{id}");
    }
}

#[test]
fn collections_forced_after_the_window_are_told_with_their_cpu_whoever_collects() {
    let observed = Run::new().observe();
    for id in ["r1-001-go", "r1-002-serial", "r1-003-g1"] {
        let forced = &observed[id].forced;
        assert_eq!(forced.lengths.len(), 2, "{id}: {forced:?}");
        assert!(forced.lengths.iter().all(|ns| ns.0 > 0), "{id}: {forced:?}");
        assert!(forced.cpu.is_some_and(|cpu| cpu.0 > 0), "{id}: {forced:?}");
    }
}

#[test]
fn gos_buckets_are_the_difference_over_the_window() {
    let o = &Run::new().observe()["r1-001-go"];
    let cycles = o.after["gc_cycles"] - o.before["gc_cycles"];
    let pauses: u64 = o.pauses.buckets.iter().map(|b| b.count).sum();
    assert_eq!(pauses, 2 * cycles);
    assert!(
        o.pauses.events.len().abs_diff(2 * cycles as usize) <= 2,
        "{} {cycles}",
        o.pauses.events.len()
    );
    assert_eq!(
        o.cpu.collector,
        Some(Ns(o.after["gc_cpu_ns"] - o.before["gc_cpu_ns"]))
    );
}

#[test]
fn an_epoch_knows_what_was_resident() {
    let o = &Run::new().observe()["r1-005-go"];
    assert_eq!(o.epochs.len(), 4);
    assert!(o.epochs.iter().all(|e| e.resident > e.live));
}

#[test]
fn a_jvm_that_gives_up_for_memory_ran_out_of_it() {
    let run = Run::new();
    let outcome = run.outcome("r1-006-zgc");
    assert!(
        matches!(&outcome, Outcome::OutOfMemory { reason } if reason.contains("OutOfMemoryError")),
        "{outcome}"
    );
}
