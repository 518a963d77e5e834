//! [`CommandError`]: why a Redis server did not execute a command.

use redis::{ErrorKind, RedisError, ServerErrorKind};
use thiserror::Error;

/// Why a Redis server did not execute a command.
#[derive(Debug, Error)]
pub(super) enum CommandError {
    /// There was no connection. The command was not executed.
    #[error("cannot connect to the Redis server {0}")]
    Unreachable(String, #[source] RedisError),
    /// No answer arrived. The command may have been executed.
    #[error("the Redis server {0} did not answer")]
    NoAnswer(String, #[source] RedisError),
    /// The server answered with an error. The command was not executed.
    #[error("the Redis server rejected a command")]
    Rejected(#[source] RedisError),
    /// The server executed the command, but no replica confirmed it. The write is lost if this server fails.
    #[error("no replica of the Redis server confirmed the write in time")]
    NotReplicated,
}

/// The kind of an error that a server sent.
pub(super) fn kind_of(error: &RedisError) -> Option<ServerErrorKind> {
    match error.kind() {
        ErrorKind::Server(kind) => Some(kind),
        _ => None,
    }
}

/// Whether the key is not a string. No command of the store makes such a key.
pub(super) fn is_wrong_type(error: &RedisError) -> bool {
    error.code() == Some("WRONGTYPE")
}

/// Whether the server did not execute the command because of its state: it is a replica, or is still loading its data.
/// Its name or its cluster may lead to another server that executes the command.
pub(super) fn is_unavailable(error: &RedisError) -> bool {
    match kind_of(error) {
        Some(ServerErrorKind::ReadOnly | ServerErrorKind::MasterDown | ServerErrorKind::BusyLoading) => true,
        // Redis 6 reports the failure of a command in a script only as text.
        Some(ServerErrorKind::ResponseError) => {
            error.detail().is_some_and(|detail| detail.contains("-READONLY "))
        }
        // A primary that lost its replicas (`min-replicas-to-write`), probably because another server replaced it.
        _ => error.code() == Some("NOREPLICAS"),
    }
}
