//! Why a file cannot be used as a session store.

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// Why a file cannot be opened as a session store. The message names the file, the reason and a remedy.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SqliteOpenError {
    /// The operating system cannot create or open the file, or cannot start a thread.
    #[error(
        "cannot open the session store {}: {reason}; check that its folder exists and that you may write to it",
        path.display()
    )]
    Io {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        reason: io::Error,
    },
    /// The table prefix is not valid.
    #[error(
        "cannot use {0:?} as a table prefix: it must have 1 to 63 letters, digits and _, start with no digit, and not \
        with sqlite_"
    )]
    InvalidPrefix(String),
    /// The file is the database of another application. It was not changed.
    #[error(
        "cannot use {} as a session store: it is the database of another application; use another file",
        .0.display()
    )]
    Foreign(PathBuf),
    /// A later version of this crate wrote the file.
    #[error(
        "cannot use {} as a session store: it has version {version}, but this program supports at most version \
        {supported}; update this program, or use another file",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The version of the file.
        version: i64,
        /// The latest version that this program can read.
        supported: i64,
    },
    /// SQLite cannot use the file: it is not a database, or it is read-only, locked or damaged.
    #[error("cannot use {} as a session store: {reason}; {remedy}", path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// The error of SQLite.
        reason: Box<dyn Error + Send + Sync>,
        /// What the user can do about it.
        remedy: &'static str,
    },
}

impl SqliteOpenError {
    pub(super) fn io(path: &Path, reason: io::Error) -> Self {
        SqliteOpenError::Io { path: path.to_owned(), reason }
    }

    pub(super) fn sqlite(path: &Path, error: rusqlite::Error) -> Self {
        let remedy = match error.sqlite_error_code() {
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                "check that you may write to the file and to its folder"
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                "stop the process that locks the file, or try again"
            }
            Some(ErrorCode::DiskFull) => "free some disk space",
            Some(ErrorCode::DatabaseCorrupt) => "restore the file from a backup, or use another file",
            _ => "use another file",
        };
        SqliteOpenError::Sqlite { path: path.to_owned(), reason: error.into(), remedy }
    }
}
