//! The layout shows the data flow: stages do not import each other, and the driver knows no workload and no collector by name.

use std::path::{Path, PathBuf};

const STAGES: [&str; 12] = [
    "define", "plan", "run", "observe", "sample", "analyze", "judge", "report", "publish", "explain",
    "prove", "expose",
];

fn sources(dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
    files
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Code without comments and without what follows `#[cfg(test)]`.
fn code(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
    text.lines()
        .map(|l| l.split("//").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn a_stage_imports_artifacts_and_statistics_but_no_other_stage() {
    let mut wrong = Vec::new();
    for stage in STAGES {
        let files = sources(&root().join("src").join(stage));
        assert!(!files.is_empty(), "src/{stage} has no files");
        for file in files {
            let text = code(&file);
            for other in STAGES
                .iter()
                .filter(|o| **o != stage)
                .chain(&["cmd", "toolchain"])
            {
                if text.contains(&format!("crate::{other}")) {
                    wrong.push(format!("{} imports {other}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn artifacts_know_no_stage() {
    for file in sources(&root().join("src/artifact")) {
        let text = code(&file);
        for stage in STAGES {
            assert!(
                !text.contains(&format!("crate::{stage}")),
                "{} imports {stage}",
                file.display()
            );
        }
    }
}

#[test]
fn the_driver_names_no_workload() {
    let names: Vec<String> = std::fs::read_dir(root().join("workloads"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "toml") && !p.ends_with("Cargo.toml"))
        .map(|p| p.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    assert!(names.len() >= 7, "{names:?}");
    // The figures of a log's line have the names that the runtime gives them.
    let lines = root().join("src/explain/line");
    for file in sources(&root().join("src"))
        .into_iter()
        .filter(|f| !f.starts_with(&lines))
    {
        let text = code(&file);
        for name in &names {
            assert!(
                !text.contains(&format!("\"{name}\"")),
                "{} names the workload {name}",
                file.display()
            );
        }
    }
}

#[test]
fn collectors_are_named_in_toml_and_in_observe_only() {
    let definitions = gcrucible::define::load(&root()).unwrap();
    let observe = root().join("src/observe");
    for file in sources(&root().join("src"))
        .into_iter()
        .filter(|f| !f.starts_with(&observe))
    {
        let text = code(&file);
        for name in definitions.collector_names() {
            // A runtime's own name may be a collector's too.
            if !definitions.runtimes.contains_key(name) {
                assert!(
                    !text.contains(&format!("\"{name}\"")),
                    "{} names the collector {name}",
                    file.display()
                );
            }
        }
    }
}

/// `cargo test` is the README's second command: it must build where there is Rust, a C compiler and nothing else.
#[test]
fn nothing_that_is_built_looks_for_libraries_of_the_system() {
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).unwrap();
    for library in ["openssl-sys", "pkg-config"] {
        assert!(
            !lock.contains(&format!("name = \"{library}\"")),
            "cargo tree -e all -i {library}"
        );
    }
}
