//! The messages of errors about session stores.

use std::error::Error;

use sessctl::session::{SessionError, StoreError};
use sessctl::stores::{PostgresOpenError, RedisOpenError, SqliteOpenError};

use super::diagnostic::Diagnostic;
use super::file_diagnostic::io_reason;
use crate::output::error_chain;
use crate::texts::Message;

/// The reason in a message, with its causes.
fn why(source: &(dyn Error + Send + Sync + 'static)) -> String {
    error_chain(source)
}

impl Diagnostic for SqliteOpenError {
    fn message(&self) -> Message {
        let english = error_chain(self);
        let new = |key| Message::new(key, &english);
        match self {
            SqliteOpenError::Io { path, reason } => new("error-sqlite-file")
                .with("path", path.display().to_string())
                .with("why", io_reason(reason)),
            SqliteOpenError::Foreign(path) => {
                new("error-sqlite-foreign").with("path", path.display().to_string())
            }
            SqliteOpenError::Newer { path, version, .. } => new("error-sqlite-newer")
                .with("path", path.display().to_string())
                .with("version", version.to_string()),
            SqliteOpenError::Sqlite { path, reason, .. } => {
                new("error-sqlite").with("path", path.display().to_string()).with("why", why(&**reason))
            }
            _ => english.into(),
        }
    }
}

impl Diagnostic for RedisOpenError {
    fn message(&self) -> Message {
        let english = error_chain(self);
        let new = |key| Message::new(key, &english);
        match self {
            RedisOpenError::InvalidUrl { source } => {
                new("error-invalid-redis-url").with("why", why(&**source))
            }
            RedisOpenError::Unreachable { server, source } => {
                new("error-redis-unreachable").with("server", server.as_str()).with("why", why(&**source))
            }
            RedisOpenError::Denied { server, source } => {
                new("error-redis-denied").with("server", server.as_str()).with("why", why(&**source))
            }
            _ => english.into(),
        }
    }
}

impl Diagnostic for PostgresOpenError {
    fn message(&self) -> Message {
        let english = error_chain(self);
        let new = |key| Message::new(key, &english);
        match self {
            PostgresOpenError::InvalidUrl(why) => new("error-invalid-postgres-url").with("why", why.as_str()),
            PostgresOpenError::Unreachable { server, source } => {
                new("error-postgres-unreachable").with("server", server.as_str()).with("why", why(&**source))
            }
            PostgresOpenError::Denied { server, user, source } => new("error-postgres-denied")
                .with("server", server.as_str())
                .with("user", user.as_str())
                .with("why", why(&**source)),
            PostgresOpenError::NoDatabase { server, database } => {
                new("error-no-database").with("server", server.as_str()).with("database", database.as_str())
            }
            _ => english.into(),
        }
    }
}

impl Diagnostic for StoreError {
    fn message(&self) -> Message {
        let english = error_chain(self);
        let new = |key| Message::new(key, &english);
        match self {
            StoreError::TimedOut(limit) => {
                new("error-store-timed-out").with("limit", limit.as_secs_f32().to_string())
            }
            StoreError::Failed(source) => new("error-store").with("why", why(&**source)),
            _ => english.into(),
        }
    }
}

impl Diagnostic for SessionError {
    fn message(&self) -> Message {
        match self {
            SessionError::Store(error) => error.message(),
            _ => error_chain(self).into(),
        }
    }
}
