//! [`HistoryFile`]: the file that keeps what the commands of a profile did.
//!
//! Each line is a JSON object. The first contains the version and the key of the hashes; each other line is an entry.
//! Readers skip a line that a killed writer left incomplete. Losing the last entries in a power failure is harmless, so
//! lines are appended without a sync.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::HistoryEntry;
use super::stored_entry::StoredEntry;
use crate::cookies::shared_file::{FileError, LockedFile, SharedFile};
use crate::redact::{Masking, Redactor};

const VERSION: u32 = 1;

/// A larger file is cut to `CUT_LEN` bytes: the oldest entries are dropped.
const MAX_FILE_LEN: u64 = 4 * 1024 * 1024;
const CUT_LEN: usize = 2 * 1024 * 1024;

/// An entry that needs a longer line loses its last exchanges.
const MAX_LINE_LEN: usize = 512 * 1024;

/// How long to wait while another process writes.
const LOCK_TIMEOUT: Duration = Duration::from_secs(1);

/// The history of a profile.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use sessctl::client::Flow;
/// use sessctl::client::profile::{Profiles, history::HistoryEntry};
/// use sessctl::clock::Timestamp;
///
/// # let folder = tempfile::tempdir()?;
/// let history = Profiles::new(folder.path()).named("alice").history();
/// let entry = HistoryEntry::new(Timestamp::from_millis(0), "visit", 0, "200 OK", Flow::default());
/// history.append(&entry, false)?;
/// assert_eq!(history.read(false)?[0].1.command, "visit");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct HistoryFile(SharedFile);

/// Why a history could not be read or written. The file is unchanged.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// The operating system reported an error.
    #[error("cannot {action} the history {}", path.display())]
    #[non_exhaustive]
    Io {
        /// What failed: read, write, lock or remove.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        #[source]
        source: io::Error,
    },
    /// The file is not a history, or a later version wrote it.
    #[error("{} is not a history of this sessctl: {why}", path.display())]
    #[non_exhaustive]
    Unknown {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Another process kept the lock for too long.
    #[error("another process keeps the history {} locked", path.display())]
    #[non_exhaustive]
    Locked {
        /// The file.
        path: PathBuf,
    },
}

impl From<FileError> for HistoryError {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Io { action, path, source } => HistoryError::Io { action, path, source },
            FileError::Locked { path, .. } => HistoryError::Locked { path },
        }
    }
}

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
struct HistoryHeader {
    version: u32,
    /// The key of the hashes that replace secrets.
    key: String,
    /// The number of the first entry: those before it were dropped.
    first: u64,
}

impl HistoryFile {
    /// The history in this file. A file that does not exist is an empty history.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        HistoryFile(SharedFile::new(path))
    }

    /// The path of the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Appends an entry. Unless `reveal` is set, a prefix and a hash replace each secret.
    ///
    /// # Errors
    /// [`HistoryError`], if it cannot be written; the history is then unchanged.
    pub fn append(&self, entry: &HistoryEntry, reveal: bool) -> Result<(), HistoryError> {
        let mut locked = self.0.lock(Instant::now() + LOCK_TIMEOUT)?;
        let size = locked.file.metadata().map_err(|source| self.failed("read", source))?.len();
        let (header, mut text) = match self.header(&locked.file)? {
            Some(header) => (header, Vec::new()),
            None => {
                let header = HistoryHeader::new().map_err(|source| self.failed("write", source))?;
                let line = json_line(&header).map_err(|source| self.failed("write", source))?;
                (header, line)
            }
        };
        let mut stored = StoredEntry::of(entry);
        if !reveal {
            stored.redact(header.redactor());
        }
        let mut line = json_line(&stored).map_err(|source| self.failed("write", source))?;
        while line.len() > MAX_LINE_LEN && stored.drop_half() {
            line = json_line(&stored).map_err(|source| self.failed("write", source))?;
        }
        if size + line.len() as u64 > MAX_FILE_LEN {
            return self.cut(locked, header, &line);
        }
        text.extend_from_slice(&line);
        let appended = is_incomplete(&mut locked.file, size).and_then(|is_incomplete| {
            if is_incomplete {
                text.insert(0, b'\n');
            }
            locked.file.seek(SeekFrom::End(0))?;
            locked.file.write_all(&text)
        });
        if appended.is_err() {
            // Readers skip the incomplete line if this fails too.
            let _ = locked.file.set_len(size);
        }
        appended.map_err(|source| self.failed("write", source))
    }

    /// Replaces the file by its newest entries and this line.
    fn cut(
        &self,
        mut locked: LockedFile,
        mut header: HistoryHeader,
        line: &[u8],
    ) -> Result<(), HistoryError> {
        let mut old = Vec::new();
        let read = locked.file.rewind().and_then(|()| locked.file.read_to_end(&mut old));
        read.map_err(|source| self.failed("read", source))?;
        let lines: Vec<&[u8]> = old.split_inclusive(|byte| *byte == b'\n').skip(1).collect();
        let mut room = CUT_LEN.saturating_sub(line.len());
        let fits = |line: &&&[u8]| {
            let fits = line.len() <= room;
            room = if fits { room - line.len() } else { 0 };
            fits
        };
        let kept = lines.iter().rev().take_while(fits).count();
        header.first += (lines.len() - kept) as u64;
        let mut text = json_line(&header).map_err(|source| self.failed("write", source))?;
        text.extend(lines[lines.len() - kept..].iter().copied().flatten());
        if text.last() != Some(&b'\n') {
            text.push(b'\n');
        }
        text.extend_from_slice(line);
        Ok(locked.replace_unsynced(&text)?)
    }

    /// All entries with their numbers, the oldest first. Secrets that were recorded in full are masked unless `reveal` is
    /// set.
    ///
    /// # Errors
    /// [`HistoryError`], if the file exists and cannot be read as a history.
    pub fn read(&self, reveal: bool) -> Result<Vec<(u64, HistoryEntry)>, HistoryError> {
        let Some(file) = self.0.open()? else { return Ok(Vec::new()) };
        let Some(header) = self.header(&file)? else { return Ok(Vec::new()) };
        let mut entries = Vec::new();
        let lines = BufReader::new(file).split(b'\n').skip(1);
        for (number, line) in (header.first..).zip(lines) {
            let line = line.map_err(|source| self.failed("read", source))?;
            let Ok(mut stored) = serde_json::from_slice::<StoredEntry>(&line) else { continue };
            if !reveal {
                stored.redact(header.redactor());
            }
            entries.extend(HistoryEntry::try_from(stored).ok().map(|entry| (number, entry)));
        }
        Ok(entries)
    }

    /// Deletes all entries.
    ///
    /// # Errors
    /// [`HistoryError`], if the file cannot be removed.
    pub fn clear(&self) -> Result<(), HistoryError> {
        match std::fs::remove_file(self.path()) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => Err(self.failed("remove", source)),
            _ => Ok(()),
        }
    }

    /// The first line; `None` if the file is empty. Seeks to the start of the file.
    fn header(&self, mut file: &File) -> Result<Option<HistoryHeader>, HistoryError> {
        let mut start = [0; 256];
        let mut length = 0;
        let read = loop {
            match file.read(&mut start[length..]) {
                Ok(0) => break file.rewind(),
                Ok(more) => length += more,
                Err(error) => break Err(error),
            }
        };
        read.map_err(|source| self.failed("read", source))?;
        if length == 0 {
            return Ok(None);
        }
        let line = start[..length].split(|byte| *byte == b'\n').next().unwrap_or_default();
        let unknown = |why: String| HistoryError::Unknown { path: self.path().to_owned(), why };
        match serde_json::from_slice::<HistoryHeader>(line) {
            Ok(header) if header.version <= VERSION => Ok(Some(header)),
            Ok(header) => {
                Err(unknown(format!("its version is {}, this sessctl reads up to {VERSION}", header.version)))
            }
            Err(_) => Err(unknown("its first line is not the header of a history".to_owned())),
        }
    }

    fn failed(&self, action: &'static str, source: io::Error) -> HistoryError {
        HistoryError::Io { action, path: self.path().to_owned(), source }
    }
}

impl HistoryHeader {
    fn new() -> io::Result<Self> {
        let mut key = [0; 16];
        getrandom::fill(&mut key).map_err(io::Error::other)?;
        Ok(HistoryHeader { version: VERSION, key: format!("{:032x}", u128::from_ne_bytes(key)), first: 1 })
    }

    /// Masks secrets under the key of this history. An invalid key counts as zero.
    fn redactor(&self) -> Redactor {
        let key = u128::from_str_radix(&self.key, 16).unwrap_or(0).to_ne_bytes();
        Redactor::new(Masking::Hashed(key))
    }
}

fn json_line(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    Ok(line)
}

/// Whether the last line is incomplete because its writer was killed.
fn is_incomplete(file: &mut File, size: u64) -> io::Result<bool> {
    if size == 0 {
        return Ok(false);
    }
    let mut last = [0];
    file.seek(SeekFrom::Start(size - 1))?;
    file.read_exact(&mut last)?;
    Ok(last != [b'\n'])
}
