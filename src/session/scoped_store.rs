//! [`ScopedStore`]: the store as the sessions of one configuration see it.

use super::change::Change;
use super::config::SessionConfig;
use super::dyn_store::DynStore;
use super::id::{Handle, TokenHash};
use super::page::{Cursor, Page};
use super::record::{ExpiredSession, Record};
use super::store::{Changed, Owner, StoreError};
use super::successor::Successor;
use crate::clock::Timestamp;

/// The calls of a store. The records that they return have at most the timeouts of the configuration, so a live record of
/// the store may be expired here.
pub(super) struct ScopedStore {
    store: Box<dyn DynStore>,
    pub(super) config: SessionConfig,
}

impl ScopedStore {
    pub(super) fn new(store: Box<dyn DynStore>, config: SessionConfig) -> Self {
        ScopedStore { store, config }
    }

    /// The whole store, for calls that have no records.
    pub(super) fn inner(&self) -> &dyn DynStore {
        &*self.store
    }

    fn limited(&self, mut record: Record) -> Record {
        self.config.limit(&mut record);
        record
    }

    pub(super) async fn create(&self, key: TokenHash, record: Record) -> Result<(), StoreError> {
        self.store.create(key, record).await
    }

    pub(super) async fn load(&self, key: TokenHash, now: Timestamp) -> Result<Option<Record>, StoreError> {
        Ok(self.store.load(key, now).await?.map(|record| self.limited(record)))
    }

    pub(super) async fn change(
        &self,
        key: TokenHash,
        change: &Change,
        now: Timestamp,
    ) -> Result<Changed, StoreError> {
        self.store.change(key, change, now).await
    }

    pub(super) async fn touch(&self, key: TokenHash, now: Timestamp) -> Result<bool, StoreError> {
        self.store.touch(key, now).await
    }

    pub(super) async fn delete(&self, key: TokenHash) -> Result<Option<Record>, StoreError> {
        Ok(self.store.delete(key).await?.map(|record| self.limited(record)))
    }

    pub(super) async fn rotate(
        &self,
        key: TokenHash,
        to: (TokenHash, Handle),
        now: Timestamp,
    ) -> Result<Option<Record>, StoreError> {
        Ok(self.store.rotate(key, to, now).await?.map(|record| self.limited(record)))
    }

    pub(super) async fn supersede(
        &self,
        key: TokenHash,
        by: TokenHash,
        now: Timestamp,
    ) -> Result<Option<Record>, StoreError> {
        Ok(self.store.supersede(key, by, now).await?.map(|record| self.limited(record)))
    }

    pub(super) async fn successor(
        &self,
        key: TokenHash,
        now: Timestamp,
    ) -> Result<Option<Successor>, StoreError> {
        self.store.successor(key, now).await
    }

    /// A page may be short, because sessions that are expired here are left out.
    pub(super) async fn list(
        &self,
        owner: Owner<'_>,
        after: Option<&Cursor>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Page, StoreError> {
        let page = self.store.list(owner, after, limit, now).await?;
        let sessions = page.sessions.into_iter().map(|(key, record)| (key, self.limited(record)));
        let sessions = sessions.filter(|(_, record)| !record.is_expired(now)).collect();
        Ok(Page { sessions, ..page })
    }

    pub(super) async fn sweep(&self, now: Timestamp) -> Result<Vec<ExpiredSession>, StoreError> {
        self.store.sweep(now).await
    }
}
