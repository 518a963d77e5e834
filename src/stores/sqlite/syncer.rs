//! The thread that waits for the disk: a call is answered when what it wrote is there, and meanwhile the next ones are
//! written.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use super::writer::Job;

/// How many transactions may wait for the disk: more would only make each of them wait for longer.
const QUEUE: usize = 4;

/// What a transaction has written.
type Written = Vec<Box<dyn Job>>;

/// Hands transactions to the thread.
#[derive(Debug)]
pub(super) struct Syncer {
    /// `None` only while it is dropped.
    queue: Option<SyncSender<Written>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Syncer {
    /// Waits until the disk has all.
    fn drop(&mut self) {
        self.queue = None;
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

impl Syncer {
    /// Starts the thread. It ends with this value.
    pub(super) fn start(database: &Path) -> io::Result<Self> {
        let (queue, written) = sync_channel(QUEUE);
        let mut log = Log::of(database);
        let thread = thread::Builder::new()
            .name("session-syncer".to_owned())
            .spawn(move || sync_until_dropped(&mut log, &written))?;
        Ok(Syncer { queue: Some(queue), thread: Some(thread) })
    }

    /// Answers these calls, whose transaction is committed, when it is on disk.
    pub(super) fn answer_when_synced(&self, written: Written) {
        // The thread ends only with this value; should it have panicked, nobody is told that a call was done.
        let _ = self.queue.as_ref().map(|queue| queue.send(written));
    }
}

fn sync_until_dropped(log: &mut Log, written: &Receiver<Written>) {
    while let Ok(mut jobs) = written.recv() {
        jobs.extend(written.try_iter().flatten());
        let outcome = log.sync();
        for job in jobs {
            job.answer(outcome.as_ref().err().map(String::as_str));
        }
    }
}

/// SQLite's write-ahead log. A commit is in it, and durable once it is on disk: what stands in it later counts only if
/// all before it is there (<https://www.sqlite.org/walformat.html#the_checksum_algorithm>).
struct Log {
    path: PathBuf,
    file: Option<File>,
    /// A disk that could not take something once may have dropped it, and say that all is well the next time.
    failed: Option<String>,
}

impl Log {
    fn of(database: &Path) -> Self {
        let mut path = OsString::from(database);
        path.push("-wal");
        Log { path: path.into(), file: None, failed: None }
    }

    fn sync(&mut self) -> Result<(), String> {
        if let Some(failed) = &self.failed {
            return Err(failed.clone());
        }
        if let Err(error) = self.open() {
            return Err(format!("{}: {error}", self.path.display()));
        }
        let synced = self.file.as_ref().map_or(Ok(()), File::sync_data);
        synced.map_err(|error| {
            let failed =
                format!("the disk did not take {}: {error}; start the server anew", self.path.display());
            self.failed.insert(failed).clone()
        })
    }

    /// Sees to it that the file is open which SQLite writes: it has the name for as long as SQLite has it open.
    fn open(&mut self) -> io::Result<()> {
        let named = std::fs::metadata(&self.path)?;
        let file = match self.file.take() {
            Some(file) => file,
            None => File::open(&self.path)?,
        };
        let own = self.file.insert(file).metadata()?;
        match (own.dev(), own.ino()) == (named.dev(), named.ino()) {
            true => Ok(()),
            false => Err(io::Error::other("another file has its name")),
        }
    }
}
