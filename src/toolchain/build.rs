//! Building a runner, once: skipped while its inputs, command and toolchain are what they were.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Effort, Toolchain, ToolchainError, lacking, system};
use crate::artifact::definition::RuntimeDef;
use crate::artifact::definition::runtime::Build;
use crate::artifact::envelope::{hash_bytes, hash_file};

/// Lines of a failed build that its error quotes.
const QUOTED: usize = 4;

/// A runner that can be started.
#[derive(Clone, Debug)]
pub struct Runner {
    /// Absolute.
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
    // Builds run in the source folder: a relative path would be another one there.
    let project = std::path::absolute(project).unwrap_or_else(|_| project.to_owned());
    project.join("target/runners").join(&def.name).join(name)
}

/// Is the runner there, built from what the sources are now?
pub fn is_fresh(
    def: &RuntimeDef,
    variant: &str,
    toolchain: &Toolchain,
    source: &Path,
    project: &Path,
) -> bool {
    let path = runner_path(def, variant, toolchain, project);
    let Some(rule) = def.build.get(variant) else {
        return false;
    };
    let Ok(stamp) = stamp(rule, source, &path, toolchain) else {
        return false;
    };
    path.is_file() && std::fs::read_to_string(stamp_path(&path)).is_ok_and(|s| s == stamp)
}

/// Builds `variant` with `toolchain`; where that one cannot compile (a JRE), with one of `found` that can. Its output is kept in
/// `<variant>.log` beside the runner. A runner that is there is replaced only by one that was built to the end.
#[allow(clippy::too_many_arguments)] // what to build, with what, from where to where, and whom to tell
pub fn build(
    def: &RuntimeDef,
    variant: &str,
    toolchain: &Toolchain,
    found: &[Toolchain],
    source: &Path,
    project: &Path,
    effort: Effort,
    say: &mut dyn FnMut(&str),
) -> Result<Runner, ToolchainError> {
    let rule = def
        .build
        .get(variant)
        .ok_or_else(|| ToolchainError::NoSuchBuild {
            label: def.label.clone(),
            variant: variant.to_owned(),
        })?;
    let path = runner_path(def, variant, toolchain, project);
    let folder = path.parent().unwrap_or(project).to_owned();
    let io = |source| ToolchainError::Io {
        path: folder.clone(),
        source,
    };
    std::fs::create_dir_all(&folder).map_err(io)?;
    let lock = std::fs::File::create(folder.join(".lock")).map_err(io)?;
    lock.lock().map_err(io)?;
    if effort.force || !is_fresh(def, variant, toolchain, source, project) {
        // Taken before the build: a source that changes meanwhile is built again the next time.
        let stamp = stamp(rule, source, &path, toolchain)?;
        let log = folder.join(format!("{variant}.log"));
        let with = compiler(def, rule, toolchain, found)?;
        say(&format!(
            "building the {} runner ({variant}, {})",
            def.label, with.label
        ));
        make(def, rule, with, source, effort.offline, &path, &log).map_err(|last| ToolchainError::Build {
            label: def.label.clone(),
            variant: variant.to_owned(),
            last,
            offline: effort.offline,
            log: log.clone(),
        })?;
        std::fs::write(stamp_path(&path), stamp).map_err(io)?;
    }
    let sha256 = hash_file(&path).map_err(|e| io(std::io::Error::other(e.to_string())))?;
    Ok(Runner { path, sha256 })
}

fn stamp_path(runner: &Path) -> PathBuf {
    let name = runner.file_name().unwrap_or_default().to_string_lossy();
    runner.with_file_name(format!(".{name}.stamp"))
}

/// Runs the command and moves what it made to `path`. The error is what the build said last.
fn make(
    def: &RuntimeDef,
    rule: &Build,
    with: &Toolchain,
    source: &Path,
    offline: bool,
    path: &Path,
    log: &Path,
) -> Result<(), String> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let partial = path.with_file_name(format!(".partial-{name}"));
    let scratch = path.with_file_name("build");
    let fill = |text: &str| {
        text.replace("{program}", &with.program.display().to_string())
            .replace("{toolchain}", &with.root.display().to_string())
            .replace("{out}", &partial.display().to_string())
            .replace("{scratch}", &scratch.display().to_string())
    };
    let (arguments, env): (&[String], _) = match offline {
        true => (&rule.offline_arguments, Some(&rule.offline_env)),
        false => (&[], None),
    };
    let command: Vec<String> = rule.command.iter().chain(arguments).map(|c| fill(c)).collect();
    let (program, arguments) = command
        .split_first()
        .ok_or_else(|| format!("the {} has an empty build command", def.label))?;
    let mut expression = duct::cmd(program, arguments).dir(source).stdin_null();
    for (key, value) in rule.env.iter().chain(env.into_iter().flatten()) {
        expression = expression.env(key, fill(value));
    }
    // stderr first: duct applies the redirections from the outside in.
    let output = expression
        .stderr_to_stdout()
        .stdout_path(log)
        .unchecked()
        .run()
        .map_err(|e| format!("{program}: {e}"))?;
    if !output.status.success() {
        return Err(last_lines(log));
    }
    let made = source.join(fill(&rule.output));
    if made != partial {
        // A rename would take the file from under the build tool's own bookkeeping.
        std::fs::copy(&made, &partial).map_err(|e| format!("{}: {e}", made.display()))?;
    }
    // Not over the old one: it may be running.
    std::fs::rename(&partial, path).map_err(|e| format!("{}: {e}", partial.display()))
}

fn last_lines(log: &Path) -> String {
    let bytes = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    // Maven's cause comes first, pages of advice after it.
    let errors = lines.iter().filter_map(|l| l.strip_prefix("[ERROR] "));
    let errors: Vec<&str> = errors.take(QUOTED / 2).collect();
    if !errors.is_empty() {
        return errors.join(" | ");
    }
    match lines.len() {
        0 => "it said nothing".to_owned(),
        n => lines[n.saturating_sub(QUOTED)..].join(" | "),
    }
}

/// The toolchain to compile with, and the proof that what the build needs is here.
fn compiler<'a>(
    def: &RuntimeDef,
    rule: &Build,
    toolchain: &'a Toolchain,
    found: &'a [Toolchain],
) -> Result<&'a Toolchain, ToolchainError> {
    let missing = lacking(def, &rule.needs, found);
    if !missing.is_empty() {
        // All at once: who follows a hint should not meet the next one.
        let (tools, hints): (Vec<&str>, Vec<&str>) = missing.into_iter().unzip();
        return Err(ToolchainError::Needs {
            label: def.label.clone(),
            tools: tools.into_iter().map(str::to_owned).collect(),
            hint: system::one_hint(&hints),
        });
    }
    // Of the needed tools, those that some toolchain holds; the others come from PATH.
    let held: Vec<&String> = rule
        .needs
        .keys()
        .filter(|n| found.iter().any(|t| t.holds(n)))
        .collect();
    let able = |t: &&Toolchain| held.iter().all(|n| t.holds(n));
    Ok(Some(toolchain)
        .filter(able)
        .or_else(|| found.iter().find(able))
        .unwrap_or(toolchain))
}

/// What a built runner depends on: contents of its inputs, command, environment, toolchain.
fn stamp(rule: &Build, source: &Path, out: &Path, toolchain: &Toolchain) -> Result<String, ToolchainError> {
    let mut parts: BTreeMap<String, String> = BTreeMap::new();
    for pattern in &rule.inputs {
        let path = source.join(pattern);
        collect(&path, source, &mut parts).map_err(|e| ToolchainError::Io { path, source: e })?;
    }
    // One jar for all JDKs must not be rebuilt for each.
    let built_by = match out.extension().is_some_and(|e| e == "jar") {
        true => "any",
        false => &toolchain.receipt_line,
    };
    let text = format!("{parts:?} {:?} {:?} {built_by}", rule.command, rule.env);
    Ok(hash_bytes(text.as_bytes()) + "\n")
}

/// A file, a folder with all below it, or `*.suffix` files of a folder: path relative to the source -> hash of the contents.
fn collect(path: &Path, source: &Path, parts: &mut BTreeMap<String, String>) -> std::io::Result<()> {
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    if let Some(suffix) = name.strip_prefix('*') {
        for entry in std::fs::read_dir(path.parent().unwrap_or(source))? {
            let file = entry?.path();
            if file.is_file() && file.to_string_lossy().ends_with(suffix) {
                collect(&file, source, parts)?;
            }
        }
    } else if path.is_dir() {
        for entry in std::fs::read_dir(path)? {
            collect(&entry?.path(), source, parts)?;
        }
    } else {
        let key = path.strip_prefix(source).unwrap_or(path).display().to_string();
        parts.insert(key, hash_bytes(&std::fs::read(path)?));
    }
    Ok(())
}
