//! The project's definitions, with a mistake in them.

use std::path::Path;

/// A copy of the definitions in which one file is changed.
pub fn with_changed(file: &str, change: impl Fn(String) -> String) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for name in ["workloads", "go", "jvm"] {
        copy_toml(&root.join(name), &copy.path().join(name));
    }
    let path = copy.path().join(file);
    let text = change(std::fs::read_to_string(&path).unwrap());
    std::fs::write(path, text).unwrap();
    copy
}

fn copy_toml(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() && !path.ends_with("target") {
            copy_toml(&path, &target);
        } else if path.extension().is_some_and(|e| e == "toml") {
            std::fs::copy(&path, target).unwrap();
        }
    }
}
