//! The history of a profile: the flows of its commands, the newest of them, for looking at later.
//!
//! One file of lines: the first names the version and the key of the hashes, each other one is a record. A line
//! that a killed writer left unfinished is passed over. Nothing is ever worse than a history that is too short:
//! so lines are appended without a sync.

mod mask;
mod stored;

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::client::http::exchange::Flow;
use crate::clock::Timestamp;
use crate::cookies::shared_file::{FileTrouble, LockedFile, SharedFile};
use mask::Mask;
pub use mask::prefix;
use stored::StoredRecord;

const VERSION: u32 = 1;

/// How large the file may grow, in octets, and to what it is cut then.
const LARGEST: u64 = 4 * 1024 * 1024;
const CUT_TO: usize = 2 * 1024 * 1024;

/// No line is longer; a flow that would be loses its last exchanges.
const LONGEST_LINE: usize = 512 * 1024;

/// How long to wait for another process that writes.
const PATIENCE: Duration = Duration::from_secs(1);

/// A history by the name of its file.
#[derive(Debug, Clone)]
pub struct HistoryFile(SharedFile);

/// What one command did.
#[derive(Debug, Clone)]
pub struct Record {
    /// When it began.
    pub at: Timestamp,
    /// The command: `login`, `visit` and so on.
    pub command: String,
    /// What it exited with.
    pub exit: u8,
    /// What it found.
    pub reason: String,
    /// What speaks for that.
    pub evidence: Vec<String>,
    /// What was sent and received.
    pub flow: Flow,
}

/// Why a history could not be read or written. It is as it was.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// The operating system refused.
    #[error("cannot {action} the history {}", path.display())]
    Io {
        /// What was tried: read, write, lock.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// The file is no history that this version knows.
    #[error("{} is not a history of this sessctl: {why}", path.display())]
    Unknown {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Another process kept the lock for too long.
    #[error("another process keeps the history {} locked", path.display())]
    Locked {
        /// The file.
        path: PathBuf,
    },
}

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    version: u32,
    /// Of the hashes that stand for cookie values.
    key: String,
    /// The number of the first record: those before it were cut off.
    first: u64,
}

impl HistoryFile {
    /// The history in the file called `path`. It need not exist: no file is an empty history.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        HistoryFile(SharedFile::new(path))
    }

    /// Its name.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Adds a record: with whole cookie values if `reveal`, else with a beginning and a hash in their place.
    ///
    /// # Errors
    /// [`HistoryError`], when it cannot be written; the history is then as it was.
    pub fn append(&self, record: &Record, reveal: bool) -> Result<(), HistoryError> {
        let mut locked = self.0.try_lock(Instant::now() + PATIENCE).map_err(|trouble| self.error(trouble))?;
        let size = locked.file.metadata().map_err(|source| self.failed("read", source))?.len();
        let (header, mut text) = match self.header(&locked.file)? {
            Some(header) => (header, Vec::new()),
            None => {
                let header = Header::new().map_err(|source| self.failed("write", source))?;
                let line = json_line(&header).map_err(|source| self.failed("write", source))?;
                (header, line)
            }
        };
        let mask = Mask::new(header.key_octets());
        let mut stored = StoredRecord::of(record);
        if !reveal {
            mask.hide(&mut stored);
        }
        let mut line = json_line(&stored).map_err(|source| self.failed("write", source))?;
        while line.len() > LONGEST_LINE && stored.forget_half() {
            line = json_line(&stored).map_err(|source| self.failed("write", source))?;
        }
        if size + line.len() as u64 > LARGEST {
            return self.cut(locked, header, &line);
        }
        text.extend_from_slice(&line);
        let appended = is_unfinished(&mut locked.file, size).and_then(|unfinished| {
            if unfinished {
                text.insert(0, b'\n');
            }
            locked.file.seek(SeekFrom::End(0))?;
            locked.file.write_all(&text)
        });
        if appended.is_err() {
            // Half a line is of no use to anybody; if this fails too, readers pass over it.
            let _ = locked.file.set_len(size);
        }
        appended.map_err(|source| self.failed("write", source))
    }

    /// The newer half of the file with a line more, in place of the file.
    fn cut(&self, mut locked: LockedFile, mut header: Header, line: &[u8]) -> Result<(), HistoryError> {
        let mut old = Vec::new();
        let read = locked.file.rewind().and_then(|()| locked.file.read_to_end(&mut old));
        read.map_err(|source| self.failed("read", source))?;
        let lines: Vec<&[u8]> = old.split_inclusive(|octet| *octet == b'\n').skip(1).collect();
        let mut room = CUT_TO.saturating_sub(line.len());
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
        locked.try_replace(&text).map_err(|source| self.failed("write", source))
    }

    /// All records with their numbers, the oldest first. Cookie values that were recorded whole are so here only if
    /// `reveal`.
    ///
    /// # Errors
    /// [`HistoryError`], when there is a file that cannot be read as a history.
    pub fn read(&self, reveal: bool) -> Result<Vec<(u64, Record)>, HistoryError> {
        let Some(file) = self.0.try_open().map_err(|trouble| self.error(trouble))? else {
            return Ok(Vec::new());
        };
        let Some(header) = self.header(&file)? else { return Ok(Vec::new()) };
        let mask = Mask::new(header.key_octets());
        let mut records = Vec::new();
        let lines = BufReader::new(file).split(b'\n').skip(1);
        for (number, line) in (header.first..).zip(lines) {
            let line = line.map_err(|source| self.failed("read", source))?;
            let Ok(mut stored) = serde_json::from_slice::<StoredRecord>(&line) else { continue };
            if !reveal {
                mask.hide(&mut stored);
            }
            records.extend(Record::try_from(stored).ok().map(|record| (number, record)));
        }
        Ok(records)
    }

    /// Forgets everything.
    ///
    /// # Errors
    /// [`HistoryError`], when the file cannot be removed.
    pub fn clear(&self) -> Result<(), HistoryError> {
        match std::fs::remove_file(self.path()) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => Err(self.failed("remove", source)),
            _ => Ok(()),
        }
    }

    /// The first line; `None` of an empty file. Afterwards the file is at its start.
    fn header(&self, mut file: &File) -> Result<Option<Header>, HistoryError> {
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
        let line = start[..length].split(|octet| *octet == b'\n').next().unwrap_or_default();
        let unknown = |why: String| HistoryError::Unknown { path: self.path().to_owned(), why };
        match serde_json::from_slice::<Header>(line) {
            Ok(header) if header.version <= VERSION => Ok(Some(header)),
            Ok(header) => {
                Err(unknown(format!("its version is {}, this one knows {VERSION}", header.version)))
            }
            Err(_) => Err(unknown("its first line is none that sessctl writes".to_owned())),
        }
    }

    fn error(&self, trouble: FileTrouble) -> HistoryError {
        match trouble {
            FileTrouble::Io(action, source) => self.failed(action, source),
            FileTrouble::Locked { .. } => HistoryError::Locked { path: self.path().to_owned() },
        }
    }

    fn failed(&self, action: &'static str, source: io::Error) -> HistoryError {
        HistoryError::Io { action, path: self.path().to_owned(), source }
    }
}

impl Header {
    fn new() -> io::Result<Self> {
        let mut key = [0; 16];
        getrandom::fill(&mut key).map_err(io::Error::other)?;
        Ok(Header { version: VERSION, key: format!("{:032x}", u128::from_ne_bytes(key)), first: 1 })
    }
}

impl Header {
    /// A key that somebody has changed is a key too.
    fn key_octets(&self) -> [u8; 16] {
        u128::from_str_radix(&self.key, 16).unwrap_or(0).to_ne_bytes()
    }
}

fn json_line(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    Ok(line)
}

/// Whether the last line has no end: its writer was killed.
fn is_unfinished(file: &mut File, size: u64) -> io::Result<bool> {
    if size == 0 {
        return Ok(false);
    }
    let mut last = [0];
    file.seek(SeekFrom::Start(size - 1))?;
    file.read_exact(&mut last)?;
    Ok(last != [b'\n'])
}
