//! The file and whether it is still the one that was opened.

use std::fs::OpenOptions;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::newest::Newest;
use super::{SqliteOpenError, schema};

/// A file by its name.
#[derive(Debug, Clone)]
pub(super) struct Place {
    path: PathBuf,
}

/// A connection to the file that had the name when it was made.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) connection: Connection,
    pub(super) newest: Newest,
    identity: (u64, u64),
}

impl Place {
    pub(super) fn new(path: &Path) -> Self {
        Place { path: path.to_owned() }
    }

    /// Opens the file, and makes it if it is missing.
    pub(super) fn make(&self) -> Result<Opened, SqliteOpenError> {
        // SQLite would make it readable by whomever the umask allows. Its other files take the mode of this one.
        let mut options = OpenOptions::new();
        // It must be closed before SQLite opens it: to close any descriptor of a file gives up all locks that this process
        // has on it (POSIX), and another process would take the file for one that nobody uses.
        match options.write(true).create_new(true).mode(0o600).open(&self.path).map(drop) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
                Err(SqliteOpenError::Io { path: self.path.clone(), source: error })
            }
            _ => self.open(),
        }
    }

    /// Opens the file that is there.
    pub(super) fn open(&self) -> Result<Opened, SqliteOpenError> {
        let identity =
            self.identity().map_err(|source| SqliteOpenError::Io { path: self.path.clone(), source })?;
        let connection = schema::connect(&self.path)?;
        Ok(Opened { connection, newest: Newest::default(), identity })
    }

    /// The connection, as long as the file that it was made to has the name. Should that be gone, it may come back. Should
    /// another one have the name, nothing is done until the server is started anew: what SQLite keeps beside a file belongs
    /// to that file, and would spoil the other.
    pub(super) fn checked<'a>(&self, opened: &'a mut Opened) -> Result<&'a mut Opened, String> {
        match self.identity() {
            Ok(identity) if identity == opened.identity => Ok(opened),
            Ok(_) => Err(format!(
                "{} is another file than the one that was opened: start the server anew",
                self.path.display()
            )),
            Err(error) => Err(format!("the file {} is gone: {error}", self.path.display())),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    fn identity(&self) -> std::io::Result<(u64, u64)> {
        let metadata = std::fs::metadata(&self.path)?;
        Ok((metadata.dev(), metadata.ino()))
    }
}
