//! Finding Go, JDKs and Rust where people have them, provisioning what is missing, and building the runners.

mod build;
mod find;
mod provision;
mod receipt;
mod system;
mod version;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::artifact::definition::RuntimeDef;

pub use build::{Runner, build, runner_path};
pub use find::{Surroundings, find, survey};
pub use provision::{have, provision};

/// A toolchain that is there and said who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toolchain {
    /// Folder that holds bin/.
    pub root: PathBuf,
    pub program: PathBuf,
    /// "1.26.8", "25.0.3".
    pub label: String,
    /// First line that the version command printed.
    pub receipt_line: String,
    /// It was put into .toolchains/ by us.
    pub provisioned: bool,
}

impl Toolchain {
    /// Compared number by number, as far as `wanted` goes: 25.0.3 is at least 25.
    pub fn at_least(&self, wanted: &str) -> bool {
        version::compare(&self.label, wanted).is_ge()
    }

    /// 25.0.3 is at most 25.
    pub fn at_most(&self, wanted: &str) -> bool {
        version::compare(&self.label, wanted).is_le()
    }

    /// `17` of `g1@17`, or a longer prefix.
    pub fn is_major(&self, wanted: &str) -> bool {
        version::compare(&self.label, wanted).is_eq()
    }

    /// It holds this program beside its own: a JDK holds `javac`, a JRE does not.
    pub fn holds(&self, tool: &str) -> bool {
        self.program.with_file_name(tool).is_file()
    }
}

/// How far to go for what is missing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Effort {
    /// Download nothing: no toolchain, no package, nothing that a build depends on.
    pub offline: bool,
    /// Build again what is built.
    pub force: bool,
}

/// What looking for toolchains found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// Preferred first.
    pub usable: Vec<Toolchain>,
    /// Programs of the right name that will not do, in the order in which they were met.
    pub rejected: Vec<Rejected>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{program}: {reason}")]
pub struct Rejected {
    pub program: PathBuf,
    pub reason: Reason,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    #[error("cannot be started: {0}")]
    NotStarted(String),
    #[error("gave no answer within {seconds} s when asked for its version")]
    NoAnswer { seconds: u64 },
    /// With the first line that it printed.
    #[error("did not say its version; it said {0:?}")]
    NoVersion(String),
    #[error("{label} is older than {minimum}")]
    TooOld { label: String, minimum: String },
}

/// Why a runtime has no toolchain here. One line, that ends with what to do.
#[derive(Debug, thiserror::Error)]
#[error("no {label} found{}, {why}; {hint}{}", listed(.rejected), .why.other_way())]
pub struct Absent {
    pub label: String,
    pub hint: String,
    /// Those that were met and will not do.
    pub rejected: Vec<Rejected>,
    pub why: Why,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    #[error("and --offline forbids to download one")]
    Offline,
    #[error("which `bench` will mend by downloading {package} {version}")]
    NotYet { package: String, version: String },
    #[error("and none can be downloaded")]
    NoPackage,
    #[error("and {package} {version} cannot be had: {reason}")]
    Download {
        package: String,
        version: String,
        reason: String,
    },
}

impl Why {
    /// What else would do.
    fn other_way(&self) -> &'static str {
        match self {
            Why::Offline => ", or leave out --offline",
            _ => "",
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum ToolchainError {
    #[error(transparent)]
    Absent(Box<Absent>),
    #[error("the {label} has no build `{variant}`")]
    NoSuchBuild { label: String, variant: String },
    #[error("building the {label} runner needs {}, not here: {hint}", quoted(.tools))]
    Needs {
        label: String,
        tools: Vec<String>,
        /// Gets all of them.
        hint: String,
    },
    #[error("building the {label} runner ({variant}) failed: {last}; all of it: {log}{}", downloads(*.offline))]
    Build {
        label: String,
        variant: String,
        /// The last lines that the build printed, joined by ` | `.
        last: String,
        offline: bool,
        log: PathBuf,
    },
    #[error("{path}: {source}")]
    Io { path: PathBuf, source: std::io::Error },
}

/// ` (not usable: ...)`, or nothing.
fn listed(rejected: &[Rejected]) -> String {
    let each: Vec<String> = rejected.iter().map(Rejected::to_string).collect();
    if each.is_empty() {
        return String::new();
    }
    format!(" (not usable: {})", each.join("; "))
}

fn downloads(offline: bool) -> &'static str {
    match offline {
        true => "; what it has to download, it gets without --offline",
        false => "",
    }
}

/// `javac` and `mvn`
fn quoted(tools: &[String]) -> String {
    let each: Vec<String> = tools.iter().map(|t| format!("`{t}`")).collect();
    each.join(" and ")
}

/// Tools that a build needs and that neither a toolchain nor PATH has, with the hints that get them.
fn lacking<'a>(
    def: &RuntimeDef,
    needs: &'a BTreeMap<String, String>,
    found: &[Toolchain],
) -> Vec<(&'a str, &'a str)> {
    needs
        .iter()
        .filter(|(tool, _)| !found.iter().any(|t| t.holds(tool)) && !on_path(def, tool))
        .map(|(tool, hint)| (tool.as_str(), hint.as_str()))
        .collect()
}

/// On PATH, and no part of a toolchain: the `javac` of a JDK that was rejected would not do either.
fn on_path(def: &RuntimeDef, tool: &str) -> bool {
    let program = Path::new(&def.find.program).file_name().unwrap_or_default();
    which::which(tool)
        .and_then(|path| {
            path.canonicalize()
                .map_err(|_| which::Error::CannotFindBinaryPath)
        })
        .is_ok_and(|path| !path.with_file_name(program).exists())
}
