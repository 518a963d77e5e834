//! Why a database cannot be used as a store.

use std::error::Error;

use thiserror::Error;
use tokio_postgres::error::SqlState;

use super::schema;

type Source = Box<dyn Error + Send + Sync>;

/// Why a database cannot be used as a store. No text of it holds the password.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PostgresOpenError {
    /// The URL is none, or asks for what is not known here.
    #[error("not the URL of a PostgreSQL database (postgres://USER:PASSWORD@HOST:PORT/DATABASE): {0}")]
    BadUrl(String),
    /// The authorities that should vouch for the server cannot be read.
    #[error("cannot use {place} as certificate authorities: {why}")]
    Certificates {
        /// The file, or the system's.
        place: String,
        /// What is wrong with them.
        why: String,
    },
    /// Nobody answered there.
    #[error("cannot reach the PostgreSQL server at {place}")]
    Unreachable {
        /// Its host and port.
        place: String,
        /// What the connection failed of.
        #[source]
        source: Source,
    },
    /// A wrong password, an unknown user, or one who is not let in from here.
    #[error("the PostgreSQL server at {place} does not let {user} in")]
    Refused {
        /// Its host and port.
        place: String,
        /// The name that was given.
        user: String,
        /// What the server said.
        #[source]
        source: Source,
    },
    /// The server has no such database.
    #[error("the PostgreSQL server at {place} has no database {database}: make it first (createdb)")]
    NoDatabase {
        /// The server's host and port.
        place: String,
        /// The name that was given.
        database: String,
    },
    /// The user may not make the tables of a store, or not use those that are there.
    #[error("{user} may not make or use the tables sessctl_* in the database {database} at {place}")]
    NotAllowed {
        /// The server's host and port.
        place: String,
        /// The name that was given.
        user: String,
        /// The database.
        database: String,
        /// What the server said.
        #[source]
        source: Source,
    },
    /// A later version made the tables.
    #[error(
        "the session store in the database {database} at {place} has version {version}; this one knows up to {}",
        schema::VERSION
    )]
    Newer {
        /// The server's host and port.
        place: String,
        /// The database.
        database: String,
        /// The version of its tables.
        version: i64,
    },
    /// The database cannot hold every text.
    #[error("the database {database} at {place} keeps texts as {encoding}: sessions need one in UTF8")]
    Encoding {
        /// The server's host and port.
        place: String,
        /// The database.
        database: String,
        /// Its encoding.
        encoding: String,
    },
    /// Something else that the server, the connection or TLS failed of.
    #[error("cannot use the database {database} at {place} as a session store")]
    Failed {
        /// The server's host and port.
        place: String,
        /// The database.
        database: String,
        /// What went wrong.
        #[source]
        source: Source,
    },
}

/// What is said of the place of a store.
#[derive(Debug, Clone)]
pub(super) struct Name {
    pub(super) place: String,
    pub(super) user: String,
    pub(super) database: String,
}

impl Name {
    /// What an error of the database means for whoever wanted to open a store there.
    pub(super) fn explain(&self, error: tokio_postgres::Error) -> PostgresOpenError {
        let Name { place, user, database } = self.clone();
        let code = error.code().cloned();
        let source = told(error);
        match code {
            Some(SqlState::INVALID_PASSWORD | SqlState::INVALID_AUTHORIZATION_SPECIFICATION) => {
                PostgresOpenError::Refused { place, user, source }
            }
            Some(SqlState::INVALID_CATALOG_NAME) => PostgresOpenError::NoDatabase { place, database },
            // Without a right to any schema there is none to make tables in.
            Some(SqlState::INSUFFICIENT_PRIVILEGE | SqlState::INVALID_SCHEMA_NAME) => {
                self.not_allowed(source)
            }
            Some(SqlState::CANNOT_CONNECT_NOW) => PostgresOpenError::Unreachable { place, source },
            None if is_of_the_network(&*source) => PostgresOpenError::Unreachable { place, source },
            _ => PostgresOpenError::Failed { place, database, source },
        }
    }

    pub(super) fn not_allowed(&self, source: impl Into<Source>) -> PostgresOpenError {
        let Name { place, user, database } = self.clone();
        PostgresOpenError::NotAllowed { place, user, database, source: source.into() }
    }

    pub(super) fn unreachable(&self, source: impl Into<Source>) -> PostgresOpenError {
        PostgresOpenError::Unreachable { place: self.place.clone(), source: source.into() }
    }

    pub(super) fn failed(&self, source: impl Into<Source>) -> PostgresOpenError {
        let Name { place, database, .. } = self.clone();
        PostgresOpenError::Failed { place, database, source: source.into() }
    }
}

/// What the server said, or what came before it could say something: not merely that there was an error.
pub(super) fn told(error: tokio_postgres::Error) -> Source {
    if error.as_db_error().is_none() {
        return Box::new(error);
    }
    error.into_source().unwrap_or_else(|| "an error of the database".into())
}

/// An error of input or output that holds another is of TLS, or says that the server takes no writes.
fn is_of_the_network(error: &(dyn Error + 'static)) -> bool {
    let error = error.source().and_then(|source| source.downcast_ref::<std::io::Error>());
    error.is_some_and(|error| {
        let is_of_tls = error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>());
        let is_read_only = error.get_ref().is_some() && error.kind() == std::io::ErrorKind::PermissionDenied;
        !is_of_tls && !is_read_only
    })
}
