//! Profiles: named client identities, each a folder with a jar and a history.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::history::HistoryFile;
use crate::cookies::JarFile;

const JAR: &str = "jar.json";
const HISTORY: &str = "history.jsonl";

/// The folder in which profiles are.
#[derive(Debug, Clone)]
pub struct Profiles {
    folder: PathBuf,
}

/// One identity. It need not exist yet: its files are made when there is something to keep.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Its name.
    pub name: String,
    folder: PathBuf,
}

/// Why a profile could not be listed, copied or removed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// There is no profile of this name.
    #[error("there is no profile {name:?}{}", if there.is_empty() { String::new() } else { format!("; there are: {}", there.join(", ")) })]
    Unknown {
        /// What was asked for.
        name: String,
        /// Those that there are.
        there: Vec<String>,
    },
    /// There is a profile of this name already.
    #[error("there is a profile {0:?} already; it was left as it is")]
    Exists(String),
    /// The operating system refused.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
}

impl Profile {
    /// Its jar.
    #[must_use]
    pub fn jar(&self) -> JarFile {
        JarFile::new(self.folder.join(JAR))
    }

    /// Its history.
    #[must_use]
    pub fn history(&self) -> HistoryFile {
        HistoryFile::new(self.folder.join(HISTORY))
    }

    fn exists(&self) -> bool {
        [JAR, HISTORY].iter().any(|file| self.folder.join(file).exists())
    }
}

impl Profiles {
    /// The profiles in this folder, which need not exist.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Profiles { folder: folder.into() }
    }

    /// The profile of this name, whether it exists or not. The name must be one component of a path.
    #[must_use]
    pub fn named(&self, name: &str) -> Profile {
        Profile { name: name.to_owned(), folder: self.folder.join(name) }
    }

    /// The profile of this name, if it exists.
    ///
    /// # Errors
    /// [`ProfileError::Unknown`], when it does not.
    pub fn existing(&self, name: &str) -> Result<Profile, ProfileError> {
        let profile = self.named(name);
        if profile.exists() {
            return Ok(profile);
        }
        let there = self.all()?.into_iter().map(|profile| profile.name).collect();
        Err(ProfileError::Unknown { name: name.to_owned(), there })
    }

    /// All profiles that exist, by name.
    ///
    /// # Errors
    /// [`ProfileError::Io`], when the folder cannot be read.
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

    /// Makes `to` what `from` is: the same cookies, the same last login, the same history.
    ///
    /// # Errors
    /// [`ProfileError`], when there is no `from`, when there is a `to`, or when it cannot be written. Then there is no
    /// `to` afterwards.
    pub fn copy(&self, from: &str, to: &str) -> Result<(), ProfileError> {
        let (from, to) = (self.existing(from)?, self.named(to));
        if to.exists() {
            return Err(ProfileError::Exists(to.name));
        }
        let mut make = DirBuilder::new();
        make.recursive(true).mode(0o700);
        make.create(&to.folder).map_err(|source| failed("make", &to.folder, source))?;
        for file in [JAR, HISTORY] {
            // A copy has the mode of what it is a copy of: 0600.
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

    /// Removes a profile from this machine. Servers hear nothing of it: sessions live on there.
    ///
    /// # Errors
    /// [`ProfileError`], when there is none, or when it cannot be removed.
    pub fn remove(&self, name: &str) -> Result<(), ProfileError> {
        let profile = self.existing(name)?;
        for file in [JAR, HISTORY].map(|file| profile.folder.join(file)) {
            match std::fs::remove_file(&file) {
                Err(source) if source.kind() != io::ErrorKind::NotFound => {
                    return Err(failed("remove", &file, source));
                }
                _ => {}
            }
        }
        // What somebody else has put there stays, and the folder with it.
        let _ = std::fs::remove_dir(&profile.folder);
        Ok(())
    }
}

fn failed(action: &'static str, path: &Path, source: io::Error) -> ProfileError {
    ProfileError::Io { action, path: path.to_owned(), source }
}
