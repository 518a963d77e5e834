//! [`Tables`]: the names of the tables, so that they can be in the database of an application.

use rusqlite::{CachedStatement, Connection};

use super::error::SqliteOpenError;

/// A longer prefix makes messages of SQLite unreadable.
const MAX_PREFIX_LEN: usize = 63;

/// What the names of the tables start with.
#[derive(Debug, Clone, Default)]
pub(super) struct Tables {
    /// Empty if the whole file belongs to the store.
    prefix: String,
}

impl Tables {
    /// Tables in the database of an application.
    pub(super) fn with_prefix(prefix: String) -> Result<Self, SqliteOpenError> {
        let is_word = prefix.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let starts_well = !prefix.starts_with(|first: char| first.is_ascii_digit())
            && !prefix.to_ascii_lowercase().starts_with("sqlite_");
        match is_word && starts_well && (1..=MAX_PREFIX_LEN).contains(&prefix.len()) {
            true => Ok(Tables { prefix }),
            false => Err(SqliteOpenError::InvalidPrefix(prefix)),
        }
    }

    /// Whether the file belongs to an application.
    pub(super) fn are_guests(&self) -> bool {
        !self.prefix.is_empty()
    }

    /// The statement for these tables. The text has an `@` before the name of each table and index.
    pub(super) fn sql(&self, text: &str) -> String {
        text.replace('@', &self.prefix)
    }
}

/// A connection to the tables.
#[derive(Clone, Copy)]
pub(super) struct TableAccess<'a> {
    pub(super) connection: &'a Connection,
    pub(super) tables: &'a Tables,
}

impl<'a> TableAccess<'a> {
    /// A statement with an `@` before the name of each table. It is parsed only once.
    pub(super) fn prepare(self, sql: &str) -> rusqlite::Result<CachedStatement<'a>> {
        self.connection.prepare_cached(&self.tables.sql(sql))
    }
}
