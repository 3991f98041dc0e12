//! Finding the project's folder and naming run folders.

use std::path::{Path, PathBuf};

use super::usage;

/// The checkout: the given folder, or the current one or the nearest above it that has our definitions.
pub fn project(given: Option<&Path>) -> anyhow::Result<PathBuf> {
    let is_ours = |dir: &Path| dir.join("workloads/suites").is_dir() && dir.join("go/runtime.toml").is_file();
    if let Some(dir) = given {
        if is_ours(dir) {
            return Ok(std::path::absolute(dir)?);
        }
        return Err(usage(format!(
            "{}: is not a gcrucible checkout (no workloads/suites)",
            dir.display()
        )));
    }
    let here = std::env::current_dir()?;
    here.ancestors()
        .find(|d| is_ours(d))
        .map(Path::to_owned)
        .ok_or_else(|| {
            usage(format!(
                "{}: no gcrucible checkout here or above; cd into one or name it with --project",
                here.display()
            ))
        })
}

/// `reports/2026-11-24-myhost-quick`, with `-2`, `-3`... where that exists.
pub fn fresh(project: &Path, suite: &str) -> PathBuf {
    fresh_in(&project.join("reports"), &format!("{}-{suite}", today()))
}

/// `2026-11-24-myhost`
pub fn today() -> String {
    let date = jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
    format!("{date}-{}", host())
}

/// The machine's name, as far as it fits a file name.
pub fn host() -> String {
    sysinfo::System::host_name()
        .unwrap_or_else(|| "host".into())
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
        .collect()
}

/// A folder of the name, with `-2`, `-3`... where that exists.
pub fn fresh_in(reports: &Path, base: &str) -> PathBuf {
    let base = base.to_owned();
    let names = std::iter::once(base.clone()).chain((2..).map(|n| format!("{base}-{n}")));
    names
        .map(|n| reports.join(n))
        .find(|p| !p.exists())
        .unwrap_or_else(|| reports.join(base))
}
