//! A missing toolchain is downloaded, checked, and works.

use std::path::Path;

use gcrucible::artifact::definition::RuntimeDef;
use gcrucible::toolchain::{self, Surroundings, Survey};

fn shipped(folder: &str) -> RuntimeDef {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join(folder).join("runtime.toml")).unwrap();
    toml::from_str(&text).unwrap()
}

/// The registry for real: 110 MB. Neither Go nor Java is on the PATH that is given.
#[test]
fn a_machine_with_neither_go_nor_java_gets_both_and_a_go_program_builds_and_runs() {
    let project = tempfile::tempdir().unwrap();
    let nothing = Surroundings::default();
    let mut got = Vec::new();
    for folder in ["go", "jvm"] {
        let mut def = shipped(folder);
        def.find.roots.clear();
        let before = toolchain::survey(&def, project.path(), &nothing);
        assert_eq!(before, Survey::default());
        let mut said = Vec::new();
        let mut say = |line: &str| said.push(line.to_owned());
        let first = toolchain::provision(&def, project.path(), false, &mut say).unwrap();
        let again = toolchain::provision(&def, project.path(), false, &mut say).unwrap();
        assert_eq!(first, again);
        let [download] = &said[..] else {
            panic!("one download, announced once: {said:?}");
        };
        let wanted = &def.provision.as_ref().unwrap().version;
        assert!(
            download.contains("downloading") && download.contains(wanted),
            "{download}"
        );
        let survey = toolchain::survey(&def, project.path(), &nothing);
        assert_eq!(
            survey.usable,
            std::slice::from_ref(&first),
            "{:?}",
            survey.rejected
        );
        assert!(first.provisioned && first.at_least(&def.find.minimum));
        got.push(first);
    }
    assert!(got[1].is_major("25"), "{}", got[1].receipt_line);
    let left = std::fs::read_dir(project.path().join(".toolchains")).unwrap();
    let names = left.map(|e| e.unwrap().file_name().into_string().unwrap());
    assert_eq!(names.filter(|n| n.starts_with(".partial")).count(), 0);

    let source = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(source.path().join(name), text).unwrap();
    write("go.mod", "module hello\n\ngo 1.24\n");
    write("go.sum", "");
    write(
        "main.go",
        "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(\"hello\") }\n",
    );
    let def = shipped("go");
    let (source, project) = (source.path(), project.path());
    let runner = toolchain::build(
        &def,
        "default",
        &got[0],
        &got[..1],
        source,
        project,
        toolchain::Effort::default(),
        &mut |_| (),
    )
    .unwrap();
    assert_eq!(duct::cmd!(&runner.path).read().unwrap(), "hello");
}

#[test]
fn a_package_whose_hash_differs_is_refused_and_leaves_nothing() {
    let project = tempfile::tempdir().unwrap();
    let mut def = shipped("jvm");
    let pinned = &mut def.provision.as_mut().unwrap().sha256;
    pinned.values_mut().for_each(|hash| *hash = "0".repeat(64));
    let error = toolchain::provision(&def, project.path(), false, &mut |_| ()).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("cannot be had: ERROR") && text.contains("HASH"),
        "{text}"
    );
    let left = std::fs::read_dir(project.path().join(".toolchains")).unwrap();
    let names: Vec<_> = left.map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names, [".lock"]);
}
