//! `{go,jvm,workloads/rust}/runtime.toml`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One runtime: how to find its toolchains, prove their identity, build its runner and start it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuntimeDef {
    /// `go`, `jvm`, `rust`.
    pub name: String,
    pub label: String,
    pub find: Find,
    /// How a missing toolchain is had; absent: it cannot be provisioned.
    pub provision: Option<Provision>,
    /// Build variants by name; `default` must be there.
    pub build: BTreeMap<String, Build>,
    #[serde(rename = "collector")]
    pub collectors: Vec<CollectorDef>,
}

impl RuntimeDef {
    /// What a person installs to have it: a JVM comes in a JDK.
    pub fn toolchain(&self) -> &str {
        self.find.called.as_deref().unwrap_or(&self.label)
    }
}

/// Where people have toolchains. A toolchain is a folder that holds `program`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Find {
    /// Relative to the toolchain's root: `bin/go`, `bin/java`.
    pub program: String,
    /// Environment variables that name a root.
    pub env: Vec<String>,
    /// Globs of roots; `~` is the home folder. PATH is always searched.
    pub roots: Vec<String>,
    /// Arguments of the version receipt: one command proves presence and identity.
    pub receipt: Vec<String>,
    /// Regex with one group: the version, out of the receipt's output.
    pub version: String,
    /// Oldest version that will do: "1.24", "17".
    pub minimum: String,
    /// The newest is preferred among those found, but this major version before others, if set.
    pub prefer: Option<String>,
    /// What its toolchains are called, where that is not the runtime's label.
    pub called: Option<String>,
    /// What a person runs to have it: shown where nothing is found.
    pub hint: String,
}

/// Packages from registries, pinned, with SHA-256.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provision {
    /// PyPI package and version.
    pub package: String,
    pub version: String,
    /// Platform tag -> SHA-256 of the wheel.
    pub sha256: BTreeMap<String, String>,
    /// Where the toolchain's root is inside the unpacked wheel.
    pub root: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Build {
    /// `{toolchain}` its root, `{program}`, `{out}` the runner to make, `{scratch}` a folder for intermediate files; run in the runtime's folder.
    pub command: Vec<String>,
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Appended to the command, and added to `env`, where nothing may be downloaded.
    #[serde(default)]
    pub offline_arguments: Vec<String>,
    #[serde(default)]
    pub offline_env: BTreeMap<String, String>,
    /// File that the build leaves, relative to the source folder or absolute by `{out}`.
    pub output: String,
    /// Files and folders, relative to the source folder, whose change means building again.
    pub inputs: Vec<String>,
    /// Tools that must be on PATH or be provided: `mvn`, `javac`; with the hint that gets them.
    #[serde(default)]
    pub needs: BTreeMap<String, String>,
}

/// One collector, or one set of flags of it. Adding one is one table.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CollectorDef {
    /// What a person types.
    pub name: String,
    pub label: String,
    /// `default`, `concurrent`, `moving`, `generational`, `stw`, `no-gc`, `never-frees`, `quick`.
    pub tags: Vec<String>,
    /// Tags that hold only from a toolchain's major version on.
    #[serde(default)]
    pub tags_since: BTreeMap<String, u32>,
    /// Grammar of its log: `gctrace`, `unified`, `none`.
    pub log: String,
    /// Build variant; `default` unless said.
    #[serde(default = "default_build")]
    pub build: String,
    /// argv after expansion of `{program}`, `{runner}`, `{flags}`, `{log}`, `{cores}`.
    pub argv: Vec<String>,
    /// Put where `{flags}` stands.
    #[serde(default)]
    pub flags: Vec<String>,
    /// Added to `flags` when the cell has a memory budget; `{heap}` is its bytes.
    #[serde(default)]
    pub budget_flags: Vec<String>,
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Added to `env` when the cell has a memory budget; `{heap}` is its bytes.
    #[serde(default)]
    pub budget_env: BTreeMap<String, String>,
    /// A budget is a goal and not a wall: the process goes on beyond it.
    #[serde(default)]
    pub soft_budget: bool,
    /// The budget it gets even where the suite sets none, as a multiple of live (go-limit, epsilon needs room).
    pub always_budget: Option<f64>,
    /// The collector whose memory it trades for time by another setting: a point of that one's time-space curve.
    pub setting_of: Option<String>,
    /// Oldest toolchain version it runs on.
    pub minimum: Option<String>,
    /// Newest one, where the setting was removed later.
    pub maximum: Option<String>,
    /// Prefixes of its thread names, for CPU attribution; empty where collectors have no threads of their own.
    #[serde(default)]
    pub gc_threads: Vec<String>,
}

fn default_build() -> String {
    "default".to_owned()
}
