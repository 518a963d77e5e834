//! [`ScopedStore`]: the store as the sessions of one realm and configuration see it.

use super::change::Change;
use super::config::SessionConfig;
use super::dyn_store::DynStore;
use super::event::Event;
use super::id::{Handle, TokenHash};
use super::page::{Cursor, Page};
use super::realm::{Realm, StoredUser};
use super::record::{ExpiredSession, Record};
use super::store::{Changed, Owner, StoreError};
use super::successor::Successor;
use crate::clock::Timestamp;

/// The calls of a store, for the records of one realm. Those that are returned have at most the timeouts of the
/// configuration, so a live record of the store may be expired here.
pub(super) struct ScopedStore {
    store: Box<dyn DynStore>,
    pub(super) config: SessionConfig,
    pub(super) realm: Realm,
}

impl ScopedStore {
    pub(super) fn new(store: Box<dyn DynStore>, config: SessionConfig, realm: Realm) -> Self {
        ScopedStore { store, config, realm }
    }

    /// The whole store, for calls that have no records.
    pub(super) fn inner(&self) -> &dyn DynStore {
        &*self.store
    }

    /// A stored record as these sessions see it. `None` if it belongs to another realm.
    fn own(&self, record: Record) -> Option<Record> {
        let mut record = self.realm.own(record)?;
        self.config.limit(&mut record);
        Some(record)
    }

    pub(super) async fn create(&self, key: TokenHash, record: Record) -> Result<(), StoreError> {
        self.store.create(key, self.realm.stored(record)).await
    }

    pub(super) async fn load(&self, key: TokenHash, now: Timestamp) -> Result<Option<Record>, StoreError> {
        Ok(self.store.load(key, now).await?.and_then(|record| self.own(record)))
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
        Ok(self.store.delete(key).await?.and_then(|record| self.own(record)))
    }

    pub(super) async fn rotate(
        &self,
        key: TokenHash,
        to: (TokenHash, Handle),
        now: Timestamp,
    ) -> Result<Option<Record>, StoreError> {
        Ok(self.store.rotate(key, to, now).await?.and_then(|record| self.own(record)))
    }

    pub(super) async fn supersede(
        &self,
        key: TokenHash,
        by: TokenHash,
        now: Timestamp,
    ) -> Result<Option<Record>, StoreError> {
        Ok(self.store.supersede(key, by, now).await?.and_then(|record| self.own(record)))
    }

    pub(super) async fn successor(
        &self,
        key: TokenHash,
        now: Timestamp,
    ) -> Result<Option<Successor>, StoreError> {
        self.store.successor(key, now).await
    }

    /// A page may be short, because other realms and sessions that are expired here are left out.
    pub(super) async fn list(
        &self,
        owner: Owner<'_>,
        after: Option<&Cursor>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Page, StoreError> {
        let page = match owner {
            // A realm stores its anonymous sessions under an empty name, which no user has.
            Owner::User("") => return Ok(Page::default()),
            Owner::User(user) => {
                let user = self.realm.stored_user(user);
                self.store.list(Owner::User(&user), after, limit, now).await?
            }
            Owner::Everyone => self.store.list(owner, after, limit, now).await?,
        };
        let own = page.sessions.into_iter().filter_map(|(key, record)| Some((key, self.own(record)?)));
        let sessions = own.filter(|(_, record)| !record.is_expired(now)).collect();
        // The realm of a record that cannot be read is unknown.
        let is_unknown = owner == Owner::Everyone && self.realm.name().is_some();
        let unreadable = if is_unknown { Vec::new() } else { page.unreadable };
        Ok(Page { sessions, next: page.next, unreadable })
    }

    /// Removes the expired sessions of all realms.
    pub(super) async fn sweep(&self, now: Timestamp) -> Result<Vec<Event>, StoreError> {
        let expired = self.store.sweep(now).await?.into_iter();
        Ok(expired
            .map(|ExpiredSession { handle, user }| {
                let StoredUser { realm, user } = StoredUser::of(user);
                Event::Expired { handle, user, realm }
            })
            .collect())
    }
}
