//! [`PostgresOpenError`]: why a database cannot be used as a session store.

use std::error::Error;

use thiserror::Error;
use tokio_postgres::error::SqlState;

/// Why a database cannot be used as a session store. No message contains the password.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PostgresOpenError {
    /// The URL is not valid, or has an option that is not supported.
    #[error("cannot read the PostgreSQL URL: {0}; write postgres://USER:PASSWORD@HOST:PORT/DATABASE")]
    InvalidUrl(String),
    /// The schema has a name that is not supported.
    #[error("cannot use this PostgreSQL schema: its name may contain only letters, digits and _, at most 63")]
    InvalidSchema,
    /// The certificates of the authorities that must sign the server's certificate cannot be read.
    #[error("cannot read the CA certificates in {file}: {reason}; check sslrootcert in the URL")]
    Certificates {
        /// The file, or the system's certificates.
        file: String,
        /// What is wrong with them.
        reason: String,
    },
    /// The process has no TLS provider: enable the feature `ring` or `aws-lc-rs`.
    #[error("cannot set up TLS to the PostgreSQL server; add sslmode=disable to the URL to connect without")]
    NoProvider {
        /// What to do.
        source: Box<dyn Error + Send + Sync>,
    },
    /// No server answered.
    #[error("cannot reach the PostgreSQL server {server} (check the address, and that the server runs)")]
    Unreachable {
        /// The server's host and port.
        server: String,
        /// Why the connection failed.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The password is wrong, the user does not exist, or the server does not allow this client.
    #[error(
        "cannot log in to the PostgreSQL server {server} as {user} (check the password, and pg_hba.conf)"
    )]
    Denied {
        /// The server's host and port.
        server: String,
        /// The user.
        user: String,
        /// What the server answered.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The server has no such database.
    #[error("the PostgreSQL server {server} has no database {database}; create it with createdb")]
    NoDatabase {
        /// The server's host and port.
        server: String,
        /// The database.
        database: String,
    },
    /// The user may not create the tables of a store, or not use the existing ones.
    #[error(
        "{user} may not create or use the tables sessctl_* in the database {database} on {server} (grant the privileges)"
    )]
    NotAllowed {
        /// The server's host and port.
        server: String,
        /// The user.
        user: String,
        /// The database.
        database: String,
        /// What is missing.
        source: Box<dyn Error + Send + Sync>,
    },
    /// A later version created the tables.
    #[error(
        "the session store in the database {database} on {server} has version {version}, but this program supports \
        versions up to {supported}; use a newer one"
    )]
    Newer {
        /// The server's host and port.
        server: String,
        /// The database.
        database: String,
        /// The version of its tables.
        version: i64,
        /// The latest version that this program supports.
        supported: i64,
    },
    /// The encoding of the database cannot represent every text.
    #[error(
        "the database {database} on {server} has the encoding {encoding}; create one with the encoding UTF8"
    )]
    Encoding {
        /// The server's host and port.
        server: String,
        /// The database.
        database: String,
        /// Its encoding.
        encoding: String,
    },
    /// Another error of the server, the connection or TLS.
    #[error("cannot use the database {database} on {server} as a session store")]
    Failed {
        /// The server's host and port.
        server: String,
        /// The database.
        database: String,
        /// What failed.
        source: Box<dyn Error + Send + Sync>,
    },
}

/// The names in error messages about a database.
#[derive(Debug, Clone)]
pub(super) struct DatabaseName {
    pub(super) server: String,
    pub(super) user: String,
    pub(super) database: String,
}

impl DatabaseName {
    /// The names for a pool that the application gave.
    pub(super) fn of_a_given_pool() -> Self {
        let [server, user, database] =
            ["the server of the given pool", "the user of the given pool", "of the given pool"]
                .map(str::to_owned);
        DatabaseName { server, user, database }
    }

    /// The error of opening a store that this error of the database caused.
    pub(super) fn explain(&self, error: tokio_postgres::Error) -> PostgresOpenError {
        let DatabaseName { server, user, database } = self.clone();
        let code = error.code().cloned();
        let source = cause_of(error);
        match code {
            Some(SqlState::INVALID_PASSWORD | SqlState::INVALID_AUTHORIZATION_SPECIFICATION) => {
                PostgresOpenError::Denied { server, user, source }
            }
            Some(SqlState::INVALID_CATALOG_NAME) => PostgresOpenError::NoDatabase { server, database },
            // A user without access to any schema gets INVALID_SCHEMA_NAME.
            Some(SqlState::INSUFFICIENT_PRIVILEGE | SqlState::INVALID_SCHEMA_NAME) => {
                self.not_allowed(source)
            }
            Some(SqlState::CANNOT_CONNECT_NOW) => PostgresOpenError::Unreachable { server, source },
            None if is_network_error(&*source) => PostgresOpenError::Unreachable { server, source },
            _ => PostgresOpenError::Failed { server, database, source },
        }
    }

    pub(super) fn not_allowed(&self, source: impl Into<Box<dyn Error + Send + Sync>>) -> PostgresOpenError {
        let DatabaseName { server, user, database } = self.clone();
        PostgresOpenError::NotAllowed { server, user, database, source: source.into() }
    }

    pub(super) fn unreachable(&self, source: impl Into<Box<dyn Error + Send + Sync>>) -> PostgresOpenError {
        PostgresOpenError::Unreachable { server: self.server.clone(), source: source.into() }
    }

    pub(super) fn failed(&self, source: impl Into<Box<dyn Error + Send + Sync>>) -> PostgresOpenError {
        let DatabaseName { server, database, .. } = self.clone();
        PostgresOpenError::Failed { server, database, source: source.into() }
    }
}

/// The server's own error, if it sent one: the error around it says only `db error`.
pub(super) fn cause_of(error: tokio_postgres::Error) -> Box<dyn Error + Send + Sync> {
    if error.as_db_error().is_none() {
        return Box::new(error);
    }
    error.into_source().unwrap_or_else(|| "database error".into())
}

/// An I/O error that contains another error is about TLS, or says that the server is read-only.
fn is_network_error(error: &(dyn Error + 'static)) -> bool {
    let error = error.source().and_then(|source| source.downcast_ref::<std::io::Error>());
    error.is_some_and(|error| {
        let is_tls = error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>());
        let is_read_only = error.get_ref().is_some() && error.kind() == std::io::ErrorKind::PermissionDenied;
        !is_tls && !is_read_only
    })
}
