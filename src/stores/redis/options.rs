//! [`RedisOptions`]: how to open a [`RedisStore`].

use std::sync::Arc;

use redis::{Client, ErrorKind};

use super::RedisStore;
use super::cluster::Cluster;
use super::endpoint::{Endpoint, Sentinels};
use super::keyspace::Keyspace;
use super::listing::escape_pattern;
use super::node::Node;
use super::open_error::RedisOpenError;
use super::router::Router;
use super::scripts::Scripts;
use super::server::RedisServer;
use super::url::RedisUrl;

/// Options of a [`RedisStore`].
///
/// ```no_run
/// use sessctl::stores::RedisStore;
///
/// # async fn example() -> Result<(), sessctl::stores::RedisOpenError> {
/// let store = RedisStore::options().prefix("shop:").open("rediss://:PASSWORD@redis.example/1").await?;
/// # drop(store);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct RedisOptions {
    prefix: String,
}

impl Default for RedisOptions {
    fn default() -> Self {
        RedisOptions { prefix: "sessctl:".to_owned() }
    }
}

impl RedisOptions {
    /// Sets the prefix of all keys, if the URL has no option `prefix`. Default: `sessctl:`. Stores with different prefixes
    /// can share a database.
    #[must_use]
    pub fn prefix(self, prefix: impl Into<String>) -> Self {
        RedisOptions { prefix: prefix.into() }
    }

    /// Opens the store at a URL. See [`RedisStore::open`].
    ///
    /// # Errors
    /// [`RedisOpenError`] if the URL is not valid or the server cannot be used as a store.
    pub async fn open(self, url: &str) -> Result<RedisStore, RedisOpenError> {
        let url = RedisUrl::parse(url)?;
        let (sentinels, prefix) = (url.sentinels(), url.prefix.unwrap_or(self.prefix));
        open_at(&url.servers, sentinels, prefix).await
    }

    /// Opens the store on the server of the application's own client, with its user, password, database and TLS. The store
    /// makes its own connections. If the server is part of a cluster, the store uses the whole cluster.
    ///
    /// # Errors
    /// [`RedisOpenError`] if the server cannot be used as a store.
    pub async fn with_client(self, client: &Client) -> Result<RedisStore, RedisOpenError> {
        let server = RedisServer::of_client(client).map_err(RedisOpenError::invalid_url)?;
        open_at(&[server], None, self.prefix).await
    }
}

/// Opens the store on these servers, or on the primary that the Sentinels name.
async fn open_at(
    servers: &[RedisServer],
    sentinels: Option<Sentinels>,
    prefix: String,
) -> Result<RedisStore, RedisOpenError> {
    let is_named_by_sentinels = sentinels.is_some();
    let (node, is_cluster) = match sentinels {
        Some(sentinels) => (primary_of(sentinels).await?, false),
        None => first_reachable(servers).await?,
    };
    let keys = format!("{}*", escape_pattern(&prefix));
    let explain = |error| RedisOpenError::new(&node.address, &keys, error);
    let scripts = Scripts::load(&node).await.map_err(explain)?;
    let router = match (is_cluster, servers.len()) {
        (true, _) => Router::Cluster(Cluster::join(servers).await.map_err(explain)?),
        (false, _) if is_named_by_sentinels => Router::Single(Arc::clone(&node)),
        (false, 1) => Router::Single(Arc::clone(&node)),
        (false, _) => return Err(RedisOpenError::NotACluster { server: node.address.clone() }),
    };
    let keyspace = Keyspace { prefix, router, scripts };
    keyspace.check_rights().await.map_err(explain)?;
    Ok(RedisStore(Arc::new(keyspace)))
}

/// The primary that the Sentinels name.
async fn primary_of(sentinels: Sentinels) -> Result<Arc<Node>, RedisOpenError> {
    let service = sentinels.service.clone();
    let node = Node::at(&Endpoint::Sentinels(sentinels));
    match check(&node).await {
        Ok(_) => Ok(Arc::new(node)),
        Err(RedisOpenError::Unreachable { source, .. }) => Err(RedisOpenError::NoPrimary { service, source }),
        Err(error) => Err(error),
    }
}

/// The first server that answers, and whether it is part of a cluster.
async fn first_reachable(seeds: &[RedisServer]) -> Result<(Arc<Node>, bool), RedisOpenError> {
    let mut last = None;
    for seed in seeds {
        let node = Node::new(seed);
        match check(&node).await {
            Ok(is_cluster) => return Ok((Arc::new(node), is_cluster)),
            Err(error @ RedisOpenError::Unreachable { .. }) => last = Some(error),
            Err(error) => return Err(error),
        }
    }
    Err(last.unwrap_or_else(|| {
        RedisOpenError::invalid_url((ErrorKind::InvalidClientConfig, "it has no server").into())
    }))
}

/// Checks that the server can be used, and returns whether it is part of a cluster. Every user may run `HELLO`.
async fn check(node: &Node) -> Result<bool, RedisOpenError> {
    let server = node.address.clone();
    let hello = match node.hello().await {
        Ok(hello) => hello,
        Err(error) => return Err(RedisOpenError::new(&server, "", error)),
    };
    let field = |name: &str| hello.get(name).map(String::as_str);
    match (field("mode"), field("role")) {
        (Some("sentinel"), _) => Err(RedisOpenError::IsSentinel { server }),
        (Some("cluster"), _) => Ok(true),
        (_, Some("replica" | "slave")) => Err(RedisOpenError::IsReplica { server }),
        _ => Ok(false),
    }
}
