//! Connections: how they are made, how long they may take, what is done when one breaks.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use deadpool_postgres::{
    Connect, Manager, ManagerConfig, Object, Pool, PoolError, QueueMode, RecyclingMethod,
};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, Error, Row};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::error::told;
use crate::session::StoreError;

/// How long a call may take, waiting for a connection included: less than whoever calls a store waits, so that it hears
/// what is wrong.
const PATIENCE: Duration = Duration::from_millis(1900);

/// What each connection begins with. The server ends what waits for a locked row while the call still waits for an
/// answer. The statements count on seeing what was committed before each of them, whatever the database's default is.
const BEGINNING: &str = "SET statement_timeout = 1500; SET default_transaction_isolation = 'read committed'";

/// More connections than this make a server of some cores slower, not faster.
const MOST: usize = 16;

/// How soon a connection is asked for again where the server has none left.
const NAP: Duration = Duration::from_millis(20);

/// An operator, or a proxy between, may cut off all connections, and again those that come after.
const MOST_BREAKS: u32 = 3;

/// What stands for `$1`, `$2` and so on.
pub(super) type Parameter = Box<dyn ToSql + Send + Sync>;

macro_rules! parameters {
    ($($value:expr),* $(,)?) => {
        vec![$(Box::new($value) as $crate::stores::postgres::pool::Parameter),*]
    };
}
pub(super) use parameters;

/// Whether a statement may be sent again after the connection broke, when it is not known whether it was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    Never,
    Freely,
}

/// When a call must have its answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline(Instant);

impl Deadline {
    /// For a call that begins now.
    pub(super) fn of_a_call() -> Self {
        Deadline(Instant::now() + PATIENCE)
    }
}

/// The connections of a store.
#[derive(Clone)]
pub(super) struct Connections(Pool);

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Connections").field(&self.0.status()).finish()
    }
}

impl Connections {
    /// None is made yet.
    pub(super) fn new(
        config: Config,
        tls: MakeRustlsConnect,
        limit: Option<usize>,
    ) -> Result<Self, deadpool_postgres::BuildError> {
        // A connection is asked for nothing before it is used: that would double the way of every call.
        let settings = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_connect(config, Connector(tls), settings);
        let of_cores = || (2 * std::thread::available_parallelism().map_or(2, usize::from) + 4).min(MOST);
        // The one used last is the one whose plans and pages are at hand.
        let pool =
            Pool::builder(manager).max_size(limit.unwrap_or_else(of_cores)).queue_mode(QueueMode::Lifo);
        pool.build().map(Connections)
    }

    /// One connection, to be used for more than a statement.
    pub(super) async fn get(&self) -> Result<Object, PoolError> {
        self.0.get().await
    }

    /// The rows that a single statement answers with.
    pub(super) async fn ask(
        &self,
        sql: &'static str,
        parameters: Vec<Parameter>,
        again: Again,
    ) -> Result<Vec<Row>, StoreError> {
        self.ask_by(Deadline::of_a_call(), sql, parameters, again).await
    }

    /// The same, with an end that several statements share.
    pub(super) async fn ask_by(
        &self,
        deadline: Deadline,
        sql: &'static str,
        parameters: Vec<Parameter>,
        again: Again,
    ) -> Result<Vec<Row>, StoreError> {
        let pool = self.0.clone();
        // In a task of its own, as the caller may go at any moment: else the connection would go back with an answer
        // outstanding, for which the next one would wait.
        let asking = async move { ask(&pool, deadline, sql, &parameters, again).await };
        tokio::spawn(asking).await.unwrap_or_else(|error| Err(StoreError::failed(error)))
    }
}

async fn ask(
    pool: &Pool,
    Deadline(deadline): Deadline,
    sql: &str,
    parameters: &[Parameter],
    again: Again,
) -> Result<Vec<Row>, StoreError> {
    let (mut broken, mut breaks) = (None, 0);
    loop {
        let connection = match timeout_at(deadline, pool.get()).await {
            Ok(Ok(connection)) => connection,
            Ok(Err(PoolError::Backend(error))) if is_passing(&error) && Instant::now() + NAP < deadline => {
                sleep(NAP).await;
                continue;
            }
            Ok(Err(PoolError::Backend(error))) => return Err(StoreError::failed(told(error))),
            Ok(Err(error)) => return Err(StoreError::failed(error)),
            Err(_) => return Err(StoreError::TimedOut(PATIENCE)),
        };
        // The next time by a new one: others that the server closed may be given back yet.
        if broken.is_some_and(|broken| Object::metrics(&connection).created < broken) {
            drop(Object::take(connection));
            continue;
        }
        let begin = Instant::now().into_std();
        match timeout_at(deadline, send(&connection, sql, parameters)).await {
            Ok(Ok(rows)) => return Ok(rows),
            Ok(Err(failure)) => {
                if is_broken(&failure.error) {
                    // Those as old that wait in the pool would fail one after the other; others have been made anew.
                    drop(Object::take(connection));
                    pool.retain(|_, metrics| metrics.created >= begin);
                    breaks += 1;
                    if breaks < MOST_BREAKS && (again == Again::Freely || !failure.was_sent) {
                        broken = Some(begin);
                        continue;
                    }
                }
                return Err(StoreError::failed(told(failure.error)));
            }
            Err(_) => {
                // Its answer may come yet, to somebody else's question.
                drop(Object::take(connection));
                return Err(StoreError::TimedOut(PATIENCE));
            }
        }
    }
}

/// Why there are no rows, and whether the statement may have been done nevertheless.
struct Failure {
    error: Error,
    was_sent: bool,
}

async fn send(connection: &Object, sql: &str, parameters: &[Parameter]) -> Result<Vec<Row>, Failure> {
    let statement = connection.prepare_cached(sql).await;
    let statement = statement.map_err(|error| Failure { error, was_sent: false })?;
    let parameters: Vec<&(dyn ToSql + Sync)> =
        parameters.iter().map(|it| it.as_ref() as &(dyn ToSql + Sync)).collect();
    connection.query(&statement, &parameters).await.map_err(|error| Failure { error, was_sent: true })
}

/// Whether the connection is of no use any more: it is closed, the server goes away, or has become one that only reads.
fn is_broken(error: &Error) -> bool {
    error.code().is_none_or(|code| {
        [
            SqlState::ADMIN_SHUTDOWN,
            SqlState::CRASH_SHUTDOWN,
            SqlState::CANNOT_CONNECT_NOW,
            SqlState::IDLE_SESSION_TIMEOUT,
            SqlState::READ_ONLY_SQL_TRANSACTION,
        ]
        .contains(code)
    })
}

/// Whether a connection that could not be made is worth another try at once: where the server has none left, those that
/// are there do, and one of them is free soon; where an operator cut it off, the next one is not.
fn is_passing(error: &Error) -> bool {
    let codes = [SqlState::TOO_MANY_CONNECTIONS, SqlState::ADMIN_SHUTDOWN];
    error.is_closed() || error.code().is_some_and(|code| codes.contains(code))
}

/// Makes connections.
struct Connector(MakeRustlsConnect);

type Connected = Result<(Client, JoinHandle<()>), Error>;

impl Connect for Connector {
    fn connect(&self, config: &Config) -> Pin<Box<dyn Future<Output = Connected> + Send + '_>> {
        let (config, tls) = (config.clone(), self.0.clone());
        Box::pin(async move {
            let (client, connection) = config.connect(tls).await?;
            // What breaks it is told to whoever asks next.
            let task = tokio::spawn(async move {
                let _ = connection.await;
            });
            client.batch_execute(BEGINNING).await?;
            Ok((client, task))
        })
    }
}
