//! The path of the store, and the check that it still names the file that was opened.

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::error::SqliteOpenError;
use super::tables::Tables;

/// A path, the tables in the file, and the identity of the file that it named when the store was opened.
#[derive(Debug, Clone)]
pub(super) struct Location {
    path: PathBuf,
    tables: Tables,
    /// Device and inode.
    identity: (u64, u64),
}

impl Location {
    /// Creates the file if it is missing. Only its owner may read and write it.
    pub(super) fn create(path: &Path, tables: Tables) -> Result<Self, SqliteOpenError> {
        // SQLite would apply the umask to a new file. Its log files get the mode of the database.
        let mut options = OpenOptions::new();
        // `drop` closes the file before SQLite opens it. Closing any descriptor of a file releases all POSIX locks that
        // this process holds on it.
        match options.write(true).create_new(true).mode(0o600).open(path).map(drop) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(SqliteOpenError::io(path, error));
            }
            _ => {}
        }
        let identity = identity_of(path).map_err(|error| SqliteOpenError::io(path, error))?;
        Ok(Location { path: path.to_owned(), tables, identity })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn tables(&self) -> &Tables {
        &self.tables
    }

    /// Fails if the file is missing, or if the path names another file.
    ///
    /// A missing file may return, so later calls check again. Another file is not opened: the log files next to it may
    /// belong to the old file and would damage it.
    pub(super) fn check(&self) -> Result<(), String> {
        let path = self.path.display();
        match identity_of(&self.path) {
            Ok(identity) if identity == self.identity => Ok(()),
            Ok(_) => Err(format!(
                "the file {path} was replaced while it was open; restart the server to use the new file"
            )),
            Err(error) => Err(format!("the file {path} is missing ({error}); put it back")),
        }
    }
}

fn identity_of(path: &Path) -> io::Result<(u64, u64)> {
    let metadata = std::fs::metadata(path)?;
    Ok((metadata.dev(), metadata.ino()))
}
