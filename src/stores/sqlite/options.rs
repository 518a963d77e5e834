//! [`SqliteOptions`]: how to open a [`SqliteStore`].

use std::path::Path;

use super::error::SqliteOpenError;
use super::tables::Tables;
use super::{SqliteStore, open};

/// Options of a [`SqliteStore`].
///
/// ```no_run
/// use sessctl::stores::SqliteStore;
///
/// let store = SqliteStore::options().table_prefix("login_").open("app.sqlite")?;
/// # drop(store);
/// # Ok::<(), sessctl::stores::SqliteOpenError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct SqliteOptions {
    table_prefix: Option<String>,
}

impl SqliteOptions {
    /// Keeps the sessions in tables whose names start with `prefix`: the file can be the database of the application. The
    /// store changes no setting of the file and no other table. By default, the whole file belongs to the store.
    ///
    /// The application's transactions block the store while they write, so keep them short. With `journal_mode = WAL`,
    /// readers and the writer do not wait for each other.
    #[must_use]
    pub fn table_prefix(self, prefix: impl Into<String>) -> Self {
        SqliteOptions { table_prefix: Some(prefix.into()) }
    }

    /// Opens the store in this file. See [`SqliteStore::open`].
    ///
    /// # Errors
    /// [`SqliteOpenError`] if the file cannot be read and written as a session store.
    pub fn open(self, path: impl AsRef<Path>) -> Result<SqliteStore, SqliteOpenError> {
        let tables = self.table_prefix.map(Tables::with_prefix).transpose()?;
        open(path.as_ref(), tables.unwrap_or_default())
    }
}
