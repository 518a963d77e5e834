//! Where sessions live: the [`SessionStore`] trait and the stores that come with the crate.
//!
//! A store keeps [`Record`]s under the hash of their token. It decides nothing about sessions but this:
//! a change is applied in one step, and only while the record exists.
//!
//! # A store of one's own
//!
//! Each method is one step on one record; what a change means is [`Change::apply_to`]'s. The
//! [conformance suite](crate::stores::conformance) tells whether a store keeps the contract:
//!
//! ```
//! use std::collections::BTreeMap;
//! use std::sync::{Mutex, MutexGuard, PoisonError};
//!
//! use sessctl::session::{Change, Record, Timestamp, TokenHash};
//! use sessctl::stores::{Changed, Cursor, Owner, Page, SessionStore, StoreError, conformance};
//!
//! /// All sessions behind one lock.
//! #[derive(Default)]
//! struct OneLock(Mutex<BTreeMap<TokenHash, Record>>);
//!
//! impl OneLock {
//!     fn records(&self) -> MutexGuard<'_, BTreeMap<TokenHash, Record>> {
//!         self.0.lock().unwrap_or_else(PoisonError::into_inner)
//!     }
//! }
//!
//! impl SessionStore for OneLock {
//!     async fn create(&self, key: TokenHash, record: Record) -> Result<(), StoreError> {
//!         let mut records = self.records();
//!         if records.contains_key(&key) {
//!             return Err(StoreError::Exists);
//!         }
//!         records.insert(key, record);
//!         Ok(())
//!     }
//!
//!     async fn load(&self, key: TokenHash, now: Timestamp) -> Result<Option<Record>, StoreError> {
//!         Ok(self.records().get(&key).filter(|record| !record.is_expired(now)).cloned())
//!     }
//!
//!     async fn change(&self, key: TokenHash, change: &Change, now: Timestamp) -> Result<Changed, StoreError> {
//!         let mut records = self.records();
//!         let Some(record) = records.get_mut(&key).filter(|record| !record.is_expired(now)) else {
//!             return Ok(Changed::Gone);
//!         };
//!         Ok(match change.apply_to(&record.data) {
//!             Ok(data) => {
//!                 record.data = data.clone();
//!                 Changed::Applied(data)
//!             }
//!             Err(refusal) => Changed::Refused(refusal, record.data.clone()),
//!         })
//!     }
//!
//!     async fn touch(&self, key: TokenHash, now: Timestamp) -> Result<bool, StoreError> {
//!         let mut records = self.records();
//!         let record = records.get_mut(&key).filter(|record| !record.is_expired(now));
//!         Ok(record.map(|record| record.seen = record.seen.max(now)).is_some())
//!     }
//!
//!     async fn delete(&self, key: TokenHash) -> Result<Option<Record>, StoreError> {
//!         Ok(self.records().remove(&key))
//!     }
//!
//!     async fn list(
//!         &self,
//!         owner: Owner<'_>,
//!         after: Option<&Cursor>,
//!         limit: usize,
//!         now: Timestamp,
//!     ) -> Result<Page, StoreError> {
//!         let skipped = after.map_or(Ok(0), |cursor| cursor.0.parse()).map_err(|_| StoreError::BadCursor)?;
//!         let is_theirs = |record: &Record| match owner {
//!             Owner::User(user) => record.user.as_deref() == Some(user),
//!             Owner::Everyone => true,
//!         };
//!         let records = self.records();
//!         let mut theirs: Vec<_> =
//!             records.iter().filter(|(_, it)| is_theirs(it) && !it.is_expired(now)).collect();
//!         theirs.sort_by_key(|(_, record)| record.created);
//!         let sessions: Vec<_> =
//!             theirs.iter().skip(skipped).take(limit).map(|(key, it)| (**key, (*it).clone())).collect();
//!         let shown = skipped + sessions.len();
//!         Ok(Page { sessions, next: (shown < theirs.len()).then(|| Cursor(shown.to_string())) })
//!     }
//!
//!     async fn sweep(&self, now: Timestamp) -> Result<usize, StoreError> {
//!         let mut records = self.records();
//!         let before = records.len();
//!         records.retain(|_, record| !record.is_expired(now));
//!         Ok(before - records.len())
//!     }
//! }
//!
//! #[tokio::main]
//! async fn main() {
//!     conformance::check(OneLock::default).await;
//! }
//! ```

use std::future::Future;

use thiserror::Error;

use super::change::{Change, Refusal};
use super::id::TokenHash;
use super::record::{Data, Record};
use crate::clock::Timestamp;

/// A place where sessions live.
///
/// What every store owes its callers, and [`conformance`](crate::stores::conformance) tests:
///
/// - A record that has expired by `now` is never loaded, changed, touched or listed, swept or not.
/// - Once [`delete`](SessionStore::delete) has returned, nothing brings the record back but a
///   [`create`](SessionStore::create) of the same key, which never happens in practice (keys are hashes
///   of 256 random bits).
/// - [`change`](SessionStore::change) is atomic: of two at the same time, the second sees the first.
///
/// The futures must be safe to drop at any moment: a store is then either unchanged or changed whole. What failed because
/// no answer came may have been done, once.
pub trait SessionStore: Send + Sync + 'static {
    /// Keeps a new record.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when there is a record under this key; it stays as it is.
    fn create(&self, key: TokenHash, record: Record) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The record under `key`, if it is there and alive at `now`.
    ///
    /// # Errors
    /// [`StoreError`], when the store cannot tell.
    fn load(
        &self,
        key: TokenHash,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<Record>, StoreError>> + Send;

    /// Applies `change` to the data of the record under `key`, if it is there and alive at `now`, by
    /// [`Change::apply_to`] in one step with reading it.
    ///
    /// # Errors
    /// [`StoreError`], when the store could not do it.
    fn change(
        &self,
        key: TokenHash,
        change: &Change,
        now: Timestamp,
    ) -> impl Future<Output = Result<Changed, StoreError>> + Send;

    /// Notes that the session was used at `now`. Tells whether it is there and alive. A session's last
    /// use never moves back.
    ///
    /// # Errors
    /// [`StoreError`], when the store could not do it.
    fn touch(&self, key: TokenHash, now: Timestamp) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Removes the record under `key` and hands it back, expired or not; `None` when there was none.
    ///
    /// # Errors
    /// [`StoreError`], when it may still be there.
    fn delete(&self, key: TokenHash) -> impl Future<Output = Result<Option<Record>, StoreError>> + Send;

    /// At most `limit` live sessions of a user, oldest first, or of everyone, in an order of the store's
    /// own; `after` is where the page before ended.
    ///
    /// Sessions that begin or end between two pages may be missed or shown; all others are shown, a user's once. Of
    /// everyone's, a store that moves its records about meanwhile may show one twice. A page that is short, or even empty,
    /// is the last one only if it says so.
    ///
    /// # Errors
    /// [`StoreError`], when the store cannot tell.
    fn list(
        &self,
        owner: Owner<'_>,
        after: Option<&Cursor>,
        limit: usize,
        now: Timestamp,
    ) -> impl Future<Output = Result<Page, StoreError>> + Send;

    /// About how many sessions are alive; `None`: the store cannot tell without looking at all of them.
    ///
    /// # Errors
    /// [`StoreError`], when the store could not be asked.
    fn count(&self, now: Timestamp) -> impl Future<Output = Result<Option<u64>, StoreError>> + Send {
        let _ = now;
        std::future::ready(Ok(None))
    }

    /// Frees the room of records that have expired by `now`, and says how many they were. Must not hold
    /// up other calls for longer than some milliseconds. A store whose place frees them by itself does nothing.
    ///
    /// # Errors
    /// [`StoreError`], when the store could not do it.
    fn sweep(&self, now: Timestamp) -> impl Future<Output = Result<usize, StoreError>> + Send;
}

/// What became of a [`Change`].
#[derive(Debug, Clone, PartialEq)]
pub enum Changed {
    /// It was applied; the data is this now.
    Applied(Data),
    /// It could not be applied to this data; nothing was changed.
    Refused(Refusal, Data),
    /// There is no such session (any more).
    Gone,
}

/// Whose sessions to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner<'a> {
    /// Those of this user.
    User(&'a str),
    /// All, anonymous ones too.
    Everyone,
}

/// Where a page ended. Its text is the store's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(pub String);

impl Cursor {
    /// After this key, where pages go by keys.
    pub(crate) fn of_key(key: &TokenHash) -> Self {
        Cursor(key.as_bytes().iter().map(|octet| format!("{octet:02x}")).collect())
    }

    /// The key that it is after, if it is of that kind.
    pub(crate) fn to_key(&self) -> Option<TokenHash> {
        let mut key = [0; 32];
        if self.0.len() != 64 || !self.0.is_ascii() {
            return None;
        }
        for (octet, digits) in key.iter_mut().zip(0..) {
            *octet = u8::from_str_radix(&self.0[2 * digits..2 * digits + 2], 16).ok()?;
        }
        Some(TokenHash::from_bytes(key))
    }
}

/// A page of sessions.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    /// The sessions, each with its key.
    pub sessions: Vec<(TokenHash, Record)>,
    /// Where to go on; `None` after the last page.
    pub next: Option<Cursor>,
}

/// Why a store could not do its work.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The store did not answer in time.
    #[error("the session store did not answer within {} s", .0.as_secs_f32())]
    TimedOut(std::time::Duration),
    /// A record exists under this key already.
    #[error("the session store already holds a session under this key")]
    Exists,
    /// The store failed; its own error is the source.
    #[error("the session store failed")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The cursor is not one that this store gave out.
    #[error("this page does not continue a list of this session store")]
    BadCursor,
}

impl StoreError {
    /// A failure with the store's own error as its source.
    pub fn failed(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        StoreError::Failed(source.into())
    }
}
