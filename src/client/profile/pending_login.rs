//! [`PendingLoginFile`]: keeps a login that stopped at a further step until it goes on.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::client::auth::PendingLogin;
use crate::clock::Timestamp;
use crate::cookies::shared_file::{FileError, SharedFile};

const VERSION: u32 = 1;

/// The file of a profile that keeps a login which stopped at a further step.
#[derive(Debug, Clone)]
pub struct PendingLoginFile(SharedFile);

/// Why the file could not be read or written. It is unchanged.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PendingLoginError {
    /// The operating system reported an error.
    #[error("cannot {action} the pending login {}", path.display())]
    #[non_exhaustive]
    Io {
        /// What failed: read, write, lock, use or remove.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        #[source]
        source: io::Error,
    },
    /// The file is not a pending login, or another version of sessctl wrote it.
    #[error("cannot read the pending login {}: it is not one of this sessctl; log in again", path.display())]
    #[non_exhaustive]
    Unknown {
        /// The file.
        path: PathBuf,
    },
    /// Another process kept the lock for too long.
    #[error("cannot lock the pending login {}: another process holds the lock", path.display())]
    #[non_exhaustive]
    Locked {
        /// The file.
        path: PathBuf,
    },
}

impl From<FileError> for PendingLoginError {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Io { action, path, source } => PendingLoginError::Io { action, path, source },
            FileError::Locked { path, .. } => PendingLoginError::Locked { path },
        }
    }
}

#[derive(Serialize)]
struct PendingLoginDocument<'a> {
    version: u32,
    login: &'a PendingLogin,
}

#[derive(Deserialize)]
struct StoredPendingLogin {
    version: u32,
    login: PendingLogin,
}

impl PendingLoginFile {
    /// The file at `path`, which may be missing.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        PendingLoginFile(SharedFile::new(path))
    }

    /// The path of the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// The login that it keeps. One that has expired is removed.
    ///
    /// # Errors
    /// [`PendingLoginError`], if the file exists and cannot be read.
    pub fn load(&self, now: Timestamp) -> Result<Option<PendingLogin>, PendingLoginError> {
        let Some(text) = self.0.read()?.filter(|text| !text.is_empty()) else { return Ok(None) };
        let document = serde_json::from_slice::<StoredPendingLogin>(&text).ok();
        let Some(document) = document.filter(|it| it.version == VERSION) else {
            return Err(PendingLoginError::Unknown { path: self.path().to_owned() });
        };
        if document.login.is_expired(now) {
            self.remove()?;
            return Ok(None);
        }
        Ok(Some(document.login))
    }

    /// Replaces the login that it keeps.
    ///
    /// # Errors
    /// [`PendingLoginError`], if it cannot be written before the deadline.
    pub fn save(&self, login: &PendingLogin, deadline: Instant) -> Result<(), PendingLoginError> {
        let document = PendingLoginDocument { version: VERSION, login };
        let text = serde_json::to_vec(&document).map_err(|error| self.0.failed("write", error.into()))?;
        Ok(self.0.lock(deadline)?.replace_unsynced(&text)?)
    }

    /// Removes the file, if it exists.
    ///
    /// # Errors
    /// [`PendingLoginError`], if it cannot be removed.
    pub fn remove(&self) -> Result<(), PendingLoginError> {
        match std::fs::remove_file(self.path()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(self.0.failed("remove", error).into())
            }
            _ => Ok(()),
        }
    }
}
