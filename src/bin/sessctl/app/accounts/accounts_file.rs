//! [`AccountsFile`]: the accounts as JSON. Only the owner can read the file, and every change replaces it atomically.

use std::borrow::Cow;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use unicode_normalization::{UnicodeNormalization, is_nfc};

use sessctl::internal::{FileError, SharedFile};

use crate::texts::is_misleading;

const VERSION: u32 = 1;

/// How long to wait while another process changes the file.
const LOCK_TIMEOUT: Duration = Duration::from_secs(5);

/// In characters. Shorter passwords can be guessed (NIST SP 800-63B §5.1.1.2), longer ones only cost time.
const MIN_PASSWORD_LEN: usize = 8;
const MAX_PASSWORD_LEN: usize = 1024;

/// In characters.
pub(crate) const MAX_NAME_LEN: usize = 100;

/// The cost of a new hash: 12 MiB and 3 passes, one of the equal choices of the OWASP Password Storage Cheat Sheet. Those with
/// more memory and fewer passes would fill a small server.
const MEMORY_KIB: u32 = 12 * 1024;
const PASSES: u32 = 3;

/// A salt and a hash that no password has.
const DUMMY_SALT_AND_HASH: &str = "$c2Vzc2N0bC1ub2JvZHk$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Account {
    pub(crate) name: String,
    /// A PHC string: argon2id with its parameters.
    pub(super) password: String,
    #[serde(default)]
    pub(crate) disabled: bool,
    /// A random number that changes with the account. Sessions with another version end, including those of a former
    /// file with the same name.
    pub(in crate::app) version: u64,
}

/// The name in the form in which names are compared (Unicode NFC): keyboards and systems write `é` as one character or as
/// two.
pub(crate) fn canonical_name(name: &str) -> Cow<'_, str> {
    if is_nfc(name) { Cow::Borrowed(name) } else { Cow::Owned(name.nfc().collect()) }
}

#[derive(Debug, Serialize, Deserialize)]
struct Document {
    version: u32,
    users: Vec<Account>,
}

#[derive(Debug, Clone)]
pub(crate) struct AccountsFile(SharedFile);

/// Identifies a version of the file without reading it: device, inode, modification time and length.
pub(super) type Stamp = (u64, u64, i64, i64, u64);

/// The accounts could not be read or changed. The file is unchanged.
#[derive(Debug, Error)]
pub(crate) enum AccountsError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("{} is not a valid accounts file: {why}; repair it, or create another one with `sessctl users add`", path.display())]
    Invalid { path: PathBuf, why: String },
    #[error("the accounts file {} does not exist; create it with `sessctl users add`", .0.display())]
    Missing(PathBuf),
    #[error(transparent)]
    Change(#[from] AccountChangeError),
    #[error("cannot hash the password: {0}")]
    Hash(String),
}

/// A change of an account is not valid.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum AccountChangeError {
    #[error("the user {0:?} already exists; change the password with `sessctl users passwd`")]
    Exists(String),
    #[error("the user {0:?} does not exist; `sessctl users list` shows all users")]
    Unknown(String),
    #[error(
        "the name {0:?} is not valid; use 1 to {MAX_NAME_LEN} characters, without control or invisible characters and without spaces at either end"
    )]
    Name(String),
    #[error("the password must have {MIN_PASSWORD_LEN} to {MAX_PASSWORD_LEN} characters")]
    Password,
}

impl AccountsFile {
    pub(crate) fn new(path: &Path) -> Self {
        AccountsFile(SharedFile::new(path))
    }

    /// All accounts in the order in which they were added.
    pub(crate) fn read(&self) -> Result<Vec<Account>, AccountsError> {
        let missing = || AccountsError::Missing(self.0.path().to_owned());
        let text = self.0.read()?.ok_or_else(missing)?;
        // An editor may be about to write it. As an empty list it would end every session.
        if text.trim_ascii().is_empty() {
            return Err(self.invalid("it is empty"));
        }
        Ok(self.parse(&text)?.users)
    }

    pub(crate) fn add(&self, name: &str, password: &str) -> Result<(), AccountsError> {
        let is_plain = !name.is_empty()
            && name.trim() == name
            && name.chars().count() <= MAX_NAME_LEN
            && !name.chars().any(|c| c.is_control() || is_misleading(c));
        if !is_plain {
            return Err(AccountChangeError::Name(name.to_owned()).into());
        }
        let name = &*canonical_name(name);
        let password = hash(password)?;
        self.change(true, |users, version| {
            if users.iter().any(|user| canonical_name(&user.name) == name) {
                return Err(AccountChangeError::Exists(name.to_owned()));
            }
            users.push(Account { name: name.to_owned(), password, disabled: false, version });
            Ok(())
        })
    }

    /// It also ends the sessions of the account.
    pub(crate) fn set_password(&self, name: &str, password: &str) -> Result<(), AccountsError> {
        let password = hash(password)?;
        self.change_user(name, |user| user.password = password)
    }

    /// It also ends the sessions of the account.
    pub(crate) fn set_disabled(&self, name: &str, disabled: bool) -> Result<(), AccountsError> {
        self.change_user(name, |user| user.disabled = disabled)
    }

    /// It also ends the sessions of the account.
    pub(crate) fn remove(&self, name: &str) -> Result<(), AccountsError> {
        self.change(false, |users, _| {
            let before = users.len();
            users.retain(|user| canonical_name(&user.name) != canonical_name(name));
            if users.len() < before { Ok(()) } else { Err(AccountChangeError::Unknown(name.to_owned())) }
        })
    }

    fn change_user(&self, name: &str, work: impl FnOnce(&mut Account)) -> Result<(), AccountsError> {
        self.change(false, |users, version| {
            let user = users.iter_mut().find(|user| canonical_name(&user.name) == canonical_name(name));
            let user = user.ok_or_else(|| AccountChangeError::Unknown(name.to_owned()))?;
            work(user);
            user.version = version;
            Ok(())
        })
    }

    /// Reads, changes and writes the file under its lock.
    fn change(
        &self,
        creates_file: bool,
        work: impl FnOnce(&mut Vec<Account>, u64) -> Result<(), AccountChangeError>,
    ) -> Result<(), AccountsError> {
        if !creates_file && self.0.read()?.is_none() {
            return Err(AccountsError::Missing(self.0.path().to_owned()));
        }
        let locked = self.0.lock(Instant::now() + LOCK_TIMEOUT)?;
        let mut document = self.parse(&locked.read()?)?;
        work(&mut document.users, new_version()?)?;
        let mut text =
            serde_json::to_vec_pretty(&document).map_err(|error| self.invalid(&error.to_string()))?;
        text.push(b'\n');
        Ok(locked.replace(&text)?)
    }

    fn parse(&self, text: &[u8]) -> Result<Document, AccountsError> {
        if text.trim_ascii().is_empty() {
            return Ok(Document { version: VERSION, users: Vec::new() });
        }
        // The message of serde may contain a hash, so only the place is reported.
        let document: Document = serde_json::from_slice(text)
            .map_err(|error| self.invalid(&format!("line {}, column {}", error.line(), error.column())))?;
        if document.version > VERSION {
            return Err(self.invalid(&format!(
                "its version is {}, but this sessctl reads versions up to {VERSION}",
                document.version
            )));
        }
        Ok(document)
    }

    fn invalid(&self, why: &str) -> AccountsError {
        AccountsError::Invalid { path: self.0.path().to_owned(), why: why.to_owned() }
    }

    pub(super) fn stamp(&self) -> Option<Stamp> {
        let metadata = std::fs::metadata(self.0.path()).ok()?;
        Some((metadata.dev(), metadata.ino(), metadata.mtime(), metadata.mtime_nsec(), metadata.len()))
    }
}

/// A new version for an account. Sessions without an account have version 0.
fn new_version() -> Result<u64, AccountsError> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|error| AccountsError::Hash(error.to_string()))?;
    // 63 bits, so that it is a valid integer for every JSON parser.
    Ok((u64::from_ne_bytes(bytes) >> 1).max(1))
}

fn argon2() -> Result<Argon2<'static>, AccountsError> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None);
    let params = params.map_err(|error| AccountsError::Hash(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// A hash that no password has, with the parameters of a real one: a name without an account takes as long to check as one
/// with an account, also if an older version hashed the passwords.
pub(super) fn dummy_of(hash: &str) -> String {
    let parameters = hash.rsplitn(3, '$').nth(2).unwrap_or_default();
    format!("{parameters}{DUMMY_SALT_AND_HASH}")
}

fn hash(password: &str) -> Result<String, AccountsError> {
    if !(MIN_PASSWORD_LEN..=MAX_PASSWORD_LEN).contains(&password.chars().count()) {
        return Err(AccountChangeError::Password.into());
    }
    let hashed = argon2()?.hash_password(password.as_bytes());
    hashed.map(|hash| hash.to_string()).map_err(|error| AccountsError::Hash(error.to_string()))
}

#[cfg(test)]
mod tests {
    use argon2::PasswordVerifier;
    use argon2::password_hash::phc::PasswordHash;

    use super::*;

    #[test]
    fn a_dummy_hash_has_the_parameters_of_the_real_one_and_matches_no_password() {
        let older = "$argon2id$v=19$m=19456,t=2,p=1$c29tZSBzYWx0$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE";
        let newer = hash("correct horse").unwrap();
        for real in [older, &newer] {
            let dummy = dummy_of(real);
            let (dummy, real) = (PasswordHash::new(&dummy).unwrap(), PasswordHash::new(real).unwrap());
            assert_eq!((dummy.algorithm, dummy.version), (real.algorithm, real.version));
            assert_eq!(dummy.params, real.params);
            for guess in ["", "correct horse", "nobody"] {
                assert!(Argon2::default().verify_password(guess.as_bytes(), &dummy).is_err());
            }
        }
        let newer = PasswordHash::new(&newer).unwrap();
        assert!(Argon2::default().verify_password(b"correct horse", &newer).is_ok());
    }
}
