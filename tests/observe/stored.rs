//! What was observed before is relied on while it is true, and seen again when it is not.

use std::os::unix::fs::MetadataExt;

use gcrucible::artifact::envelope::{ArtifactError, write_at};
use gcrucible::artifact::exit::Exit;
use gcrucible::observe::{ObserveError, Observer};

use super::*;

const GO: &str = "r1-001-go";
const SERIAL: &str = "r1-002-serial";
const SUM: &str = "4c6740b6a588fe5b";

fn stored(run: &Run) -> Result<Vec<Observation>, ObserveError> {
    Observer::new(&run.plan, &run.dir())?.all()
}

/// A file that is written again is another file.
fn files(run: &Run) -> BTreeMap<String, u64> {
    let entries = fs::read_dir(run.folder.path().join("observed")).unwrap();
    let place = |path: PathBuf| (path.file_stem().unwrap().to_string_lossy().into_owned(), path);
    entries
        .map(|entry| place(entry.unwrap().path()))
        .map(|(name, path)| (name, fs::metadata(path).unwrap().ino()))
        .collect()
}

/// Which observations were written between.
fn written(before: &BTreeMap<String, u64>, after: &BTreeMap<String, u64>) -> Vec<String> {
    let new = after.iter().filter(|(name, ino)| before.get(*name) != Some(*ino));
    new.map(|(name, _)| name.clone()).collect()
}

/// Observes, spoils the folder, relies on what is there: it must come to what is seen anew, and have written `again` alone.
fn after(spoil: impl FnOnce(&Run), again: &[&str]) {
    let run = Run::new();
    run.observe();
    spoil(&run);
    let before = files(&run);
    let relied = stored(&run).unwrap();
    assert_eq!(written(&before, &files(&run)), again);
    assert_eq!(relied, parse(&run.plan, &run.dir()).unwrap());
}

fn spoil_observed(run: &Run, change: impl Fn(String) -> String) {
    let path = run.dir().observed(GO);
    let text = fs::read_to_string(&path).unwrap();
    let changed = change(text.clone());
    assert_ne!(text, changed, "the change found nothing to change");
    fs::write(path, changed).unwrap();
}

#[test]
fn what_is_stored_and_true_is_not_written_again() {
    after(|_| {}, &[]);
}

#[test]
fn what_is_missing_is_observed() {
    after(|run| fs::remove_file(run.dir().observed(GO)).unwrap(), &[GO]);
}

#[test]
fn a_raw_file_that_changed_is_read_again() {
    let slower = |run: &Run| {
        run.change("r1-001-go/memory.csv", |t| {
            t.replace("rss_bytes\n", "rss_bytes\n1,4096\n")
        })
    };
    after(slower, &[GO]);
    after(|run| run.change("r1-002-serial/gc.log", |t| t + "\n"), &[SERIAL]);
    after(
        |run| run.change("r1-001-go/request", |t| t.replace("threads=", "threads=1")),
        &[GO],
    );
}

#[test]
fn a_raw_file_that_came_or_went_is_noticed() {
    after(
        |run| fs::remove_file(run.file("r1-002-serial/gc.log")).unwrap(),
        &[SERIAL],
    );
    after(|run| fs::write(run.file("r1-001-go/gc.log"), "").unwrap(), &[GO]);
}

#[test]
fn what_is_cut_or_of_another_format_or_by_other_readers_is_observed_again() {
    after(
        |run| spoil_observed(run, |text| text[..text.len() / 2].to_owned()),
        &[GO],
    );
    after(|run| spoil_observed(run, |_| String::new()), &[GO]);
    for format in ["0", "2"] {
        after(
            |run| {
                spoil_observed(run, |text| {
                    text.replacen("\"format\":1", &format!("\"format\":{format}"), 1)
                })
            },
            &[GO],
        );
    }
    after(
        |run| spoil_observed(run, |text| text.replacen("\"by\":\"", "\"by\":\"0", 1)),
        &[GO],
    );
    // As versions wrote it that did not say by whom.
    after(
        |run| {
            spoil_observed(run, |text| {
                let mut all: serde_json::Value = serde_json::from_str(&text).unwrap();
                all.as_object_mut().unwrap().remove("by").unwrap();
                serde_json::to_string_pretty(&all).unwrap()
            })
        },
        &[GO],
    );
}

#[test]
fn another_runs_observation_is_not_taken_for_its_own() {
    let foreign = |run: &Run| {
        fs::copy(run.dir().observed(SERIAL), run.dir().observed(GO)).unwrap();
    };
    after(foreign, &[GO]);
}

#[test]
fn a_changed_plan_is_an_error_as_it_is_without_anything_stored() {
    let run = Run::new();
    // The recorded folder was put together by hand; a run names its plan in every exit.json.
    let exit = run.dir().raw(GO).exit();
    let ended: Exit = read_at(&exit, run.folder.path()).unwrap();
    write_at(&exit, run.folder.path(), &ended, &["plan.json"]).unwrap();
    run.observe();
    let plan = run.folder.path().join("plan.json");
    let text = fs::read_to_string(&plan).unwrap();
    fs::write(&plan, text.replace("\"seed\": 42", "\"seed\": 43")).unwrap();
    for found in [stored(&run), parse(&run.plan, &run.dir())] {
        let found = found.map(|all| all.len());
        assert!(
            matches!(&found, Err(ObserveError::Artifact(ArtifactError::Stale { parent, .. })) if parent == "plan.json"),
            "{found:?}"
        );
    }
}

/// Whether a checksum is right is not known from the run alone: it is asked again each time.
#[test]
fn a_stored_outcome_is_judged_again_beside_runs_that_came_later() {
    let run = Run::new();
    let late = run.folder.path().join("late");
    fs::rename(run.file(SERIAL), &late).unwrap();
    let wrong = "0000000000000001";
    run.change("r1-001-go/stdout", |t| t.replace(SUM, wrong));
    assert_eq!(
        run.outcome(GO),
        Outcome::Finished,
        "the only run of its request agrees with itself"
    );
    fs::rename(&late, run.file(SERIAL)).unwrap();
    let before = files(&run);
    let both = stored(&run).unwrap();
    let differs = |o: &&Observation| matches!(o.outcome, Outcome::ChecksumDiffers { .. });
    assert_eq!(both.iter().filter(differs).count(), 2, "a tie: nobody is right");
    assert_eq!(written(&before, &files(&run)), [GO, SERIAL]);
    // And back: what differed finished again once the other is gone.
    fs::remove_dir_all(run.file(SERIAL)).unwrap();
    let alone = stored(&run).unwrap();
    assert_eq!(alone.iter().filter(differs).count(), 0);
    let kept: Observation = read_at(&run.dir().observed(GO), run.dir().root()).unwrap();
    assert_eq!(kept.outcome, Outcome::Finished);
}
