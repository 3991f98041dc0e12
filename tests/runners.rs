//! Go's and Java's own checks and unit tests, so that `cargo test --workspace` is all tests.

use std::path::{Path, PathBuf};

use gcrucible::artifact::definition::RuntimeDef;
use gcrucible::toolchain::{self, Toolchain};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The toolchain that a build would use; provisioned where there is none, as the tool itself does.
fn toolchain_for(folder: &str) -> (RuntimeDef, Vec<Toolchain>) {
    let def: RuntimeDef = gcrucible::define::read(&root().join(folder).join("runtime.toml")).unwrap();
    let say = &mut |line: &str| eprintln!("{line}");
    let found = toolchain::have(&def, &root().join(folder), &root(), false, say).unwrap();
    (def, found)
}

fn passes(expression: duct::Expression) {
    let output = expression
        .stdin_null()
        .stderr_to_stdout()
        .stdout_capture()
        .unchecked()
        .run()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
}

fn go(arguments: &[&str]) -> duct::Expression {
    let (_, found) = toolchain_for("go");
    duct::cmd(&found[0].program, arguments)
        .dir(root().join("go"))
        .env("GOTOOLCHAIN", "local")
        .env("GOFLAGS", "-mod=readonly")
}

#[test]
fn go_vet_has_nothing_to_say() {
    passes(go(&["vet", "./..."]));
}

#[test]
fn go_files_are_formatted() {
    let (_, found) = toolchain_for("go");
    let text = duct::cmd!(found[0].root.join("bin/gofmt"), "-l", ".")
        .dir(root().join("go"))
        .read()
        .unwrap();
    assert_eq!(text, "", "gofmt -w these");
}

#[test]
fn go_unit_tests_pass() {
    passes(go(&["test", "./..."]));
}

/// `-Xlint:all -Werror` is in the pom: compiling is the lint.
#[test]
fn java_compiles_without_warnings_and_its_unit_tests_pass() {
    let (_, found) = toolchain_for("jvm");
    let Some(jdk) = found
        .iter()
        .find(|t| Path::new(&t.root).join("bin/javac").exists())
    else {
        panic!("no javac in {found:?}: apt-get install -y openjdk-17-jdk-headless maven");
    };
    // A build folder of its own: the runner's jar may be built at the same time.
    let scratch = tempfile::tempdir().unwrap();
    for name in ["pom.xml", "src"] {
        let to = scratch.path().join(name);
        passes(duct::cmd!("cp", "-r", root().join("jvm").join(name), to));
    }
    passes(
        duct::cmd!("mvn", "-q", "-B", "test")
            .dir(scratch.path())
            .env("JAVA_HOME", &jdk.root),
    );
}
