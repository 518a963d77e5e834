//! [`ConnectionPool`]: the connections of a store, with time limits and retries.

use std::fmt;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, PoolError, QueueMode, RecyclingMethod};
use futures_util::future::join3;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Config, Error, Row};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::connector::{BEGIN, Connector, IsPooled};
use super::open_error::cause_of;
use super::parameter::Parameter;
use super::schema::Schema;
use crate::session::StoreError;

/// The time limit of a call, including the wait for a connection. It is shorter than the time limit that the session
/// engine sets for a store call, so that the error says what is wrong.
const CALL_TIMEOUT: Duration = Duration::from_millis(1900);

/// With more connections than this, a server of some cores becomes slower.
const MAX_CONNECTIONS: usize = 16;

/// The delay before the next attempt to connect when the server has no free connection.
const RETRY_DELAY: Duration = Duration::from_millis(20);

/// The number of broken connections after which a call fails. An operator or a proxy may close all connections, and then
/// the new ones too.
const MAX_BROKEN: u32 = 3;

/// Whether a statement may be sent again if its connection broke and it is unknown whether it was executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Retry {
    /// Executing it twice would give another result.
    Never,
    /// It only reads, or executing it twice has the same effect.
    Allowed,
}

/// When a call must be finished.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline(Instant);

impl Deadline {
    /// The deadline of a call that starts now.
    pub(super) fn of_a_call() -> Self {
        Deadline(Instant::now() + CALL_TIMEOUT)
    }
}

/// The connections of a store.
#[derive(Clone)]
pub(super) struct ConnectionPool {
    pool: Pool,
    is_pooled: IsPooled,
    schema: Schema,
}

impl fmt::Debug for ConnectionPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ConnectionPool").field(&self.pool.status()).finish()
    }
}

impl ConnectionPool {
    /// An empty pool. The first call makes the first connection.
    pub(super) fn new(
        config: Config,
        tls: Option<MakeRustlsConnect>,
        max_connections: Option<usize>,
        schema: Schema,
    ) -> Result<Self, deadpool_postgres::BuildError> {
        // Testing a connection before each use would double the time of every call.
        let settings = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let is_pooled = IsPooled::default();
        let connector = Connector { tls, is_pooled: is_pooled.clone() };
        let manager = Manager::from_connect(config, connector, settings);
        let default_size =
            || (2 * std::thread::available_parallelism().map_or(2, usize::from) + 4).min(MAX_CONNECTIONS);
        // The connection that was used last has the plans and pages in its caches.
        let pool = Pool::builder(manager)
            .max_size(max_connections.unwrap_or_else(default_size))
            .queue_mode(QueueMode::Lifo);
        Ok(ConnectionPool { pool: pool.build()?, is_pooled, schema })
    }

    /// A pool of the application. Its connections may be those of a pooler.
    pub(super) fn given(pool: Pool, schema: Schema) -> Self {
        let is_pooled = IsPooled::default();
        is_pooled.set();
        ConnectionPool { pool, is_pooled, schema }
    }

    /// The schema that contains the tables.
    pub(super) fn schema(&self) -> &Schema {
        &self.schema
    }

    /// A connection for more than one statement.
    pub(super) async fn get(&self) -> Result<Object, PoolError> {
        self.pool.get().await
    }

    /// Runs a single statement and returns its rows.
    pub(super) async fn query(
        &self,
        sql: &'static str,
        parameters: Vec<Parameter>,
        retry: Retry,
    ) -> Result<Vec<Row>, StoreError> {
        self.query_by(Deadline::of_a_call(), sql, parameters, retry).await
    }

    /// Like [`query`](ConnectionPool::query), with a deadline for several statements.
    pub(super) async fn query_by(
        &self,
        deadline: Deadline,
        sql: &'static str,
        parameters: Vec<Parameter>,
        retry: Retry,
    ) -> Result<Vec<Row>, StoreError> {
        let (this, sql) = (self.clone(), self.schema.qualify(sql));
        // A separate task, because the caller may be dropped at any time. The connection would then return to the pool
        // before its answer, and the next call would have to wait for that answer.
        let query = async move { query(&this, deadline, &sql, &parameters, retry).await };
        tokio::spawn(query).await.unwrap_or_else(|error| Err(StoreError::failed(error)))
    }
}

async fn query(
    ConnectionPool { pool, is_pooled, .. }: &ConnectionPool,
    Deadline(deadline): Deadline,
    sql: &str,
    parameters: &[Parameter],
    retry: Retry,
) -> Result<Vec<Row>, StoreError> {
    let (mut broken_at, mut broken_count) = (None, 0);
    loop {
        let connection = match timeout_at(deadline, pool.get()).await {
            Ok(Ok(connection)) => connection,
            Ok(Err(PoolError::Backend(error)))
                if is_temporary(&error) && Instant::now() + RETRY_DELAY < deadline =>
            {
                sleep(RETRY_DELAY).await;
                continue;
            }
            Ok(Err(PoolError::Backend(error))) => return Err(StoreError::failed(cause_of(error))),
            Ok(Err(error)) => return Err(StoreError::failed(error)),
            Err(_) => return Err(StoreError::TimedOut(CALL_TIMEOUT)),
        };
        // After a broken connection, an older one is probably broken too: another call may have just returned it.
        if broken_at.is_some_and(|broken_at| Object::metrics(&connection).created < broken_at) {
            drop(Object::take(connection));
            continue;
        }
        let started = Instant::now().into_std();
        match timeout_at(deadline, send(&connection, sql, parameters, is_pooled.get())).await {
            Ok(Ok(rows)) => return Ok(rows),
            Ok(Err(failed)) => {
                if is_broken(&failed.error) {
                    // Older connections in the pool would fail one after the other.
                    drop(Object::take(connection));
                    pool.retain(|_, metrics| metrics.created >= started);
                    broken_count += 1;
                    if broken_count < MAX_BROKEN && (retry == Retry::Allowed || !failed.was_sent) {
                        broken_at = Some(started);
                        continue;
                    }
                }
                return Err(StoreError::failed(cause_of(failed.error)));
            }
            Err(_) => {
                // The answer may still arrive, and would be read as the answer to the next statement.
                drop(Object::take(connection));
                return Err(StoreError::TimedOut(CALL_TIMEOUT));
            }
        }
    }
}

/// Why a statement returned no rows.
struct QueryError {
    error: Error,
    /// Whether it may have been executed.
    was_sent: bool,
}

/// Runs a statement. A statement that uses a server process of other applications is not prepared, and is in its own
/// transaction, which is sent in one piece.
async fn send(
    connection: &Object,
    sql: &str,
    parameters: &[Parameter],
    is_pooled: bool,
) -> Result<Vec<Row>, QueryError> {
    let values = || parameters.iter().map(|(value, _)| value.as_ref() as &(dyn ToSql + Sync));
    let sent = |error| QueryError { error, was_sent: true };
    if is_pooled {
        let types = parameters.iter().map(|(_, sql_type)| sql_type.clone());
        let parameters: Vec<(&(dyn ToSql + Sync), Type)> = values().zip(types).collect();
        // The first poll of each future sends its part, in this order. After an error, COMMIT rolls back.
        let (begun, rows, committed) = join3(
            connection.batch_execute(BEGIN),
            connection.query_typed(sql, &parameters),
            connection.batch_execute("COMMIT"),
        )
        .await;
        begun.and(rows).and_then(|rows| committed.map(|()| rows)).map_err(sent)
    } else {
        let statement = connection.prepare_cached(sql).await;
        let statement = statement.map_err(|error| QueryError { error, was_sent: false })?;
        connection.query(&statement, &values().collect::<Vec<_>>()).await.map_err(sent)
    }
}

/// Whether the connection is useless now: it is closed, or the server shuts down or has become read-only.
fn is_broken(error: &Error) -> bool {
    error.code().is_none_or(|code| {
        // Class 08 is about the connection: a pooler answers with it if it lost the server.
        code.code().starts_with("08")
            || [
                SqlState::ADMIN_SHUTDOWN,
                SqlState::CRASH_SHUTDOWN,
                SqlState::CANNOT_CONNECT_NOW,
                SqlState::IDLE_SESSION_TIMEOUT,
                SqlState::READ_ONLY_SQL_TRANSACTION,
            ]
            .contains(code)
    })
}

/// Whether to try again at once after an attempt to connect failed: the server had no free connection, or an operator
/// closed the new one.
fn is_temporary(error: &Error) -> bool {
    let codes = [SqlState::TOO_MANY_CONNECTIONS, SqlState::ADMIN_SHUTDOWN];
    error.is_closed() || error.code().is_some_and(|code| codes.contains(code))
}
