//! [`FaultyStore`]: a store with the faults `revival` and `lost-updates`. All other calls pass.

use std::time::Duration;

use sessctl::session::{
    Change, Changed, Cursor, ExpiredSession, Handle, Owner, Page, Record, SessionStore, StoreError,
    Successor, Timestamp, TokenHash,
};

use super::lost_updates::read_change_write;
use super::revival::load_and_write_back;
use super::weakness::Weakness;
use super::weaknesses::Weaknesses;

pub(super) struct FaultyStore<S> {
    store: S,
    revives: bool,
    loses_updates: bool,
}

impl<S: SessionStore> FaultyStore<S> {
    pub(super) fn new(store: S, weaknesses: &Weaknesses) -> Self {
        FaultyStore {
            store,
            revives: weaknesses.has(Weakness::Revival),
            loses_updates: weaknesses.has(Weakness::LostUpdates),
        }
    }
}

impl<S: SessionStore> SessionStore for FaultyStore<S> {
    async fn create(&self, key: TokenHash, record: Record) -> Result<(), StoreError> {
        self.store.create(key, record).await
    }

    async fn load(&self, key: TokenHash, now: Timestamp) -> Result<Option<Record>, StoreError> {
        match self.revives {
            true => load_and_write_back(&self.store, key, now).await,
            false => self.store.load(key, now).await,
        }
    }

    async fn change(&self, key: TokenHash, change: &Change, now: Timestamp) -> Result<Changed, StoreError> {
        match self.loses_updates {
            true => read_change_write(&self.store, key, change, now).await,
            false => self.store.change(key, change, now).await,
        }
    }

    async fn touch(&self, key: TokenHash, now: Timestamp) -> Result<bool, StoreError> {
        self.store.touch(key, now).await
    }

    async fn delete(&self, key: TokenHash) -> Result<Option<Record>, StoreError> {
        self.store.delete(key).await
    }

    async fn rotate(
        &self,
        key: TokenHash,
        to: (TokenHash, Handle),
        now: Timestamp,
    ) -> Result<Option<Record>, StoreError> {
        self.store.rotate(key, to, now).await
    }

    async fn supersede(
        &self,
        key: TokenHash,
        by: TokenHash,
        now: Timestamp,
    ) -> Result<Option<Record>, StoreError> {
        self.store.supersede(key, by, now).await
    }

    async fn successor(&self, key: TokenHash, now: Timestamp) -> Result<Option<Successor>, StoreError> {
        self.store.successor(key, now).await
    }

    async fn list(
        &self,
        owner: Owner<'_>,
        after: Option<&Cursor>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Page, StoreError> {
        self.store.list(owner, after, limit, now).await
    }

    async fn count(&self, now: Timestamp) -> Result<Option<u64>, StoreError> {
        self.store.count(now).await
    }

    async fn ready(&self, now: Timestamp) -> Result<(), StoreError> {
        self.store.ready(now).await
    }

    fn clock_tolerance(&self) -> Duration {
        self.store.clock_tolerance()
    }

    async fn sweep(&self, now: Timestamp) -> Result<Vec<ExpiredSession>, StoreError> {
        self.store.sweep(now).await
    }
}
