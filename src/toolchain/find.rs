//! Looking where people have toolchains: PATH, the usual variables, the usual folders, and .toolchains/.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::receipt::receipt;
use super::{Reason, Rejected, Survey, Toolchain, version};
use crate::artifact::definition::RuntimeDef;
use crate::artifact::definition::runtime::Find;

/// What of the environment decides where to look.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    pub path: OsString,
    pub home: PathBuf,
    /// The variables that a definition may name.
    pub variables: BTreeMap<String, PathBuf>,
}

impl Surroundings {
    /// This process's own, as far as `def` asks for it.
    pub fn of_process(def: &RuntimeDef) -> Self {
        let variables = def.find.env.iter();
        Self {
            path: std::env::var_os("PATH").unwrap_or_default(),
            home: std::env::var_os("HOME").unwrap_or_default().into(),
            variables: variables
                .filter_map(|v| Some((v.clone(), std::env::var_os(v)?.into())))
                .collect(),
        }
    }
}

/// All that answer to the version receipt and are new enough, preferred first.
pub fn find(def: &RuntimeDef, project: &Path) -> Vec<Toolchain> {
    survey(def, project, &Surroundings::of_process(def)).usable
}

/// The same, with those that are there and will not do, and why. A toolchain that is reached in several ways is one.
pub fn survey(def: &RuntimeDef, project: &Path, around: &Surroundings) -> Survey {
    let mut survey = Survey::default();
    let mut seen = BTreeSet::new();
    let ours = provisioned_folder(project);
    for root in roots(def, project, around) {
        // The real file: /usr/bin/java is a link to a link.
        let Ok(real) = root.join(&def.find.program).canonicalize() else {
            continue;
        };
        if !seen.insert(real.clone()) {
            continue;
        }
        let root = own_root(&root, &real, &def.find);
        let program = root.join(&def.find.program);
        let (label, receipt_line) = match receipt(&program, &def.find) {
            Ok(said) => said,
            Err(reason) => {
                survey.rejected.push(Rejected { program, reason });
                continue;
            }
        };
        let toolchain = Toolchain {
            provisioned: root.starts_with(&ours),
            root,
            program,
            label,
            receipt_line,
        };
        if toolchain.at_least(&def.find.minimum) {
            survey.usable.push(toolchain);
        } else {
            survey.rejected.push(Rejected {
                program: toolchain.program,
                reason: Reason::TooOld {
                    label: toolchain.label,
                    minimum: def.find.minimum.clone(),
                },
            });
        }
    }
    sort(&mut survey.usable, &def.find);
    survey
}

/// The preferred major version, then the newest; a stable sort, so that of two alike PATH and variables decide.
fn sort(found: &mut [Toolchain], find: &Find) {
    let preferred = |t: &Toolchain| find.prefer.as_deref().is_some_and(|p| t.is_major(p));
    found.sort_by(|a, b| {
        preferred(b)
            .cmp(&preferred(a))
            .then_with(|| version::newer_first(&a.label, &b.label))
            // A JDK before a JRE, so that what compiles is what runs.
            .then_with(|| b.holds("javac").cmp(&a.holds("javac")))
    });
}

/// Canonical where it exists, since roots are.
fn provisioned_folder(project: &Path) -> PathBuf {
    let folder = project.join(".toolchains");
    folder.canonicalize().unwrap_or(folder)
}

fn roots(def: &RuntimeDef, project: &Path, around: &Surroundings) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = def
        .find
        .env
        .iter()
        .filter_map(|v| around.variables.get(v))
        .cloned()
        .collect();
    let name = Path::new(&def.find.program).file_name().unwrap_or_default();
    let parents = Path::new(&def.find.program).components().count() - 1;
    for dir in std::env::split_paths(&around.path) {
        // /usr/local/go/bin is on PATH: the root is above it. A link from elsewhere (/usr/bin/java) is followed first.
        if let Ok(real) = dir.join(name).canonicalize()
            && real.ends_with(&def.find.program)
        {
            all.extend(real.ancestors().nth(parents + 1).map(Path::to_owned));
        } else {
            all.extend(dir.ancestors().nth(parents).map(Path::to_owned));
        }
    }
    for pattern in &def.find.roots {
        all.extend(glob(pattern, &around.home));
    }
    if let Some(provision) = &def.provision {
        let folder = format!("{}-{}", provision.package, provision.version);
        all.push(project.join(".toolchains").join(folder).join(&provision.root));
    }
    all
}

/// `/usr/bin/java` resolves into the JDK: its root is two folders above the program, not `/usr`. rustup's cargo resolves to
/// `rustup`, which must be called by the name it was found under.
fn own_root(found: &Path, real: &Path, find: &Find) -> PathBuf {
    let depth = Path::new(&find.program).components().count();
    match real.ancestors().nth(depth) {
        Some(root) if real.ends_with(&find.program) => root.to_owned(),
        _ => found.to_owned(),
    }
}

/// One `*` per path component, at any place in it; `~` is the home folder. Newest last, as names sort.
fn glob(pattern: &str, home: &Path) -> Vec<PathBuf> {
    let (mut paths, pattern) = match pattern.strip_prefix("~/") {
        Some(rest) => (vec![home.to_owned()], rest),
        None => (vec![PathBuf::from("/")], pattern.trim_start_matches('/')),
    };
    for part in pattern.split('/') {
        let Some((before, after)) = part.split_once('*') else {
            paths.iter_mut().for_each(|p| p.push(part));
            continue;
        };
        let fits = |path: &PathBuf| {
            let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
            name.len() >= before.len() + after.len() && name.starts_with(before) && name.ends_with(after)
        };
        let entries = paths.iter().filter_map(|dir| std::fs::read_dir(dir).ok());
        let mut next: Vec<PathBuf> = entries
            .flatten()
            .flatten()
            .map(|e| e.path())
            .filter(fits)
            .collect();
        next.sort();
        paths = next;
    }
    paths.retain(|p| p.is_dir());
    paths
}
