//! [`SessionStore`] for `Arc<S>`: an application can keep a reference to its own store.

use std::sync::Arc;
use std::time::Duration;

use super::change::Change;
use super::id::{Handle, TokenHash};
use super::page::{Cursor, Page};
use super::record::{ExpiredSession, Record};
use super::store::{Changed, Owner, SessionStore, StoreError};
use super::successor::Successor;
use crate::clock::Timestamp;

impl<S: SessionStore> SessionStore for Arc<S> {
    async fn create(&self, key: TokenHash, record: Record) -> Result<(), StoreError> {
        (**self).create(key, record).await
    }

    async fn load(&self, key: TokenHash, now: Timestamp) -> Result<Option<Record>, StoreError> {
        (**self).load(key, now).await
    }

    async fn change(&self, key: TokenHash, change: &Change, now: Timestamp) -> Result<Changed, StoreError> {
        (**self).change(key, change, now).await
    }

    async fn touch(&self, key: TokenHash, now: Timestamp) -> Result<bool, StoreError> {
        (**self).touch(key, now).await
    }

    async fn delete(&self, key: TokenHash) -> Result<Option<Record>, StoreError> {
        (**self).delete(key).await
    }

    async fn rotate(
        &self,
        key: TokenHash,
        to: (TokenHash, Handle),
        now: Timestamp,
    ) -> Result<Option<Record>, StoreError> {
        (**self).rotate(key, to, now).await
    }

    async fn supersede(
        &self,
        key: TokenHash,
        by: TokenHash,
        now: Timestamp,
    ) -> Result<Option<Record>, StoreError> {
        (**self).supersede(key, by, now).await
    }

    async fn successor(&self, key: TokenHash, now: Timestamp) -> Result<Option<Successor>, StoreError> {
        (**self).successor(key, now).await
    }

    async fn list(
        &self,
        owner: Owner<'_>,
        after: Option<&Cursor>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Page, StoreError> {
        (**self).list(owner, after, limit, now).await
    }

    async fn count(&self, now: Timestamp) -> Result<Option<u64>, StoreError> {
        (**self).count(now).await
    }

    async fn ready(&self, now: Timestamp) -> Result<(), StoreError> {
        (**self).ready(now).await
    }

    fn clock_tolerance(&self) -> Duration {
        (**self).clock_tolerance()
    }

    async fn sweep(&self, now: Timestamp) -> Result<Vec<ExpiredSession>, StoreError> {
        (**self).sweep(now).await
    }
}
