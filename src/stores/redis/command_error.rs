//! [`CommandError`]: why a Redis server did not execute a command.

use redis::RedisError;
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
