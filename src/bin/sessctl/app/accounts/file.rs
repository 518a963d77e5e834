//! The file with the accounts: JSON, readable by its owner alone, replaced whole.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use argon2::{Argon2, PasswordHasher};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use sessctl::internal::{FileError, SharedFile};

const VERSION: u32 = 1;

/// How long to wait for another process that changes the file.
const PATIENCE: Duration = Duration::from_secs(5);

/// Shorter passwords are guessed (NIST SP 800-63B §5.1.1.2); longer ones only cost time.
const SHORTEST_PASSWORD: usize = 8;
const LONGEST_PASSWORD: usize = 1024;

/// Longest name, in characters.
pub(crate) const LONGEST_NAME: usize = 100;

/// What a password is compared with where there is no account: work of the same length, which no password passes.
pub(super) const NOBODYS_PASSWORD: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c2Vzc2N0bC1ub2JvZHk$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// One who may log in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Account {
    /// The name.
    pub(crate) name: String,
    /// The hash of the password, as a PHC string: argon2id with the parameters that it was made with.
    pub(super) password: String,
    /// Not allowed in for now.
    #[serde(default)]
    pub(crate) disabled: bool,
    /// A random number, another one with each change: sessions of another version end, also those of a file of the same
    /// name that was there before.
    pub(super) version: u64,
}

#[derive(Debug, Serialize, Deserialize)]
struct Document {
    version: u32,
    users: Vec<Account>,
}

/// The file by its name.
#[derive(Debug, Clone)]
pub(crate) struct AccountsFile(SharedFile);

/// What tells that a file is another one than before, without reading it.
pub(super) type Stamp = (u64, u64, i64, i64, u64);

/// Why the accounts could not be read or changed. The file is as it was.
#[derive(Debug, Error)]
pub(crate) enum AccountsError {
    /// The operating system refused, or another process kept the lock.
    #[error(transparent)]
    File(#[from] FileError),
    /// It is no file of accounts.
    #[error("{} is no file of accounts: {why}", path.display())]
    NotAccounts {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// There is none.
    #[error("there is no file {}: users add makes it", .0.display())]
    Missing(PathBuf),
    /// The change does not fit.
    #[error(transparent)]
    Problem(#[from] Problem),
    /// The password could not be hashed.
    #[error("the password could not be hashed: {0}")]
    Hash(String),
}

/// Why a change does not fit.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum Problem {
    /// There is such a user already.
    #[error("there is a user {0:?} already")]
    Exists(String),
    /// There is no such user.
    #[error("there is no user {0:?}")]
    Unknown(String),
    /// It cannot be a name.
    #[error(
        "{0:?} cannot be a name: 1 to {LONGEST_NAME} characters, without control characters or spaces at its ends"
    )]
    Name(String),
    /// It is too short or too long.
    #[error("a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters")]
    Password,
}

impl AccountsFile {
    pub(crate) fn new(path: &Path) -> Self {
        AccountsFile(SharedFile::new(path))
    }

    /// All accounts, in the order in which they were added.
    pub(crate) fn read(&self) -> Result<Vec<Account>, AccountsError> {
        let missing = || AccountsError::Missing(self.0.path().to_owned());
        let text = self.0.read()?.ok_or_else(missing)?;
        // A file that is being written anew is no list of nobody: every session would end.
        if text.trim_ascii().is_empty() {
            return Err(self.not_accounts("it is empty"));
        }
        Ok(self.parse(&text)?.users)
    }

    /// Adds an account.
    pub(crate) fn add(&self, name: &str, password: &str) -> Result<(), AccountsError> {
        let is_plain = !name.is_empty()
            && name.trim() == name
            && name.chars().count() <= LONGEST_NAME
            && !name.chars().any(char::is_control);
        if !is_plain {
            return Err(Problem::Name(name.to_owned()).into());
        }
        let password = hash(password)?;
        self.change(true, |users, version| {
            if users.iter().any(|user| user.name == name) {
                return Err(Problem::Exists(name.to_owned()));
            }
            users.push(Account { name: name.to_owned(), password, disabled: false, version });
            Ok(())
        })
    }

    /// Gives an account another password, which ends its sessions.
    pub(crate) fn set_password(&self, name: &str, password: &str) -> Result<(), AccountsError> {
        let password = hash(password)?;
        self.change_user(name, |user| user.password = password)
    }

    /// Shuts an account out, or lets it in again. Either ends its sessions.
    pub(crate) fn set_disabled(&self, name: &str, disabled: bool) -> Result<(), AccountsError> {
        self.change_user(name, |user| user.disabled = disabled)
    }

    /// Removes an account, which ends its sessions.
    pub(crate) fn remove(&self, name: &str) -> Result<(), AccountsError> {
        self.change(false, |users, _| {
            let before = users.len();
            users.retain(|user| user.name != name);
            if users.len() < before { Ok(()) } else { Err(Problem::Unknown(name.to_owned())) }
        })
    }

    fn change_user(&self, name: &str, work: impl FnOnce(&mut Account)) -> Result<(), AccountsError> {
        self.change(false, |users, version| {
            let user = users.iter_mut().find(|user| user.name == name);
            let user = user.ok_or_else(|| Problem::Unknown(name.to_owned()))?;
            work(user);
            user.version = version;
            Ok(())
        })
    }

    /// Reads, changes and writes while nobody else does.
    fn change(
        &self,
        makes: bool,
        work: impl FnOnce(&mut Vec<Account>, u64) -> Result<(), Problem>,
    ) -> Result<(), AccountsError> {
        if !makes && self.0.read()?.is_none() {
            return Err(AccountsError::Missing(self.0.path().to_owned()));
        }
        let locked = self.0.lock(Instant::now() + PATIENCE)?;
        let mut document = self.parse(&locked.read()?)?;
        work(&mut document.users, new_version()?)?;
        let mut text =
            serde_json::to_vec_pretty(&document).map_err(|error| self.not_accounts(&error.to_string()))?;
        text.push(b'\n');
        Ok(locked.replace(&text)?)
    }

    fn parse(&self, text: &[u8]) -> Result<Document, AccountsError> {
        if text.trim_ascii().is_empty() {
            return Ok(Document { version: VERSION, users: Vec::new() });
        }
        // What serde says of a file may repeat what is in it: where it is is enough.
        let document: Document = serde_json::from_slice(text).map_err(|error| {
            self.not_accounts(&format!("line {}, column {}", error.line(), error.column()))
        })?;
        if document.version > VERSION {
            return Err(
                self.not_accounts(&format!("its version is {}, this one knows {VERSION}", document.version))
            );
        }
        Ok(document)
    }

    fn not_accounts(&self, why: &str) -> AccountsError {
        AccountsError::NotAccounts { path: self.0.path().to_owned(), why: why.to_owned() }
    }

    /// What the file is like now, if it is there.
    pub(super) fn stamp(&self) -> Option<Stamp> {
        let metadata = std::fs::metadata(self.0.path()).ok()?;
        Some((metadata.dev(), metadata.ino(), metadata.mtime(), metadata.mtime_nsec(), metadata.len()))
    }
}

/// A version that no account had before. 0 is that of sessions without an account.
fn new_version() -> Result<u64, AccountsError> {
    let mut octets = [0; 8];
    getrandom::fill(&mut octets).map_err(|error| AccountsError::Hash(error.to_string()))?;
    // 63 bits, which every reader of JSON takes for a whole number.
    Ok((u64::from_ne_bytes(octets) >> 1).max(1))
}

/// The hash of a password, with the parameters that OWASP recommends (19 MiB, 2 rounds).
fn hash(password: &str) -> Result<String, AccountsError> {
    if !(SHORTEST_PASSWORD..=LONGEST_PASSWORD).contains(&password.chars().count()) {
        return Err(Problem::Password.into());
    }
    let hashed = Argon2::default().hash_password(password.as_bytes());
    hashed.map(|hash| hash.to_string()).map_err(|error| AccountsError::Hash(error.to_string()))
}

#[cfg(test)]
mod tests {
    use argon2::PasswordVerifier;
    use argon2::password_hash::phc::PasswordHash;

    use super::*;

    #[test]
    fn nobodys_password_takes_the_same_work_and_is_never_right() {
        let (nobodys, real) = (PasswordHash::new(NOBODYS_PASSWORD).unwrap(), hash("correct horse").unwrap());
        let real = PasswordHash::new(&real).unwrap();
        assert_eq!((nobodys.algorithm, &nobodys.params), (real.algorithm, &real.params));
        for guess in ["", "correct horse", "nobody"] {
            assert!(Argon2::default().verify_password(guess.as_bytes(), &nobodys).is_err());
        }
        assert!(Argon2::default().verify_password(b"correct horse", &real).is_ok());
    }
}
