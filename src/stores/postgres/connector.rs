//! [`Connector`]: makes connections, and finds out whether a pooler shares them with other applications.
//!
//! A pooler such as PgBouncer in transaction mode runs each transaction in any of its server processes. A prepared
//! statement is then missing in the next transaction, and a setting stays for other applications.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use deadpool_postgres::Connect;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinHandle;
use tokio_postgres::error::SqlState;
use tokio_postgres::tls::TlsStream;
use tokio_postgres::{Client, Config, Connection, Error, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;
use uuid::Uuid;

/// The settings of a server process that serves only this connection. The server cancels a statement that waits for a
/// locked row, while the call still waits for the answer. The statements depend on `read committed`, whatever the
/// database's default is.
const SETTINGS: &str = "-c statement_timeout=1500 -c default_transaction_isolation=read\\ committed";

/// Starts a transaction with the same settings, which end with it.
pub(super) const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL statement_timeout = 1500";

/// Whether other applications use the same server processes. A connection sets it before its first statement, and it
/// stays set: the statements of a pooler work on every connection.
#[derive(Debug, Clone, Default)]
pub(super) struct IsPooled(Arc<AtomicBool>);

impl IsPooled {
    pub(super) fn get(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    pub(super) fn set(&self) {
        self.0.store(true, Ordering::Release);
    }
}

/// Makes the connections of a pool.
pub(super) struct Connector {
    /// `None` for connections without TLS, which need no TLS provider.
    pub(super) tls: Option<MakeRustlsConnect>,
    pub(super) is_pooled: IsPooled,
}

type Connected = Result<(Client, JoinHandle<()>), Error>;

impl Connect for Connector {
    fn connect(&self, config: &Config) -> Pin<Box<dyn Future<Output = Connected> + Send + '_>> {
        let config = config.clone();
        Box::pin(async move {
            if !self.is_pooled.get() {
                match self.connect_with_settings(&config).await {
                    // PgBouncer and the proxy of Amazon RDS reject the settings, or ignore them.
                    Err(error) if is_rejected(&error) => self.is_pooled.set(),
                    connected => return connected,
                }
            }
            self.open(&config).await
        })
    }
}

impl Connector {
    /// Connects with [`SETTINGS`] and a random setting. If that setting is missing afterwards, the server process was not
    /// started for this connection.
    async fn connect_with_settings(&self, config: &Config) -> Connected {
        let mut random = [0; 16];
        // Without random bytes, two connections at worst look like one.
        let _ = getrandom::fill(&mut random);
        let mark = Uuid::from_bytes(random).to_string();
        let given = config.get_options().unwrap_or_default();
        let mut config = config.clone();
        config.options(format!("{given} {SETTINGS} -c sessctl.connection={mark}"));
        let (client, task) = self.open(&config).await?;
        let sql = "SELECT coalesce(current_setting('sessctl.connection', true), '')";
        let found: String = client.query_typed_one(sql, &[]).await?.try_get(0)?;
        if found != mark {
            self.is_pooled.set();
        }
        Ok((client, task))
    }

    async fn open(&self, config: &Config) -> Connected {
        match &self.tls {
            Some(tls) => Ok(run(config.connect(tls.clone()).await?)),
            None => Ok(run(config.connect(NoTls).await?)),
        }
    }
}

/// Runs a connection. If it breaks, the next statement gets the error.
fn run<S, T>((client, connection): (Client, Connection<S, T>)) -> (Client, JoinHandle<()>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    T: TlsStream + Unpin + Send + 'static,
{
    let task = tokio::spawn(async move {
        let _ = connection.await;
    });
    (client, task)
}

fn is_rejected(error: &Error) -> bool {
    let codes = [SqlState::PROTOCOL_VIOLATION, SqlState::FEATURE_NOT_SUPPORTED];
    error.code().is_some_and(|code| codes.contains(code))
}
