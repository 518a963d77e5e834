//! [`AnyStore`]: one type for every store, so that a [`Session`](crate::session::Session) needs no type
//! parameter, and the one place that bounds how long a store may take.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use super::{Changed, Cursor, Owner, Page, SessionStore, StoreError};
use crate::clock::Timestamp;
use crate::session::{Change, Record, TokenHash};

/// How long one call of a store may take.
const LIMIT: Duration = Duration::from_secs(2);

type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Any [`SessionStore`], shared.
#[derive(Clone)]
pub(crate) struct AnyStore(Arc<dyn Erased>);

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
    fn sweep(&self, now: Timestamp) -> Answer<'_, usize> {
        Box::pin(SessionStore::sweep(self, now))
    }
}

impl AnyStore {
    pub(crate) fn new(store: impl SessionStore) -> Self {
        AnyStore(Arc::new(store))
    }

    pub(crate) async fn create(&self, key: TokenHash, record: Record) -> Result<(), StoreError> {
        within_limit(self.0.create(key, record)).await
    }

    pub(crate) async fn load(&self, key: TokenHash, now: Timestamp) -> Result<Option<Record>, StoreError> {
        within_limit(self.0.load(key, now)).await
    }

    pub(crate) async fn change(
        &self,
        key: TokenHash,
        change: &Change,
        now: Timestamp,
    ) -> Result<Changed, StoreError> {
        within_limit(self.0.change(key, change, now)).await
    }

    pub(crate) async fn touch(&self, key: TokenHash, now: Timestamp) -> Result<bool, StoreError> {
        within_limit(self.0.touch(key, now)).await
    }

    pub(crate) async fn delete(&self, key: TokenHash) -> Result<Option<Record>, StoreError> {
        within_limit(self.0.delete(key)).await
    }

    pub(crate) async fn list(
        &self,
        owner: Owner<'_>,
        after: Option<&Cursor>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Page, StoreError> {
        within_limit(self.0.list(owner, after, limit, now)).await
    }

    /// A sweep takes the time that it takes: nobody waits for it.
    pub(crate) async fn sweep(&self, now: Timestamp) -> Result<usize, StoreError> {
        self.0.sweep(now).await
    }
}

async fn within_limit<T>(mut answer: Answer<'_, T>) -> Result<T, StoreError> {
    // A store in memory answers at once: no timer is made for it.
    let at_once = std::future::poll_fn(|cx| Poll::Ready(answer.as_mut().poll(cx))).await;
    match at_once {
        Poll::Ready(answer) => answer,
        Poll::Pending => {
            tokio::time::timeout(LIMIT, answer).await.unwrap_or(Err(StoreError::TimedOut(LIMIT)))
        }
    }
}

impl fmt::Debug for AnyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AnyStore")
    }
}
