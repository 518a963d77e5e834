//! [`SharedFile`]: a file that many processes change. It is locked, replaced as a whole, and private to its owner.
//!
//! The lock is on the file itself, so there is no separate lock file. A process that gets the lock checks that the path
//! still leads to the locked file: the previous writer may have replaced it.

use std::fs::{DirBuilder, File, Metadata, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use thiserror::Error;

/// A file that many processes change.
#[derive(Debug, Clone)]
pub struct SharedFile {
    path: PathBuf,
}

/// Why a file could not be read or written. It is unchanged.
#[derive(Debug, Error)]
pub enum FileError {
    /// The operating system reported an error.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// The operation: read, write, lock, use.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        #[source]
        source: io::Error,
    },
    /// Another process held the lock until the deadline.
    #[error("cannot lock {}: another process holds the lock", path.display())]
    Locked {
        /// The file.
        path: PathBuf,
        /// That process, if the operating system reports it.
        holder: Option<u32>,
        /// How long this process waited.
        waited: Duration,
    },
}

/// A locked file: until this value is dropped, no other process changes it.
#[derive(Debug)]
pub struct LockedFile {
    /// Open for reading and writing, at the start.
    pub(crate) file: File,
    shared: SharedFile,
    /// The target of the path's symbolic links.
    target: PathBuf,
}

impl SharedFile {
    /// The file at `path`, which may be missing.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        SharedFile { path: path.into() }
    }

    /// The path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The content; `None` if the file is missing.
    ///
    /// # Errors
    /// [`FileError`], if the file exists and cannot be read.
    pub fn read(&self) -> Result<Option<Vec<u8>>, FileError> {
        self.open()?.map(|file| self.content(&file)).transpose()
    }

    fn content(&self, mut file: &File) -> Result<Vec<u8>, FileError> {
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map(|_| bytes).map_err(|error| self.failed("read", error))
    }

    /// The error of an operation on this file.
    pub(crate) fn failed(&self, action: &'static str, source: io::Error) -> FileError {
        FileError::Io { action, path: self.path.clone(), source }
    }

    /// Opens the file for reading; `None` if it is missing.
    pub(crate) fn open(&self) -> Result<Option<File>, FileError> {
        self.must_be_a_file(&self.path)?;
        self.folder_must_be_private(&self.path)?;
        match File::open(&self.path) {
            Ok(file) => self.must_be_ours(file.metadata()).map(|()| Some(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed("read", error)),
        }
    }

    /// Locks the file. A missing file is created empty, with its directory, private to its owner.
    ///
    /// # Errors
    /// [`FileError`], if the file cannot be written, or another process holds the lock until `deadline`.
    pub fn lock(&self, deadline: Instant) -> Result<LockedFile, FileError> {
        let cannot_write = |error| self.failed("write", error);
        let target = self.target().map_err(cannot_write)?;
        let started = Instant::now();
        self.folder_must_be_private(&target)?;
        let folder = folder_of(&target);
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(cannot_write)?;
        let mut pause = Duration::from_millis(1);
        loop {
            self.must_be_a_file(&target)?;
            let mut options = OpenOptions::new();
            let options = options.read(true).write(true).create(true).truncate(false).mode(0o600);
            let file = options.open(&target).map_err(cannot_write)?;
            self.must_be_ours(file.metadata())?;
            match file.try_lock() {
                Ok(()) if is_same_file(&file, &target) => {
                    return Ok(LockedFile { file, shared: self.clone(), target });
                }
                Ok(()) => continue, // replaced while we waited: lock the new file
                Err(TryLockError::Error(error)) => return Err(self.failed("lock", error)),
                Err(TryLockError::WouldBlock) => {}
            }
            if Instant::now() >= deadline {
                let (path, holder) = (self.path.clone(), holder_of_lock(&file));
                return Err(FileError::Locked { path, holder, waited: started.elapsed() });
            }
            std::thread::sleep(pause.min(deadline.saturating_duration_since(Instant::now())));
            pause = (pause * 2).min(Duration::from_millis(20));
        }
    }

    /// Fails if the file belongs to another user, who decides what is read from it and reads what is written. Root may do
    /// that anyway.
    fn must_be_ours(&self, metadata: io::Result<Metadata>) -> Result<(), FileError> {
        let owner = metadata.map_err(|error| self.failed("read", error))?.uid();
        if owner == 0 || owner == rustix::process::geteuid().as_raw() {
            return Ok(());
        }
        Err(self.denied(format!("it belongs to another user; run sessctl as that user (uid {owner})")))
    }

    /// Fails if every user may replace the file. In a folder with the sticky bit, such as /tmp, only its owner may.
    fn folder_must_be_private(&self, target: &Path) -> Result<(), FileError> {
        let folder = folder_of(target);
        // A missing folder will be created private.
        if std::fs::metadata(folder).is_ok_and(|it| it.mode() & 0o1002 == 0o002) {
            let folder = folder.display();
            return Err(self.denied(format!("every user may replace files in {folder}; run chmod o-w on it")));
        }
        Ok(())
    }

    fn denied(&self, why: String) -> FileError {
        self.failed("use", io::Error::new(io::ErrorKind::PermissionDenied, why))
    }

    /// Fails if another user controls the file, which may be missing.
    ///
    /// # Errors
    /// [`FileError`]
    pub fn check_owner(&self) -> Result<(), FileError> {
        self.folder_must_be_private(&self.path)?;
        match std::fs::metadata(&self.path) {
            Ok(metadata) => self.must_be_ours(Ok(metadata)),
            // Opening the file reports that.
            Err(_) => Ok(()),
        }
    }

    /// The target of the path's symbolic links, which may be missing.
    fn target(&self) -> io::Result<PathBuf> {
        let mut path = self.path.clone();
        // The limit of Linux.
        for _ in 0..40 {
            match std::fs::read_link(&path) {
                Ok(link) => path = path.parent().unwrap_or(Path::new("")).join(link),
                Err(_) => return Ok(path),
            }
        }
        Err(io::Error::other("too many symbolic links"))
    }

    /// Rejects a device or a pipe: it must not be replaced by a file, and opening it might block.
    fn must_be_a_file(&self, target: &Path) -> Result<(), FileError> {
        match std::fs::metadata(target) {
            Ok(metadata) if metadata.is_dir() => Err(self.failed("read", io::ErrorKind::IsADirectory.into())),
            Ok(metadata) if !metadata.is_file() => {
                Err(self.failed("use", io::Error::other("it is a device or a pipe, not a file")))
            }
            // If the file is missing or inaccessible, opening it reports that.
            Ok(_) | Err(_) => Ok(()),
        }
    }
}

impl LockedFile {
    /// The content.
    ///
    /// # Errors
    /// [`FileError`], if it cannot be read.
    pub fn read(&self) -> Result<Vec<u8>, FileError> {
        self.shared.content(&self.file)
    }

    /// Replaces the file atomically and durably: after a crash, it has the complete old or new content.
    ///
    /// # Errors
    /// [`FileError`], if it cannot be written; the file is then unchanged.
    pub fn replace(self, bytes: &[u8]) -> Result<(), FileError> {
        self.replace_unsynced(bytes)?;
        // Sync the directory, because the rename is a change of it.
        let synced = File::open(folder_of(&self.target)).and_then(|folder| folder.sync_all());
        synced.map_err(|error| self.shared.failed("write", error))
    }

    /// Replaces the file atomically. A power failure may bring the old content back.
    pub(crate) fn replace_unsynced(&self, bytes: &[u8]) -> Result<(), FileError> {
        self.write_and_rename(bytes).map_err(|error| self.shared.failed("write", error))
    }

    /// Writes a new file beside the old one and renames it over that.
    fn write_and_rename(&self, bytes: &[u8]) -> io::Result<()> {
        let folder = folder_of(&self.target);
        let name = self.target.file_name().unwrap_or_default().to_string_lossy();
        let prefix = format!(".{name}.new-");
        remove_leftovers(folder, &prefix);
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(io::Error::other)?;
        let temporary = folder.join(format!("{prefix}{:016x}", u64::from_ne_bytes(random)));
        let written = write_new(&temporary, bytes).and_then(|()| std::fs::rename(&temporary, &self.target));
        if written.is_err() {
            let _ = std::fs::remove_file(&temporary);
        }
        written
    }
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Removes files that a killed writer left behind. The caller holds the lock, so no other writer is active.
fn remove_leftovers(folder: &Path, prefix: &str) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let random = name.to_string_lossy().strip_prefix(prefix).map(str::to_owned);
        if random
            .is_some_and(|random| random.len() == 16 && random.bytes().all(|byte| byte.is_ascii_hexdigit()))
        {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// The process that holds the lock, from `/proc/locks`: `1: FLOCK ADVISORY WRITE 4711 fe:00:1234 0 EOF`.
fn holder_of_lock(file: &File) -> Option<u32> {
    let metadata = file.metadata().ok()?;
    // Linux encodes the major and minor number of the device like this (makedev).
    let (major, minor) =
        (metadata.dev() >> 8 & 0xfff, metadata.dev() & 0xff | metadata.dev() >> 12 & 0xfff00);
    let locked = format!("{major:02x}:{minor:02x}:{}", metadata.ino());
    let locks = std::fs::read_to_string("/proc/locks").ok()?;
    let mut lines = locks.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let held =
        lines.find(|fields| fields.get(1) == Some(&"FLOCK") && fields.get(5) == Some(&locked.as_str()))?;
    held.get(4)?.parse().ok()
}

fn is_same_file(file: &File, path: &Path) -> bool {
    match (file.metadata(), std::fs::metadata(path)) {
        (Ok(ours), Ok(named)) => (ours.dev(), ours.ino()) == (named.dev(), named.ino()),
        _ => false,
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
