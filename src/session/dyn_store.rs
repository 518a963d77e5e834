//! [`AnyStore`]: one type for every store, so that a [`Session`](crate::session::Session) needs no type
//! parameter, and the one place that bounds how long a store may take.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use super::store::{Changed, Cursor, Owner, Page, SessionStore, StoreError};
use crate::clock::Timestamp;
use crate::session::{Change, Record, TokenHash};

/// How long one call of a store may take.
const LIMIT: Duration = Duration::from_secs(2);

type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Any [`SessionStore`], shared.
#[derive(Clone)]
pub(crate) struct AnyStore {
    store: Arc<dyn Erased>,
    observer: Option<StoreObserver>,
}

/// Hears of every call of a store: what was called, how long it took (nothing, where it answered at once), what went
/// wrong.
pub(crate) type StoreObserver = Arc<dyn Fn(&'static str, Duration, Result<(), &StoreError>) + Send + Sync>;

trait Erased: Send + Sync {
    fn create(&self, key: TokenHash, record: Record) -> Answer<'_, ()>;
    fn load(&self, key: TokenHash, now: Timestamp) -> Answer<'_, Option<Record>>;
    fn change<'a>(&'a self, key: TokenHash, change: &'a Change, now: Timestamp) -> Answer<'a, Changed>;
    fn touch(&self, key: TokenHash, now: Timestamp) -> Answer<'_, bool>;
    fn delete(&self, key: TokenHash) -> Answer<'_, Option<Record>>;
    fn list<'a>(
        &'a self,
        owner: Owner<'a>,
        after: Option<&'a Cursor>,
        limit: usize,
        now: Timestamp,
    ) -> Answer<'a, Page>;
    fn count(&self, now: Timestamp) -> Answer<'_, Option<u64>>;
    fn sweep(&self, now: Timestamp) -> Answer<'_, usize>;
}

impl<S: SessionStore> Erased for S {
    fn create(&self, key: TokenHash, record: Record) -> Answer<'_, ()> {
        Box::pin(SessionStore::create(self, key, record))
    }
    fn load(&self, key: TokenHash, now: Timestamp) -> Answer<'_, Option<Record>> {
        Box::pin(SessionStore::load(self, key, now))
    }
    fn change<'a>(&'a self, key: TokenHash, change: &'a Change, now: Timestamp) -> Answer<'a, Changed> {
        Box::pin(SessionStore::change(self, key, change, now))
    }
    fn touch(&self, key: TokenHash, now: Timestamp) -> Answer<'_, bool> {
        Box::pin(SessionStore::touch(self, key, now))
    }
    fn delete(&self, key: TokenHash) -> Answer<'_, Option<Record>> {
        Box::pin(SessionStore::delete(self, key))
    }
    fn list<'a>(
        &'a self,
        owner: Owner<'a>,
        after: Option<&'a Cursor>,
        limit: usize,
        now: Timestamp,
    ) -> Answer<'a, Page> {
        Box::pin(SessionStore::list(self, owner, after, limit, now))
    }
    fn count(&self, now: Timestamp) -> Answer<'_, Option<u64>> {
        Box::pin(SessionStore::count(self, now))
    }
    fn sweep(&self, now: Timestamp) -> Answer<'_, usize> {
        Box::pin(SessionStore::sweep(self, now))
    }
}

impl AnyStore {
    pub(crate) fn new(store: impl SessionStore) -> Self {
        AnyStore { store: Arc::new(store), observer: None }
    }

    pub(crate) fn observed_by(self, observer: StoreObserver) -> Self {
        AnyStore { observer: Some(observer), ..self }
    }

    pub(crate) async fn create(&self, key: TokenHash, record: Record) -> Result<(), StoreError> {
        self.within_limit("create", self.store.create(key, record)).await
    }

    pub(crate) async fn load(&self, key: TokenHash, now: Timestamp) -> Result<Option<Record>, StoreError> {
        self.within_limit("load", self.store.load(key, now)).await
    }

    pub(crate) async fn change(
        &self,
        key: TokenHash,
        change: &Change,
        now: Timestamp,
    ) -> Result<Changed, StoreError> {
        self.within_limit("change", self.store.change(key, change, now)).await
    }

    pub(crate) async fn touch(&self, key: TokenHash, now: Timestamp) -> Result<bool, StoreError> {
        self.within_limit("touch", self.store.touch(key, now)).await
    }

    pub(crate) async fn delete(&self, key: TokenHash) -> Result<Option<Record>, StoreError> {
        self.within_limit("delete", self.store.delete(key)).await
    }

    pub(crate) async fn list(
        &self,
        owner: Owner<'_>,
        after: Option<&Cursor>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Page, StoreError> {
        self.within_limit("list", self.store.list(owner, after, limit, now)).await
    }

    pub(crate) async fn count(&self, now: Timestamp) -> Result<Option<u64>, StoreError> {
        self.within_limit("count", self.store.count(now)).await
    }

    /// A sweep takes the time that it takes: nobody waits for it.
    pub(crate) async fn sweep(&self, now: Timestamp) -> Result<usize, StoreError> {
        self.store.sweep(now).await
    }

    async fn within_limit<T>(&self, call: &'static str, mut answer: Answer<'_, T>) -> Result<T, StoreError> {
        // A store in memory answers at once: no timer is made for it, and its time is none.
        let at_once = std::future::poll_fn(|cx| Poll::Ready(answer.as_mut().poll(cx))).await;
        let (answer, took) = match at_once {
            Poll::Ready(answer) => (answer, Duration::ZERO),
            Poll::Pending => {
                let started = Instant::now();
                let answer = tokio::time::timeout(LIMIT, answer).await;
                (answer.unwrap_or(Err(StoreError::TimedOut(LIMIT))), started.elapsed())
            }
        };
        let outcome = match &answer {
            // That a key is taken is an answer too.
            Ok(_) | Err(StoreError::Exists) => Ok(()),
            Err(error) => Err(error),
        };
        if let Some(observer) = self.observer.as_ref().filter(|_| outcome.is_err() || !took.is_zero()) {
            observer(call, took, outcome);
        }
        answer
    }
}

impl fmt::Debug for AnyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AnyStore")
    }
}
