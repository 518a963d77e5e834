//! [`RedisStore`]: sessions in Redis or Redis Cluster, which many servers share.
//!
//! One key holds one whole session, so reading it takes one round trip, pipelined with those of other requests. Redis
//! deletes expired records itself, but only later: the store decides by the caller's clock whether a session is expired.

mod cluster;
mod command_error;
mod connection;
mod endpoint;
mod index;
mod keyspace;
mod listing;
mod node;
mod open_error;
mod options;
mod pointer;
mod prune;
mod record;
mod rights;
mod rotation;
mod router;
mod scripts;
mod server;
mod slots;
mod tls;
mod url;

use std::fmt;
use std::sync::Arc;

use self::command_error::CommandError;
use self::keyspace::Keyspace;
use self::node::Durability;
pub use self::open_error::RedisOpenError;
pub use self::options::RedisOptions;
use self::router::parse;
use crate::clock::Timestamp;
use crate::session::{
    Change, Changed, Cursor, ExpiredSession, Handle, Owner, Page, Record, SessionStore, StoreError,
    Successor, TokenHash,
};

/// Sessions in Redis 6.0 or later, in a compatible server such as Valkey, or in a Redis Cluster. A clone is cheap and
/// refers to the same store.
///
/// In a cluster, [`create`](SessionStore::create) and [`delete`](SessionStore::delete) return when a replica has the
/// change, if the server has a running replica. So no logout is lost when a server fails.
///
/// ```no_run
/// use sessctl::session::{SessionConfig, Sessions};
/// use sessctl::stores::RedisStore;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let store = RedisStore::open("redis://127.0.0.1:6379").await?;
/// let sessions = Sessions::new(store, SessionConfig::default())?;
/// # drop(sessions);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct RedisStore(Arc<Keyspace>);

impl RedisStore {
    /// Opens the store at a URL: `redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]`, `rediss://` for TLS, or
    /// `unix:///PATH`. A cluster is detected. For a cluster, the URL can have further servers, separated by commas. With
    /// Sentinel: `redis+sentinel://[[USER]:PASSWORD@]HOST[:PORT],…/SERVICE[/DATABASE]`, or `rediss+sentinel://`.
    ///
    /// After a `?`, the URL can have these options:
    /// - `prefix`: the prefix of all keys.
    /// - `sslrootcert`, `sslcert`, `sslkey`: PEM files with the trusted authorities, the client certificate and its key.
    /// - `sentinel_user`, `sentinel_password`: how to log in to the Sentinels. The user and the password before the `@`
    ///   are those of the primary.
    ///
    /// # Errors
    /// [`RedisOpenError`] if the URL is not valid or the server cannot be used as a store.
    pub async fn open(url: &str) -> Result<Self, RedisOpenError> {
        Self::options().open(url).await
    }

    /// Opens the store on the server of the application's own client. See [`RedisOptions::with_client`].
    ///
    /// # Errors
    /// [`RedisOpenError`] if the server cannot be used as a store.
    pub async fn with_client(client: &redis::Client) -> Result<Self, RedisOpenError> {
        Self::options().with_client(client).await
    }

    /// The options of a store, with their defaults.
    #[must_use]
    pub fn options() -> RedisOptions {
        RedisOptions::default()
    }
}

impl fmt::Debug for RedisStore {
    /// Leaves out the connections, which contain the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let masters: Vec<String> =
            self.0.router.masters().iter().map(|(_, node)| node.address.clone()).collect();
        f.debug_struct("RedisStore").field("prefix", &self.0.prefix).field("servers", &masters).finish()
    }
}

impl SessionStore for RedisStore {
    async fn create(&self, key: TokenHash, record: Record) -> Result<(), StoreError> {
        let text = record::encode(&record);
        match self.0.insert(&key, &record, &text).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(StoreError::Exists),
            Err(error) => {
                if !matches!(error, CommandError::Unreachable(..)) {
                    tokio::spawn(Arc::clone(&self.0).undo(key, text));
                }
                Err(StoreError::failed(error))
            }
        }
    }

    async fn load(&self, key: TokenHash, now: Timestamp) -> Result<Option<Record>, StoreError> {
        let text = self.0.router.get(&self.0.record_key(&key)).await.map_err(StoreError::failed)?;
        let record = text.as_deref().map(record::decode).transpose()?;
        Ok(record.filter(|record| !record.is_expired(now)))
    }

    async fn change(&self, key: TokenHash, change: &Change, now: Timestamp) -> Result<Changed, StoreError> {
        self.0.change(&self.0.record_key(&key), change, now).await
    }

    async fn touch(&self, key: TokenHash, now: Timestamp) -> Result<bool, StoreError> {
        let (router, script) = (&self.0.router, &self.0.scripts.touch);
        let arguments =
            [now.as_millis().to_string(), record::EXPIRY_MARGIN.to_string(), record::MAX_TTL.to_string()];
        let arguments = arguments.each_ref().map(String::as_str);
        let answer = script.run(router, &self.0.record_key(&key), &arguments, Durability::Server).await;
        let Some(text): Option<Vec<u8>> = answer.and_then(parse).map_err(StoreError::failed)? else {
            return Ok(false);
        };
        // Restores the entry if the index was lost. The touch counts even if this fails.
        if let Ok(record) = record::decode(&text) {
            let _ = self.0.add_to_index(&key, &record, now).await;
        }
        Ok(true)
    }

    async fn delete(&self, key: TokenHash) -> Result<Option<Record>, StoreError> {
        let (router, script) = (&self.0.router, &self.0.scripts.delete);
        let waits = if router.is_replicated() { "yes" } else { "no" };
        let answer =
            script.run(router, &self.0.record_key(&key), &[waits, pointer::START], Durability::Replica).await;
        let Some(text): Option<Vec<u8>> = answer.and_then(parse).map_err(StoreError::failed)? else {
            return Ok(None);
        };
        let record = record::decode(&text)?;
        if let Some(user) = &record.user {
            self.0.remove_from_index(user, &[index::entry_of(&key, record.created)]).await;
        }
        Ok(Some(record))
    }

    async fn rotate(
        &self,
        key: TokenHash,
        to: (TokenHash, Handle),
        now: Timestamp,
    ) -> Result<Option<Record>, StoreError> {
        self.0.rotate(&key, to, now).await
    }

    async fn supersede(
        &self,
        key: TokenHash,
        by: TokenHash,
        now: Timestamp,
    ) -> Result<Option<Record>, StoreError> {
        self.0.supersede(&key, by, now).await
    }

    async fn successor(&self, key: TokenHash, now: Timestamp) -> Result<Option<Successor>, StoreError> {
        self.0.successor(&key, now).await
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

    /// Does nothing: Redis deletes expired records.
    async fn sweep(&self, _now: Timestamp) -> Result<Vec<ExpiredSession>, StoreError> {
        Ok(Vec::new())
    }
}
