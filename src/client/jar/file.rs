//! The jar on disk: one JSON file, replaced whole, that many processes may use at once.
//!
//! The lock is on the jar file itself. Whoever gets it looks whether the name still leads to the file that is
//! locked: a writer before may have replaced it. Nothing but the jar is left behind.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use url::Url;

use super::cookies::Cookies;
use super::import::without_values;
use super::{Identity, Jar, JournalEntry, StoredCookie};
use crate::clock::{Clock, Timestamp};

const VERSION: u32 = 1;

/// A jar file by its name.
#[derive(Debug, Clone)]
pub struct JarFile {
    path: PathBuf,
}

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
        JarFile { path: path.into() }
    }

    /// Its name.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
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
        let target = self.target()?;
        let locked = self.lock(&target, deadline)?;
        let mut document = self.read(locked.try_clone().map_err(|source| self.failed("read", source))?)?;
        document.login = login.or(document.login);
        document.cookies = merge(document.cookies, journal, jar);
        document.version = VERSION;
        self.replace(&target, &document).map_err(|source| self.failed("write", source))
        // The lock goes with the file that `locked` is.
    }

    /// What the file holds now; whole, since it is only ever replaced whole.
    fn document(&self) -> Result<Document, JarError> {
        self.must_be_a_file(&self.path)?;
        match File::open(&self.path) {
            Ok(file) => self.read(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Document::default()),
            Err(source) => Err(self.failed("read", source)),
        }
    }

    fn read(&self, mut file: File) -> Result<Document, JarError> {
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
        let path = self.path.clone();
        match serde_json::from_slice::<Version>(text) {
            Ok(Version { version }) if version > VERSION => JarError::Newer { path, version },
            _ => JarError::NotAJar {
                path,
                why: error.map_or_else(String::new, |error| without_values(&error.to_string())),
            },
        }
    }

    /// The file that the name leads to, through symbolic links, whether it exists or not.
    fn target(&self) -> Result<PathBuf, JarError> {
        let mut path = self.path.clone();
        // As many links as Linux follows.
        for _ in 0..40 {
            match std::fs::read_link(&path) {
                Ok(link) => path = path.parent().unwrap_or(Path::new("")).join(link),
                Err(_) => return Ok(path),
            }
        }
        Err(self.failed("write", io::Error::other("too many symbolic links")))
    }

    /// The jar file, locked; made (empty, which is an empty jar) when it is missing.
    fn lock(&self, target: &Path, deadline: Instant) -> Result<File, JarError> {
        let started = Instant::now();
        let folder = folder_of(target);
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(|source| self.failed("write", source))?;
        let mut pause = Duration::from_millis(1);
        loop {
            self.must_be_a_file(target)?;
            let mut options = OpenOptions::new();
            let options = options.read(true).write(true).create(true).truncate(false).mode(0o600);
            let file = options.open(target).map_err(|source| self.failed("write", source))?;
            match file.try_lock() {
                Ok(()) if is_still_called(&file, target) => return Ok(file),
                Ok(()) => continue, // replaced while we waited: the lock that counts is on the new file
                Err(TryLockError::Error(source)) => return Err(self.failed("lock", source)),
                Err(TryLockError::WouldBlock) => {}
            }
            if Instant::now() >= deadline {
                let (path, holder) = (self.path.clone(), holder_of_lock(&file));
                return Err(JarError::Locked { path, holder, waited: started.elapsed() });
            }
            std::thread::sleep(pause.min(deadline.saturating_duration_since(Instant::now())));
            pause = (pause * 2).min(Duration::from_millis(20));
        }
    }

    /// Writes beside the jar and renames over it: at any moment the old jar or the new one is there, whole.
    fn replace(&self, target: &Path, document: &Document) -> io::Result<()> {
        let folder = folder_of(target);
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let prefix = format!(".{name}.new-");
        remove_strays(folder, &prefix);
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(io::Error::other)?;
        let temporary = folder.join(format!("{prefix}{:016x}", u64::from_ne_bytes(random)));
        let written = write_new(&temporary, document).and_then(|()| std::fs::rename(&temporary, target));
        if written.is_err() {
            let _ = std::fs::remove_file(&temporary);
        }
        written
    }

    /// A device or a pipe cannot be replaced by a file and must not be; nor may its other end be waited for.
    fn must_be_a_file(&self, path: &Path) -> Result<(), JarError> {
        match std::fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => Err(self.failed("read", io::ErrorKind::IsADirectory.into())),
            Ok(metadata) if !metadata.is_file() => {
                Err(self.failed("use", io::Error::other("it is a device or a pipe, not a file")))
            }
            // What is not there, or cannot be looked at, is for opening it to say.
            Ok(_) | Err(_) => Ok(()),
        }
    }

    fn failed(&self, action: &'static str, source: io::Error) -> JarError {
        JarError::Io { action, path: self.path.clone(), source }
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

fn write_new(path: &Path, document: &Document) -> io::Result<()> {
    let mut text = serde_json::to_vec_pretty(document)?;
    text.push(b'\n');
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(&text)?;
    file.sync_all()
}

/// Files that a killed writer left. Whoever holds the lock is the only writer, so all of them are such.
fn remove_strays(folder: &Path, prefix: &str) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let random = name.to_string_lossy().strip_prefix(prefix).map(str::to_owned);
        if random
            .is_some_and(|random| random.len() == 16 && random.bytes().all(|octet| octet.is_ascii_hexdigit()))
        {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// Who holds the lock that was refused, as Linux lists it: `1: FLOCK ADVISORY WRITE 4711 fe:00:1234 0 EOF`.
fn holder_of_lock(file: &File) -> Option<u32> {
    let metadata = file.metadata().ok()?;
    // The number of the device in its two parts (makedev of Linux, whose upper halves are not in use).
    let (major, minor) =
        (metadata.dev() >> 8 & 0xfff, metadata.dev() & 0xff | metadata.dev() >> 12 & 0xfff00);
    let locked = format!("{major:02x}:{minor:02x}:{}", metadata.ino());
    let locks = std::fs::read_to_string("/proc/locks").ok()?;
    let mut lines = locks.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let held =
        lines.find(|fields| fields.get(1) == Some(&"FLOCK") && fields.get(5) == Some(&locked.as_str()))?;
    held.get(4)?.parse().ok()
}

fn named(process: Option<u32>) -> String {
    process.map_or_else(|| "another process".to_owned(), |id| format!("process {id}"))
}

fn is_still_called(file: &File, path: &Path) -> bool {
    match (file.metadata(), std::fs::metadata(path)) {
        (Ok(ours), Ok(named)) => (ours.dev(), ours.ino()) == (named.dev(), named.ino()),
        _ => false,
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
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
