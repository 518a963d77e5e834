//! [`Profiles`] and [`Profile`]: named client identities, each a folder with a jar and a history.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::history::HistoryFile;
use super::pending_login::PendingLoginFile;
use super::token_file::TokenFile;
use crate::cookies::JarFile;

const JAR: &str = "jar.json";
const HISTORY: &str = "history.jsonl";
const PENDING_LOGIN: &str = "pending_login.json";
const TOKENS: &str = "tokens.json";

/// The files of a profile.
const FILES: [&str; 4] = [JAR, HISTORY, PENDING_LOGIN, TOKENS];

/// The folder that contains all profiles.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// use sessctl::client::profile::Profiles;
///
/// let profiles = Profiles::new(folder.path());
/// let (jar, last_login) = profiles.named("alice").jar().load(sessctl::clock::SystemClock)?;
/// assert!(jar.cookies().is_empty() && last_login.is_none());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Profiles {
    folder: PathBuf,
}

/// One client identity. Its files are created when there is something to store.
#[derive(Debug, Clone)]
pub struct Profile {
    /// The name.
    pub name: String,
    folder: PathBuf,
}

/// Why a profile could not be listed, copied or removed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// No profile has this name.
    #[non_exhaustive]
    #[error("there is no profile {name:?}{}", if there.is_empty() { String::new() } else { format!("; there are: {}", there.join(", ")) })]
    Unknown {
        /// The name that was asked for.
        name: String,
        /// The names of all profiles.
        there: Vec<String>,
    },
    /// A profile has this name already.
    #[error("there is a profile {0:?} already; it was not changed")]
    Exists(String),
    /// The operating system reported an error.
    #[non_exhaustive]
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What failed: read, create, copy to or remove.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The error of the operating system.
        #[source]
        source: io::Error,
    },
}

impl Profile {
    /// Its cookie jar.
    #[must_use]
    pub fn jar(&self) -> JarFile {
        JarFile::new(self.folder.join(JAR))
    }

    /// Its history.
    #[must_use]
    pub fn history(&self) -> HistoryFile {
        HistoryFile::new(self.folder.join(HISTORY))
    }

    /// The login that stopped at a further step, if there is one.
    #[must_use]
    pub fn pending_login(&self) -> PendingLoginFile {
        PendingLoginFile::new(self.folder.join(PENDING_LOGIN))
    }

    /// Its token sessions.
    #[must_use]
    pub fn tokens(&self) -> TokenFile {
        TokenFile::new(self.folder.join(TOKENS))
    }

    fn exists(&self) -> bool {
        FILES.iter().any(|file| self.folder.join(file).exists())
    }
}

impl Profiles {
    /// The profiles in this folder. A folder that does not exist contains none.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Profiles { folder: folder.into() }
    }

    /// The profile of this name, whether it exists or not. The name must be a single path component.
    #[must_use]
    pub fn named(&self, name: &str) -> Profile {
        Profile { name: name.to_owned(), folder: self.folder.join(name) }
    }

    /// The profile of this name, if it exists.
    ///
    /// # Errors
    /// [`ProfileError::Unknown`], if it does not.
    pub fn existing(&self, name: &str) -> Result<Profile, ProfileError> {
        let profile = self.named(name);
        if profile.exists() {
            return Ok(profile);
        }
        let there = self.all()?.into_iter().map(|profile| profile.name).collect();
        Err(ProfileError::Unknown { name: name.to_owned(), there })
    }

    /// All profiles that exist, sorted by name.
    ///
    /// # Errors
    /// [`ProfileError::Io`], if the folder cannot be read.
    pub fn all(&self) -> Result<Vec<Profile>, ProfileError> {
        let entries = match std::fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(failed("read", &self.folder, source)),
        };
        let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
        let mut found: Vec<Profile> = names.map(|name| self.named(&name)).filter(Profile::exists).collect();
        found.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(found)
    }

    /// Copies the cookies, the last login and the history of `from` to the new profile `to`. A login that stopped at a
    /// further step is not copied: it can go on only once. Nor are tokens: many can be renewed only once.
    ///
    /// # Errors
    /// [`ProfileError`], if `from` does not exist, if `to` exists, or if `to` cannot be written. A copy that failed is
    /// removed.
    pub fn copy(&self, from: &str, to: &str) -> Result<(), ProfileError> {
        let (from, to) = (self.existing(from)?, self.named(to));
        if to.exists() {
            return Err(ProfileError::Exists(to.name));
        }
        let mut make = DirBuilder::new();
        make.recursive(true).mode(0o700);
        make.create(&to.folder).map_err(|source| failed("create", &to.folder, source))?;
        for file in [JAR, HISTORY] {
            // `copy` keeps the mode 0600.
            match std::fs::copy(from.folder.join(file), to.folder.join(file)) {
                Err(source) if source.kind() != io::ErrorKind::NotFound => {
                    let _ = self.remove(&to.name);
                    return Err(failed("copy to", &to.folder.join(file), source));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Removes a profile from this machine. Its sessions stay on the servers.
    ///
    /// # Errors
    /// [`ProfileError`], if it does not exist or cannot be removed.
    pub fn remove(&self, name: &str) -> Result<(), ProfileError> {
        let profile = self.existing(name)?;
        for file in FILES.map(|file| profile.folder.join(file)) {
            match std::fs::remove_file(&file) {
                Err(source) if source.kind() != io::ErrorKind::NotFound => {
                    return Err(failed("remove", &file, source));
                }
                _ => {}
            }
        }
        // Fails if the folder contains other files, which stay.
        let _ = std::fs::remove_dir(&profile.folder);
        Ok(())
    }
}

fn failed(action: &'static str, path: &Path, source: io::Error) -> ProfileError {
    ProfileError::Io { action, path: path.to_owned(), source }
}
