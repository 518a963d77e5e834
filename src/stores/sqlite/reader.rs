//! The threads that read, each by a connection of its own: none waits for the one that writes.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::location::{Opened, Place};
use super::newest::Newest;
use super::{SqliteOpenError, StoreError};

/// A page that is not in memory holds up one of them, not all.
const THREADS: usize = 4;

/// How many calls may wait.
const QUEUE: usize = 16 * 1024;

type Job = Box<dyn FnOnce(Result<&mut Opened, &str>) + Send>;

/// Hands calls to the threads.
#[derive(Debug)]
pub(super) struct Readers {
    /// `None` only while it is dropped.
    queue: Option<SyncSender<Job>>,
    threads: Vec<JoinHandle<()>>,
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.queue = None;
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct NotRead(String);

impl Readers {
    /// Starts the threads. They end with this value.
    pub(super) fn start(place: &Place) -> Result<Self, SqliteOpenError> {
        let (queue, jobs) = sync_channel::<Job>(QUEUE);
        let jobs = Arc::new(Mutex::new(jobs));
        let path = place.path().to_owned();
        let mut threads = Vec::new();
        for number in 0..THREADS {
            let (place, jobs, first) = (place.clone(), Arc::clone(&jobs), place.open()?);
            let thread = thread::Builder::new()
                .name(format!("session-reader-{number}"))
                .spawn(move || read_until_dropped(&place, first, &jobs));
            threads.push(thread.map_err(|source| SqliteOpenError::Io { path: path.clone(), source })?);
        }
        Ok(Readers { queue: Some(queue), threads })
    }

    /// What `work` finds in the file.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection, &mut Newest) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |file| {
            if answer.is_closed() {
                return;
            }
            let result = match file {
                Ok(opened) => work(&opened.connection, &mut opened.newest).map_err(StoreError::failed),
                Err(why) => Err(StoreError::failed(NotRead(why.to_owned()))),
            };
            // Who waited may have gone.
            let _ = answer.send(result);
        });
        let not_read = |why: &str| StoreError::failed(NotRead(why.to_owned()));
        let Some(queue) = &self.queue else { return Err(not_read("the store is closed")) };
        match queue.try_send(job) {
            Ok(()) => answered.await.unwrap_or_else(|_| Err(not_read("the threads that read have ended"))),
            Err(TrySendError::Full(_)) => Err(not_read("too many calls wait for the disk")),
            Err(TrySendError::Disconnected(_)) => Err(not_read("the threads that read have ended")),
        }
    }
}

fn read_until_dropped(place: &Place, mut opened: Opened, jobs: &Mutex<Receiver<Job>>) {
    loop {
        // Held while waiting: the others wait for the lock instead.
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        match place.checked(&mut opened) {
            Ok(opened) => job(Ok(opened)),
            Err(why) => job(Err(&why)),
        }
    }
}
