//! Any two collectors of a finished run, on a page of their own beside the run's.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use gcrucible::artifact::axis::Axis;
use gcrucible::artifact::envelope;
use gcrucible::artifact::host::Host;
use gcrucible::artifact::plan::{Pair, Plan};
use gcrucible::artifact::verdict::Verdicts;
use gcrucible::artifact::view::View;
use gcrucible::judge;

fn gcrucible(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gcrucible"))
        .args(arguments)
        .output()
        .unwrap()
}

/// A run folder with everything computed from its raw files.
fn finished() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let recorded = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/observe/run");
    copy(&recorded, folder.path());
    envelope::write(folder.path(), &Host::default(), &[]).unwrap();
    gcrucible(&["report", folder.path().to_str().unwrap()]);
    assert!(folder.path().join("index.html").exists());
    folder
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, target).unwrap();
        }
    }
}

fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            all.insert(path.clone(), std::fs::read(&path).unwrap());
        }
    }
    all
}

#[test]
fn a_named_pair_gets_a_page_and_verdicts_of_its_own_and_the_folders_own_stay_as_they_are() {
    let folder = finished();
    let before = files(folder.path());
    let output = gcrucible(&[
        "report",
        folder.path().to_str().unwrap(),
        "--pair",
        "serial@17,go",
    ]);
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(told.contains("serial@17 against go"), "{told}");
    assert!(told.contains("index-serial@17-go.html"), "{told}");
    let after = files(folder.path());
    for (path, bytes) in &before {
        assert!(after.get(path) == Some(bytes), "{} changed", path.display());
    }
    let new: Vec<&str> = after
        .keys()
        .filter(|path| !before.contains_key(*path))
        .map(|path| path.file_name().unwrap().to_str().unwrap())
        .collect();
    assert_eq!(
        new,
        [
            "index-serial@17-go.html",
            "verdict-serial@17-go.json",
            "view-serial@17-go.json"
        ]
    );

    let view: View = envelope::read_at(&folder.path().join("view-serial@17-go.json"), folder.path()).unwrap();
    assert_eq!(view.0["summary"]["pairs"][0]["a"], "serial@17");
    assert_eq!(view.0["summary"]["pairs"][0]["leads"], true);
    let page = std::fs::read_to_string(folder.path().join("index-serial@17-go.html")).unwrap();
    for link in ["href=\"view-serial@17-go.json\"", "href=\"index.html\""] {
        assert!(page.contains(link), "{link}");
    }
}

#[test]
fn a_named_pair_is_judged_like_the_suites_own_and_changes_nothing_for_the_others() {
    let folder = finished();
    gcrucible(&[
        "report",
        folder.path().to_str().unwrap(),
        "--pair",
        "serial@17,go",
    ]);
    let plan: Plan = envelope::read(folder.path()).unwrap();
    let own: Verdicts = envelope::read(folder.path()).unwrap();
    let beside: Verdicts =
        envelope::read_at(&folder.path().join("verdict-serial@17-go.json"), folder.path()).unwrap();
    assert_eq!(beside.verdicts.len(), Axis::ALL.len() * (plan.pairs.len() + 1));
    // Levels are corrected over the six axes of a pair, whichever others are there.
    assert_eq!(beside.verdicts[Axis::ALL.len()..], own.verdicts[..]);
    let mut alone = plan.clone();
    alone.pairs = vec![Pair {
        a: "serial@17".into(),
        b: "go".into(),
    }];
    let analysis = envelope::read(folder.path()).unwrap();
    let judged = judge::decide(&alone, &analysis, &own.host, plan.seed);
    assert_eq!(beside.verdicts[..Axis::ALL.len()], judged.verdicts[..]);
}

#[test]
fn a_pair_that_the_run_does_not_have_is_refused_with_those_that_it_has() {
    let folder = finished();
    let before = files(folder.path());
    for (pair, words) in [
        (
            "serial@71,go",
            &[
                "unknown collector `serial@71`",
                "did you mean `serial@17`",
                "those of this run",
            ][..],
        ),
        ("go,go", &["with itself"][..]),
        ("go", &["is not a pair"][..]),
    ] {
        let output = gcrucible(&["report", folder.path().to_str().unwrap(), "--pair", pair]);
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{told}");
        for word in words {
            assert!(told.contains(word), "{word}: {told}");
        }
    }
    assert!(before == files(folder.path()));
}

#[test]
fn a_folder_whose_samples_were_cut_is_not_judged_from_what_is_left() {
    let folder = finished();
    let path = folder.path().join("samples.csv");
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let output = gcrucible(&[
        "report",
        folder.path().to_str().unwrap(),
        "--pair",
        "serial@17,go",
    ]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("computed from another samples.csv"), "{told}");
    assert!(!folder.path().join("index-serial@17-go.html").exists());
    // The stage that makes it makes it whole again.
    gcrucible(&["report", folder.path().to_str().unwrap()]);
    assert!(std::fs::read(&path).unwrap() == whole);
}
