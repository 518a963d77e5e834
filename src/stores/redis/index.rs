//! Which sessions a user has: a sorted set for each user. It lies in another place than the records and may lack or have
//! too many entries; nothing is decided by it.

use redis::Value;
use sha2::{Digest, Sha256};

use super::connection::Failure;
use super::node::Durability;
use super::record;
use super::{Inner, key_of, text_of_key};
use crate::clock::Timestamp;
use crate::session::{Cursor, Page, StoreError};
use crate::session::{Record, TokenHash};

/// Hexadecimal digits of the time in an entry.
const DIGITS: usize = 16;

/// How many entries are read at once, at most.
const TOGETHER: usize = 500;

impl Inner {
    /// Enters a session into the index of its user.
    pub(super) async fn enter(
        &self,
        key: &TokenHash,
        record: &Record,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let Some(user) = &record.user else { return Ok(()) };
        let kept_for = record::kept_for(now, record.absolute_expiry).to_string();
        let entry = entry_of(key, record.created);
        self.scripts.enter.run(&self.servers, &self.index_of(user), &[&entry, &kept_for]).await?;
        Ok(())
    }

    /// Takes entries out of the index of a user. That this fails does no harm.
    pub(super) async fn leave(&self, user: &str, entries: &[String]) {
        if entries.is_empty() {
            return;
        }
        let index = self.index_of(user);
        let mut command = redis::cmd("ZREM");
        command.arg(&index).arg(entries);
        let _ = self.servers.run(&index, &command, Durability::Server).await;
    }

    /// A page of a user's live sessions, the oldest first.
    pub(super) async fn list_user(
        &self,
        user: &str,
        after: Option<&Cursor>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Page, StoreError> {
        let mut last = match after {
            Some(cursor) => {
                Some(parse_entry(&cursor.0).map(|_| cursor.0.clone()).ok_or(StoreError::BadCursor)?)
            }
            None => None,
        };
        let mut sessions = Vec::new();
        // One more than there is room for says that there is another page.
        let wanted = limit.saturating_add(1);
        let at_once = wanted.clamp(1, TOGETHER);
        loop {
            let entries = self.entries(user, last.as_deref(), at_once).await.map_err(StoreError::failed)?;
            let parsed: Vec<_> = entries.iter().map(|entry| parse_entry(entry)).collect();
            let keys: Vec<TokenHash> = parsed.iter().flatten().copied().collect();
            let mut records = self.records(&keys).await?.into_iter();
            let mut stale = Vec::new();
            for (entry, key) in entries.iter().zip(parsed) {
                let found = key.and_then(|key| records.next().flatten().map(|record| (key, record)));
                match found.filter(|(key, record)| {
                    record.user.as_deref() == Some(user) && entry_of(key, record.created) == *entry
                }) {
                    Some((key, record)) if !record.is_expired(now) => {
                        sessions.push((entry.clone(), key, record))
                    }
                    // Ended, and there for a while yet: by another clock it may be alive.
                    Some(_) => {}
                    None => stale.push(entry.clone()),
                }
            }
            self.leave(user, &stale).await;
            last = entries.last().cloned().or(last);
            if sessions.len() >= wanted || entries.len() < at_once {
                break;
            }
        }
        let is_full = sessions.len() > limit;
        sessions.truncate(limit);
        let next = sessions.last().filter(|_| is_full).map(|(entry, ..)| Cursor(entry.clone()));
        Ok(Page { sessions: sessions.into_iter().map(|(_, key, record)| (key, record)).collect(), next })
    }

    /// Entries of a user in their order, after one.
    async fn entries(&self, user: &str, after: Option<&str>, limit: usize) -> Result<Vec<String>, Failure> {
        let index = self.index_of(user);
        let mut command = redis::cmd("ZRANGEBYLEX");
        let start = after.map_or_else(|| "-".to_owned(), |entry| format!("({entry}"));
        command.arg(&index).arg(start).arg("+").arg("LIMIT").arg(0).arg(limit);
        let answer: Value = self.servers.run(&index, &command, Durability::Server).await?;
        redis::from_redis_value(answer).map_err(|error| Failure::Refused(error.into()))
    }

    /// A name may hold anything and be of any length; its hash is of one kind.
    fn index_of(&self, user: &str) -> String {
        let hash: [u8; 32] = Sha256::digest(user).into();
        format!("{}user:{}", self.prefix, text_of_key(&TokenHash::from_bytes(hash)))
    }
}

/// Entries all have the same score, so Redis keeps them by their text: by the time of creation, then by key.
pub(super) fn entry_of(key: &TokenHash, created: Timestamp) -> String {
    // Of negative numbers too the smaller comes first.
    let created = created.as_millis().cast_unsigned() ^ (1 << 63);
    format!("{created:0DIGITS$x}{}", text_of_key(key))
}

fn parse_entry(entry: &str) -> Option<TokenHash> {
    let (created, key) = entry.split_at_checked(DIGITS)?;
    u64::from_str_radix(created, 16).ok()?;
    key_of(key)
}
