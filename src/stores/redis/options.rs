//! [`RedisOptions`]: how to open a [`RedisStore`].

use std::sync::Arc;

use redis::{
    ConnectionAddr, ConnectionInfo, ErrorKind, IntoConnectionInfo, Pipeline, ProtocolVersion, RedisError,
};

use super::RedisStore;
use super::cluster::Cluster;
use super::command_error::CommandError;
use super::keyspace::Keyspace;
use super::node::Node;
use super::open_error::{MIN_VERSION, RedisOpenError};
use super::router::{Router, parse};
use super::scripts::Scripts;

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
    /// Sets the prefix of all keys. Default: `sessctl:`. Stores with different prefixes can share a database.
    #[must_use]
    pub fn prefix(self, prefix: impl Into<String>) -> Self {
        RedisOptions { prefix: prefix.into() }
    }

    /// Opens the store at a URL. See [`RedisStore::open`].
    ///
    /// # Errors
    /// [`RedisOpenError`] if the URL is not valid or the server cannot be used as a store.
    pub async fn open(self, url: &str) -> Result<RedisStore, RedisOpenError> {
        let seeds = parse_url(url).map_err(RedisOpenError::invalid_url)?;
        if seeds.iter().any(|seed| matches!(seed.addr(), ConnectionAddr::TcpTls { .. })) {
            // This fails only if the process has chosen a provider already, which is fine too.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        let (node, is_cluster) = first_reachable(&seeds).await?;
        let explain = |error| RedisOpenError::new(&node.address, error);
        let scripts = Scripts::load(&node).await.map_err(explain)?;
        let router = match (is_cluster, seeds.len()) {
            (true, _) => Router::Cluster(Cluster::join(&seeds).await.map_err(explain)?),
            (false, 1) => Router::Single(node),
            (false, _) => return Err(RedisOpenError::NotACluster { server: node.address.clone() }),
        };
        Ok(RedisStore(Arc::new(Keyspace { prefix: self.prefix, router, scripts })))
    }
}

/// The servers of a URL, separated by commas. The rest of the URL applies to each of them.
fn parse_url(url: &str) -> Result<Vec<ConnectionInfo>, RedisError> {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let (user, hosts) = authority.split_at(authority.rfind('@').map_or(0, |at| at + 1));
    let server = |host: &str| {
        let info = format!("{scheme}://{user}{host}{path}").into_connection_info()?;
        // In RESP3, the server reports that it closes a connection.
        let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
        let tcp = info.tcp_settings().clone().set_nodelay(true);
        Ok(info.set_redis_settings(settings).set_tcp_settings(tcp))
    };
    hosts.split(',').map(server).collect()
}

/// The first server that answers, and whether it is part of a cluster.
async fn first_reachable(seeds: &[ConnectionInfo]) -> Result<(Arc<Node>, bool), RedisOpenError> {
    let mut last = None;
    for seed in seeds {
        let node = Node::new(seed).map_err(RedisOpenError::invalid_url)?;
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

/// Checks that the server can be used, and returns whether it is part of a cluster.
async fn check(node: &Node) -> Result<bool, RedisOpenError> {
    let explain = |error| RedisOpenError::new(&node.address, error);
    let mut commands = Pipeline::new();
    commands.cmd("INFO").arg("server").cmd("INFO").arg("replication");
    let mut info = String::new();
    for answer in node.send(&commands).await.map_err(explain)? {
        let part = answer.extract_error().map_err(CommandError::Rejected).and_then(parse::<String>);
        info += &part.map_err(explain)?;
    }
    let field = |name: &str| {
        info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).unwrap_or_default().trim()
    };
    let version = field("redis_version");
    let major = version.split('.').next().and_then(|major| major.parse::<u32>().ok());
    if major.is_some_and(|major| major < MIN_VERSION) {
        return Err(RedisOpenError::TooOld { server: node.address.clone(), version: version.to_owned() });
    }
    // Valkey has `server_mode`.
    let is_cluster = [field("redis_mode"), field("server_mode")].contains(&"cluster");
    if field("role") == "slave" && !is_cluster {
        return Err(RedisOpenError::IsReplica { server: node.address.clone() });
    }
    Ok(is_cluster)
}
