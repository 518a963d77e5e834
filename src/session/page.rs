//! [`Page`]: a part of a list of sessions, and the [`Cursor`] that leads to the next part.

use uuid::Uuid;

use super::id::{Handle, TokenHash};
use super::record::Record;
use super::store::{Owner, StoreError};
use crate::clock::Timestamp;

/// Where a page ended. Each store defines its own text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(pub String);

impl Cursor {
    /// The position after this key, in a list ordered by key.
    pub(crate) fn of_key(key: &TokenHash) -> Self {
        Cursor(key.to_hex())
    }

    /// The key of a position in a list ordered by key.
    pub(crate) fn to_key(&self) -> Option<TokenHash> {
        TokenHash::from_hex(&self.0)
    }

    /// Where a list ordered by key continues. `None` without a cursor.
    pub(crate) fn after_key(after: Option<&Cursor>) -> Result<Option<TokenHash>, StoreError> {
        after.map(|cursor| cursor.to_key().ok_or(StoreError::BadCursor)).transpose()
    }

    /// The position after this record, in a list ordered by creation time and handle.
    pub(crate) fn of_creation(&(created, handle): &(Timestamp, Handle)) -> Self {
        Cursor(format!("{}/{handle}", created.as_millis()))
    }

    /// Where a list ordered by creation time and handle continues. Without a cursor, a position before all records.
    pub(crate) fn after_creation(after: Option<&Cursor>) -> Result<(Timestamp, Handle), StoreError> {
        let position = match after {
            None => Some((i64::MIN, Uuid::nil())),
            Some(cursor) => cursor
                .0
                .split_once('/')
                .and_then(|(created, handle)| Some((created.parse().ok()?, handle.parse().ok()?))),
        };
        let (created, handle) = position.ok_or(StoreError::BadCursor)?;
        Ok((Timestamp::from_millis(created), Handle::from_uuid(handle)))
    }
}

/// A page of sessions.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Page {
    /// The sessions, each with its key.
    pub sessions: Vec<(TokenHash, Record)>,
    /// Where the next page starts. `None` after the last page.
    pub next: Option<Cursor>,
    /// The keys of records that this version cannot read. They count for the limit.
    pub unreadable: Vec<TokenHash>,
}

/// A record in a list, and its place in the order of the list. `None`: the record cannot be read.
#[cfg(any(feature = "sqlite", feature = "redis", feature = "postgres"))]
pub(crate) type Listed<P> = (TokenHash, Option<Record>, P);

impl Page {
    /// A page of these sessions, all of which can be read. `next` is where the next page starts.
    #[must_use]
    pub const fn new(sessions: Vec<(TokenHash, Record)>, next: Option<Cursor>) -> Self {
        Page { sessions, next, unreadable: Vec::new() }
    }

    /// At most `limit` of these records: the live ones of `owner`, oldest first, from where the previous page ended. For a
    /// small store, which can look at all of its records or at all of a user's.
    ///
    /// # Errors
    /// [`StoreError::BadCursor`] if the cursor is not from this function.
    pub fn select<'a>(
        records: impl IntoIterator<Item = (&'a TokenHash, &'a Record)>,
        owner: Owner<'_>,
        after: Option<&Cursor>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let after = Cursor::after_creation(after)?;
        let place = |record: &Record| (record.created, record.handle);
        let is_next = |record: &Record| owner.has(record) && !record.is_expired(now) && place(record) > after;
        let mut found: Vec<_> = records.into_iter().filter(|(_, record)| is_next(record)).collect();
        found.sort_by_key(|(_, record)| place(record));
        let found = found.into_iter().take(limit.saturating_add(1));
        let found = found.map(|(key, record)| (*key, record.clone())).collect();
        Ok(Page::first(found, limit, |(_, record)| Cursor::of_creation(&place(record))))
    }

    /// The first `limit` of these sessions. One more session shows that there is another page, which `cursor` leads to.
    pub(crate) fn first(
        mut sessions: Vec<(TokenHash, Record)>,
        limit: usize,
        cursor: impl FnOnce(&(TokenHash, Record)) -> Cursor,
    ) -> Self {
        let has_more = sessions.len() > limit;
        sessions.truncate(limit);
        let next = sessions.last().filter(|_| has_more).map(cursor);
        Page { sessions, next, unreadable: Vec::new() }
    }

    /// The first `limit` of these records. One more shows that there is another page, which `cursor` leads to.
    #[cfg(any(feature = "sqlite", feature = "redis", feature = "postgres"))]
    pub(crate) fn of_rows<P>(
        mut rows: Vec<Listed<P>>,
        limit: usize,
        cursor: impl FnOnce(&P) -> Cursor,
    ) -> Self {
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| has_more).map(|(.., place)| cursor(place));
        let mut page = Page { next, ..Page::default() };
        for (key, record, _) in rows {
            match record {
                Some(record) => page.sessions.push((key, record)),
                None => page.unreadable.push(key),
            }
        }
        page
    }
}
