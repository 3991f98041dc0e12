//! Building a runner, once: skipped while its inputs, command and toolchain are what they were.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Toolchain, ToolchainError};
use crate::artifact::definition::RuntimeDef;
use crate::artifact::definition::runtime::Build;
use crate::artifact::envelope::{hash_bytes, hash_file};

/// A runner that can be started.
#[derive(Clone, Debug)]
pub struct Runner {
    pub path: PathBuf,
    pub sha256: String,
}

/// Where a built runner is kept: under target/, so that `cargo clean` takes it along.
pub fn runner_path(def: &RuntimeDef, variant: &str, toolchain: &Toolchain, project: &Path) -> PathBuf {
    let jar = def.build.get(variant).is_some_and(|b| b.output.ends_with(".jar"));
    // One jar serves every JDK; binaries are one per toolchain.
    let name = if jar {
        format!("{variant}.jar")
    } else {
        format!("{variant}-{}", toolchain.label)
    };
    project.join("target/runners").join(&def.name).join(name)
}

/// Builds `variant` with `toolchain`; where that one cannot compile (a JRE), with one of `found` that can.
#[allow(clippy::too_many_arguments)] // what to build, with what, from where to where, and whom to tell
pub fn build(
    def: &RuntimeDef,
    variant: &str,
    toolchain: &Toolchain,
    found: &[Toolchain],
    source: &Path,
    project: &Path,
    force: bool,
    say: &mut dyn FnMut(&str),
) -> Result<Runner, ToolchainError> {
    let path = runner_path(def, variant, toolchain, project);
    let folder = path.parent().unwrap_or(project).to_owned();
    let io = |source| ToolchainError::Io {
        path: folder.clone(),
        source,
    };
    std::fs::create_dir_all(&folder).map_err(io)?;
    let lock = std::fs::File::create(folder.join(".lock")).map_err(io)?;
    lock.lock().map_err(io)?;
    let Some(rule) = def.build.get(variant) else {
        return Err(ToolchainError::Needs {
            label: def.label.clone(),
            tool: variant.to_owned(),
            hint: "no such build".into(),
        });
    };
    let stamp_path = folder.join(format!(
        ".{}.stamp",
        path.file_name().unwrap_or_default().to_string_lossy()
    ));
    let stamp = stamp(rule, source, &path, toolchain).map_err(io)?;
    if !force && path.exists() && std::fs::read_to_string(&stamp_path).is_ok_and(|s| s == stamp) {
        return Ok(Runner {
            sha256: hash_file(&path).unwrap_or_default(),
            path,
        });
    }
    let compiler = compiler(def, rule, toolchain, found)?;
    say(&format!(
        "building the {} runner ({variant}, {})",
        def.label, compiler.label
    ));
    let scratch = folder.join("build");
    let fill = |text: &str| {
        text.replace("{program}", &compiler.program.display().to_string())
            .replace("{toolchain}", &compiler.root.display().to_string())
            .replace("{out}", &path.display().to_string())
            .replace("{scratch}", &scratch.display().to_string())
    };
    let command: Vec<String> = rule.command.iter().map(|c| fill(c)).collect();
    let mut expression = duct::cmd(&command[0], &command[1..]).dir(source).stdin_null();
    for (key, value) in &rule.env {
        expression = expression.env(key, fill(value));
    }
    let output = expression.stderr_to_stdout().stdout_capture().unchecked().run();
    let log = folder.join(format!("{variant}.log"));
    let failed = |last: String| ToolchainError::Build {
        label: def.label.clone(),
        variant: variant.to_owned(),
        last,
        log: log.clone(),
    };
    let output = output.map_err(|e| failed(format!("{}: {e}", command[0])))?;
    std::fs::write(&log, &output.stdout).map_err(io)?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let last = text
            .lines()
            .rev()
            .find(|l| !l.trim().is_empty())
            .unwrap_or("no output")
            .trim()
            .to_owned();
        return Err(failed(last));
    }
    let made = source.join(fill(&rule.output));
    if made != path {
        // A rename would take the file from under the build tool's own bookkeeping.
        std::fs::copy(&made, &path).map_err(|e| failed(format!("{}: {e}", made.display())))?;
    }
    std::fs::write(&stamp_path, stamp).map_err(io)?;
    Ok(Runner {
        sha256: hash_file(&path).unwrap_or_default(),
        path,
    })
}

/// The toolchain to compile with, and the proof that what the build needs is here.
fn compiler<'a>(
    def: &RuntimeDef,
    rule: &Build,
    toolchain: &'a Toolchain,
    found: &'a [Toolchain],
) -> Result<&'a Toolchain, ToolchainError> {
    let mut chosen = toolchain;
    for (tool, hint) in &rule.needs {
        let inside = |t: &&Toolchain| t.root.join("bin").join(tool).exists();
        if let Some(with) = Some(toolchain)
            .filter(inside)
            .or_else(|| found.iter().find(inside))
        {
            chosen = with;
        } else if which::which(tool).is_err() {
            return Err(ToolchainError::Needs {
                label: def.label.clone(),
                tool: tool.clone(),
                hint: hint.clone(),
            });
        }
    }
    Ok(chosen)
}

/// What a built runner depends on: contents of its inputs, command, environment, toolchain.
fn stamp(rule: &Build, source: &Path, out: &Path, toolchain: &Toolchain) -> std::io::Result<String> {
    let mut parts: BTreeMap<String, String> = BTreeMap::new();
    for pattern in &rule.inputs {
        let path = source.join(pattern);
        let (dir, name) = (
            path.parent().unwrap_or(source),
            path.file_name().unwrap_or_default().to_string_lossy(),
        );
        match name.strip_prefix('*') {
            Some(suffix) => {
                for entry in std::fs::read_dir(dir)? {
                    let file = entry?.path();
                    if file.to_string_lossy().ends_with(suffix) {
                        parts.insert(file.display().to_string(), hash_bytes(&std::fs::read(&file)?));
                    }
                }
            }
            None => {
                parts.insert(path.display().to_string(), hash_bytes(&std::fs::read(&path)?));
            }
        }
    }
    let built_by = if out.extension().is_some_and(|e| e == "jar") {
        "any"
    } else {
        &toolchain.receipt_line
    };
    let text = format!("{parts:?} {:?} {:?} {built_by}", rule.command, rule.env);
    Ok(hash_bytes(text.as_bytes()) + "\n")
}
