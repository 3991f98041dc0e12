//! From collector names to toolchains and built runners.

use std::collections::BTreeMap;
use std::path::Path;

use crate::artifact::definition::{Definitions, RuntimeDef};
use crate::define;
use crate::plan::{RunnerAt, Runners};
use crate::toolchain::{self, Effort, Toolchain, ToolchainError, Why};

/// What was found and built, and what host.json keeps of it.
#[derive(Default)]
pub struct Built {
    pub runners: Runners,
    /// Tool -> version line.
    pub versions: BTreeMap<String, String>,
    /// Runner -> SHA-256.
    pub binaries: BTreeMap<String, String>,
}

/// Finds, provisions and builds for every collector named; a collector that cannot be had is an `Err` entry, not a failure.
pub fn prepare(
    project: &Path,
    defs: &Definitions,
    names: &[String],
    effort: Effort,
    say: &mut dyn FnMut(&str),
) -> Built {
    let mut built = Built::default();
    let mut toolchains: BTreeMap<String, Result<Vec<Toolchain>, String>> = BTreeMap::new();
    let mut runners: BTreeMap<(String, String, String), Result<RunnerAt, String>> = BTreeMap::new();
    for name in names {
        let (base, major) = name
            .split_once('@')
            .map_or((name.as_str(), None), |(b, m)| (b, Some(m)));
        let Some((runtime, collector)) = defs.collector(base) else {
            continue;
        };
        let found = toolchains
            .entry(runtime.name.clone())
            .or_insert_with(|| toolchains_of(runtime, project, effort.offline, say));
        let entry = match found {
            Err(reason) => Err(reason.clone()),
            Ok(found) => match choose(
                found,
                collector.minimum.as_deref(),
                collector.maximum.as_deref(),
                major,
            ) {
                None => Err(none_fits(
                    runtime,
                    collector.minimum.as_deref(),
                    collector.maximum.as_deref(),
                    major,
                    found,
                )),
                Some(toolchain) => {
                    let key = (
                        runtime.name.clone(),
                        collector.build.clone(),
                        toolchain.label.clone(),
                    );
                    runners
                        .entry(key)
                        .or_insert_with(|| {
                            let source = project.join(define::runtime_folder(&runtime.name));
                            toolchain::build(
                                runtime,
                                &collector.build,
                                toolchain,
                                found,
                                &source,
                                project,
                                effort,
                                say,
                            )
                            .map(|runner| {
                                built.binaries.insert(
                                    format!("{} {} {}", runtime.name, collector.build, toolchain.label),
                                    runner.sha256.clone(),
                                );
                                RunnerAt {
                                    program: toolchain.program.display().to_string(),
                                    runner: runner.path.display().to_string(),
                                    version: toolchain.receipt_line.clone(),
                                }
                            })
                            .map_err(|e| e.to_string())
                        })
                        .clone()
                }
            },
        };
        if let Ok(at) = &entry {
            let major = major.map_or(String::new(), |m| format!("@{m}"));
            built
                .versions
                .insert(format!("{}{major}", runtime.name), at.version.clone());
        }
        built.runners.insert(name.clone(), entry);
    }
    built
}

/// Runners that are not built: for a dry run. Paths are those a build would leave.
pub fn foresee(project: &Path, defs: &Definitions, names: &[String], offline: bool) -> Runners {
    let mut all = Runners::new();
    for name in names {
        let (base, major) = name
            .split_once('@')
            .map_or((name.as_str(), None), |(b, m)| (b, Some(m)));
        let Some((runtime, collector)) = defs.collector(base) else {
            continue;
        };
        let found = there(runtime, project, offline);
        let entry = found.and_then(|found| {
            let (min, max) = (collector.minimum.as_deref(), collector.maximum.as_deref());
            let toolchain =
                choose(&found, min, max, major).ok_or_else(|| none_fits(runtime, min, max, major, &found))?;
            Ok(RunnerAt {
                program: toolchain.program.display().to_string(),
                runner: toolchain::runner_path(runtime, &collector.build, toolchain, project)
                    .display()
                    .to_string(),
                version: toolchain.receipt_line.clone(),
            })
        });
        all.insert(name.clone(), entry);
    }
    all
}

fn toolchains_of(
    runtime: &RuntimeDef,
    project: &Path,
    offline: bool,
    say: &mut dyn FnMut(&str),
) -> Result<Vec<Toolchain>, String> {
    let source = project.join(define::runtime_folder(&runtime.name));
    toolchain::have(runtime, &source, project, offline, say).map_err(|e| e.to_string())
}

/// Those that are there, without downloading any; where there is none, what `bench` would do.
pub fn there(runtime: &RuntimeDef, project: &Path, offline: bool) -> Result<Vec<Toolchain>, String> {
    let source = project.join(define::runtime_folder(&runtime.name));
    let found = toolchain::have(runtime, &source, project, true, &mut |_| ());
    found.map_err(|mut error| {
        if let (ToolchainError::Absent(absent), Some(wanted), false) =
            (&mut error, &runtime.provision, offline)
        {
            absent.why = Why::NotYet {
                package: wanted.package.clone(),
                version: wanted.version.clone(),
            };
        }
        error.to_string()
    })
}

/// The preferred toolchain (they come preferred first) that lies between the two versions and is of the major asked for.
fn choose<'a>(
    found: &'a [Toolchain],
    minimum: Option<&str>,
    maximum: Option<&str>,
    major: Option<&str>,
) -> Option<&'a Toolchain> {
    found.iter().find(|t| {
        minimum.is_none_or(|m| t.at_least(m))
            && maximum.is_none_or(|m| t.at_most(m))
            && major.is_none_or(|m| t.is_major(m))
    })
}

fn none_fits(
    runtime: &RuntimeDef,
    minimum: Option<&str>,
    maximum: Option<&str>,
    major: Option<&str>,
    found: &[Toolchain],
) -> String {
    let mut wanted = String::new();
    if let Some(m) = major {
        wanted += &format!(" {m}");
    }
    if let Some(m) = minimum {
        wanted += &format!(" from {m}");
    }
    if let Some(m) = maximum {
        wanted += &format!(" up to {m}");
    }
    let found: Vec<&str> = found.iter().map(|t| t.label.as_str()).collect();
    format!(
        "no {}{wanted} here (found: {}); {}",
        runtime.toolchain(),
        found.join(", "),
        runtime.find.hint
    )
}
