//! Having what is missing: a pinned wheel from PyPI, checked against its SHA-256 by pip, unpacked into `.toolchains/`.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::{Toolchain, ToolchainError, find};
use crate::artifact::definition::RuntimeDef;

/// Downloads and unpacks, after saying so. An interrupted download leaves nothing that could be taken for a toolchain.
pub fn provision(
    def: &RuntimeDef,
    project: &Path,
    offline: bool,
    say: &mut dyn FnMut(&str),
) -> Result<Toolchain, ToolchainError> {
    let hint = def.find.hint.clone();
    let label = def.label.clone();
    if offline {
        return Err(ToolchainError::Offline { label, hint });
    }
    let Some(wanted) = &def.provision else {
        return Err(ToolchainError::NotProvisionable { label, hint });
    };
    let fail = |reason: String| ToolchainError::Download {
        package: wanted.package.clone(),
        version: wanted.version.clone(),
        reason,
        hint: hint.clone(),
    };
    let sha256 = wanted
        .sha256
        .get(std::env::consts::ARCH)
        .ok_or_else(|| fail(format!("there is no pinned wheel for {}", std::env::consts::ARCH)))?;
    let home = project.join(".toolchains");
    let io = |source| ToolchainError::Io {
        path: home.clone(),
        source,
    };
    std::fs::create_dir_all(&home).map_err(io)?;
    let target = home.join(format!("{}-{}", wanted.package, wanted.version));
    say(&format!(
        "no {label} found: downloading {} {} from the Python package registry into {}",
        wanted.package,
        wanted.version,
        target.display()
    ));
    let partial = tempfile::Builder::new()
        .prefix(".partial-")
        .tempdir_in(&home)
        .map_err(io)?;
    let requirements = partial.path().join("requirements.txt");
    std::fs::write(
        &requirements,
        format!("{}=={} --hash=sha256:{sha256}\n", wanted.package, wanted.version),
    )
    .map_err(io)?;
    let unpacked = partial.path().join("unpacked");
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
    .stdin_null()
    .stderr_to_stdout()
    .stdout_capture()
    .unchecked()
    .run()
    .map_err(|e| fail(format!("python3 -m pip cannot be run ({e})")))?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let last = text
            .lines()
            .rev()
            .find(|l| l.contains("ERROR") || l.contains("No module"))
            .unwrap_or("pip failed");
        return Err(fail(last.trim().to_owned()));
    }
    let root = unpacked.join(&wanted.root);
    make_executable(&root.join("bin")).map_err(io)?;
    make_executable(&root.join("pkg/tool")).map_err(io)?;
    make_executable(&root.join("lib")).map_err(io)?;
    if target.exists() {
        std::fs::remove_dir_all(&target).map_err(io)?;
    }
    std::fs::rename(&unpacked, &target).map_err(io)?;
    let root = target.join(&wanted.root);
    let program = root.join(&def.find.program);
    let (label, receipt_line) = find::receipt(&program, &def.find)
        .ok_or_else(|| fail(format!("{} does not run", program.display())))?;
    Ok(Toolchain {
        root,
        program,
        label,
        receipt_line,
        provisioned: true,
    })
}

/// Wheels may lose the executable bit; every file below these folders gets it where it is readable.
fn make_executable(dir: &Path) -> std::io::Result<()> {
    if !dir.is_dir() {
        return Ok(());
    }
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            make_executable(&path)?;
        } else if !path.is_symlink() {
            let mode = std::fs::metadata(&path)?.permissions().mode();
            std::fs::set_permissions(
                &path,
                std::fs::Permissions::from_mode(mode | ((mode & 0o444) >> 2)),
            )?;
        }
    }
    Ok(())
}
