//! [`RedisStore`]: sessions in Redis or Redis Cluster, shared by many servers.
//!
//! One key holds one session, whole: to read it is one round trip, pipelined with those of other requests. Redis frees
//! by itself what has expired, but whether a session has expired is decided here, by the clock that is handed in.

mod cluster;
mod connection;
mod index;
mod listing;
mod node;
mod open;
mod record;
mod router;
mod scripts;
mod slots;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use redis::Value;

use self::connection::Failure;
use self::router::Servers;
use super::wire;
use crate::clock::Timestamp;
use crate::session::{Change, Data, Record, TokenHash};
use crate::session::{Changed, Cursor, Owner, Page, SessionStore, StoreError};
use node::Durability;
pub use open::{RedisOpenError, RedisOptions};
use record::NotARecord;
use scripts::Scripts;

/// How often a change is tried whose operations only [`Change::apply_to`] understands, while others change the same
/// session.
const ROUNDS: usize = 64;

/// How often, and after how long each time, to remove a record of which nobody was told.
const UNDO_TRIES: usize = 5;
const UNDO_PAUSE: Duration = Duration::from_secs(1);

/// Sessions in Redis 6.0 or later (or what speaks its language, such as Valkey), or in a Redis Cluster. A clone is cheap and is the same store.
///
/// In a cluster, a session that begins or is ended is so on a replica too before that is told, as long as its server has
/// a replica that is up: the loss of a server logs nobody in again.
#[derive(Clone)]
pub struct RedisStore(Arc<Inner>);

struct Inner {
    prefix: String,
    servers: Servers,
    scripts: Scripts,
}

#[derive(Debug, thiserror::Error)]
#[error("others changed the session too often")]
struct TooBusy;

#[derive(Debug, thiserror::Error)]
#[error("a script answered what it does not answer")]
struct NotAnAnswer;

impl RedisStore {
    /// Opens the store behind a URL: `redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]`, `rediss://` for TLS,
    /// `unix:///PATH`. Whether it is a cluster is found out; further servers of one may follow after commas.
    ///
    /// # Errors
    /// [`RedisOpenError`], when it cannot be used as a store.
    pub async fn open(url: &str) -> Result<Self, RedisOpenError> {
        Self::options().open(url).await
    }

    /// How to open one otherwise than by default.
    #[must_use]
    pub fn options() -> RedisOptions {
        RedisOptions::default()
    }
}

impl fmt::Debug for RedisStore {
    /// Without the password that is in the connections.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let masters: Vec<String> =
            self.0.servers.masters().iter().map(|(_, node)| node.address.clone()).collect();
        f.debug_struct("RedisStore").field("prefix", &self.0.prefix).field("servers", &masters).finish()
    }
}

impl SessionStore for RedisStore {
    async fn create(&self, key: TokenHash, record: Record) -> Result<(), StoreError> {
        let text = record::encode(&record);
        match self.0.insert(&key, &record, &text).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(StoreError::Exists),
            Err(failure) => {
                if !matches!(failure, Failure::Unreached(..)) {
                    tokio::spawn(Arc::clone(&self.0).undo(key, text));
                }
                Err(StoreError::failed(failure))
            }
        }
    }

    async fn load(&self, key: TokenHash, now: Timestamp) -> Result<Option<Record>, StoreError> {
        let text = self.0.servers.get(&self.0.record_key(&key)).await.map_err(StoreError::failed)?;
        Ok(text.map(|text| decode(&text)).transpose()?.filter(|record| !record.is_expired(now)))
    }

    async fn change(&self, key: TokenHash, change: &Change, now: Timestamp) -> Result<Changed, StoreError> {
        self.0.change(&self.0.record_key(&key), change, now).await
    }

    async fn touch(&self, key: TokenHash, now: Timestamp) -> Result<bool, StoreError> {
        let arguments =
            [&*now.as_millis().to_string(), &record::MARGIN.to_string(), &record::LONGEST.to_string()];
        let touched = self.0.scripts.touch.run(&self.0.servers, &self.0.record_key(&key), &arguments).await;
        let Some(text) = touched.and_then(router::text_of).map_err(StoreError::failed)? else {
            return Ok(false);
        };
        // Should the index have lost it, it has it again. It was touched in any case.
        let _ = self.0.enter(&key, &decode(&text)?, now).await;
        Ok(true)
    }

    async fn delete(&self, key: TokenHash) -> Result<Option<Record>, StoreError> {
        let record_key = self.0.record_key(&key);
        let (servers, script) = (&self.0.servers, &self.0.scripts.delete);
        let waits = if servers.are_replicated() { "yes" } else { "no" };
        let answer = script.run_durably(servers, &record_key, &[waits], Durability::Replica).await;
        let Some(text) = answer.and_then(router::text_of).map_err(StoreError::failed)? else {
            return Ok(None);
        };
        let record = decode(&text)?;
        if let Some(user) = &record.user {
            self.0.leave(user, &[index::entry_of(&key, record.created)]).await;
        }
        Ok(Some(record))
    }

    async fn list(
        &self,
        owner: Owner<'_>,
        after: Option<&Cursor>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Page, StoreError> {
        match owner {
            Owner::User(user) => self.0.list_user(user, after, limit, now).await,
            Owner::Everyone => self.0.list_everyone(after, limit, now).await,
        }
    }

    async fn count(&self, _now: Timestamp) -> Result<Option<u64>, StoreError> {
        self.0.count_sampled().await.map(Some).map_err(StoreError::failed)
    }

    /// Redis sweeps by itself.
    async fn sweep(&self, _now: Timestamp) -> Result<usize, StoreError> {
        Ok(0)
    }
}

impl Inner {
    /// Writes a new record, then its entry in the index. `false`: there is one under this key.
    async fn insert(&self, key: &TokenHash, record: &Record, text: &str) -> Result<bool, Failure> {
        let record_key = self.record_key(key);
        let mut command = redis::cmd("SET");
        command.arg(&record_key).arg(text).arg("NX").arg("PX");
        command.arg(record::kept_for(record.last_seen, record.expires()));
        if self.servers.run(&record_key, &command, Durability::Replica).await? == Value::Nil {
            return Ok(false);
        }
        self.enter(key, record, record.last_seen).await?;
        Ok(true)
    }

    /// Removes a record that may have been written, though that failed: its token was given to nobody.
    async fn undo(self: Arc<Self>, key: TokenHash, text: String) {
        for _ in 0..UNDO_TRIES {
            if self.scripts.undo.run(&self.servers, &self.record_key(&key), &[&text]).await.is_ok() {
                return;
            }
            tokio::time::sleep(UNDO_PAUSE).await;
        }
    }

    async fn change(&self, key: &str, change: &Change, now: Timestamp) -> Result<Changed, StoreError> {
        let operations = wire::operations(change);
        let (now_text, limit) = (now.as_millis().to_string(), Data::MAX_BYTES.to_string());
        let arguments: Vec<&str> =
            [&*now_text, &*limit].into_iter().chain(operations.iter().map(String::as_str)).collect();
        let mut answer = self.scripts.change.run(&self.servers, key, &arguments).await;
        for _ in 0..ROUNDS {
            let answered: Vec<String> = answer
                .and_then(|answer| {
                    redis::from_redis_value(answer).map_err(|error| Failure::Refused(error.into()))
                })
                .map_err(StoreError::failed)?;
            let (what, text) = match answered.as_slice() {
                [what] if what == "gone" => return Ok(Changed::NotFound),
                [what, text] => (what.as_str(), text),
                _ => return Err(StoreError::failed(NotAnAnswer)),
            };
            let mut record = decode(text)?;
            if what == "applied" {
                return Ok(Changed::Applied(record.data));
            }
            // Undecided, or changed meanwhile by another.
            if record.is_expired(now) {
                return Ok(Changed::NotFound);
            }
            record.data = match change.apply_to(&record.data) {
                Ok(data) => data,
                Err(refusal) => return Ok(Changed::Rejected(refusal, record.data)),
            };
            answer = self.scripts.swap.run(&self.servers, key, &[text, &record::encode(&record)]).await;
        }
        Err(StoreError::failed(TooBusy))
    }

    /// The records under these keys, in their order.
    async fn records(&self, keys: &[TokenHash]) -> Result<Vec<Option<Record>>, StoreError> {
        let keys: Vec<String> = keys.iter().map(|key| self.record_key(key)).collect();
        let texts = self.servers.get_all(&keys).await.map_err(StoreError::failed)?;
        texts.into_iter().map(|text| text.map(|text| decode(&text)).transpose()).collect()
    }

    fn record_prefix(&self) -> String {
        format!("{}session:", self.prefix)
    }

    fn record_key(&self, key: &TokenHash) -> String {
        format!("{}session:{}", self.prefix, text_of_key(key))
    }
}

fn decode(text: &str) -> Result<Record, StoreError> {
    record::decode(text).map_err(|error: NotARecord| StoreError::failed(error))
}

fn text_of_key(key: &TokenHash) -> String {
    Cursor::of_key(key).0
}

fn key_of(text: &str) -> Option<TokenHash> {
    Cursor(text.to_owned()).to_key()
}
