//! [`TokenFile`]: keeps the token sessions of a profile, as one JSON file that many processes may share.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::cookies::shared_file::{FileError, LockedFile, SharedFile};
use crate::cookies::token_session::{TokenChange, put};
use crate::cookies::{Jar, TokenSession};

const VERSION: u32 = 1;

/// The file of a profile that keeps its token sessions. It is private to its owner, and exists only while there are some.
#[derive(Debug, Clone)]
pub struct TokenFile(SharedFile);

/// Why the file could not be read or written. It is unchanged.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TokenFileError {
    /// The operating system reported an error.
    #[error("cannot {action} the tokens {}", path.display())]
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
    /// The file has no tokens, or a newer sessctl wrote it.
    #[error("cannot read the tokens {}: it is not a file of this sessctl; remove it and log in again", path.display())]
    #[non_exhaustive]
    Unknown {
        /// The file.
        path: PathBuf,
    },
    /// Another process kept the lock for too long.
    #[error("cannot lock the tokens {}: another process holds the lock", path.display())]
    #[non_exhaustive]
    Locked {
        /// The file.
        path: PathBuf,
    },
}

impl From<FileError> for TokenFileError {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Io { action, path, source } => TokenFileError::Io { action, path, source },
            FileError::Locked { path, .. } => TokenFileError::Locked { path },
        }
    }
}

/// The content of the file.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct TokenDocument {
    version: u32,
    /// The key of the hashes that show tokens: the same token has the same hash in all commands of the profile.
    key: String,
    pub(crate) sessions: Vec<TokenSession>,
}

/// The locked file: until this value is dropped, no other process renews a token of the profile.
pub(crate) struct LockedTokens {
    file: TokenFile,
    locked: LockedFile,
    pub(crate) document: TokenDocument,
}

impl TokenFile {
    /// The file at `path`, which may be missing.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        TokenFile(SharedFile::new(path))
    }

    /// The path of the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// The token sessions. A missing file has none.
    ///
    /// # Errors
    /// [`TokenFileError`], if the file exists and cannot be read.
    pub fn load(&self) -> Result<Vec<TokenSession>, TokenFileError> {
        Ok(self.document()?.sessions)
    }

    pub(crate) fn document(&self) -> Result<TokenDocument, TokenFileError> {
        self.parse(&self.0.read()?.unwrap_or_default())
    }

    /// Writes the changes of the jar's tokens since it was loaded or last saved, merged with what other processes have
    /// written. It does not write if nothing has changed.
    ///
    /// # Errors
    /// [`TokenFileError`]; the file is then unchanged, and the changes can be saved later.
    pub fn save(&self, jar: &Jar, deadline: Instant) -> Result<(), TokenFileError> {
        self.save_with_key(jar, deadline, None)
    }

    /// Saves the changes. `key` is the key of the hashes, if the file has none yet.
    pub(crate) fn save_with_key(
        &self,
        jar: &Jar,
        deadline: Instant,
        key: Option<[u8; 16]>,
    ) -> Result<(), TokenFileError> {
        let changes = jar.take_token_changes();
        if changes.is_empty() {
            return Ok(());
        }
        let saved = self.write_changes(&changes, deadline, key);
        if saved.is_err() {
            jar.keep_token_changes(changes);
        }
        saved
    }

    fn write_changes(
        &self,
        changes: &[TokenChange],
        deadline: Instant,
        key: Option<[u8; 16]>,
    ) -> Result<(), TokenFileError> {
        // Check without the lock: locking creates a missing file.
        let mut before = self.document()?;
        if !before.apply(changes) {
            return Ok(());
        }
        let mut locked = self.locked(self.0.lock(deadline)?)?;
        if !locked.document.apply(changes) {
            return Ok(());
        }
        locked.document.set_key(key);
        locked.write()
    }

    /// Locks the file, if no other process has locked it.
    pub(crate) fn try_lock(&self) -> Result<Option<LockedTokens>, TokenFileError> {
        match self.0.lock(Instant::now()) {
            Ok(locked) => self.locked(locked).map(Some),
            Err(FileError::Locked { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn locked(&self, locked: LockedFile) -> Result<LockedTokens, TokenFileError> {
        let document = self.parse(&locked.read()?)?;
        Ok(LockedTokens { file: self.clone(), locked, document })
    }

    fn parse(&self, text: &[u8]) -> Result<TokenDocument, TokenFileError> {
        if text.trim_ascii().is_empty() {
            return Ok(TokenDocument::default());
        }
        let document = serde_json::from_slice::<TokenDocument>(text).ok().filter(|it| it.version == VERSION);
        document.ok_or_else(|| TokenFileError::Unknown { path: self.path().to_owned() })
    }
}

impl TokenDocument {
    /// The key of the hashes, if there is one.
    pub(crate) fn key(&self) -> Option<[u8; 16]> {
        u128::from_str_radix(&self.key, 16).ok().map(u128::to_be_bytes)
    }

    fn set_key(&mut self, key: Option<[u8; 16]>) {
        if self.key().is_none() {
            let key = key.unwrap_or_else(random_key);
            self.key = format!("{:032x}", u128::from_be_bytes(key));
        }
    }

    /// Applies changes. Returns whether that made a difference.
    fn apply(&mut self, changes: &[TokenChange]) -> bool {
        let before = self.sessions.clone();
        for change in changes {
            match change {
                TokenChange::Put(session) => put(&mut self.sessions, session.clone()),
                TokenChange::Removed(session) => self.sessions.retain(|other| !other.is_same_as(session)),
            }
        }
        self.sessions != before
    }
}

/// A key for the hashes of tokens.
pub(crate) fn random_key() -> [u8; 16] {
    let mut key = [0; 16];
    // Without random bytes, hashes of tokens are only as secret as the tokens are long.
    let _ = getrandom::fill(&mut key);
    key
}

impl LockedTokens {
    /// Replaces a session, and writes the file.
    pub(crate) fn put(mut self, session: TokenSession) -> Result<(), TokenFileError> {
        put(&mut self.document.sessions, session);
        self.write()
    }

    /// Releases the lock. A file without sessions is removed: locking creates a missing one.
    pub(crate) fn close(self) -> Result<(), TokenFileError> {
        if self.document.sessions.is_empty() { self.write() } else { Ok(()) }
    }

    /// Replaces the file as a whole. Without a session, it is removed.
    fn write(mut self) -> Result<(), TokenFileError> {
        let shared = &self.file.0;
        if self.document.sessions.is_empty() {
            return match std::fs::remove_file(shared.path()) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    Err(shared.failed("remove", error).into())
                }
                _ => Ok(()),
            };
        }
        self.document.version = VERSION;
        let text = serde_json::to_vec_pretty(&self.document);
        let mut text = text.map_err(|error| shared.failed("write", error.into()))?;
        text.push(b'\n');
        // A refresh token works once: after a power failure, the new one must be there.
        Ok(self.locked.replace(&text)?)
    }
}
