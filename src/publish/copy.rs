//! The copy: every file that the run left, with words hidden and hashes mended.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::artifact::envelope::{ArtifactError, hash_bytes, parents, write_atomic};

use super::hide::Hide;

/// Computed from the rest of the folder, and computed again there.
const DERIVED: [&str; 10] = [
    "observed",
    "samples.csv",
    "tracker.csv",
    "analysis.json",
    "verdict.json",
    "ledger.json",
    "view.json",
    "index.html",
    "static.html",
    "page.png",
];

#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    #[error("{path}: cannot be read: {cause}")]
    Unreadable { path: PathBuf, cause: std::io::Error },
    #[error("{path}: is neither a file nor a folder; a published folder holds nothing else")]
    Odd { path: PathBuf },
    #[error("{path}: still names `{word}`, a path of this machine")]
    StillThere { path: PathBuf, word: String },
}

/// Copies what `from` holds that is not computed from the rest, to `to`; gives the number of files.
///
/// # Errors
/// A link or a device in the folder, an artifact whose parents are no longer those it was made from, and what the disk refuses.
pub fn copy(from: &Path, to: &Path, hide: &Hide) -> Result<usize, CopyError> {
    let mut names = BTreeSet::new();
    list(from, "", &mut names)?;
    let mut copier = Copier {
        from,
        to,
        hide,
        names: &names,
        hashes: BTreeMap::new(),
    };
    for name in &names {
        copier.hashes(name)?;
    }
    Ok(copier.hashes.values().flatten().count())
}

/// Names of files relative to `root`, without what is derived and what is hidden.
fn list(root: &Path, under: &str, names: &mut BTreeSet<String>) -> Result<(), CopyError> {
    let dir = root.join(under);
    let unreadable = |cause| CopyError::Unreadable {
        path: dir.clone(),
        cause,
    };
    for entry in std::fs::read_dir(&dir).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let odd = || CopyError::Odd { path: entry.path() };
        let name = entry.file_name().into_string().map_err(|_| odd())?;
        let derived = || DERIVED.contains(&name.as_str()) || is_page_beside(&name);
        if name.starts_with('.') || (under.is_empty() && derived()) {
            continue;
        }
        let kind = entry.file_type().map_err(unreadable)?;
        let name = if under.is_empty() {
            name
        } else {
            format!("{under}/{name}")
        };
        if kind.is_dir() {
            list(root, &name, names)?;
        } else if kind.is_file() {
            names.insert(name);
        } else {
            return Err(odd());
        }
    }
    Ok(())
}

/// A page for a pair that somebody named (`gcrucible report DIR --pair`); its verdicts and its view fall away by their parents.
fn is_page_beside(name: &str) -> bool {
    name.starts_with("index-") && name.ends_with(".html")
}

struct Copier<'a> {
    from: &'a Path,
    to: &'a Path,
    hide: &'a Hide,
    names: &'a BTreeSet<String>,
    /// Name -> hash before and after; None for an artifact that was left out.
    hashes: BTreeMap<String, Option<(String, String)>>,
}

impl Copier<'_> {
    /// Copies the file after its parents, unless it is there already.
    fn hashes(&mut self, name: &str) -> Result<Option<(String, String)>, CopyError> {
        if let Some(known) = self.hashes.get(name) {
            return Ok(known.clone());
        }
        let path = self.from.join(name);
        let bytes = std::fs::read(&path).map_err(|cause| CopyError::Unreadable {
            path: path.clone(),
            cause,
        })?;
        let lineage = if name.ends_with(".json") {
            parents(&bytes)
        } else {
            BTreeMap::new()
        };
        // What was computed from computed files would be stale beside the new ones.
        if lineage.keys().any(|p| DERIVED.contains(&p.as_str())) {
            self.hashes.insert(name.to_owned(), None);
            return Ok(None);
        }
        let mut copy = self.hide.apply(&bytes);
        for (parent, hash) in lineage.iter().filter(|(p, _)| self.names.contains(*p)) {
            let Some((before, after)) = self.hashes(parent)? else {
                continue;
            };
            if before != *hash {
                return Err(CopyError::Artifact(ArtifactError::Stale {
                    path,
                    parent: parent.clone(),
                }));
            }
            copy = with_hash(&copy, &before, &after);
        }
        write_atomic(&self.to.join(name), &copy)?;
        let hashes = Some((hash_bytes(&bytes), hash_bytes(&copy)));
        self.hashes.insert(name.to_owned(), hashes.clone());
        Ok(hashes)
    }
}

/// Hashes are of equal length and occur nowhere by chance.
fn with_hash(bytes: &[u8], before: &str, after: &str) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let mut at = 0;
    while at + before.len() <= bytes.len() {
        if bytes[at..].starts_with(before.as_bytes()) {
            bytes[at..at + before.len()].copy_from_slice(after.as_bytes());
            at += before.len();
        } else {
            at += 1;
        }
    }
    bytes
}

/// Looks through every file of a finished folder, computed ones too.
///
/// # Errors
/// The first file that still names a path that is to be hidden.
pub fn inspect(root: &Path, hide: &Hide) -> Result<(), CopyError> {
    let mut names = BTreeSet::new();
    list(root, "", &mut names)?;
    names.extend(
        DERIVED
            .iter()
            .filter(|n| root.join(n).is_file() && !n.ends_with(".png"))
            .map(|n| (*n).to_owned()),
    );
    for name in names {
        let path = root.join(name);
        let bytes = std::fs::read(&path).map_err(|cause| CopyError::Unreadable {
            path: path.clone(),
            cause,
        })?;
        if let Some(word) = hide.first_path_in(&bytes) {
            return Err(CopyError::StillThere { path, word });
        }
    }
    Ok(())
}
