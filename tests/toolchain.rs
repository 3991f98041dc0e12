//! Toolchains: found where people have them, provisioned where they are missing, and runners built once.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use gcrucible::artifact::definition::RuntimeDef;
use gcrucible::toolchain::{self, Effort, Reason, Surroundings, Survey, Toolchain, ToolchainError};
use tempfile::TempDir;

/// A runtime whose program no machine has: what is found is what a test laid down.
fn definition(extra: &str) -> RuntimeDef {
    let text = format!(
        r#"
        name = "fake"
        label = "Fake"
        collector = []

        [build]

        [find]
        program = "bin/fakego"
        env = ["FAKEROOT"]
        roots = ["~/sdk/fake-*", "~/.local/installs/*/fake"]
        receipt = ["version"]
        version = "fakego version go([0-9.]+)"
        minimum = "1.24"
        hint = "install it"
        {extra}
        "#
    );
    toml::from_str(&text).unwrap()
}

fn script(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, format!("#!/bin/sh\n{text}\n")).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// A toolchain in `home/<folder>` that says this version.
fn lay_down(home: &Path, folder: &str, version: &str) -> PathBuf {
    let root = home.join(folder);
    let says = format!("echo 'fakego version go{version} linux/amd64'");
    script(&root.join("bin/fakego"), &says);
    root
}

struct Place {
    home: TempDir,
    project: TempDir,
}

impl Place {
    fn new() -> Self {
        Self {
            home: tempfile::tempdir().unwrap(),
            project: tempfile::tempdir().unwrap(),
        }
    }

    /// Nothing on PATH but `dirs`; only this home.
    fn around(&self, dirs: &[PathBuf]) -> Surroundings {
        Surroundings {
            path: std::env::join_paths(dirs).unwrap(),
            home: self.home.path().to_owned(),
            ..Surroundings::default()
        }
    }

    fn survey(&self, dirs: &[PathBuf]) -> Survey {
        toolchain::survey(&definition(""), self.project.path(), &self.around(dirs))
    }
}

fn labels(survey: &Survey) -> Vec<&str> {
    survey.usable.iter().map(|t| t.label.as_str()).collect()
}

#[test]
fn toolchains_are_found_on_path_by_variable_and_by_glob_and_the_newest_comes_first() {
    let place = Place::new();
    let home = place.home.path();
    lay_down(home, "sdk/fake-1.24.1", "1.24.1");
    lay_down(home, ".local/installs/1.27/fake", "1.27.10");
    let on_path = lay_down(home, "elsewhere", "1.26.8");
    let by_variable = lay_down(home, "variable", "1.27.9");
    let mut around = place.around(&[on_path.join("bin")]);
    around.variables.insert("FAKEROOT".into(), by_variable);
    let survey = toolchain::survey(&definition(""), place.project.path(), &around);
    assert_eq!(labels(&survey), ["1.27.10", "1.27.9", "1.26.8", "1.24.1"]);
    assert_eq!(survey.rejected, []);
    let first = &survey.usable[0];
    assert_eq!(first.receipt_line, "fakego version go1.27.10 linux/amd64");
    assert_eq!(first.program, first.root.join("bin/fakego"));
    assert!(!first.provisioned);
}

#[test]
fn a_preferred_major_version_comes_before_newer_ones() {
    let place = Place::new();
    lay_down(place.home.path(), "sdk/fake-a", "1.27");
    lay_down(place.home.path(), "sdk/fake-b", "1.25.3");
    let def = definition("prefer = \"1.25\"");
    let survey = toolchain::survey(&def, place.project.path(), &place.around(&[]));
    assert_eq!(labels(&survey), ["1.25.3", "1.27"]);
}

#[test]
fn one_toolchain_reached_in_three_ways_is_one_with_its_own_root() {
    let place = Place::new();
    let home = place.home.path();
    let root = lay_down(home, "sdk/fake-1.24.1", "1.24.1");
    symlink(&root, home.join("sdk/fake-latest")).unwrap();
    let bin = home.join("usr/bin");
    std::fs::create_dir_all(&bin).unwrap();
    symlink(root.join("bin/fakego"), bin.join("fakego")).unwrap();
    let survey = place.survey(&[bin]);
    assert_eq!(labels(&survey), ["1.24.1"]);
    assert_eq!(survey.usable[0].root, root.canonicalize().unwrap());
}

#[test]
fn a_program_that_is_a_link_to_a_proxy_is_called_by_its_own_name() {
    let place = Place::new();
    let bin = place.home.path().join("tools/bin");
    // As rustup: one binary that looks at the name it was called by.
    script(&bin.join("proxy"), "echo \"$(basename \"$0\") version go1.25\"");
    symlink("proxy", bin.join("fakego")).unwrap();
    assert_eq!(labels(&place.survey(&[bin])), ["1.25"]);
}

#[test]
fn a_broken_or_old_one_is_named_with_the_reason_and_does_not_hide_a_good_one() {
    let place = Place::new();
    let home = place.home.path();
    script(
        &home.join("sdk/fake-broken/bin/fakego"),
        "echo 'cannot find GOROOT' >&2; exit 2",
    );
    std::fs::create_dir_all(home.join("sdk/fake-locked/bin")).unwrap();
    std::fs::write(home.join("sdk/fake-locked/bin/fakego"), "no program").unwrap();
    lay_down(home, "sdk/fake-old", "1.9.7");
    lay_down(home, "sdk/fake-sound", "1.24");
    let survey = place.survey(&[]);
    assert_eq!(labels(&survey), ["1.24"]);
    let reasons: Vec<&Reason> = survey.rejected.iter().map(|r| &r.reason).collect();
    assert!(
        matches!(
            reasons[..],
            [
                Reason::NoVersion(said),
                Reason::NotStarted(_),
                Reason::TooOld { label, minimum }
            ] if said == "cannot find GOROOT" && label == "1.9.7" && minimum == "1.24"
        ),
        "{reasons:?}"
    );
    let line = survey.rejected[2].to_string();
    assert!(
        line.ends_with("fake-old/bin/fakego: 1.9.7 is older than 1.24"),
        "{line}"
    );
}

const PROVISION: &str = r#"
    [provision]
    package = "nothing"
    version = "1"
    root = "."
    sha256 = {}
"#;

#[test]
fn offline_forbids_a_download_in_one_line_that_says_what_to_do() {
    let place = Place::new();
    let mut said = 0;
    let result = toolchain::provision(&definition(PROVISION), place.project.path(), true, &mut |_| {
        said += 1
    });
    let text = result.unwrap_err().to_string();
    assert_eq!(
        text,
        "no Fake found, and --offline forbids to download one; install it, or leave out --offline"
    );
    assert_eq!(said, 0);
    assert!(!place.project.path().join(".toolchains").exists());
}

#[test]
fn a_machine_without_a_pinned_package_is_told_so_before_anything_is_downloaded() {
    let place = Place::new();
    let mut said = 0;
    let result = toolchain::provision(&definition(PROVISION), place.project.path(), false, &mut |_| {
        said += 1
    });
    let text = result.unwrap_err().to_string();
    let wanted = format!(
        "no Fake found, and nothing 1 cannot be had: no wheel is pinned for {}; install it",
        std::env::consts::ARCH
    );
    assert_eq!((text, said), (wanted, 0));
}

#[test]
fn what_is_there_and_will_not_do_is_named_where_nothing_else_was_found() {
    let place = Place::new();
    let mut def = definition("");
    def.find.roots = vec![format!("{}/old", place.home.path().display())];
    lay_down(place.home.path(), "old", "1.9");
    let project = place.project.path();
    let text = toolchain::have(&def, project, project, true, &mut |_| ())
        .unwrap_err()
        .to_string();
    assert!(
        text.contains("old/bin/fakego: 1.9 is older than 1.24") && text.ends_with("; install it"),
        "{text}"
    );
}

/// A build that counts how often it ran, in `made`; what it makes are its sources.
const BUILD: &str = r#"
    [build.default]
    command = ["/bin/sh", "-c", "echo built >> made; cat main.src lib/*.src > $OUT"]
    env = { OUT = "{out}" }
    output = "{out}"
    inputs = ["*.src", "lib"]
"#;

struct Workshop {
    place: Place,
    source: TempDir,
    def: RuntimeDef,
    with: Toolchain,
}

impl Workshop {
    fn new(build: &str) -> Self {
        let place = Place::new();
        lay_down(place.home.path(), "sdk/fake-1.24.1", "1.24.1");
        let source = tempfile::tempdir().unwrap();
        std::fs::create_dir(source.path().join("lib")).unwrap();
        let workshop = Self {
            with: place.survey(&[]).usable.remove(0),
            place,
            source,
            def: definition(build),
        };
        workshop.write("main.src", "one\n");
        workshop.write("lib/a.src", "two\n");
        workshop
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.source.path().join(name), text).unwrap();
    }

    fn build(&self, force: bool) -> Result<toolchain::Runner, ToolchainError> {
        let offline = false;
        self.build_with(Effort { offline, force })
    }

    fn build_with(&self, effort: Effort) -> Result<toolchain::Runner, ToolchainError> {
        let found = std::slice::from_ref(&self.with);
        let (source, project) = (self.source.path(), self.place.project.path());
        toolchain::build(
            &self.def,
            "default",
            &self.with,
            found,
            source,
            project,
            effort,
            &mut |_| (),
        )
    }

    fn times_built(&self) -> usize {
        let made = std::fs::read_to_string(self.source.path().join("made"));
        made.unwrap_or_default().lines().count()
    }
}

#[test]
fn a_runner_is_built_again_only_when_something_it_depends_on_has_changed() {
    let mut shop = Workshop::new(BUILD);
    let first = shop.build(false).unwrap();
    assert_eq!(std::fs::read_to_string(&first.path).unwrap(), "one\ntwo\n");
    assert!(first.path.ends_with("target/runners/fake/default-1.24.1"));

    // The same contents, written anew, are no change; nor is a file that is no input.
    shop.write("main.src", "one\n");
    shop.write("notes.txt", "x");
    assert_eq!(shop.build(false).unwrap().sha256, first.sha256);
    assert_eq!(shop.times_built(), 1);

    shop.write("lib/a.src", "three\n");
    let second = shop.build(false).unwrap();
    assert_ne!(second.sha256, first.sha256);
    assert_eq!(shop.times_built(), 2);

    shop.build(true).unwrap();
    assert_eq!(shop.times_built(), 3, "forced");

    shop.with.receipt_line = "fakego version go1.24.1 custom".into();
    shop.build(false).unwrap();
    assert_eq!(shop.times_built(), 4, "another toolchain");

    let rule = shop.def.build.get_mut("default").unwrap();
    rule.env.insert("FLAG".into(), "1".into());
    shop.build(false).unwrap();
    assert_eq!(shop.times_built(), 5, "another command");

    std::fs::remove_file(&second.path).unwrap();
    shop.build(false).unwrap();
    assert_eq!(shop.times_built(), 6, "the runner was gone");
}

#[test]
fn several_builds_at_once_build_once() {
    let shop = Workshop::new(BUILD);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| shop.build(false).unwrap());
        }
    });
    assert_eq!(shop.times_built(), 1);
}

#[test]
fn a_failed_build_quotes_its_last_lines_names_its_log_and_leaves_the_old_runner() {
    let mut shop = Workshop::new(BUILD);
    let before = shop.build(false).unwrap();
    let rule = shop.def.build.get_mut("default").unwrap();
    rule.command[2] = "echo compiling; echo half > $OUT; echo 'main.src:1: no such word' >&2; exit 1".into();
    let error = shop.build(false).unwrap_err();
    let ToolchainError::Build { last, log, .. } = &error else {
        panic!("{error}");
    };
    assert_eq!(last, "compiling | main.src:1: no such word");
    assert_eq!(
        std::fs::read_to_string(log).unwrap(),
        "compiling\nmain.src:1: no such word\n"
    );
    assert_eq!(std::fs::read_to_string(&before.path).unwrap(), "one\ntwo\n");
    assert!(shop.build(false).is_err(), "a failure is not remembered as done");

    let rule = shop.def.build.get_mut("default").unwrap();
    rule.command[2] = "printf '[ERROR] a\\n[ERROR] b\\n[ERROR] c\\n[ERROR] \\nsee the site'; exit 1".into();
    let text = shop.build(false).unwrap_err().to_string();
    assert!(
        text.contains("failed: a | b; all of it"),
        "Maven says the cause first: {text}"
    );
}

#[test]
fn tools_that_a_build_needs_and_nobody_has_are_named_with_the_command_that_gets_them() {
    let needs = r#"needs = { no-such-compiler = "apt-get install -y it", no-such-maven = "apt-get install -y also" }"#;
    let shop = Workshop::new(&format!("{BUILD}{needs}"));
    assert_eq!(
        shop.build(false).unwrap_err().to_string(),
        "building the Fake runner needs `no-such-compiler` and `no-such-maven`, not here: apt-get install -y also it"
    );
    assert_eq!(shop.times_built(), 0);
    // Beside the toolchain's program is as good as on PATH.
    for tool in ["no-such-compiler", "no-such-maven"] {
        script(&shop.with.program.with_file_name(tool), "true");
    }
    shop.build(false).unwrap();
    assert_eq!(shop.times_built(), 1);
}

#[test]
fn an_offline_build_is_told_so_in_its_own_words_and_gives_the_same_runner() {
    let extra = "offline_arguments = [\"quiet\"]\noffline_env = { PROXY = \"off\" }";
    let mut shop = Workshop::new(&format!("{BUILD}{extra}"));
    let rule = shop.def.build.get_mut("default").unwrap();
    rule.command[2] = "echo \"$0 $PROXY\" >> made; cat main.src > $OUT".into();
    let (offline, force) = (true, true);
    let first = shop.build_with(Effort { offline, force }).unwrap();
    assert_eq!(shop.build(true).unwrap().sha256, first.sha256);
    let made = std::fs::read_to_string(shop.source.path().join("made")).unwrap();
    assert_eq!(made, "quiet off\n/bin/sh \n");
    shop.build_with(Effort::default()).unwrap();
    assert_eq!(
        shop.times_built(),
        2,
        "how it was built is no reason to build again"
    );
}

/// Every build of a runtime that ships, so that `--offline` keeps its word.
#[test]
fn every_shipped_build_knows_how_to_download_nothing() {
    for folder in ["go", "jvm", "workloads/rust"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join(folder)
            .join("runtime.toml");
        let def: RuntimeDef = toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        for (variant, rule) in &def.build {
            assert!(
                !rule.offline_arguments.is_empty() || !rule.offline_env.is_empty(),
                "{folder}: {variant}"
            );
        }
    }
}
