//! [`SqliteStore`]: sessions in a file that survives restarts and that several processes can share.
//!
//! One thread writes, and commits together the calls that arrived together. Other threads read. SQLite isolates
//! processes from each other: a process sees all of another's transaction, or nothing of it.

mod error;
mod location;
mod options;
mod rows;
mod schema;
mod tables;
mod worker;

use std::path::Path;
use std::sync::Arc;

use crate::clock::Timestamp;
use crate::session::{
    Change, Changed, Cursor, ExpiredSession, Handle, Owner, Page, Record, SessionStore, StoreError,
    Successor, TokenHash,
};
pub use error::SqliteOpenError;
use location::Location;
pub use options::SqliteOptions;
use tables::Tables;
use worker::Workers;

/// How many expired records one call of a sweep deletes, so that other calls are answered in between.
const SWEEP_BATCH_SIZE: usize = 500;

/// Sessions in a SQLite file. A clone is cheap and uses the same threads.
#[derive(Debug, Clone)]
pub struct SqliteStore(Arc<Threads>);

#[derive(Debug)]
struct Threads {
    readers: Workers,
    writer: Workers,
}

impl SqliteStore {
    /// Opens the store in this file. If the file does not exist, it is created and only its owner may read it. A file
    /// of an older version is migrated.
    ///
    /// If the file is deleted or replaced later, every call fails until the original file is back. The store does not
    /// create a new file, because that would log out every user without an error.
    ///
    /// # Errors
    /// [`SqliteOpenError`] if the file cannot be read and written as a session store.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, SqliteOpenError> {
        Self::options().open(path)
    }

    /// The options of a store, with their defaults.
    #[must_use]
    pub fn options() -> SqliteOptions {
        SqliteOptions::default()
    }
}

fn open(path: &Path, tables: Tables) -> Result<SqliteStore, SqliteOpenError> {
    let location = Location::create(path, tables)?;
    let writer = Workers::writer(&location, schema::connect_and_migrate(&location)?)?;
    let connect = || schema::connect(&location);
    // A page that is read from disk delays one reader, not all.
    let readers = Workers::readers(&location, [connect()?, connect()?, connect()?, connect()?])?;
    Ok(SqliteStore(Arc::new(Threads { readers, writer })))
}

impl SessionStore for SqliteStore {
    async fn create(&self, key: TokenHash, record: Record) -> Result<(), StoreError> {
        let created = self.0.writer.call(move |file| rows::insert(file, &key, &record)).await?;
        if created { Ok(()) } else { Err(StoreError::Exists) }
    }

    async fn load(&self, key: TokenHash, now: Timestamp) -> Result<Option<Record>, StoreError> {
        self.0.readers.call(move |file| rows::load(file, &key, now)).await
    }

    async fn change(&self, key: TokenHash, change: &Change, now: Timestamp) -> Result<Changed, StoreError> {
        let change = change.clone();
        self.0.writer.call(move |file| rows::change(file, &key, &change, now)).await
    }

    async fn touch(&self, key: TokenHash, now: Timestamp) -> Result<bool, StoreError> {
        self.0.writer.call(move |file| rows::touch(file, &key, now)).await
    }

    async fn delete(&self, key: TokenHash) -> Result<Option<Record>, StoreError> {
        self.0.writer.call(move |file| rows::delete(file, &key)).await
    }

    async fn rotate(
        &self,
        key: TokenHash,
        to: (TokenHash, Handle),
        now: Timestamp,
    ) -> Result<Option<Record>, StoreError> {
        self.0.writer.call(move |file| rows::rotate(file, &key, to, now)).await
    }

    async fn supersede(
        &self,
        key: TokenHash,
        by: TokenHash,
        now: Timestamp,
    ) -> Result<Option<Record>, StoreError> {
        self.0.writer.call(move |file| rows::supersede(file, &key, by, now)).await
    }

    async fn successor(&self, key: TokenHash, now: Timestamp) -> Result<Option<Successor>, StoreError> {
        self.0.readers.call(move |file| rows::successor(file, &key, now)).await
    }

    async fn list(
        &self,
        owner: Owner<'_>,
        after: Option<&Cursor>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Page, StoreError> {
        match owner {
            Owner::User(user) => {
                let user = user.to_owned();
                let after = Cursor::after_creation(after)?;
                self.0.readers.call(move |file| rows::list_user(file, &user, after, limit, now)).await
            }
            Owner::Everyone => {
                let after =
                    after.map(|cursor| rows::row_of(cursor).ok_or(StoreError::BadCursor)).transpose()?;
                self.0.readers.call(move |file| rows::list_everyone(file, after, limit, now)).await
            }
        }
    }

    async fn count(&self, now: Timestamp) -> Result<Option<u64>, StoreError> {
        self.0.readers.call(move |file| rows::count_live(file, now)).await.map(Some)
    }

    async fn sweep(&self, now: Timestamp) -> Result<Vec<ExpiredSession>, StoreError> {
        self.0.writer.call(move |file| rows::sweep_successors(file, now)).await?;
        let mut swept = Vec::new();
        loop {
            let batch = self.0.writer.call(move |file| rows::sweep(file, now, SWEEP_BATCH_SIZE)).await;
            // What was deleted before a failure is reported. The next sweep goes on.
            let deleted = if swept.is_empty() { batch? } else { batch.unwrap_or_default() };
            let is_last = deleted.len() < SWEEP_BATCH_SIZE;
            swept.extend(deleted);
            if is_last {
                return Ok(swept);
            }
        }
    }
}
