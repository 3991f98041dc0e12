//! Finding Go, JDKs and Rust where people have them, provisioning what is missing, and building the runners.

mod build;
mod find;
mod provision;
mod version;

use std::path::PathBuf;

pub use build::{Runner, build, runner_path};
pub use find::find;
pub use provision::provision;

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
}

#[derive(Debug, thiserror::Error)]
pub enum ToolchainError {
    #[error("no {label} found, and --offline forbids to download one; {hint}")]
    Offline { label: String, hint: String },
    #[error("no {label} found; {hint}")]
    NotProvisionable { label: String, hint: String },
    #[error("{package} {version} cannot be had: {reason}; {hint}")]
    Download {
        package: String,
        version: String,
        reason: String,
        hint: String,
    },
    #[error("building the {label} runner needs `{tool}`, which is not here: {hint}")]
    Needs {
        label: String,
        tool: String,
        hint: String,
    },
    #[error("building the {label} runner ({variant}) failed: {last}; all of it: {log}")]
    Build {
        label: String,
        variant: String,
        last: String,
        log: PathBuf,
    },
    #[error("{path}: {source}")]
    Io { path: PathBuf, source: std::io::Error },
}
