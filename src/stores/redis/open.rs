//! Opening a store: what the URL says, and whether what is there can be used.

use std::sync::Arc;

use redis::{
    ConnectionAddr, ConnectionInfo, ErrorKind, IntoConnectionInfo, Pipeline, ProtocolVersion, RedisError,
};
use thiserror::Error;

use super::cluster::Cluster;
use super::connection::Failure;
use super::node::Node;
use super::router::Servers;
use super::scripts::Scripts;
use super::{Inner, RedisStore};

/// The third version of the protocol and KEEPTTL came with it.
const OLDEST: u32 = 6;

/// How to open a [`RedisStore`].
#[derive(Debug, Clone)]
pub struct RedisOptions {
    prefix: String,
}

/// Why a URL cannot be used as a store. None of the texts holds the password.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RedisOpenError {
    /// It is not a URL of Redis.
    #[error("not a URL of Redis; one is redis://HOST:PORT, rediss://HOST:PORT or unix:///PATH")]
    NotAUrl(#[source] RedisError),
    /// No server answered.
    #[error("cannot reach the Redis server {server}")]
    Unreachable {
        /// Its host and port, or the path of its socket.
        server: String,
        /// What went wrong.
        #[source]
        source: RedisError,
    },
    /// The server knows no such user with this password, or wants one.
    #[error("the Redis server {server} refuses this user and password")]
    Denied {
        /// Its host and port, or the path of its socket.
        server: String,
        /// What it said.
        #[source]
        source: RedisError,
    },
    /// The server lacks commands that are needed.
    #[error("the Redis server {server} is version {version}; {OLDEST} or later is needed")]
    TooOld {
        /// Its host and port, or the path of its socket.
        server: String,
        /// Its version.
        version: String,
    },
    /// The server copies another one, and takes no writes.
    #[error("the Redis server {server} is a replica: it takes no writes")]
    IsReplica {
        /// Its host and port, or the path of its socket.
        server: String,
    },
    /// There are several servers, and they are no cluster.
    #[error("the Redis server {server} is not part of a cluster: it can only be used by itself")]
    NotACluster {
        /// Its host and port, or the path of its socket.
        server: String,
    },
    /// The server refused something else, such as the database.
    #[error("the Redis server {server} cannot be used")]
    Refused {
        /// Its host and port, or the path of its socket.
        server: String,
        /// What it said.
        #[source]
        source: RedisError,
    },
}

impl Default for RedisOptions {
    fn default() -> Self {
        RedisOptions { prefix: "sessctl:".to_owned() }
    }
}

impl RedisOptions {
    /// What all keys begin with, `sessctl:` by default.
    #[must_use]
    pub fn prefix(self, prefix: impl Into<String>) -> Self {
        RedisOptions { prefix: prefix.into() }
    }

    /// Opens the store behind a URL, as [`RedisStore::open`] does.
    ///
    /// # Errors
    /// [`RedisOpenError`], when it cannot be used as a store.
    pub async fn open(self, url: &str) -> Result<RedisStore, RedisOpenError> {
        let seeds = servers_in(url).map_err(RedisOpenError::NotAUrl)?;
        if seeds.iter().any(|seed| matches!(seed.addr(), ConnectionAddr::TcpTls { .. })) {
            // An error says that one is installed already.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        let (node, is_cluster) = first_to_answer(&seeds).await?;
        let because = |failure| refused(&node.address, failure);
        let scripts = Scripts::load(&node).await.map_err(because)?;
        let servers = match (is_cluster, seeds.len()) {
            (true, _) => Servers::Cluster(Cluster::join(&seeds).await.map_err(because)?),
            (false, 1) => Servers::One(node),
            (false, _) => return Err(RedisOpenError::NotACluster { server: node.address.clone() }),
        };
        Ok(RedisStore(Arc::new(Inner { prefix: self.prefix, servers, scripts })))
    }
}

/// The servers that a URL names: several are separated by commas, and all the rest is the same for each.
fn servers_in(url: &str) -> Result<Vec<ConnectionInfo>, RedisError> {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let split = |text: &'_ str, at: usize| {
        (text.get(..at).unwrap_or("").to_owned(), text.get(at..).unwrap_or("").to_owned())
    };
    let (authority, end) = split(rest, rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let (user, hosts) = split(&authority, authority.rfind('@').map_or(0, |at| at + 1));
    let one = |host: &str| {
        let info = format!("{scheme}://{user}{host}{end}").into_connection_info()?;
        // The third version tells when the server ends a connection.
        let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
        let tcp = info.tcp_settings().clone().set_nodelay(true);
        Ok(info.set_redis_settings(settings).set_tcp_settings(tcp))
    };
    hosts.split(',').map(one).collect()
}

/// The first of the servers that answers, and whether it is part of a cluster.
async fn first_to_answer(seeds: &[ConnectionInfo]) -> Result<(Arc<Node>, bool), RedisOpenError> {
    let mut last = None;
    for seed in seeds {
        let node = Node::new(seed).map_err(RedisOpenError::NotAUrl)?;
        match look_at(&node).await {
            Ok(is_cluster) => return Ok((Arc::new(node), is_cluster)),
            Err(error @ RedisOpenError::Unreachable { .. }) => last = Some(error),
            Err(error) => return Err(error),
        }
    }
    Err(last.unwrap_or_else(|| {
        RedisOpenError::NotAUrl((ErrorKind::InvalidClientConfig, "it names no server").into())
    }))
}

/// Whether the server can be used, and is part of a cluster.
async fn look_at(node: &Node) -> Result<bool, RedisOpenError> {
    let because = |failure| refused(&node.address, failure);
    let mut question = Pipeline::new();
    question.cmd("INFO").arg("server").cmd("INFO").arg("replication");
    let mut info = String::new();
    for answer in node.send(&question).await.map_err(because)? {
        let part = answer.extract_error().and_then(|part| Ok(redis::from_redis_value::<String>(part)?));
        info += &part.map_err(|error| because(Failure::Refused(error)))?;
    }
    let fact = |name: &str| {
        info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).unwrap_or_default().trim()
    };
    let version = fact("redis_version");
    if version.split('.').next().and_then(|major| major.parse().ok()).is_some_and(|major: u32| major < OLDEST)
    {
        return Err(RedisOpenError::TooOld { server: node.address.clone(), version: version.to_owned() });
    }
    // Valkey calls it otherwise.
    let is_cluster = [fact("redis_mode"), fact("server_mode")].contains(&"cluster");
    if fact("role") == "slave" && !is_cluster {
        return Err(RedisOpenError::IsReplica { server: node.address.clone() });
    }
    Ok(is_cluster)
}

fn refused(server: &str, failure: Failure) -> RedisOpenError {
    let server = server.to_owned();
    let source = match failure {
        Failure::Unreached(_, source) | Failure::Unanswered(_, source) | Failure::Refused(source) => source,
        Failure::Unreplicated => (ErrorKind::Client, "no replica").into(),
    };
    let is_denied = source.kind() == ErrorKind::AuthenticationFailed
        || source.code().is_some_and(|code| ["NOAUTH", "WRONGPASS", "NOPERM"].contains(&code));
    match source.kind() {
        _ if is_denied => RedisOpenError::Denied { server, source },
        ErrorKind::RESP3NotSupported => RedisOpenError::TooOld { server, version: "5 or older".to_owned() },
        ErrorKind::Io => RedisOpenError::Unreachable { server, source },
        ErrorKind::InvalidClientConfig => RedisOpenError::NotAUrl(source),
        _ => RedisOpenError::Refused { server, source },
    }
}
