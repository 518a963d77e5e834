//! [`Endpoint`]: where a connection leads: to an address, or to the primary that Sentinels name.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, RedisError, Value};
use tokio::task::JoinSet;

use super::server::RedisServer;

/// The time limit of connecting to a server that a Sentinel named. There is time left for the answer of another Sentinel.
const PRIMARY_TIMEOUT: Duration = Duration::from_millis(300);

#[derive(Debug, Clone)]
pub(super) enum Endpoint {
    Address(RedisServer),
    Sentinels(Sentinels),
}

/// The Sentinels of a service.
///
/// The Sentinel client of the `redis` crate is not used: it asks for the role with commands that the user may lack, and
/// waits for a silent Sentinel longer than a call of the store may take.
#[derive(Debug, Clone)]
pub(super) struct Sentinels {
    pub(super) sentinels: Vec<RedisServer>,
    pub(super) service: String,
    /// The settings of the primary: user, password, database, TLS. Its address is replaced.
    pub(super) primary: RedisServer,
}

impl Endpoint {
    /// How messages name it.
    pub(super) fn name(&self) -> String {
        match self {
            Endpoint::Address(server) => server.name(),
            Endpoint::Sentinels(sentinels) => format!("that Sentinel names for {}", sentinels.service),
        }
    }

    pub(super) async fn connect(
        &self,
        config: &AsyncConnectionConfig,
    ) -> Result<MultiplexedConnection, RedisError> {
        match self {
            Endpoint::Address(server) => server.connect(config).await,
            Endpoint::Sentinels(sentinels) => sentinels.connect_to_primary(config).await,
        }
    }
}

impl Sentinels {
    /// Asks all Sentinels, and connects to the first server that is the primary by its own account, too.
    async fn connect_to_primary(
        &self,
        config: &AsyncConnectionConfig,
    ) -> Result<MultiplexedConnection, RedisError> {
        let mut answers = JoinSet::new();
        for sentinel in &self.sentinels {
            let (sentinel, service) = (sentinel.clone(), self.service.clone());
            answers.spawn(async move { ask_primary(&sentinel, &service).await });
        }
        let (mut tried, mut last) = (Vec::new(), None);
        while let Some(answer) = answers.join_next().await {
            let connected = match answer {
                Ok(Ok(address)) if tried.contains(&address) => continue,
                Ok(Ok((host, port))) => {
                    tried.push((host.clone(), port));
                    let connecting = self.connect_to(&host, port, config);
                    tokio::time::timeout(PRIMARY_TIMEOUT, connecting)
                        .await
                        .unwrap_or_else(|_| Err(io::Error::from(io::ErrorKind::TimedOut).into()))
                }
                Ok(Err(error)) => Err(error),
                Err(_) => continue,
            };
            match connected {
                Ok(connection) => return Ok(connection),
                Err(error) => last = Some(error),
            }
        }
        Err(last.unwrap_or_else(|| io::Error::other("no Sentinel answered").into()))
    }

    async fn connect_to(
        &self,
        host: &str,
        port: u16,
        config: &AsyncConnectionConfig,
    ) -> Result<MultiplexedConnection, RedisError> {
        let mut connection = self.primary.at(host, port)?.connect(config).await?;
        let hello = parse_hello(redis::cmd("HELLO").query_async(&mut connection).await?)?;
        match hello.get("role").map(String::as_str) {
            Some("master") | None => Ok(connection),
            Some(_) => Err(io::Error::other(format!("{host}:{port} is not the primary yet")).into()),
        }
    }
}

async fn ask_primary(sentinel: &RedisServer, service: &str) -> Result<(String, u16), RedisError> {
    let mut connection = sentinel.connect(&AsyncConnectionConfig::new()).await?;
    let mut command = redis::cmd("SENTINEL");
    command.arg("GET-MASTER-ADDR-BY-NAME").arg(service);
    let address: Option<(String, u16)> = command.query_async(&mut connection).await?;
    address
        .ok_or_else(|| io::Error::other(format!("the Sentinel does not know the service {service}")).into())
}

/// Reads the answer of `HELLO`. Fields that are not texts are left out.
pub(super) fn parse_hello(answer: Value) -> Result<BTreeMap<String, String>, RedisError> {
    let fields: BTreeMap<String, Value> = redis::from_redis_value(answer)?;
    let text = |(name, value)| Some((name, redis::from_redis_value(value).ok()?));
    Ok(fields.into_iter().filter_map(text).collect())
}
