//! [`PostgresStore`]: sessions in a PostgreSQL database, which any number of servers share.
//!
//! Every call is one statement, and so is done whole or not at all, whoever hangs up. What a change means is decided by
//! [`Change::apply_to`] alone; where that is plain, a function in the database does it in one round trip.

mod change;
mod config;
mod error;
mod pool;
mod rows;
mod schema;
mod tls;

use std::time::Duration;

use tokio::time::timeout;
use tokio_postgres::config::ChannelBinding;

use self::config::Address;
use crate::clock::Timestamp;
use crate::session::{Change, Record, TokenHash};
use crate::session::{Changed, Cursor, Owner, Page, SessionStore, StoreError};
pub use error::PostgresOpenError;
use pool::Connections;

/// How long the first connection may take.
const FIRST_CONNECTION: Duration = Duration::from_secs(10);

/// How long to wait while another server makes the tables.
const MAKING_TABLES: Duration = Duration::from_secs(60);

/// How many records one statement of a sweep looks at: what it holds is free again after some milliseconds.
const SWEPT_AT_ONCE: usize = 500;

/// Sessions in a PostgreSQL database. A clone is cheap and is the same store.
#[derive(Debug, Clone)]
pub struct PostgresStore(Connections);

impl PostgresStore {
    /// Opens the store in the database of this URL, `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, and makes its tables
    /// (`sessctl_…`) if there are none.
    ///
    /// `sslmode` is as libpq has it: `disable`, `prefer` (if nothing is said), `require` (secret, but whoever answers is
    /// believed), `verify-ca`, `verify-full`; and so is `sslrootcert=FILE`. Without that file the system's certificate
    /// authorities vouch, or those of `SSL_CERT_FILE`. With the file alone, `verify-full` is meant.
    ///
    /// At most twice as many connections as there are cores and four more are made, 16 at most; `connection_limit=N` says
    /// otherwise.
    ///
    /// The server may go away later: calls fail until it is back.
    ///
    /// # Errors
    /// [`PostgresOpenError`], when the database cannot be used as a store.
    pub async fn open(url: &str) -> Result<Self, PostgresOpenError> {
        let Address { config, trust, name, limit } = Address::read(url)?;
        let is_bound = config.get_channel_binding() == ChannelBinding::Require;
        let connector = tls::connector(&trust, is_bound)?;
        let connections = Connections::new(config, connector, limit).map_err(|error| name.failed(error))?;
        let mut first = match timeout(FIRST_CONNECTION, connections.get()).await {
            Ok(Ok(first)) => first,
            Ok(Err(deadpool_postgres::PoolError::Backend(error))) => return Err(name.explain(error)),
            Ok(Err(error)) => return Err(name.failed(error)),
            Err(elapsed) => return Err(name.unreachable(elapsed)),
        };
        match timeout(MAKING_TABLES, schema::prepare(&mut first, &name)).await {
            Ok(prepared) => prepared?,
            Err(elapsed) => return Err(name.failed(elapsed)),
        }
        drop(first);
        Ok(PostgresStore(connections))
    }
}

impl SessionStore for PostgresStore {
    async fn create(&self, key: TokenHash, record: Record) -> Result<(), StoreError> {
        if rows::insert(&self.0, key, &record).await? { Ok(()) } else { Err(StoreError::Exists) }
    }

    async fn load(&self, key: TokenHash, now: Timestamp) -> Result<Option<Record>, StoreError> {
        rows::load(&self.0, key, now).await
    }

    async fn change(&self, key: TokenHash, change: &Change, now: Timestamp) -> Result<Changed, StoreError> {
        change::change(&self.0, key, change, now).await
    }

    async fn touch(&self, key: TokenHash, now: Timestamp) -> Result<bool, StoreError> {
        rows::touch(&self.0, key, now).await
    }

    async fn delete(&self, key: TokenHash) -> Result<Option<Record>, StoreError> {
        rows::delete(&self.0, key).await
    }

    async fn list(
        &self,
        owner: Owner<'_>,
        after: Option<&Cursor>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Page, StoreError> {
        match owner {
            Owner::User(user) => {
                let after = after.map(|cursor| rows::position_of(cursor).ok_or(StoreError::BadCursor));
                rows::list_user(&self.0, user, after.transpose()?, limit, now).await
            }
            Owner::Everyone => {
                let after = after.map(|cursor| cursor.to_key().ok_or(StoreError::BadCursor));
                rows::list_everyone(&self.0, after.transpose()?, limit, now).await
            }
        }
    }

    async fn count(&self, now: Timestamp) -> Result<Option<u64>, StoreError> {
        rows::count_live(&self.0, now).await.map(Some)
    }

    async fn sweep(&self, now: Timestamp) -> Result<usize, StoreError> {
        let mut removed = 0;
        loop {
            let swept = rows::sweep(&self.0, now, SWEPT_AT_ONCE).await?;
            removed += swept.removed;
            if swept.looked_at < SWEPT_AT_ONCE {
                return Ok(removed);
            }
        }
    }
}
