//! TOML in, checked definitions out. Every mistake is reported with file, line, column and what was expected.

mod check;
mod claims;
mod problem;

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use crate::artifact::definition::{ClaimFile, Definitions, MinimumFile, RuntimeDef, SuiteDef, WorkloadDef};

#[derive(Debug, thiserror::Error)]
pub enum DefineError {
    #[error("{path}: cannot be read: {source}")]
    Unreadable { path: PathBuf, source: std::io::Error },
    /// Already rendered with the excerpt and a caret.
    #[error("{0}")]
    Toml(String),
    #[error("{path}: {message}")]
    Wrong { path: PathBuf, message: String },
    #[error("{0}")]
    Unknown(String),
}

/// Folders that hold a `runtime.toml`, relative to the project.
const RUNTIMES: [&str; 3] = ["go", "jvm", "workloads/rust"];

/// Loads every definition of the project folder and checks them against each other.
pub fn load(project: &Path) -> Result<Definitions, DefineError> {
    let mut all = Definitions::default();
    let mut workloads: Vec<(PathBuf, String)> = Vec::new();
    for path in toml_files(&project.join("workloads"))? {
        let def: WorkloadDef = read(&path)?;
        check::workload(&path, &def)?;
        workloads.push((path, def.name.clone()));
        all.workloads.insert(def.name.clone(), def);
    }
    for folder in RUNTIMES {
        let path = project.join(folder).join("runtime.toml");
        let def: RuntimeDef = read(&path)?;
        check::runtime(&path, &def, &all)?;
        all.runtimes.insert(def.name.clone(), def);
    }
    for (path, name) in &workloads {
        check::runtimes_of(path, &all.workloads[name], &all)?;
    }
    for path in toml_files(&project.join("workloads/suites"))? {
        let def: SuiteDef = read(&path)?;
        check::suite(&path, &def, &all)?;
        all.suites.insert(def.name.clone(), def);
    }
    let minimums = project.join(MINIMUMS);
    if minimums.is_dir() {
        for path in toml_files(&minimums)? {
            let file: MinimumFile = read(&path)?;
            check::minimums(&path, &file, &all)?;
            all.minimums.insert(file.preset.clone(), file);
        }
    }
    load_claims(&project.join("workloads/claims"), &mut all)?;
    Ok(all)
}

/// Claims may name cells of each other: all are read before any reference is looked at.
fn load_claims(folder: &Path, all: &mut Definitions) -> Result<(), DefineError> {
    if !folder.is_dir() {
        return Ok(());
    }
    let mut read: Vec<(PathBuf, String, ClaimFile)> = Vec::new();
    for path in toml_files(folder)? {
        let text = text_of(&path)?;
        let file = parse(&path, &text)?;
        read.push((path, text, file));
    }
    let source = |(path, text, file)| claims::Source { path, text, file };
    for (path, text, file) in &read {
        claims::file(&source((path, text, file)), all)?;
        all.claims.insert(file.row.get_ref().clone(), file.clone());
    }
    for (path, text, file) in &read {
        claims::references(&source((path, text, file)), all)?;
    }
    Ok(())
}

/// Folder of the smallest budgets that were found, a file a preset.
const MINIMUMS: &str = "workloads/minimums";

/// Where a preset's are kept.
pub fn minimums_of(project: &Path, preset: &str) -> PathBuf {
    project.join(MINIMUMS).join(format!("{preset}.toml"))
}

/// The folder of a runtime's definition, relative to the project.
pub fn runtime_folder(name: &str) -> &'static str {
    RUNTIMES
        .iter()
        .find(|f| f.ends_with(name))
        .copied()
        .unwrap_or("workloads/rust")
}

/// Reads one TOML file into its type.
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<T, DefineError> {
    parse(path, &text_of(path)?)
}

fn text_of(path: &Path) -> Result<String, DefineError> {
    std::fs::read_to_string(path).map_err(|source| DefineError::Unreadable {
        path: path.into(),
        source,
    })
}

fn parse<T: DeserializeOwned>(path: &Path, text: &str) -> Result<T, DefineError> {
    toml::from_str(text).map_err(|e| DefineError::Toml(problem::render(path, text, &e)))
}

fn toml_files(dir: &Path) -> Result<Vec<PathBuf>, DefineError> {
    let unreadable = |source| DefineError::Unreadable {
        path: dir.into(),
        source,
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|e| e == "toml")
            && path.file_name().is_some_and(|n| n != "Cargo.toml")
        {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
