//! The index of a user's sessions: a sorted set for each user.
//!
//! In a cluster it is on another server than the records, so it may lack entries or have stale ones. The records decide.

use std::collections::HashSet;

use sha2::{Digest, Sha256};

use super::command_error::CommandError;
use super::keyspace::{Keyspace, from_hex, to_hex};
use super::node::Durability;
use super::pointer;
use super::record;
use super::router::parse;
use crate::clock::Timestamp;
use crate::session::{Cursor, Listed, Page, Record, StoreError, TokenHash};

/// The number of hexadecimal digits of the creation time in an entry.
const TIME_DIGITS: usize = 16;

/// The maximum number of entries that are read at once.
const BATCH_SIZE: usize = 500;

impl Keyspace {
    /// Adds a session to the index of its user.
    pub(super) async fn add_to_index(
        &self,
        key: &TokenHash,
        record: &Record,
        now: Timestamp,
    ) -> Result<(), CommandError> {
        let Some(user) = &record.user else { return Ok(()) };
        let time_to_live = record::time_to_live(now, record.absolute_expiry).to_string();
        let arguments = [&*entry_of(key, record.created), &*time_to_live];
        let index = self.index_key(user);
        self.scripts.add_to_index.run(&self.router, &index, &arguments, Durability::Server).await.map(drop)
    }

    /// Removes entries from the index of a user. A failure is ignored: stale entries are harmless.
    pub(super) async fn remove_from_index(&self, user: &str, entries: &[String]) {
        if !entries.is_empty() {
            let _ = self.try_remove_from_index(user, entries).await;
        }
    }

    pub(super) async fn try_remove_from_index(
        &self,
        user: &str,
        entries: &[String],
    ) -> Result<(), CommandError> {
        let index = self.index_key(user);
        let mut command = redis::cmd("ZREM");
        command.arg(&index).arg(entries);
        self.router.run(&index, &command, Durability::Server).await.map(drop)
    }

    /// A page of a user's live sessions, oldest first.
    pub(super) async fn list_user(
        &self,
        user: &str,
        after: Option<&Cursor>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Page, StoreError> {
        if after.is_some_and(|cursor| parse_entry(&cursor.0).is_none()) {
            return Err(StoreError::BadCursor);
        }
        let mut last = after.map(|cursor| cursor.0.clone());
        let mut rows = Vec::new();
        // One more session than the limit shows that there is another page.
        let wanted = limit.saturating_add(1);
        let batch_size = wanted.clamp(1, BATCH_SIZE);
        loop {
            let entries =
                self.entries(user, last.as_deref(), batch_size).await.map_err(StoreError::failed)?;
            let is_last = entries.len() < batch_size;
            last = entries.last().cloned().or(last);
            rows.extend(self.live_sessions(user, entries, now).await?);
            if rows.len() >= wanted || is_last {
                break;
            }
        }
        Ok(Page::of_rows(rows, limit, |entry| Cursor(entry.clone())))
    }

    /// The live sessions of these entries, and the records that cannot be read. Entries without a record of this user are
    /// removed from the index.
    async fn live_sessions(
        &self,
        user: &str,
        entries: Vec<String>,
        now: Timestamp,
    ) -> Result<Vec<Listed<String>>, StoreError> {
        let keys: Vec<Option<TokenHash>> = entries.iter().map(|entry| parse_entry(entry)).collect();
        let valid_keys: Vec<TokenHash> = keys.iter().flatten().copied().collect();
        let mut records = self.records(&valid_keys).await?.into_iter();
        let (mut rows, mut stale) = (Vec::<Listed<String>>::new(), Vec::new());
        for (entry, key) in entries.into_iter().zip(keys) {
            let found = key.and_then(|key| records.next().flatten().map(|record| (key, record)));
            match found {
                // A newer server may be able to read it.
                Some((key, Err(_))) => rows.push((key, None, entry)),
                Some((key, Ok(record)))
                    if record.user.as_deref() == Some(user) && entry_of(&key, record.created) == entry =>
                {
                    // The entry of an expired record is kept: by another clock the session may be live.
                    if !record.is_expired(now) {
                        rows.push((key, Some(record), entry));
                    }
                }
                Some((_, Ok(marker))) if pointer::is_marker(&marker) => {
                    // A rotation has moved the record, or is moving one here.
                    let moved = self
                        .moved(&marker, false, now)
                        .await?
                        .filter(|(_, it)| it.user.as_deref() == Some(user));
                    rows.extend(moved.map(|(key, record)| (key, Some(record), entry)));
                }
                _ => stale.push(entry),
            }
        }
        self.remove_from_index(user, &stale).await;
        // Both entries of a moved record may be in this list.
        let mut listed = HashSet::new();
        rows.retain(|(key, ..)| listed.insert(*key));
        Ok(rows)
    }

    /// The entries of a user after this one, in order.
    pub(super) async fn entries(
        &self,
        user: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<String>, CommandError> {
        let index = self.index_key(user);
        let mut command = redis::cmd("ZRANGEBYLEX");
        let start = after.map_or_else(|| "-".to_owned(), |entry| format!("({entry}"));
        command.arg(&index).arg(start).arg("+").arg("LIMIT").arg(0).arg(limit);
        parse(self.router.run(&index, &command, Durability::Server).await?)
    }

    /// The name is hashed, because it can contain any character and have any length.
    pub(super) fn index_key(&self, user: &str) -> String {
        let hash: [u8; 32] = Sha256::digest(user).into();
        format!("{}user:{}", self.prefix, to_hex(&TokenHash::from_bytes(hash)))
    }
}

/// The entry of a session. All entries have the same score, so Redis sorts them as text: by creation time, then by key.
pub(super) fn entry_of(key: &TokenHash, created: Timestamp) -> String {
    // With the sign bit flipped, negative times sort before positive ones.
    let created = created.as_millis().cast_unsigned() ^ (1 << 63);
    format!("{created:0TIME_DIGITS$x}{}", to_hex(key))
}

pub(super) fn parse_entry(entry: &str) -> Option<TokenHash> {
    let (created, key) = entry.split_at_checked(TIME_DIGITS)?;
    u64::from_str_radix(created, 16).ok()?;
    from_hex(key)
}
