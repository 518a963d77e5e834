//! The threads that run calls on SQLite, so that no async task waits for the disk.
//!
//! The queue is the only state that the threads share with their callers. A call that arrives while the writer commits
//! waits in the queue, and the next transaction includes it (group commit). `PRAGMA synchronous = FULL` makes SQLite
//! sync its log in each commit, so a call that is answered is on disk.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use rusqlite::{Connection, ErrorCode, TransactionBehavior, ffi};
use tokio::sync::oneshot;

use super::error::SqliteOpenError;
use super::location::Location;
use super::rows;
use super::schema;
use super::tables::{TableAccess, Tables};
use crate::session::StoreError;

/// How many calls may wait. More calls arrive only while the disk hangs, and fail at once.
const MAX_QUEUE_LEN: usize = 16 * 1024;

/// How many calls share a transaction. Larger batches would block other processes for longer.
const BATCH_SIZE: usize = 1024;

/// Threads with a connection each, and the queue of the calls that wait for them.
#[derive(Debug)]
pub(super) struct Workers {
    /// `None` only while the value is dropped.
    queue: Option<SyncSender<Box<dyn Job>>>,
    threads: Vec<JoinHandle<()>>,
}

impl Drop for Workers {
    /// Runs the calls that wait, and closes the connections.
    fn drop(&mut self) {
        self.queue = None;
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

/// Runs a batch. An error means that nothing of the batch was done.
type Run = fn(&mut Connection, &Tables, &mut [Box<dyn Job>]) -> rusqlite::Result<()>;

impl Workers {
    /// Starts the thread that writes.
    pub(super) fn writer(location: &Location, connection: Connection) -> Result<Self, SqliteOpenError> {
        Workers::start("session-writer", location, [connection], BATCH_SIZE, commit_together)
    }

    /// Starts threads that read. Each read sees the last commit and does not wait for the writer.
    pub(super) fn readers<const N: usize>(
        location: &Location,
        connections: [Connection; N],
    ) -> Result<Self, SqliteOpenError> {
        Workers::start("session-reader", location, connections, 1, run_each)
    }

    fn start<const N: usize>(
        name: &str,
        location: &Location,
        connections: [Connection; N],
        batch_size: usize,
        run: Run,
    ) -> Result<Self, SqliteOpenError> {
        let (queue, jobs) = sync_channel(MAX_QUEUE_LEN);
        let jobs = Arc::new(Mutex::new(jobs));
        let mut workers = Workers { queue: Some(queue), threads: Vec::new() };
        for mut connection in connections {
            let (at, jobs) = (location.clone(), Arc::clone(&jobs));
            let work = move || {
                while let Some(mut batch) = next_batch(&jobs, batch_size) {
                    let outcome = at.check().and_then(|()| {
                        run(&mut connection, at.tables(), &mut batch).map_err(|error| {
                            open_again(&mut connection, &at, &error);
                            error.to_string()
                        })
                    });
                    let failure = outcome.err();
                    batch.into_iter().for_each(|job| job.answer(failure.as_deref()));
                }
            };
            let thread = thread::Builder::new().name(name.to_owned()).spawn(work);
            workers.threads.push(thread.map_err(|error| SqliteOpenError::io(location.path(), error))?);
        }
        Ok(workers)
    }

    /// Runs `work` on a thread and returns its result. If the caller stops waiting before that, `work` is not run.
    pub(super) async fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(TableAccess<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (sender, receiver) = oneshot::channel();
        let stopped =
            || StoreError::failed("the thread of the session store has stopped; restart the server");
        let Some(queue) = &self.queue else { return Err(stopped()) };
        match queue.try_send(Box::new(Call { work: Some(work), result: None, sender })) {
            Ok(()) => receiver.await.unwrap_or_else(|_| Err(stopped())),
            Err(TrySendError::Full(_)) => {
                Err(StoreError::failed("too many calls wait for the disk; try again"))
            }
            Err(TrySendError::Disconnected(_)) => Err(stopped()),
        }
    }
}

/// Replaces a connection after a failed read, write or sync. Nothing that was answered depends on it: a failed commit has not
/// moved the end of the log, so the next commit writes the same place again and syncs it.
fn open_again(connection: &mut Connection, location: &Location, error: &rusqlite::Error) {
    if error.sqlite_error_code() == Some(ErrorCode::SystemIoFailure) {
        // If this fails too, the old connection reports it.
        if let Ok(new) = schema::connect(location) {
            *connection = new;
        }
    }
}

/// Waits for a call, and adds those that wait behind it. `None`: the queue is closed.
fn next_batch(queue: &Mutex<Receiver<Box<dyn Job>>>, size: usize) -> Option<Vec<Box<dyn Job>>> {
    // Other readers wait for this lock instead of the queue.
    let queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
    let mut batch = vec![queue.recv().ok()?];
    batch.extend(queue.try_iter().take(size - 1));
    Some(batch)
}

/// Runs the batch in one transaction. `IMMEDIATE` takes SQLite's write lock first, so the transaction reads what other
/// processes have committed.
fn commit_together(
    connection: &mut Connection,
    tables: &Tables,
    batch: &mut [Box<dyn Job>],
) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for job in batch {
        job.run(TableAccess { connection: &transaction, tables });
        // An error such as a full disk makes SQLite roll back. Later statements would each commit on their own.
        if transaction.is_autocommit() {
            let code =
                ffi::Error { code: ErrorCode::OperationAborted, extended_code: ffi::SQLITE_ABORT_ROLLBACK };
            let reason = "the disk is full or failed; free some disk space".to_owned();
            return Err(rusqlite::Error::SqliteFailure(code, Some(reason)));
        }
    }
    transaction.commit()
}

fn run_each(
    connection: &mut Connection,
    tables: &Tables,
    batch: &mut [Box<dyn Job>],
) -> rusqlite::Result<()> {
    batch.iter_mut().for_each(|job| job.run(TableAccess { connection, tables }));
    Ok(())
}

/// A call in the queue.
trait Job: Send {
    /// Does the work, unless the caller no longer waits for it.
    fn run(&mut self, file: TableAccess<'_>);
    /// Sends the result to the caller, or the failure if the batch failed.
    fn answer(self: Box<Self>, failure: Option<&str>);
}

struct Call<W, T> {
    work: Option<W>,
    result: Option<rusqlite::Result<T>>,
    sender: oneshot::Sender<Result<T, StoreError>>,
}

impl<W, T> Job for Call<W, T>
where
    W: FnOnce(TableAccess<'_>) -> rusqlite::Result<T> + Send,
    T: Send,
{
    fn run(&mut self, file: TableAccess<'_>) {
        if !self.sender.is_closed() {
            self.result = self.work.take().map(|work| work(file));
        }
    }

    fn answer(self: Box<Self>, failure: Option<&str>) {
        let result = match (failure, self.result) {
            (Some(failure), _) => Err(StoreError::failed(failure)),
            (None, Some(result)) => result.map_err(|error| match rows::is_unreadable(&error) {
                true => StoreError::unreadable(error),
                false => StoreError::failed(error),
            }),
            (None, None) => return,
        };
        // The caller may have stopped waiting.
        let _ = self.sender.send(result);
    }
}
