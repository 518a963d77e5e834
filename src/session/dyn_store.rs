//! [`DynStore`]: any store behind one type, so that [`Session`](super::Session) needs no type parameter. It also limits
//! the time of each call.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::{Duration, Instant};

use super::change::Change;
use super::id::{Handle, TokenHash};
use super::page::{Cursor, Page};
use super::record::{ExpiredSession, Record};
use super::store::{Changed, Owner, SessionStore, StoreError};
use super::successor::Successor;
use crate::clock::Timestamp;

/// The time limit of one call.
const CALL_TIMEOUT: Duration = Duration::from_secs(2);

type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// A callback for calls that had to wait or failed: the name of the call, its duration, and its result.
pub(super) type StoreObserver = Box<dyn Fn(&'static str, Duration, Result<(), &StoreError>) + Send + Sync>;

/// The calls of a [`SessionStore`], each with a time limit.
pub(super) trait DynStore: Send + Sync {
    fn set_observer(&mut self, observer: StoreObserver);
    fn create(&self, key: TokenHash, record: Record) -> StoreFuture<'_, ()>;
    fn load(&self, key: TokenHash, now: Timestamp) -> StoreFuture<'_, Option<Record>>;
    fn change<'a>(&'a self, key: TokenHash, change: &'a Change, now: Timestamp) -> StoreFuture<'a, Changed>;
    fn touch(&self, key: TokenHash, now: Timestamp) -> StoreFuture<'_, bool>;
    fn delete(&self, key: TokenHash) -> StoreFuture<'_, Option<Record>>;
    fn rotate(
        &self,
        key: TokenHash,
        to: (TokenHash, Handle),
        now: Timestamp,
    ) -> StoreFuture<'_, Option<Record>>;
    fn supersede(&self, key: TokenHash, by: TokenHash, now: Timestamp) -> StoreFuture<'_, Option<Record>>;
    fn successor(&self, key: TokenHash, now: Timestamp) -> StoreFuture<'_, Option<Successor>>;
    fn list<'a>(
        &'a self,
        owner: Owner<'a>,
        after: Option<&'a Cursor>,
        limit: usize,
        now: Timestamp,
    ) -> StoreFuture<'a, Page>;
    fn count(&self, now: Timestamp) -> StoreFuture<'_, Option<u64>>;
    fn ready(&self, now: Timestamp) -> StoreFuture<'_, ()>;
    fn clock_tolerance(&self) -> Duration;
    /// A sweep has no time limit: no request waits for it.
    fn sweep(&self, now: Timestamp) -> StoreFuture<'_, Vec<ExpiredSession>>;
}

/// A store, and who observes its calls.
struct TimedStore<S> {
    store: S,
    observer: Option<StoreObserver>,
}

/// Any store as a [`DynStore`].
pub(super) fn timed(store: impl SessionStore) -> Box<dyn DynStore> {
    Box::new(TimedStore { store, observer: None })
}

impl<S: SessionStore> DynStore for TimedStore<S> {
    fn set_observer(&mut self, observer: StoreObserver) {
        self.observer = Some(observer);
    }

    fn create(&self, key: TokenHash, record: Record) -> StoreFuture<'_, ()> {
        self.limit("create", self.store.create(key, record))
    }

    fn load(&self, key: TokenHash, now: Timestamp) -> StoreFuture<'_, Option<Record>> {
        self.limit("load", self.store.load(key, now))
    }

    fn change<'a>(&'a self, key: TokenHash, change: &'a Change, now: Timestamp) -> StoreFuture<'a, Changed> {
        self.limit("change", self.store.change(key, change, now))
    }

    fn touch(&self, key: TokenHash, now: Timestamp) -> StoreFuture<'_, bool> {
        self.limit("touch", self.store.touch(key, now))
    }

    fn delete(&self, key: TokenHash) -> StoreFuture<'_, Option<Record>> {
        self.limit("delete", self.store.delete(key))
    }

    fn rotate(
        &self,
        key: TokenHash,
        to: (TokenHash, Handle),
        now: Timestamp,
    ) -> StoreFuture<'_, Option<Record>> {
        self.limit("rotate", self.store.rotate(key, to, now))
    }

    fn supersede(&self, key: TokenHash, by: TokenHash, now: Timestamp) -> StoreFuture<'_, Option<Record>> {
        self.limit("supersede", self.store.supersede(key, by, now))
    }

    fn successor(&self, key: TokenHash, now: Timestamp) -> StoreFuture<'_, Option<Successor>> {
        self.limit("successor", self.store.successor(key, now))
    }

    fn list<'a>(
        &'a self,
        owner: Owner<'a>,
        after: Option<&'a Cursor>,
        limit: usize,
        now: Timestamp,
    ) -> StoreFuture<'a, Page> {
        self.limit("list", self.store.list(owner, after, limit, now))
    }

    fn count(&self, now: Timestamp) -> StoreFuture<'_, Option<u64>> {
        self.limit("count", self.store.count(now))
    }

    fn ready(&self, now: Timestamp) -> StoreFuture<'_, ()> {
        self.limit("ready", self.store.ready(now))
    }

    fn clock_tolerance(&self) -> Duration {
        self.store.clock_tolerance()
    }

    fn sweep(&self, now: Timestamp) -> StoreFuture<'_, Vec<ExpiredSession>> {
        Box::pin(self.store.sweep(now))
    }
}

impl<S: SessionStore> TimedStore<S> {
    fn limit<'a, T: Send + 'a>(
        &'a self,
        call: &'static str,
        work: impl Future<Output = Result<T, StoreError>> + Send + 'a,
    ) -> StoreFuture<'a, T> {
        Box::pin(async move {
            let mut work = pin!(work);
            // The memory store is ready at the first poll and needs no timer.
            let first_poll = std::future::poll_fn(|cx| Poll::Ready(work.as_mut().poll(cx))).await;
            let (result, duration) = match first_poll {
                Poll::Ready(result) => (result, Duration::ZERO),
                Poll::Pending => {
                    let started = Instant::now();
                    let result = tokio::time::timeout(CALL_TIMEOUT, work).await;
                    (result.unwrap_or(Err(StoreError::TimedOut(CALL_TIMEOUT))), started.elapsed())
                }
            };
            let outcome = match &result {
                // `Exists` is an answer, not a failure of the store.
                Ok(_) | Err(StoreError::Exists) => Ok(()),
                Err(error) => Err(error),
            };
            if let Some(observer) = self.observer.as_ref().filter(|_| outcome.is_err() || !duration.is_zero())
            {
                observer(call, duration, outcome);
            }
            result
        })
    }
}
