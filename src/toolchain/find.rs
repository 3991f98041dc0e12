//! Looking where people have toolchains: PATH, the usual variables, the usual folders, and .toolchains/.

use std::path::{Path, PathBuf};

use super::{Toolchain, version};
use crate::artifact::definition::RuntimeDef;
use crate::artifact::definition::runtime::Find;

/// All that answer to the version receipt and are new enough, preferred first. One that is broken does not answer, and is not here.
pub fn find(def: &RuntimeDef, project: &Path) -> Vec<Toolchain> {
    let mut found: Vec<Toolchain> = Vec::new();
    let mut seen: Vec<PathBuf> = Vec::new();
    for root in roots(def, project) {
        // The real folder: /usr/bin/java is a link to a link.
        let Ok(program) = root.join(&def.find.program).canonicalize() else {
            continue;
        };
        if seen.contains(&program) {
            continue;
        }
        seen.push(program.clone());
        let root = own_root(&root, &program, &def.find);
        let program = root.join(&def.find.program);
        if let Some((label, receipt_line)) = receipt(&program, &def.find) {
            let provisioned = root.starts_with(project.join(".toolchains"));
            let toolchain = Toolchain {
                root,
                program,
                label,
                receipt_line,
                provisioned,
            };
            if toolchain.at_least(&def.find.minimum) {
                found.push(toolchain);
            }
        }
    }
    let preferred = |t: &Toolchain| def.find.prefer.as_deref().is_some_and(|p| t.is_major(p));
    found.sort_by(|a, b| {
        preferred(b)
            .cmp(&preferred(a))
            .then_with(|| version::newer_first(&a.label, &b.label))
            // Of two alike, the one with a compiler first: a JDK before a JRE.
            .then_with(|| {
                b.root
                    .join("bin/javac")
                    .exists()
                    .cmp(&a.root.join("bin/javac").exists())
            })
    });
    found
}

fn roots(def: &RuntimeDef, project: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = def
        .find
        .env
        .iter()
        .filter_map(std::env::var_os)
        .map(PathBuf::from)
        .collect();
    let name = Path::new(&def.find.program).file_name().unwrap_or_default();
    for dir in std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()) {
        if dir.join(name).is_file()
            && let Some(root) = dir.parent()
        {
            all.push(root.to_owned());
        }
    }
    for pattern in &def.find.roots {
        all.extend(glob(pattern));
    }
    if let Some(provision) = &def.provision {
        let folder = format!("{}-{}", provision.package, provision.version);
        all.push(project.join(".toolchains").join(folder).join(&provision.root));
    }
    all
}

/// `/usr/bin/java` resolves into the JDK: its root is two folders above the program, not `/usr`. rustup's cargo resolves to
/// `rustup`, which must be called by the name it was found under.
fn own_root(found: &Path, program: &Path, find: &Find) -> PathBuf {
    let depth = Path::new(&find.program).components().count();
    match program.ancestors().nth(depth) {
        Some(root) if program.ends_with(&find.program) => root.to_owned(),
        _ => found.to_owned(),
    }
}

/// One `*` per path component, at any place in it; `~` is the home folder.
fn glob(pattern: &str) -> Vec<PathBuf> {
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let mut paths = vec![PathBuf::from("/")];
    let pattern = match pattern.strip_prefix("~/") {
        Some(rest) => {
            paths = vec![home];
            rest
        }
        None => pattern.trim_start_matches('/'),
    };
    for part in pattern.split('/') {
        let Some((before, after)) = part.split_once('*') else {
            paths.iter_mut().for_each(|p| p.push(part));
            continue;
        };
        let mut next = Vec::new();
        for dir in &paths {
            let Ok(entries) = std::fs::read_dir(dir) else {
                continue;
            };
            next.extend(entries.flatten().map(|e| e.path()).filter(|p| {
                let name = p.file_name().and_then(|n| n.to_str()).unwrap_or_default();
                name.len() >= before.len() + after.len() && name.starts_with(before) && name.ends_with(after)
            }));
        }
        next.sort();
        paths = next;
    }
    paths.retain(|p| p.is_dir());
    paths
}

/// Runs the version command: presence and identity in one. (version, first line).
pub fn receipt(program: &Path, find: &Find) -> Option<(String, String)> {
    let output = duct::cmd(program, &find.receipt)
        .stdin_null()
        .stderr_to_stdout()
        .stdout_capture()
        .unchecked()
        .env("GOTOOLCHAIN", "local")
        .run()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let pattern = regex::Regex::new(&find.version).ok()?;
    let line = text.lines().find(|l| pattern.is_match(l))?;
    let version = pattern
        .captures(line)?
        .get(1)?
        .as_str()
        .trim_end_matches('.')
        .to_owned();
    Some((version, line.trim().to_owned()))
}
