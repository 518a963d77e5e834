//! [`DynStore`]: any store behind one type, so that [`Session`](super::Session) needs no type parameter. It also limits
//! the time of each call.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use super::change::Change;
use super::id::TokenHash;
use super::record::Record;
use super::store::{Changed, Cursor, Owner, Page, SessionStore, StoreError};
use crate::clock::Timestamp;

/// The time limit of one call.
const CALL_TIMEOUT: Duration = Duration::from_secs(2);

type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Any [`SessionStore`], shared.
#[derive(Clone)]
pub(crate) struct DynStore {
    store: Arc<dyn ErasedStore>,
    observer: Option<StoreObserver>,
}

/// A callback for calls that had to wait or failed: the name of the call, its duration, and its result.
pub(crate) type StoreObserver = Arc<dyn Fn(&'static str, Duration, Result<(), &StoreError>) + Send + Sync>;

trait ErasedStore: Send + Sync {
    fn create(&self, key: TokenHash, record: Record) -> StoreFuture<'_, ()>;
    fn load(&self, key: TokenHash, now: Timestamp) -> StoreFuture<'_, Option<Record>>;
    fn change<'a>(&'a self, key: TokenHash, change: &'a Change, now: Timestamp) -> StoreFuture<'a, Changed>;
    fn touch(&self, key: TokenHash, now: Timestamp) -> StoreFuture<'_, bool>;
    fn delete(&self, key: TokenHash) -> StoreFuture<'_, Option<Record>>;
    fn list<'a>(
        &'a self,
        owner: Owner<'a>,
        after: Option<&'a Cursor>,
        limit: usize,
        now: Timestamp,
    ) -> StoreFuture<'a, Page>;
    fn count(&self, now: Timestamp) -> StoreFuture<'_, Option<u64>>;
    fn sweep(&self, now: Timestamp) -> StoreFuture<'_, usize>;
}

impl<S: SessionStore> ErasedStore for S {
    fn create(&self, key: TokenHash, record: Record) -> StoreFuture<'_, ()> {
        Box::pin(SessionStore::create(self, key, record))
    }
    fn load(&self, key: TokenHash, now: Timestamp) -> StoreFuture<'_, Option<Record>> {
        Box::pin(SessionStore::load(self, key, now))
    }
    fn change<'a>(&'a self, key: TokenHash, change: &'a Change, now: Timestamp) -> StoreFuture<'a, Changed> {
        Box::pin(SessionStore::change(self, key, change, now))
    }
    fn touch(&self, key: TokenHash, now: Timestamp) -> StoreFuture<'_, bool> {
        Box::pin(SessionStore::touch(self, key, now))
    }
    fn delete(&self, key: TokenHash) -> StoreFuture<'_, Option<Record>> {
        Box::pin(SessionStore::delete(self, key))
    }
    fn list<'a>(
        &'a self,
        owner: Owner<'a>,
        after: Option<&'a Cursor>,
        limit: usize,
        now: Timestamp,
    ) -> StoreFuture<'a, Page> {
        Box::pin(SessionStore::list(self, owner, after, limit, now))
    }
    fn count(&self, now: Timestamp) -> StoreFuture<'_, Option<u64>> {
        Box::pin(SessionStore::count(self, now))
    }
    fn sweep(&self, now: Timestamp) -> StoreFuture<'_, usize> {
        Box::pin(SessionStore::sweep(self, now))
    }
}

impl DynStore {
    pub(crate) fn new(store: impl SessionStore) -> Self {
        DynStore { store: Arc::new(store), observer: None }
    }

    pub(crate) fn observed_by(self, observer: StoreObserver) -> Self {
        DynStore { observer: Some(observer), ..self }
    }

    pub(crate) async fn create(&self, key: TokenHash, record: Record) -> Result<(), StoreError> {
        self.with_timeout("create", self.store.create(key, record)).await
    }

    pub(crate) async fn load(&self, key: TokenHash, now: Timestamp) -> Result<Option<Record>, StoreError> {
        self.with_timeout("load", self.store.load(key, now)).await
    }

    pub(crate) async fn change(
        &self,
        key: TokenHash,
        change: &Change,
        now: Timestamp,
    ) -> Result<Changed, StoreError> {
        self.with_timeout("change", self.store.change(key, change, now)).await
    }

    pub(crate) async fn touch(&self, key: TokenHash, now: Timestamp) -> Result<bool, StoreError> {
        self.with_timeout("touch", self.store.touch(key, now)).await
    }

    pub(crate) async fn delete(&self, key: TokenHash) -> Result<Option<Record>, StoreError> {
        self.with_timeout("delete", self.store.delete(key)).await
    }

    pub(crate) async fn list(
        &self,
        owner: Owner<'_>,
        after: Option<&Cursor>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Page, StoreError> {
        self.with_timeout("list", self.store.list(owner, after, limit, now)).await
    }

    pub(crate) async fn count(&self, now: Timestamp) -> Result<Option<u64>, StoreError> {
        self.with_timeout("count", self.store.count(now)).await
    }

    /// A sweep has no time limit: no request waits for it.
    pub(crate) async fn sweep(&self, now: Timestamp) -> Result<usize, StoreError> {
        self.store.sweep(now).await
    }

    async fn with_timeout<T>(
        &self,
        call: &'static str,
        mut call_future: StoreFuture<'_, T>,
    ) -> Result<T, StoreError> {
        // The memory store is ready at the first poll and needs no timer.
        let first_poll = std::future::poll_fn(|cx| Poll::Ready(call_future.as_mut().poll(cx))).await;
        let (result, duration) = match first_poll {
            Poll::Ready(result) => (result, Duration::ZERO),
            Poll::Pending => {
                let started = Instant::now();
                let result = tokio::time::timeout(CALL_TIMEOUT, call_future).await;
                (result.unwrap_or(Err(StoreError::TimedOut(CALL_TIMEOUT))), started.elapsed())
            }
        };
        let outcome = match &result {
            // `Exists` is an answer, not a failure of the store.
            Ok(_) | Err(StoreError::Exists) => Ok(()),
            Err(error) => Err(error),
        };
        if let Some(observer) = self.observer.as_ref().filter(|_| outcome.is_err() || !duration.is_zero()) {
            observer(call, duration, outcome);
        }
        result
    }
}

impl fmt::Debug for DynStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DynStore")
    }
}
