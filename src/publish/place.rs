//! A folder that appears at once or not at all.

use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};

#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    #[error("{path}: cannot be written: {cause}")]
    Unwritable { path: PathBuf, cause: std::io::Error },
    #[error("{path}: came into being meanwhile; it is left as it is")]
    Taken { path: PathBuf },
}

/// A folder in the making, beside where it is to be; gone when dropped.
pub struct Place {
    making: tempfile::TempDir,
    to: PathBuf,
}

impl Place {
    pub fn beside(to: &Path) -> Result<Place, PlaceError> {
        let unwritable = |cause| PlaceError::Unwritable {
            path: to.into(),
            cause,
        };
        let to = std::path::absolute(to).map_err(unwritable)?;
        let parent = to.parent().unwrap_or(Path::new("/"));
        std::fs::create_dir_all(parent).map_err(unwritable)?;
        let making = tempfile::Builder::new()
            .prefix(".partial-")
            .tempdir_in(parent)
            .map_err(unwritable)?;
        Ok(Place { making, to })
    }

    pub fn dir(&self) -> &Path {
        self.making.path()
    }

    /// Puts the folder where it belongs. With `replace`, one that is there changes places with it and is then removed.
    pub fn settle(self, replace: bool) -> Result<(), PlaceError> {
        let unwritable = |cause: std::io::Error| PlaceError::Unwritable {
            path: self.to.clone(),
            cause,
        };
        // tempfile makes private folders; what is published is meant to be read by others.
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(self.dir(), std::fs::Permissions::from_mode(0o755)).map_err(unwritable)?;
        let exchange = replace && self.to.exists();
        let flags = if exchange {
            RenameFlags::EXCHANGE
        } else {
            RenameFlags::NOREPLACE
        };
        match renameat_with(CWD, self.dir(), CWD, &self.to, flags) {
            Ok(()) if exchange => self
                .making
                .close()
                .map_err(|cause| PlaceError::Unwritable { path: self.to, cause }),
            Ok(()) => {
                // Nothing is left to remove.
                let _ = self.making.keep();
                Ok(())
            }
            Err(rustix::io::Errno::EXIST) => Err(PlaceError::Taken { path: self.to }),
            Err(e) => Err(unwritable(e.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(dir: &Path) -> Vec<String> {
        std::fs::read_dir(dir)
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    #[test]
    fn nothing_is_there_before_and_nothing_is_left_beside() {
        let root = tempfile::tempdir().unwrap();
        let to = root.path().join("deep/report");
        let place = Place::beside(&to).unwrap();
        std::fs::write(place.dir().join("x"), "new").unwrap();
        assert!(!to.exists());
        place.settle(false).unwrap();
        assert_eq!(names(&to), ["x"]);
        assert_eq!(names(to.parent().unwrap()), ["report"]);
    }

    #[test]
    fn a_folder_given_up_leaves_nothing() {
        let root = tempfile::tempdir().unwrap();
        drop(Place::beside(&root.path().join("report")).unwrap());
        assert!(names(root.path()).is_empty());
    }

    #[test]
    fn one_that_came_meanwhile_is_not_touched_unless_it_is_to_be_replaced() {
        let root = tempfile::tempdir().unwrap();
        let to = root.path().join("report");
        let place = Place::beside(&to).unwrap();
        std::fs::create_dir(&to).unwrap();
        std::fs::write(to.join("old"), "").unwrap();
        assert!(matches!(place.settle(false), Err(PlaceError::Taken { .. })));
        assert_eq!(names(&to), ["old"]);

        let place = Place::beside(&to).unwrap();
        std::fs::write(place.dir().join("new"), "").unwrap();
        place.settle(true).unwrap();
        assert_eq!(names(&to), ["new"]);
        assert_eq!(names(root.path()), ["report"]);
    }
}
