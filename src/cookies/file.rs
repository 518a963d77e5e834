//! [`JarFile`]: a jar on disk, as one JSON file that many processes may share.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use url::Url;

use super::jar::{Jar, JournalEntry};
use super::json_error::without_values;
use super::shared_file::{FileError, SharedFile};
use super::store::CookieStore;
use super::stored_cookie::StoredCookie;
use crate::clock::{Clock, Timestamp};

const VERSION: u32 = 1;

/// A jar file.
///
/// ```
/// use std::time::{Duration, Instant};
///
/// use sessctl::clock::SystemClock;
/// use sessctl::cookies::JarFile;
/// use sessctl::url::Url;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// let file = JarFile::new(folder.path().join("jar.json"));
/// let (jar, _) = file.load(SystemClock)?; // a missing file is an empty jar
/// let url = Url::parse("https://example.org/")?;
/// jar.receive(&url, [&b"sid=31d4; Max-Age=3600"[..]]);
/// file.save(&jar, None, Instant::now() + Duration::from_secs(5))?;
///
/// let (again, _) = file.load(SystemClock)?;
/// assert_eq!(again.sent_to(&url), jar.sent_to(&url));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct JarFile(SharedFile);

/// Where the last login with a jar ended. `logout` and `status` start there, and it is the default site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LastLogin {
    /// The page on which it ended.
    pub page: Url,
    /// When it ended.
    pub at: Timestamp,
    /// The user name that was sent, if the login asked for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Whether the page changed with the session.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub page_shows_session: bool,
}

impl LastLogin {
    /// A login that ended on `page`.
    #[must_use]
    pub const fn new(page: Url, at: Timestamp) -> Self {
        LastLogin { page, at, user: None, page_shows_session: false }
    }
}

/// Why a jar could not be read or written. The file is unchanged.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum JarError {
    /// The operating system reported an error.
    #[error("cannot {action} the cookie jar {}", path.display())]
    Io {
        /// The operation: read, write, lock.
        action: &'static str,
        /// The jar.
        path: PathBuf,
        /// The error of the operating system.
        #[source]
        source: io::Error,
    },
    /// The file is not a jar of sessctl.
    #[error("cannot read the cookie jar {}: it is not a jar of sessctl: {why}", path.display())]
    NotAJar {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and where.
        why: String,
    },
    /// A newer sessctl wrote the file.
    #[error("cannot read the cookie jar {}: it has version {version}, this sessctl supports up to {VERSION}", path.display())]
    Newer {
        /// The jar.
        path: PathBuf,
        /// Its version.
        version: u32,
    },
    /// Another process held the lock until the deadline.
    #[error("cannot lock the cookie jar {}: waited {:.1} s for {}, which holds the lock", path.display(), waited.as_secs_f32(), process(*holder))]
    Locked {
        /// The jar.
        path: PathBuf,
        /// The process that holds the lock, if the operating system reports it.
        holder: Option<u32>,
        /// How long this process waited.
        waited: Duration,
    },
}

impl From<FileError> for JarError {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Io { action, path, source } => JarError::Io { action, path, source },
            FileError::Locked { path, holder, waited } => JarError::Locked { path, holder, waited },
        }
    }
}

fn process(id: Option<u32>) -> String {
    id.map_or_else(|| "another process".to_owned(), |id| format!("process {id}"))
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct JarDocument {
    version: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    login: Option<LastLogin>,
    cookies: Vec<StoredCookie>,
}

impl JarFile {
    /// The jar file at `path`. A missing file is an empty jar.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        JarFile(SharedFile::new(path))
    }

    /// The path of the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Reads the jar and its last login.
    ///
    /// # Errors
    /// [`JarError`], if the file exists and cannot be read as a jar.
    pub fn load(&self, clock: impl Clock) -> Result<(Jar, Option<LastLogin>), JarError> {
        let document = self.parse(&self.content()?)?;
        let cookies = document.cookies.into_iter().collect();
        Ok((Jar::holding(cookies, Arc::new(clock)), document.login))
    }

    /// Writes the changes of `jar` since it was loaded or last saved, merged with what other processes have written, and
    /// `login`, if there was one. It does not write if nothing has changed.
    ///
    /// # Errors
    /// [`JarError`]; the file is then unchanged, and the changes can be saved later.
    pub fn save(&self, jar: &Jar, login: Option<LastLogin>, deadline: Instant) -> Result<(), JarError> {
        let journal = std::mem::take(&mut jar.state().journal);
        if journal.is_empty() && login.is_none() {
            return Ok(());
        }
        let saved = self.write_changes(jar, &journal, login, deadline);
        if saved.is_err() {
            // Keep the unsaved changes, in front of those made in the meantime.
            jar.state().journal.splice(0..0, journal);
        }
        saved
    }

    fn write_changes(
        &self,
        jar: &Jar,
        journal: &[JournalEntry],
        login: Option<LastLogin>,
        deadline: Instant,
    ) -> Result<(), JarError> {
        // Check without the lock: locking creates a missing file, and fails in a read-only directory.
        if login.is_none() && !changes_anything(&self.parse(&self.content()?)?.cookies, journal, jar.now()) {
            return Ok(());
        }
        let locked = self.0.lock(deadline)?;
        let mut document = self.parse(&locked.read()?)?;
        document.login = login.or(document.login);
        document.cookies = merge(document.cookies, journal, jar);
        document.version = VERSION;
        let mut text =
            serde_json::to_vec_pretty(&document).map_err(|error| self.0.failed("write", error.into()))?;
        text.push(b'\n');
        Ok(locked.replace_unsynced(&text)?)
    }

    /// The current content. It is complete, because the file is only ever replaced as a whole.
    fn content(&self) -> Result<Vec<u8>, FileError> {
        Ok(self.0.read()?.unwrap_or_default())
    }

    fn parse(&self, text: &[u8]) -> Result<JarDocument, JarError> {
        if text.trim_ascii().is_empty() {
            return Ok(JarDocument::default());
        }
        match serde_json::from_slice::<JarDocument>(text) {
            Ok(document) if document.version <= VERSION => Ok(document),
            outcome => Err(self.unreadable(text, outcome.err())),
        }
    }

    /// Why a file is not a jar that this version can read.
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
                why: error.map_or_else(String::new, |error| without_values(&error)),
            },
        }
    }
}

/// Whether the changes would alter the file. Using a cookie, or deleting one that is not there, does not.
fn changes_anything(in_file: &[StoredCookie], journal: &[JournalEntry], now: Timestamp) -> bool {
    let find = |cookie: &StoredCookie| in_file.iter().find(|other| other.is_same_as(cookie));
    journal.iter().any(|entry| match entry {
        JournalEntry::Removed(cookie) => find(cookie).is_some(),
        JournalEntry::Put(new) => find(new).filter(|old| !old.is_expired(now)).is_none_or(|old| {
            *old != StoredCookie { created: old.created, last_used: old.last_used, ..new.clone() }
        }),
    })
}

/// Applies the changes of this process to the cookies in the file, and keeps the later `last_used` of each.
fn merge(in_file: Vec<StoredCookie>, journal: &[JournalEntry], jar: &Jar) -> Vec<StoredCookie> {
    let now = jar.now();
    let mut cookies: CookieStore = in_file.into_iter().filter(|cookie| !cookie.is_expired(now)).collect();
    for entry in journal {
        match entry {
            JournalEntry::Put(cookie) => {
                cookies.put(cookie.clone());
                cookies.evict_from(cookie.domain_name(), now);
            }
            JournalEntry::Removed(cookie) => {
                cookies.remove(cookie);
            }
        }
    }
    cookies.evict(now);
    for ours in jar.cookies() {
        if let Some(cookie) = cookies.find_mut(&ours) {
            cookie.last_used = cookie.last_used.max(ours.last_used);
        }
    }
    cookies.all().into_iter().cloned().collect()
}
