//! [`Keyspace`]: the keys of a store in Redis, and the scripts that work on them.

use std::sync::Arc;
use std::time::Duration;

use redis::Value;

use super::command_error::CommandError;
use super::node::Durability;
use super::record;
use super::router::{Router, parse};
use super::scripts::Scripts;
use crate::clock::Timestamp;
use crate::session::{Change, Changed, Cursor, Data, Record, StoreError, TokenHash};
use crate::stores::wire;

/// The number of attempts to apply a change that only [`Change::apply_to`] can apply. Each failed attempt means that
/// another call changed the session.
const MAX_CHANGE_ATTEMPTS: usize = 64;

/// The number of attempts to delete a record that may have been written by a failed call, and the delay between them.
const MAX_UNDO_ATTEMPTS: usize = 5;
const UNDO_RETRY_DELAY: Duration = Duration::from_secs(1);

/// The keys of a store: `PREFIXsession:KEY` for records, `PREFIXuser:HASH` for the index of a user.
pub(super) struct Keyspace {
    pub(super) prefix: String,
    pub(super) router: Router,
    pub(super) scripts: Scripts,
}

#[derive(Debug, thiserror::Error)]
#[error("other calls changed the session {MAX_CHANGE_ATTEMPTS} times in a row; try again")]
struct TooManyChanges;

#[derive(Debug, thiserror::Error)]
#[error("a script returned an unknown answer")]
struct UnknownAnswer;

impl Keyspace {
    /// Writes a new record, then its entry in the index, and prunes the index. Returns whether the key was free.
    pub(super) async fn insert(
        &self,
        key: &TokenHash,
        record: &Record,
        text: &str,
    ) -> Result<bool, CommandError> {
        let record_key = self.record_key(key);
        let mut command = redis::cmd("SET");
        command.arg(&record_key).arg(text).arg("NX").arg("PX");
        command.arg(record::time_to_live_of(record));
        if self.router.run(&record_key, &command, Durability::Replica).await? == Value::Nil {
            return Ok(false);
        }
        self.add_to_index(key, record, record.last_seen).await?;
        if let Some(user) = &record.user {
            // The session exists. The next login tries this again.
            let _ = self.prune_index(user, key).await;
        }
        Ok(true)
    }

    /// Deletes a record that a failed call may have written. No client has its token.
    pub(super) async fn undo(self: Arc<Self>, key: TokenHash, text: String) {
        let (script, key) = (&self.scripts.undo, self.record_key(&key));
        for _ in 0..MAX_UNDO_ATTEMPTS {
            if script.run(&self.router, &key, &[&text], Durability::Server).await.is_ok() {
                return;
            }
            tokio::time::sleep(UNDO_RETRY_DELAY).await;
        }
    }

    /// Applies a change in Redis if its operations are simple. Otherwise it reads the record, applies the change here, and
    /// writes the result if the record is still the same.
    pub(super) async fn change(
        &self,
        key: &str,
        change: &Change,
        now: Timestamp,
    ) -> Result<Changed, StoreError> {
        let operations = wire::encode_operations(change);
        let (now_text, limit) = (now.as_millis().to_string(), Data::MAX_BYTES.to_string());
        let arguments: Vec<&str> =
            [&*now_text, &*limit].into_iter().chain(operations.iter().map(String::as_str)).collect();
        let mut answer = self.scripts.change.run(&self.router, key, &arguments, Durability::Server).await;
        for _ in 0..MAX_CHANGE_ATTEMPTS {
            let answered: Vec<Vec<u8>> = answer.and_then(parse).map_err(StoreError::failed)?;
            let (outcome, text) = match answered.as_slice() {
                [outcome] if outcome == b"gone" => return Ok(Changed::NotFound),
                [outcome, text] => (outcome.as_slice(), text),
                _ => return Err(StoreError::failed(UnknownAnswer)),
            };
            let mut record = record::decode(text)?;
            if outcome == b"applied" {
                return Ok(Changed::Applied(record.data));
            }
            if record.is_expired(now) {
                return Ok(Changed::NotFound);
            }
            record.data = match change.apply_to(&record.data) {
                Ok(data) => data,
                Err(error) => return Ok(Changed::Rejected(error, record.data)),
            };
            let text = str::from_utf8(text).map_err(StoreError::unreadable)?;
            let arguments = [text, &record::encode(&record)];
            answer = self.scripts.swap.run(&self.router, key, &arguments, Durability::Server).await;
        }
        Err(StoreError::failed(TooManyChanges))
    }

    /// The records under these keys, in the same order. A record may be unreadable.
    pub(super) async fn records(
        &self,
        keys: &[TokenHash],
    ) -> Result<Vec<Option<Result<Record, StoreError>>>, StoreError> {
        let keys: Vec<String> = keys.iter().map(|key| self.record_key(key)).collect();
        let texts = self.router.get_all(&keys).await.map_err(StoreError::failed)?;
        Ok(texts.into_iter().map(|text| text.as_deref().map(record::decode)).collect())
    }

    pub(super) fn record_prefix(&self) -> String {
        format!("{}session:", self.prefix)
    }

    pub(super) fn record_key(&self, key: &TokenHash) -> String {
        format!("{}session:{}", self.prefix, to_hex(key))
    }
}

/// A key as it is written in Redis.
pub(super) fn to_hex(key: &TokenHash) -> String {
    Cursor::of_key(key).0
}

/// Reads a key that [`to_hex`] wrote.
pub(super) fn from_hex(text: &str) -> Option<TokenHash> {
    Cursor(text.to_owned()).to_key()
}
