//! [`SqliteStore`]: sessions in a file, which outlive the process and can be shared by several.
//!
//! One thread writes, another waits for the disk, and has all at once that was written meanwhile: a login is on disk
//! before it is answered, and a hundred at once share one sync (group commit). Others read, each on a snapshot of its
//! own. SQLite itself keeps processes apart: a transaction of one is seen whole by the others or not at all.

mod location;
mod newest;
mod reader;
mod rows;
mod schema;
mod syncer;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;

use self::location::Place;
use crate::clock::Timestamp;
use crate::session::{Change, Record, TokenHash};
use crate::session::{Changed, Cursor, Owner, Page, SessionStore, StoreError};
use reader::Readers;
use writer::Writer;

/// How many expired records one transaction of a sweep removes: others get their turn in between.
const SWEPT_AT_ONCE: usize = 500;

/// Sessions in a SQLite file. A clone is cheap and is the same store.
#[derive(Debug, Clone)]
pub struct SqliteStore(Arc<Threads>);

/// Dropped in this order: the connection that is closed last, the writer's, clears up after all.
#[derive(Debug)]
struct Threads {
    readers: Readers,
    writer: Writer,
}

/// Why a file cannot be used as a store.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SqliteOpenError {
    /// The operating system refused.
    #[error("cannot open the session store {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: std::io::Error,
    },
    /// It is a database, but not one of sessions.
    #[error("{} is a database of something else; it was left as it is", .0.display())]
    NotOurs(PathBuf),
    /// A later version wrote it.
    #[error("the session store {} has version {version}; this one knows up to {}", path.display(), schema::VERSION)]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: i64,
    },
    /// SQLite refused: the file is no database, cannot be written, is locked, is damaged.
    #[error("cannot use {} as a session store", path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        #[source]
        source: rusqlite::Error,
    },
}

impl SqliteStore {
    /// Opens the store in this file, and makes it if there is none: readable by its owner alone.
    ///
    /// Should the file vanish or be replaced later, every call fails until there is one again: a store that starts
    /// anew by itself would log everybody out and tell nobody.
    ///
    /// # Errors
    /// [`SqliteOpenError`], when it cannot be read and written as a store.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, SqliteOpenError> {
        let place = Place::new(path.as_ref());
        let first = place.make()?;
        let readers = Readers::start(&place)?;
        Ok(SqliteStore(Arc::new(Threads { writer: Writer::start(place, first)?, readers })))
    }
}

impl SessionStore for SqliteStore {
    async fn create(&self, key: TokenHash, record: Record) -> Result<(), StoreError> {
        let created =
            self.0.writer.write(move |file, newest| rows::insert(file, newest, &key, &record)).await?;
        if created { Ok(()) } else { Err(StoreError::Exists) }
    }

    async fn load(&self, key: TokenHash, now: Timestamp) -> Result<Option<Record>, StoreError> {
        self.0.readers.read(move |file, newest| rows::load(file, newest, &key, now)).await
    }

    async fn change(&self, key: TokenHash, change: &Change, now: Timestamp) -> Result<Changed, StoreError> {
        let change = change.clone();
        self.0.writer.write(move |file, newest| rows::change(file, newest, &key, &change, now)).await
    }

    async fn touch(&self, key: TokenHash, now: Timestamp) -> Result<bool, StoreError> {
        self.0.writer.write(move |file, newest| rows::touch(file, newest, &key, now)).await
    }

    async fn delete(&self, key: TokenHash) -> Result<Option<Record>, StoreError> {
        self.0.writer.write(move |file, newest| rows::delete(file, newest, &key)).await
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
                let after = after.map(|cursor| rows::position_of(cursor).ok_or(StoreError::BadCursor));
                let after = after.transpose()?;
                self.0.readers.read(move |file, _| rows::list_user(file, &user, after, limit, now)).await
            }
            Owner::Everyone => {
                let after =
                    after.map(|cursor| rows::row_of(cursor).ok_or(StoreError::BadCursor)).transpose()?;
                self.0.readers.read(move |file, _| rows::list_everyone(file, after, limit, now)).await
            }
        }
    }

    async fn count(&self, now: Timestamp) -> Result<Option<u64>, StoreError> {
        self.0.readers.read(move |file, _| rows::count_live(file, now)).await.map(Some)
    }

    async fn sweep(&self, now: Timestamp) -> Result<usize, StoreError> {
        let mut swept = 0;
        loop {
            let removed = self.0.writer.write(move |file, _| rows::sweep(file, now, SWEPT_AT_ONCE)).await?;
            swept += removed;
            if removed < SWEPT_AT_ONCE {
                return Ok(swept);
            }
        }
    }
}
