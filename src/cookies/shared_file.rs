//! Files that many processes change: locked by their names, replaced whole, for their owner alone.
//!
//! The lock is on the file itself. Whoever gets it looks whether the name still leads to the file that is locked: a
//! writer before may have replaced it. Nothing but the file is left behind.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use thiserror::Error;

/// A file by its name.
#[derive(Debug, Clone)]
pub struct SharedFile {
    path: PathBuf,
}

/// Why a file could not be read or written. It is as it was.
#[derive(Debug, Error)]
#[error("cannot {} {}", trouble.action(), path.display())]
pub struct FileError {
    /// The file.
    pub path: PathBuf,
    /// What stood in the way.
    #[source]
    trouble: FileTrouble,
}

/// What stood in the way. The file is as it was.
#[derive(Debug, Error)]
pub(crate) enum FileTrouble {
    /// The operating system refused what was tried: `read`, `write`, `lock`, `use`.
    #[error("{1}")]
    Io(&'static str, io::Error),
    /// Another process kept the lock for too long.
    #[error("another process keeps it locked")]
    Locked {
        /// That process, where the operating system says so.
        holder: Option<u32>,
        /// How long this process waited.
        waited: Duration,
    },
}

/// A file that nobody else changes as long as this value lives.
#[derive(Debug)]
pub struct LockedFile {
    /// Open for reading and writing, at its start.
    pub(crate) file: File,
    target: PathBuf,
}

impl FileTrouble {
    fn action(&self) -> &'static str {
        match self {
            FileTrouble::Io(action, _) => action,
            FileTrouble::Locked { .. } => "lock",
        }
    }
}

impl SharedFile {
    /// The file called `path`. It need not exist.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        SharedFile { path: path.into() }
    }

    /// Its name.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is in it; `None` where there is no such file.
    ///
    /// # Errors
    /// [`FileError`], when there is one that cannot be read.
    pub fn read(&self) -> Result<Option<Vec<u8>>, FileError> {
        let mut octets = Vec::new();
        match self.try_open().map_err(|trouble| self.error(trouble))? {
            None => Ok(None),
            Some(mut file) => match file.read_to_end(&mut octets) {
                Ok(_) => Ok(Some(octets)),
                Err(error) => Err(self.error(FileTrouble::Io("read", error))),
            },
        }
    }

    /// The file, locked: nobody else who locks it changes it meanwhile. It is made (empty) when it is missing, with its
    /// folder, for its owner alone.
    ///
    /// # Errors
    /// [`FileError`], when it cannot be written, or another process keeps the lock until `deadline`.
    pub fn lock(&self, deadline: Instant) -> Result<LockedFile, FileError> {
        self.try_lock(deadline).map_err(|trouble| self.error(trouble))
    }

    fn error(&self, trouble: FileTrouble) -> FileError {
        FileError { path: self.path.clone(), trouble }
    }

    /// The file as it is now, for reading: whole, if it is only ever replaced. `None` where there is none.
    pub(crate) fn try_open(&self) -> Result<Option<File>, FileTrouble> {
        must_be_a_file(&self.path)?;
        match File::open(&self.path) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(FileTrouble::Io("read", error)),
        }
    }

    /// The file, locked; made (empty) when it is missing, with its folder.
    pub(crate) fn try_lock(&self, deadline: Instant) -> Result<LockedFile, FileTrouble> {
        let target = self.target()?;
        let started = Instant::now();
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder_of(&target))
            .map_err(|error| FileTrouble::Io("write", error))?;
        let mut pause = Duration::from_millis(1);
        loop {
            must_be_a_file(&target)?;
            let mut options = OpenOptions::new();
            let options = options.read(true).write(true).create(true).truncate(false).mode(0o600);
            let file = options.open(&target).map_err(|error| FileTrouble::Io("write", error))?;
            match file.try_lock() {
                Ok(()) if is_still_called(&file, &target) => return Ok(LockedFile { file, target }),
                Ok(()) => continue, // replaced while we waited: the lock that counts is on the new file
                Err(TryLockError::Error(error)) => return Err(FileTrouble::Io("lock", error)),
                Err(TryLockError::WouldBlock) => {}
            }
            if Instant::now() >= deadline {
                return Err(FileTrouble::Locked { holder: holder_of_lock(&file), waited: started.elapsed() });
            }
            std::thread::sleep(pause.min(deadline.saturating_duration_since(Instant::now())));
            pause = (pause * 2).min(Duration::from_millis(20));
        }
    }

    /// The file that the name leads to, through symbolic links, whether it exists or not.
    fn target(&self) -> Result<PathBuf, FileTrouble> {
        let mut path = self.path.clone();
        // As many links as Linux follows.
        for _ in 0..40 {
            match std::fs::read_link(&path) {
                Ok(link) => path = path.parent().unwrap_or(Path::new("")).join(link),
                Err(_) => return Ok(path),
            }
        }
        Err(FileTrouble::Io("write", io::Error::other("too many symbolic links")))
    }
}

impl LockedFile {
    /// What is in it.
    ///
    /// # Errors
    /// [`FileError`], when it cannot be read.
    pub fn read(&self) -> Result<Vec<u8>, FileError> {
        let mut octets = Vec::new();
        let read = (&self.file).read_to_end(&mut octets);
        let failed = |error| FileError { path: self.target.clone(), trouble: FileTrouble::Io("read", error) };
        read.map(|_| octets).map_err(failed)
    }

    /// Writes new content beside the file and renames over it: at any moment the old one or the new one is there, whole.
    ///
    /// # Errors
    /// [`FileError`], when it cannot be written; the file is then as it was.
    pub fn replace(self, octets: &[u8]) -> Result<(), FileError> {
        let path = self.target.clone();
        let folder = folder_of(&path).to_owned();
        // The new name is on disk when the folder is.
        let replaced = self.try_replace(octets).and_then(|()| File::open(folder)?.sync_all());
        replaced.map_err(|error| FileError { path, trouble: FileTrouble::Io("write", error) })
    }

    /// Writes beside the file and renames over it: at any moment the old one or the new one is there, whole.
    pub(crate) fn try_replace(self, octets: &[u8]) -> io::Result<()> {
        let folder = folder_of(&self.target);
        let name = self.target.file_name().unwrap_or_default().to_string_lossy();
        let prefix = format!(".{name}.new-");
        remove_strays(folder, &prefix);
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(io::Error::other)?;
        let temporary = folder.join(format!("{prefix}{:016x}", u64::from_ne_bytes(random)));
        let owner = self.file.metadata()?.uid();
        let written = write_new(&temporary, octets)
            .and_then(|()| give_to(&temporary, owner))
            .and_then(|()| std::fs::rename(&temporary, &self.target));
        if written.is_err() {
            let _ = std::fs::remove_file(&temporary);
        }
        written
    }
}

/// A device or a pipe cannot be replaced by a file and must not be; nor may its other end be waited for.
fn must_be_a_file(path: &Path) -> Result<(), FileTrouble> {
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => Err(FileTrouble::Io("read", io::ErrorKind::IsADirectory.into())),
        Ok(metadata) if !metadata.is_file() => {
            Err(FileTrouble::Io("use", io::Error::other("it is a device or a pipe, not a file")))
        }
        // What is not there, or cannot be looked at, is for opening it to say.
        Ok(_) | Err(_) => Ok(()),
    }
}

fn write_new(path: &Path, octets: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(octets)?;
    file.sync_all()
}

/// A file stays its owner's whoever changes it: root may change what a server reads that is not root.
fn give_to(path: &Path, owner: u32) -> io::Result<()> {
    if std::fs::metadata(path)?.uid() == owner {
        return Ok(());
    }
    std::os::unix::fs::chown(path, Some(owner), None)
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

fn is_still_called(file: &File, path: &Path) -> bool {
    match (file.metadata(), std::fs::metadata(path)) {
        (Ok(ours), Ok(named)) => (ours.dev(), ours.ino()) == (named.dev(), named.ino()),
        _ => false,
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
