//! [`RedisOpenError`]: why a Redis server cannot be used as a session store.

use std::error::Error;

use redis::{ErrorKind, RedisError, ServerErrorKind};

use super::command_error::{CommandError, is_unavailable};

/// The oldest major version of Redis that works: it has RESP3 and `KEEPTTL`.
const MIN_VERSION: u32 = 6;

/// Why a URL cannot be used as a session store. No message contains the password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RedisOpenError {
    /// The text is not a Redis URL.
    #[error(
        "cannot read the Redis URL (write redis://HOST:PORT, rediss://HOST:PORT, redis+sentinel://HOST:PORT/SERVICE or unix:///PATH)"
    )]
    InvalidUrl {
        /// What is wrong with it.
        source: Box<dyn Error + Send + Sync>,
    },
    /// A certificate or a key that the URL names cannot be used.
    #[error("cannot use the file {file}: {reason}; check {option} in the Redis URL")]
    Certificates {
        /// The option of the URL.
        option: &'static str,
        /// Its file.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The URL asks for TLS, but the process has no TLS provider: enable the feature `ring` or `aws-lc-rs`.
    #[error("cannot set up TLS to the Redis server")]
    NoProvider {
        /// What to do.
        source: Box<dyn Error + Send + Sync>,
    },
    /// No server answered, or it is still loading its data.
    #[error("cannot reach the Redis server {server} (check the address, and that the server runs)")]
    Unreachable {
        /// The server's host and port, or the path of its socket.
        server: String,
        /// Why the connection failed.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The server requires another user or password.
    #[error("cannot log in to the Redis server {server} (check the user and password in the URL)")]
    Denied {
        /// The server's host and port, or the path of its socket.
        server: String,
        /// What the server answered.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The user may not run the commands of a store, or not on the keys of this prefix.
    #[error(
        "the user of the URL may not do what a session store needs on the Redis server {server} (grant it with \
        ACL SETUSER USER ~{keys} +@all -@dangerous, or choose keys that it may use with ?prefix=)"
    )]
    MissingRights {
        /// The server's host and port, or the path of its socket.
        server: String,
        /// The pattern of the store's keys.
        keys: String,
        /// What the server answered.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The server is too old.
    #[error(
        "cannot use the Redis server {server}: it has version {version}; use version {MIN_VERSION} or later"
    )]
    TooOld {
        /// The server's host and port, or the path of its socket.
        server: String,
        /// Its version.
        version: String,
    },
    /// The server is a replica and accepts no writes.
    #[error("cannot use the Redis server {server}: it is a read-only replica; give the URL of its master")]
    IsReplica {
        /// The server's host and port, or the path of its socket.
        server: String,
    },
    /// The server is a Sentinel, which knows the primary of a service but stores nothing.
    #[error(
        "cannot use {server} as a Redis server: it is a Sentinel; write redis+sentinel://{server}/SERVICE"
    )]
    IsSentinel {
        /// Its host and port.
        server: String,
    },
    /// No Sentinel of the URL named a primary that can be reached.
    #[error(
        "cannot find the primary of {service} (check the Sentinels in the URL, and that they know {service})"
    )]
    NoPrimary {
        /// The name of the service.
        service: String,
        /// Why the last attempt failed.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The URL has several servers, but they are not a cluster.
    #[error(
        "cannot use the Redis server {server} with others: it is not part of a cluster; give only one server"
    )]
    NotACluster {
        /// The server's host and port, or the path of its socket.
        server: String,
    },
    /// The server rejected something else, for example the database number.
    #[error("cannot use the Redis server {server}")]
    Rejected {
        /// The server's host and port, or the path of its socket.
        server: String,
        /// What the server answered.
        source: Box<dyn Error + Send + Sync>,
    },
}

impl RedisOpenError {
    pub(super) fn invalid_url(error: RedisError) -> Self {
        RedisOpenError::InvalidUrl { source: error.into() }
    }

    /// The error of a command that was sent to `server` to open the store. `keys` is the pattern of the store's keys.
    pub(super) fn new(server: &str, keys: &str, error: CommandError) -> Self {
        let server = server.to_owned();
        let error = match error {
            CommandError::Unreachable(_, error)
            | CommandError::NoAnswer(_, error)
            | CommandError::Rejected(error) => error,
            error @ CommandError::NotReplicated => {
                return RedisOpenError::Rejected { server, source: error.into() };
            }
        };
        let is_denied = error.kind() == ErrorKind::AuthenticationFailed
            || error.code().is_some_and(|code| ["NOAUTH", "WRONGPASS"].contains(&code));
        match error.kind() {
            _ if is_denied => RedisOpenError::Denied { server, source: error.into() },
            ErrorKind::RESP3NotSupported => {
                RedisOpenError::TooOld { server, version: "5 or older".to_owned() }
            }
            ErrorKind::Server(ServerErrorKind::NoPerm | ServerErrorKind::ResponseError)
                if !keys.is_empty() =>
            {
                RedisOpenError::MissingRights { server, keys: keys.to_owned(), source: error.into() }
            }
            _ if is_unavailable(&error) => RedisOpenError::Unreachable { server, source: error.into() },
            ErrorKind::Io => RedisOpenError::Unreachable { server, source: error.into() },
            ErrorKind::InvalidClientConfig => RedisOpenError::invalid_url(error),
            _ => RedisOpenError::Rejected { server, source: error.into() },
        }
    }
}
