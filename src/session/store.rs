//! [`SessionStore`]: the trait that every session store implements.
//!
//! A store keeps [`Record`]s under the hash of their token. It applies a change in one step, and only while the record
//! exists; the engine decides everything else.

use std::future::Future;
use std::time::Duration;

use thiserror::Error;

use super::change::{Change, ChangeError};
use super::data::Data;
use super::id::{Handle, Token, TokenHash};
use super::page::{Cursor, Page};
use super::record::{ExpiredSession, Record};
use super::successor::Successor;
use crate::clock::Timestamp;

/// The idle timeout of the record that [`SessionStore::ready`] creates. It is already expired by its absolute expiry.
const READY_IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// More than the clocks of servers differ, unless one of them is not set at all.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(10 * 60);

/// Where sessions are kept.
///
/// Every store must keep this contract, which [`conformance`](crate::stores::conformance) tests:
///
/// - A record that is expired at `now` is never loaded, changed, touched or listed, whether or not it was swept.
/// - After [`delete`](SessionStore::delete) has returned, the record stays deleted until [`create`](SessionStore::create)
///   is called with the same key. That does not happen in practice: keys are hashes of 256 random bits.
/// - [`change`](SessionStore::change) is atomic: the second of two concurrent changes sees the first.
/// - [`rotate`](SessionStore::rotate) is atomic: a concurrent change is in the rotated record, or does not find the record
///   under its previous key.
///
/// A record that the store cannot decode counts as no session: it is damaged, or a newer version of this crate wrote it.
/// [`load`](SessionStore::load) and [`change`](SessionStore::change) return [`StoreError::Unreadable`] and leave it as it
/// is, because a newer server may be able to read it. [`delete`](SessionStore::delete) deletes it. A list skips it, and
/// names its key in [`Page::unreadable`]. A sweep may remove it when it is expired, unless a newer version wrote it.
///
/// The futures must be safe to drop at any time. The store is then unchanged, or the whole call was applied. If a call
/// fails because no response arrived, it may have been applied once.
///
/// # Your own store
///
/// The chapter [stores](crate::guide::stores) has one. Its records can be kept as JSON or in any other format of serde, and
/// the [conformance suite](crate::stores::conformance) tests it.
pub trait SessionStore: Send + Sync + 'static {
    /// Stores a new record.
    ///
    /// # Errors
    /// [`StoreError::Exists`] if there is a record under this key. It stays unchanged.
    fn create(&self, key: TokenHash, record: Record) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The record under `key`. `None` if it does not exist or is expired at `now`.
    ///
    /// # Errors
    /// [`StoreError`] if the store failed.
    fn load(
        &self,
        key: TokenHash,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<Record>, StoreError>> + Send;

    /// Applies `change` to the data of the record under `key`, unless it is expired at `now`. Reading the data,
    /// [`Change::apply_to`] and writing must be one atomic step.
    ///
    /// # Errors
    /// [`StoreError`] if the store failed.
    fn change(
        &self,
        key: TokenHash,
        change: &Change,
        now: Timestamp,
    ) -> impl Future<Output = Result<Changed, StoreError>> + Send;

    /// Records that the session was used at `now`. Returns whether it exists and is not expired. `last_seen` never
    /// moves back.
    ///
    /// # Errors
    /// [`StoreError`] if the store failed.
    fn touch(&self, key: TokenHash, now: Timestamp) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Deletes the record under `key` and returns it, even if it is expired. `None` if there was none.
    ///
    /// # Errors
    /// [`StoreError`] if the record may still exist. After [`StoreError::Unreadable`] it does not: it was deleted, but its
    /// content cannot be returned.
    fn delete(&self, key: TokenHash) -> impl Future<Output = Result<Option<Record>, StoreError>> + Send;

    /// Gives the live record under `key` a new key and a new handle, in one step, and returns it. `None` if there is no
    /// live record.
    ///
    /// Until it is [expired](Successor::is_expired), [`successor`](SessionStore::successor) of `key` is then the new key,
    /// by [`Replacement::Rotation`](super::Replacement::Rotation).
    ///
    /// # Errors
    /// [`StoreError`] if the store failed. The record is then under one of the two keys.
    fn rotate(
        &self,
        key: TokenHash,
        to: (TokenHash, Handle),
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<Record>, StoreError>> + Send;

    /// Deletes the record under `key` like [`delete`](SessionStore::delete), in favor of the session under the key `by`.
    ///
    /// Until it is [expired](Successor::is_expired), [`successor`](SessionStore::successor) of `key` is then `by`, by
    /// [`Replacement::Login`](super::Replacement::Login).
    ///
    /// # Errors
    /// [`StoreError`] if the record may still exist.
    fn supersede(
        &self,
        key: TokenHash,
        by: TokenHash,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<Record>, StoreError>> + Send;

    /// The key that replaced `key`. `None` if `key` was never used or not replaced, or if the successor is expired at
    /// `now`.
    ///
    /// # Errors
    /// [`StoreError`] if the store failed.
    fn successor(
        &self,
        key: TokenHash,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<Successor>, StoreError>> + Send;

    /// At most `limit` live sessions: of one user, oldest first, or of everyone, in any order. `after` is where the
    /// previous page ended.
    ///
    /// Sessions that are created or deleted between two pages may or may not be listed. All others are listed: those of
    /// one user exactly once, those of everyone at least once. A short or empty page is the last one only if
    /// [`Page::next`] is `None`.
    ///
    /// # Errors
    /// [`StoreError`] if the store failed.
    fn list(
        &self,
        owner: Owner<'_>,
        after: Option<&Cursor>,
        limit: usize,
        now: Timestamp,
    ) -> impl Future<Output = Result<Page, StoreError>> + Send;

    /// The approximate number of live sessions. `None` if the store cannot tell without reading all of them.
    ///
    /// # Errors
    /// [`StoreError`] if the store failed.
    fn count(&self, now: Timestamp) -> impl Future<Output = Result<Option<u64>, StoreError>> + Send {
        let _ = now;
        std::future::ready(Ok(None))
    }

    /// Tries what a login needs. The default creates a record and deletes it. That record is expired from the start, so it
    /// is never loaded or listed, and a sweep removes it if the call is interrupted.
    ///
    /// # Errors
    /// [`StoreError`] if a login would fail.
    fn ready(&self, now: Timestamp) -> impl Future<Output = Result<(), StoreError>> + Send {
        async move {
            let (token, handle) = Token::generate(now).map_err(StoreError::failed)?;
            let mut record = Record::new(handle, now, READY_IDLE_TIMEOUT, now);
            record.user = Some("".into()); // the index of users is written, too
            self.create(token.hash(), record).await?;
            self.delete(token.hash()).await.map(drop)
        }
    }

    /// How long the sweep keeps expired records, because the clock of another server that uses the store may be behind: it
    /// may still extend a session that is expired here. A store of one process needs no tolerance.
    fn clock_tolerance(&self) -> Duration {
        CLOCK_TOLERANCE
    }

    /// Removes records that are expired at `now`, and returns what was removed. It must not delay other calls by more than
    /// a few milliseconds. A store that removes expired records itself does nothing here.
    ///
    /// # Errors
    /// [`StoreError`] if the store failed.
    fn sweep(&self, now: Timestamp) -> impl Future<Output = Result<Vec<ExpiredSession>, StoreError>> + Send;
}

/// The result of a [`Change`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Changed {
    /// It was applied. This is the new data.
    Applied(Data),
    /// It cannot be applied to this data. Nothing was changed.
    Rejected(ChangeError, Data),
    /// The session does not exist, or no longer exists.
    NotFound,
}

impl Changed {
    /// Applies a change to the data of a record, and returns the result.
    ///
    /// ```
    /// use sessctl::session::{Change, Changed, Data};
    ///
    /// let mut data = Data::default();
    /// let changed = Changed::apply(&Change::new().increment("visits", 1), &mut data);
    /// assert_eq!(changed, Changed::Applied(data));
    /// ```
    #[must_use]
    pub fn apply(change: &Change, data: &mut Data) -> Self {
        match change.apply_to(data) {
            Ok(new) => {
                data.clone_from(&new);
                Changed::Applied(new)
            }
            Err(error) => Changed::Rejected(error, data.clone()),
        }
    }
}

/// Whose sessions to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Owner<'a> {
    /// The sessions of this user.
    User(&'a str),
    /// All sessions, including anonymous ones.
    Everyone,
}

impl Owner<'_> {
    /// Whether a session belongs to this owner.
    #[must_use]
    pub fn has(self, record: &Record) -> bool {
        match self {
            Owner::User(user) => record.user.as_deref() == Some(user),
            Owner::Everyone => true,
        }
    }
}

/// Why a call to a store failed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The store did not answer in time.
    #[error("the session store did not answer within {} s", .0.as_secs_f32())]
    TimedOut(std::time::Duration),
    /// A record exists under this key.
    #[error("the session store already has a session under this key")]
    Exists,
    /// The store failed. Its error is the source.
    #[error("the session store failed")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The record cannot be read: it is damaged, or a newer version wrote it. It counts as no session. The reason is the
    /// source.
    #[error("the session store has a record that this version cannot read")]
    Unreadable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The cursor is not from this store.
    #[error("the cursor is not from this session store; start again without one")]
    BadCursor,
}

impl StoreError {
    /// A failure with `source` as its cause.
    pub fn failed(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        StoreError::Failed(source.into())
    }

    /// A record that cannot be read, with `source` as the reason.
    pub fn unreadable(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        StoreError::Unreadable(source.into())
    }
}

/// The result of a call, or `instead` if the record cannot be read: it counts as no session.
pub(super) fn unless_unreadable<T>(result: Result<T, StoreError>, instead: T) -> Result<T, StoreError> {
    match result {
        Err(StoreError::Unreadable(_)) => Ok(instead),
        result => result,
    }
}
