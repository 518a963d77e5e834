//! The thread that writes: what has come while it was at the last transaction goes into the next one. That it is on disk
//! is another thread's affair.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::oneshot;

use super::location::{Opened, Place};
use super::newest::Newest;
use super::syncer::Syncer;
use super::{SqliteOpenError, StoreError};

/// How many calls may wait. More than that come only while the disk is stuck, and are told so at once.
const QUEUE: usize = 16 * 1024;

/// How many calls share a transaction. More would save little and keep other processes waiting; and the first of what
/// waits is on its way to the disk while the next is written.
const TOGETHER: usize = 64;

/// Hands calls to the thread.
#[derive(Debug)]
pub(super) struct Writer {
    /// `None` only while it is dropped.
    queue: Option<SyncSender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Writer {
    /// Waits for what is being written, and for SQLite to close the file in good order.
    fn drop(&mut self) {
        self.queue = None;
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// A call that waits for its turn.
pub(super) trait Job: Send {
    /// Nobody waits for it any more: it is not to be done.
    fn is_given_up(&self) -> bool;
    /// Does it, within a transaction.
    fn run(&mut self, file: &Connection, newest: &mut Newest);
    /// Answers it, once the fate of the transaction is known: committed and on disk, unless there is a failure to tell.
    fn answer(self: Box<Self>, failure: Option<&str>);
}

struct Call<W, T> {
    work: Option<W>,
    result: Option<rusqlite::Result<T>>,
    answer: oneshot::Sender<Result<T, StoreError>>,
}

impl<W, T> Job for Call<W, T>
where
    W: FnOnce(&Connection, &mut Newest) -> rusqlite::Result<T> + Send,
    T: Send,
{
    fn is_given_up(&self) -> bool {
        self.answer.is_closed()
    }

    fn run(&mut self, file: &Connection, newest: &mut Newest) {
        self.result = self.work.take().map(|work| work(file, newest));
    }

    fn answer(self: Box<Self>, failure: Option<&str>) {
        let result = match (failure, self.result) {
            (None, Some(result)) => result.map_err(StoreError::failed),
            (Some(why), _) => Err(StoreError::failed(NotWritten(why.to_owned()))),
            (None, None) => Err(StoreError::failed(NotWritten("it was not begun".to_owned()))),
        };
        // Who waited may have gone.
        let _ = self.answer.send(result);
    }
}

/// The transaction was not committed: nothing of it was done.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct NotWritten(String);

impl Writer {
    /// Starts the thread. It ends with the writer.
    pub(super) fn start(place: Place, first: Opened) -> Result<Self, SqliteOpenError> {
        let (queue, jobs) = sync_channel(QUEUE);
        let path = place.path().to_owned();
        let failed = |source| SqliteOpenError::Io { path: path.clone(), source };
        // By the name that SQLite has made of it: its log stands beside what a symbolic link points to.
        let database = first.connection.path().map_or_else(|| path.clone(), PathBuf::from);
        let syncer = Syncer::start(&database).map_err(failed)?;
        let thread = thread::Builder::new()
            .name("session-writer".to_owned())
            .spawn(move || write_until_dropped(&place, first, &jobs, syncer))
            .map_err(failed)?;
        Ok(Writer { queue: Some(queue), thread: Some(thread) })
    }

    /// Does `work` in a transaction, and tells its result when that is on disk. Given up before its turn, it is not
    /// done at all.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection, &mut Newest) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let not_written = |why: &str| StoreError::failed(NotWritten(why.to_owned()));
        let Some(queue) = &self.queue else { return Err(not_written("the store is closed")) };
        match queue.try_send(Box::new(Call { work: Some(work), result: None, answer })) {
            Ok(()) => answered.await.unwrap_or_else(|_| Err(not_written("the thread that writes has ended"))),
            Err(TrySendError::Full(_)) => Err(not_written("too many calls wait for the disk")),
            Err(TrySendError::Disconnected(_)) => Err(not_written("the thread that writes has ended")),
        }
    }
}

fn write_until_dropped(place: &Place, mut opened: Opened, jobs: &Receiver<Box<dyn Job>>, syncer: Syncer) {
    while let Ok(first) = jobs.recv() {
        // Without waiting for more: what comes meanwhile shares the next sync, whether in one transaction or in two.
        let mut batch = vec![first];
        batch.extend(jobs.try_iter().take(TOGETHER - 1));
        batch.retain(|job| !job.is_given_up());
        if batch.is_empty() {
            continue;
        }
        let outcome = match place.checked(&mut opened) {
            Ok(Opened { connection, newest, .. }) => {
                let outcome = run_together(connection, newest, &mut batch);
                newest.end(outcome.is_ok());
                outcome.map_err(|error| error.to_string())
            }
            Err(error) => Err(error),
        };
        match outcome {
            Ok(()) => {
                syncer.answer_when_synced(batch);
                if opened.newest.are_many() {
                    // Should it fail, all is found without it, and after the next transaction it is tried again.
                    let _ = opened.newest.add_to_index(&mut opened.connection);
                }
            }
            Err(why) => batch.into_iter().for_each(|job| job.answer(Some(&why))),
        }
    }
    // SQLite removes its log with the last connection: all that waits for it comes before.
    drop(syncer);
    drop(opened);
}

/// All of the batch in one transaction, which waits for its turn among processes.
fn run_together(
    file: &mut Connection,
    newest: &mut Newest,
    batch: &mut [Box<dyn Job>],
) -> rusqlite::Result<()> {
    let transaction = file.transaction_with_behavior(TransactionBehavior::Immediate)?;
    newest.begin(&transaction)?;
    for job in batch {
        job.run(&transaction, newest);
        // An error such as a full disk ends the transaction by itself: nothing must be written outside of one.
        if transaction.is_autocommit() {
            return Err(rusqlite::Error::SqliteFailure(
                rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_ABORT_ROLLBACK),
                Some("the disk is full, or fails".to_owned()),
            ));
        }
    }
    transaction.commit()
}
