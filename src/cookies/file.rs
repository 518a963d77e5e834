//! The jar on disk: one JSON file, replaced whole, that many processes may use at once.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use url::Url;

use super::import::without_values;
use super::jar::{Jar, JournalEntry};
use super::shared_file::{FileTrouble, SharedFile};
use super::store::Cookies;
use super::stored_cookie::{Identity, StoredCookie};
use crate::clock::{Clock, Timestamp};

const VERSION: u32 = 1;

/// A jar file by its name.
#[derive(Debug, Clone)]
pub struct JarFile(SharedFile);

/// Where the last login with a jar ended: the page to log out from, and the site that is meant when no other
/// is named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastLogin {
    /// The page on which it ended.
    pub page: Url,
    /// When it was.
    pub at: Timestamp,
}

/// Why a jar could not be read or written. The file is as it was.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum JarError {
    /// The operating system refused.
    #[error("cannot {action} the cookie jar {}", path.display())]
    Io {
        /// What was tried: read, write, lock.
        action: &'static str,
        /// The jar.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// The file is no jar of ours.
    #[error("{} is not a cookie jar of sessctl: {why}", path.display())]
    NotAJar {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and where.
        why: String,
    },
    /// A later version wrote it.
    #[error("the cookie jar {} has version {version}; this sessctl knows up to {VERSION}", path.display())]
    Newer {
        /// The jar.
        path: PathBuf,
        /// Its version.
        version: u32,
    },
    /// Another process kept the lock for too long.
    #[error("waited {:.1} s for the lock of the cookie jar {}, which {} holds", waited.as_secs_f32(), path.display(), named(*holder))]
    Locked {
        /// The jar.
        path: PathBuf,
        /// The process that holds the lock, where the operating system says so.
        holder: Option<u32>,
        /// How long this process waited.
        waited: Duration,
    },
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Document {
    version: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    login: Option<LastLogin>,
    cookies: Vec<StoredCookie>,
}

impl JarFile {
    /// The jar file called `path`. It need not exist: no file is an empty jar.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        JarFile(SharedFile::new(path))
    }

    /// Its name.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Reads the jar, and where its last login ended.
    ///
    /// # Errors
    /// [`JarError`], when there is a file that cannot be read as a jar.
    pub fn load(&self, clock: impl Clock) -> Result<(Jar, Option<LastLogin>), JarError> {
        let document = self.document()?;
        let cookies = document.cookies.into_iter().collect();
        Ok((Jar::holding(cookies, Arc::new(clock)), document.login))
    }

    /// Writes what has changed in `jar` since it was read or last saved, merged into what other processes have
    /// written meanwhile, and where a login ended, if one did. Touches nothing when nothing has changed.
    ///
    /// # Errors
    /// [`JarError`]; the file is then as it was, and the changes can be saved later.
    pub fn save(&self, jar: &Jar, login: Option<LastLogin>, deadline: Instant) -> Result<(), JarError> {
        let journal = std::mem::take(&mut jar.state().journal);
        if journal.is_empty() && login.is_none() {
            return Ok(());
        }
        let saved = self.merge_into_file(jar, &journal, login, deadline);
        if saved.is_err() {
            // What is not in the file yet stays to be saved, before what has been added meanwhile.
            jar.state().journal.splice(0..0, journal);
        }
        saved
    }

    fn merge_into_file(
        &self,
        jar: &Jar,
        journal: &[JournalEntry],
        login: Option<LastLogin>,
        deadline: Instant,
    ) -> Result<(), JarError> {
        // Without the lock, which would make a missing file and fail in a folder that is read only.
        if login.is_none() && !changes_anything(&self.document()?.cookies, journal, jar.now()) {
            return Ok(());
        }
        let locked = self.0.try_lock(deadline).map_err(|trouble| self.error(trouble))?;
        let mut document = self.read(&locked.file)?;
        document.login = login.or(document.login);
        document.cookies = merge(document.cookies, journal, jar);
        document.version = VERSION;
        let mut text =
            serde_json::to_vec_pretty(&document).map_err(|error| self.failed("write", error.into()))?;
        text.push(b'\n');
        locked.try_replace(&text).map_err(|source| self.failed("write", source))
    }

    /// What the file holds now; whole, since it is only ever replaced whole.
    fn document(&self) -> Result<Document, JarError> {
        match self.0.try_open().map_err(|trouble| self.error(trouble))? {
            Some(file) => self.read(&file),
            None => Ok(Document::default()),
        }
    }

    fn read(&self, mut file: &File) -> Result<Document, JarError> {
        let mut text = Vec::new();
        file.read_to_end(&mut text).map_err(|source| self.failed("read", source))?;
        if text.trim_ascii().is_empty() {
            return Ok(Document::default());
        }
        match serde_json::from_slice::<Document>(&text) {
            Ok(document) if document.version <= VERSION => Ok(document),
            outcome => Err(self.unreadable(&text, outcome.err())),
        }
    }

    /// What is wrong with a file that is not a jar that we know.
    fn unreadable(&self, text: &[u8], error: Option<serde_json::Error>) -> JarError {
        #[derive(Deserialize)]
        struct Version {
            version: u32,
        }
        let path = self.path().to_owned();
        match serde_json::from_slice::<Version>(text) {
            Ok(Version { version }) if version > VERSION => JarError::Newer { path, version },
            _ => JarError::NotAJar {
                path,
                why: error.map_or_else(String::new, |error| without_values(&error.to_string())),
            },
        }
    }

    fn error(&self, trouble: FileTrouble) -> JarError {
        match trouble {
            FileTrouble::Io(action, source) => self.failed(action, source),
            FileTrouble::Locked { holder, waited } => {
                JarError::Locked { path: self.path().to_owned(), holder, waited }
            }
        }
    }

    fn failed(&self, action: &'static str, source: io::Error) -> JarError {
        JarError::Io { action, path: self.path().to_owned(), source }
    }
}

/// Whether the file would hold other cookies afterwards. A mere use, or a cookie that is gone already, is no change.
fn changes_anything(in_file: &[StoredCookie], journal: &[JournalEntry], now: Timestamp) -> bool {
    let find = |identity: &Identity| in_file.iter().find(|cookie| cookie.is(identity));
    journal.iter().any(|entry| match entry {
        JournalEntry::Removed(identity) => find(identity).is_some(),
        JournalEntry::Put(new) => {
            find(&new.identity()).filter(|old| !old.is_expired(now)).is_none_or(|old| {
                let unchanged =
                    StoredCookie { created: old.created, last_used: old.last_used, ..new.clone() };
                *old != unchanged
            })
        }
    })
}

fn named(process: Option<u32>) -> String {
    process.map_or_else(|| "another process".to_owned(), |id| format!("process {id}"))
}

/// Our changes on top of what is in the file now. Last uses are ours where we know better.
fn merge(in_file: Vec<StoredCookie>, journal: &[JournalEntry], jar: &Jar) -> Vec<StoredCookie> {
    let now = jar.now();
    let mut cookies: Cookies = in_file.into_iter().filter(|cookie| !cookie.is_expired(now)).collect();
    for entry in journal {
        match entry {
            JournalEntry::Put(cookie) => {
                let domain = cookie.domain_name().to_owned();
                cookies.put(cookie.clone());
                cookies.evict(&domain, now);
            }
            JournalEntry::Removed(identity) => {
                cookies.remove(identity);
            }
        }
    }
    for ours in jar.cookies() {
        if let Some(cookie) = cookies.find_mut(&ours.identity()) {
            cookie.last_used = cookie.last_used.max(ours.last_used);
        }
    }
    cookies.all().into_iter().cloned().collect()
}
