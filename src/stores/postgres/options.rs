//! [`PostgresOptions`]: how to open a [`PostgresStore`].

use std::time::Duration;

use deadpool_postgres::{Pool, PoolError};
use tokio::time::timeout;
use tokio_postgres::Config;
use tokio_postgres::config::{ChannelBinding, Host, SslMode};

use super::config::PostgresConfig;
use super::open_error::{DatabaseName, PostgresOpenError};
use super::pool::ConnectionPool;
use super::schema::{self, Schema};
use super::{PostgresStore, tls};

/// The time limit of the first connection.
const OPEN_TIMEOUT: Duration = Duration::from_secs(10);

/// The time limit of creating the tables, or of waiting for another server that creates them.
const MIGRATION_TIMEOUT: Duration = Duration::from_secs(60);

/// Options of a [`PostgresStore`].
///
/// ```no_run
/// use sessctl::stores::PostgresStore;
///
/// # async fn example() -> Result<(), sessctl::stores::PostgresOpenError> {
/// let store = PostgresStore::options().schema("shop").open("postgres://app:PASSWORD@db.example/all").await?;
/// # drop(store);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct PostgresOptions {
    schema: Option<String>,
}

impl PostgresOptions {
    /// Sets the schema that contains the tables. It is created if it does not exist. Default: the first one of the
    /// connection's `search_path`. Stores in different schemas can share a database.
    #[must_use]
    pub fn schema(self, name: impl Into<String>) -> Self {
        PostgresOptions { schema: Some(name.into()) }
    }

    /// Opens the store at a URL. See [`PostgresStore::open`].
    ///
    /// # Errors
    /// [`PostgresOpenError`] if the database cannot be used as a store.
    pub async fn open(self, url: &str) -> Result<PostgresStore, PostgresOpenError> {
        let PostgresConfig { config, verify, name, max_connections, schema } = PostgresConfig::parse(url)?;
        let schema = Schema::named(self.schema.or(schema))?;
        let is_bound = config.get_channel_binding() == ChannelBinding::Require;
        let connector = uses_tls(&config).then(|| tls::connector(&verify, is_bound)).transpose()?;
        let pool = ConnectionPool::new(config, connector, max_connections, schema);
        prepare(pool.map_err(|error| name.failed(error))?, &name).await
    }

    /// Opens the store in the database of the application's own connection pool. It can be a pool through PgBouncer.
    ///
    /// The store changes no setting of the connections, prepares no statements, and returns each connection as it was.
    ///
    /// # Errors
    /// [`PostgresOpenError`] if the database cannot be used as a store.
    pub async fn with_pool(self, pool: Pool) -> Result<PostgresStore, PostgresOpenError> {
        let name = DatabaseName::of_a_given_pool();
        prepare(ConnectionPool::given(pool, Schema::named(self.schema)?), &name).await
    }
}

/// Whether a connection may use TLS. One through a Unix socket never does.
fn uses_tls(config: &Config) -> bool {
    let is_remote = config.get_hosts().iter().any(|host| matches!(host, Host::Tcp(_)));
    config.get_ssl_mode() != SslMode::Disable && is_remote
}

/// Connects, and creates the tables if necessary.
async fn prepare(pool: ConnectionPool, name: &DatabaseName) -> Result<PostgresStore, PostgresOpenError> {
    let mut connection = match timeout(OPEN_TIMEOUT, pool.get()).await {
        Ok(Ok(connection)) => connection,
        Ok(Err(PoolError::Backend(error))) => return Err(name.explain(error)),
        Ok(Err(error)) => return Err(name.failed(error)),
        Err(elapsed) => return Err(name.unreachable(elapsed)),
    };
    match timeout(MIGRATION_TIMEOUT, schema::prepare(&mut connection, name, pool.schema())).await {
        Ok(prepared) => prepared?,
        Err(elapsed) => return Err(name.failed(elapsed)),
    }
    drop(connection);
    Ok(PostgresStore(pool))
}
