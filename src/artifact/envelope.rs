//! Reading and writing JSON artifacts: atomic, versioned, with their parents' hashes.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

/// A body that has a file of its own.
pub trait Body: Serialize + DeserializeOwned {
    /// What the artifact is called in errors: `plan`, `host`, ...
    const KIND: &'static str;
    /// File name inside the run folder.
    const FILE: &'static str;
    /// Raised when a field changes meaning or disappears.
    const FORMAT: u32;
}

#[derive(Debug, thiserror::Error)]
pub enum ArtifactError {
    #[error("{path}: cannot be read: {source}")]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{path}: cannot be written: {source}")]
    Unwritable { path: PathBuf, source: std::io::Error },
    #[error("{path}: is not a gcrucible artifact: {source}")]
    NotAnArtifact {
        path: PathBuf,
        source: serde_json::Error,
    },
    #[error("{path}: is a `{found}`, but a `{wanted}` was expected")]
    WrongKind {
        path: PathBuf,
        found: String,
        wanted: &'static str,
    },
    #[error(
        "{path}: has format {found}, this gcrucible reads format {wanted} at most; it was written by a newer version"
    )]
    Newer { path: PathBuf, found: u32, wanted: u32 },
    #[error(
        "{path}: has format {found}, this gcrucible reads format {wanted}; run the stage that writes it again"
    )]
    Older { path: PathBuf, found: u32, wanted: u32 },
    #[error(
        "{path}: was computed from another {parent}; run the stages after it again (gcrucible report DIR does)"
    )]
    Stale { path: PathBuf, parent: String },
}

#[derive(Serialize, Deserialize)]
struct Envelope<T> {
    kind: String,
    format: u32,
    parents: BTreeMap<String, String>,
    body: T,
}

/// The head alone, so that a file of a newer format is refused by its format and not by an unknown field.
#[derive(Deserialize)]
struct Head {
    kind: String,
    format: u32,
}

/// What any artifact says of its parents, whatever it holds.
#[derive(Deserialize)]
struct Lineage {
    parents: BTreeMap<String, String>,
}

/// Parents by name with their hashes; none where the bytes are no artifact.
pub fn parents(bytes: &[u8]) -> BTreeMap<String, String> {
    serde_json::from_slice::<Lineage>(bytes).map_or_else(|_| BTreeMap::new(), |l| l.parents)
}

/// SHA-256 of a file, in hex.
pub fn hash_file(path: &Path) -> Result<String, ArtifactError> {
    let bytes = std::fs::read(path).map_err(|source| ArtifactError::Unreadable {
        path: path.into(),
        source,
    })?;
    Ok(hash_bytes(&bytes))
}

pub fn hash_bytes(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

/// Writes beside the target and renames: a reader sees the old file or the new one, never half of one.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<(), ArtifactError> {
    let fail = |source| ArtifactError::Unwritable {
        path: path.into(),
        source,
    };
    let dir = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(dir).map_err(fail)?;
    let mut file = tempfile::Builder::new()
        .prefix(".partial-")
        .tempfile_in(dir)
        .map_err(fail)?;
    file.write_all(bytes).map_err(fail)?;
    // tempfile makes private files; artifacts are meant to be read by others.
    use std::os::unix::fs::PermissionsExt;
    file.as_file()
        .set_permissions(std::fs::Permissions::from_mode(0o644))
        .map_err(fail)?;
    file.persist(path).map_err(|e| fail(e.error))?;
    Ok(())
}

/// Writes `dir/T::FILE`; `parents` are file names inside `dir`.
pub fn write<T: Body>(dir: &Path, body: &T, parents: &[&str]) -> Result<(), ArtifactError> {
    write_at(&dir.join(T::FILE), dir, body, parents)
}

/// As [`write`], for artifacts of which a run has many.
pub fn write_at<T: Body>(path: &Path, dir: &Path, body: &T, parents: &[&str]) -> Result<(), ArtifactError> {
    let mut hashes = BTreeMap::new();
    for name in parents {
        hashes.insert((*name).to_owned(), hash_file(&dir.join(name))?);
    }
    let envelope = Envelope {
        kind: T::KIND.to_owned(),
        format: T::FORMAT,
        parents: hashes,
        body,
    };
    let mut text = serde_json::to_vec_pretty(&envelope).map_err(|source| ArtifactError::NotAnArtifact {
        path: path.into(),
        source,
    })?;
    text.push(b'\n');
    write_atomic(path, &text)
}

/// Reads `dir/T::FILE` and checks that its parents in `dir` are still the ones it was made from.
pub fn read<T: Body>(dir: &Path) -> Result<T, ArtifactError> {
    read_at(&dir.join(T::FILE), dir)
}

/// As [`read`], for artifacts of which a run has many.
pub fn read_at<T: Body>(path: &Path, dir: &Path) -> Result<T, ArtifactError> {
    let bytes = std::fs::read(path).map_err(|source| ArtifactError::Unreadable {
        path: path.into(),
        source,
    })?;
    let not_ours = |source| ArtifactError::NotAnArtifact {
        path: path.into(),
        source,
    };
    let head: Head = serde_json::from_slice(&bytes).map_err(not_ours)?;
    if head.kind != T::KIND {
        return Err(ArtifactError::WrongKind {
            path: path.into(),
            found: head.kind,
            wanted: T::KIND,
        });
    }
    if head.format > T::FORMAT {
        return Err(ArtifactError::Newer {
            path: path.into(),
            found: head.format,
            wanted: T::FORMAT,
        });
    }
    if head.format < T::FORMAT {
        return Err(ArtifactError::Older {
            path: path.into(),
            found: head.format,
            wanted: T::FORMAT,
        });
    }
    let envelope: Envelope<T> = serde_json::from_slice(&bytes).map_err(not_ours)?;
    for (name, hash) in &envelope.parents {
        let parent = dir.join(name);
        if parent.exists() && hash_file(&parent)? != *hash {
            return Err(ArtifactError::Stale {
                path: path.into(),
                parent: name.clone(),
            });
        }
    }
    Ok(envelope.body)
}
