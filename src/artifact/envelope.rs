//! Reading and writing JSON artifacts: atomic, versioned, with their parents' hashes.

use std::collections::BTreeMap;
use std::io::{Read, Write};
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
    /// Which revision of the program made it, where files of another are not to be trusted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by: Option<String>,
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
    let unreadable = |source| ArtifactError::Unreadable {
        path: path.into(),
        source,
    };
    let mut file = std::fs::File::open(path).map_err(unreadable)?;
    let (mut piece, mut hash) = ([0; 32 << 10], Sha256::new());
    loop {
        match file.read(&mut piece) {
            Ok(0) => return Ok(hex(&hash.finalize())),
            Ok(n) => hash.update(&piece[..n]),
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(unreadable(e)),
        }
    }
}

pub fn hash_bytes(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
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

/// A run folder whose files are the parents of others. What thousands of artifacts have as a parent (plan.json) is hashed once.
pub struct Parents {
    dir: PathBuf,
    known: BTreeMap<String, String>,
}

impl Parents {
    /// Hashes the files `names` inside `dir`; they are taken to stay as they are.
    pub fn knowing(dir: &Path, names: &[&str]) -> Result<Self, ArtifactError> {
        let hashed = names
            .iter()
            .map(|name| Ok(((*name).to_owned(), hash_file(&dir.join(name))?)));
        Ok(Parents {
            dir: dir.into(),
            known: hashed.collect::<Result<_, _>>()?,
        })
    }

    fn of(dir: &Path) -> Self {
        Parents {
            dir: dir.into(),
            known: BTreeMap::new(),
        }
    }

    /// SHA-256 in hex; None if there is no such file.
    pub fn hash(&self, name: &str) -> Result<Option<String>, ArtifactError> {
        if let Some(known) = self.known.get(name) {
            return Ok(Some(known.clone()));
        }
        let path = self.dir.join(name);
        path.exists().then(|| hash_file(&path)).transpose()
    }

    /// As [`write`], for artifacts of which a run has many.
    pub fn write_at<T: Body>(&self, path: &Path, body: &T, parents: &[&str]) -> Result<(), ArtifactError> {
        let text = serde_json::to_vec_pretty(&self.envelope(body, parents, None)?);
        write_json(path, text)
    }

    /// As [`Parents::write_at`], for what only the program itself reads again, with [`Parents::stored`]: on one line, and marked with the
    /// revision `by` of what made it.
    pub fn store<T: Body>(
        &self,
        path: &Path,
        body: &T,
        parents: &[&str],
        by: &str,
    ) -> Result<(), ArtifactError> {
        let text = serde_json::to_vec(&self.envelope(body, parents, Some(by))?);
        write_json(path, text)
    }

    /// What [`Parents::store`] wrote to `path`, if it can be relied on: it is whole, of this format, by the same revision, and made from
    /// the files `parents` as they are now, all of them and no others. None if not; it is to be made again then.
    pub fn stored<T: Body>(&self, path: &Path, parents: &[&str], by: &str) -> Option<T> {
        let bytes = std::fs::read(path).ok()?;
        let found: Envelope<T> = serde_json::from_slice(&bytes).ok()?;
        let same = found.kind == T::KIND && found.format == T::FORMAT && found.by.as_deref() == Some(by);
        if !same || found.parents.len() != parents.len() {
            return None;
        }
        let unchanged = |name: &&str| {
            let now = self.hash(name).ok().flatten();
            now.is_some() && now.as_ref() == found.parents.get(*name)
        };
        parents.iter().all(unchanged).then_some(found.body)
    }

    fn envelope<'a, T: Body>(
        &self,
        body: &'a T,
        parents: &[&str],
        by: Option<&str>,
    ) -> Result<Envelope<&'a T>, ArtifactError> {
        let mut hashes = BTreeMap::new();
        for name in parents {
            let hash = match self.known.get(*name) {
                Some(known) => known.clone(),
                None => hash_file(&self.dir.join(name))?,
            };
            hashes.insert((*name).to_owned(), hash);
        }
        Ok(Envelope {
            kind: T::KIND.to_owned(),
            format: T::FORMAT,
            parents: hashes,
            by: by.map(str::to_owned),
            body,
        })
    }

    /// As [`read`], for artifacts of which a run has many.
    pub fn read_at<T: Body>(&self, path: &Path) -> Result<T, ArtifactError> {
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
            if self.hash(name)?.is_some_and(|now| now != *hash) {
                return Err(ArtifactError::Stale {
                    path: path.into(),
                    parent: name.clone(),
                });
            }
        }
        Ok(envelope.body)
    }
}

fn write_json(path: &Path, text: serde_json::Result<Vec<u8>>) -> Result<(), ArtifactError> {
    let mut text = text.map_err(|source| ArtifactError::NotAnArtifact {
        path: path.into(),
        source,
    })?;
    text.push(b'\n');
    write_atomic(path, &text)
}

/// Writes `dir/T::FILE`; `parents` are file names inside `dir`.
pub fn write<T: Body>(dir: &Path, body: &T, parents: &[&str]) -> Result<(), ArtifactError> {
    write_at(&dir.join(T::FILE), dir, body, parents)
}

/// As [`write`], for artifacts of which a run has several.
pub fn write_at<T: Body>(path: &Path, dir: &Path, body: &T, parents: &[&str]) -> Result<(), ArtifactError> {
    Parents::of(dir).write_at(path, body, parents)
}

/// Reads `dir/T::FILE` and checks that its parents in `dir` are still the ones it was made from.
pub fn read<T: Body>(dir: &Path) -> Result<T, ArtifactError> {
    read_at(&dir.join(T::FILE), dir)
}

/// As [`read`], for artifacts of which a run has several.
pub fn read_at<T: Body>(path: &Path, dir: &Path) -> Result<T, ArtifactError> {
    Parents::of(dir).read_at(path)
}
