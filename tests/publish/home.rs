//! Somebody's home with a checkout and a run in it.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use gcrucible::artifact::envelope;
use gcrucible::artifact::exit::Exit;
use gcrucible::artifact::host::Host;
use gcrucible::artifact::plan::Plan;

/// Somebody's home with a checkout and a run in it, as a machine leaves it; the logs are real.
pub struct Home {
    pub root: tempfile::TempDir,
}

impl Home {
    pub fn new() -> Home {
        let home = Home {
            root: tempfile::tempdir().unwrap(),
        };
        std::fs::create_dir_all(home.checkout().join("workloads/suites")).unwrap();
        std::fs::create_dir_all(home.checkout().join("go")).unwrap();
        std::fs::write(home.checkout().join("go/runtime.toml"), "").unwrap();
        let recorded = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/observe/run");
        copy_folder(&recorded, &home.run());
        home.fill();
        let report = home.gcrucible(&["report", "reports/run"]);
        assert!(home.run().join("verdict.json").exists(), "{}", told(&report));
        home
    }

    pub fn path(&self) -> PathBuf {
        self.root.path().join("ana")
    }

    pub fn checkout(&self) -> PathBuf {
        self.path().join("crucible")
    }

    pub fn run(&self) -> PathBuf {
        self.checkout().join("reports/run")
    }

    pub fn to(&self) -> PathBuf {
        self.checkout().join("reports/published/one")
    }

    /// Paths where a run has them: commands, environment, logs, and artifacts that name the plan by hash.
    fn fill(&self) {
        let run = self.run();
        let runner = format!("{}/target/runners/go/default", self.checkout().display());
        let mut plan: Plan = envelope::read(&run).unwrap();
        for cell in &mut plan.cells {
            cell.argv[0] = runner.clone();
            cell.argv.push("-Xlog:gc:file=\"{log}\"".into());
            cell.env
                .insert("CACHE".into(), self.path().join(".cache").display().to_string());
        }
        envelope::write(&run, &plan, &[]).unwrap();
        let host = Host {
            cores: 2,
            ..Host::default()
        };
        envelope::write(&run, &host, &[]).unwrap();
        for invocation in &plan.invocations {
            let raw = run.join("raw").join(&invocation.id);
            if !raw.exists() {
                continue;
            }
            let mut exit: Exit = envelope::read_at(&raw.join("exit.json"), &run).unwrap();
            exit.argv[0] = runner.clone();
            exit.argv
                .push(format!("-Xlog:gc:file=\"{}/gc.log\"", raw.display()));
            envelope::write_at(&raw.join("exit.json"), &run, &exit, &["plan.json"]).unwrap();
        }
        let stderr = run.join("raw/r1-002-serial/stderr");
        let said = format!("warning: {}/x.jar\n", self.path().display());
        std::fs::write(stderr, said).unwrap();
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gcrucible"));
        command
            .args(arguments)
            .current_dir(self.checkout())
            .env("HOME", self.path());
        command
    }

    pub fn gcrucible(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// A machine without a browser: it needs no other program either.
    pub fn publish(&self, more: &[&str]) -> Output {
        let arguments = [&["publish", "reports/run", "--to", "reports/published/one"], more].concat();
        self.command(&arguments).env("PATH", "/nowhere").output().unwrap()
    }

    /// Nothing at the destination and nothing beside it.
    pub fn nothing_published(&self) {
        assert!(!self.to().exists());
        let left = self.to().parent().unwrap().read_dir();
        let left = left.map_or(0, Iterator::count);
        assert_eq!(left, 0, "something half-written is left");
    }
}

pub fn told(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_folder(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

/// Every file below, by name relative to the folder.
pub fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(dir).unwrap().display().to_string();
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// A program that stands in for a browser: it prints this, and makes a picture where it is asked to.
pub fn with_browser(home: &Home, script: &str) -> Output {
    let bin = home.root.path().join("bin");
    std::fs::create_dir_all(&bin).unwrap();
    let chromium = bin.join("chromium");
    std::fs::write(&chromium, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&chromium, std::fs::Permissions::from_mode(0o755)).unwrap();
    home.command(&["publish", "reports/run", "--to", "reports/published/one"])
        .env("PATH", format!("{}:/usr/bin:/bin", bin.display()))
        .output()
        .unwrap()
}
