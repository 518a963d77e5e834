//! What is in the file: its tables, by version, and how a connection to it is set up.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};

use super::SqliteOpenError;

/// Written into the file's header, by which it is known as a store of sessions: `SESS`.
const APPLICATION: i64 = 0x5345_5353;

/// How long to wait while another process writes. Shorter than a call of a store may take: the call then fails with
/// what is wrong, not merely for time.
const PATIENCE: Duration = Duration::from_millis(1500);

/// What leads from each version to the next. A step that was published never changes.
const STEPS: &[&str] = &["
    CREATE TABLE sessions (
        id INTEGER PRIMARY KEY,                                  -- new rows are neighbours: few pages are written
        key BLOB NOT NULL UNIQUE CHECK (length(key) = 32),       -- SHA-256 of the token
        handle BLOB NOT NULL CHECK (length(handle) = 16),
        user TEXT,                                               -- NULL: nobody is logged in
        credential INTEGER NOT NULL,                             -- version of the credentials at login; 0: none
        data TEXT NOT NULL,                                      -- JSON
        created INTEGER NOT NULL,                                -- times in milliseconds since 1970
        seen INTEGER NOT NULL,
        idle INTEGER NOT NULL,                                   -- a length of time, in milliseconds
        ends INTEGER NOT NULL,
        expires INTEGER NOT NULL                                 -- the earlier of seen + idle and ends
    ) STRICT;
    CREATE INDEX sessions_of_user ON sessions (user, created) WHERE user IS NOT NULL;
    CREATE INDEX sessions_by_expiry ON sessions (expires);
", "
    CREATE TABLE sessions_2 (
        id INTEGER PRIMARY KEY AUTOINCREMENT,                    -- a number is never given out twice: see `Newest`
        key BLOB NOT NULL CHECK (length(key) = 32),              -- unique: see `rows::insert`
        handle BLOB NOT NULL CHECK (length(handle) = 16),
        user TEXT,
        credential INTEGER NOT NULL,
        data TEXT NOT NULL,
        created INTEGER NOT NULL,
        seen INTEGER NOT NULL,
        idle INTEGER NOT NULL,
        ends INTEGER NOT NULL,
        expires INTEGER NOT NULL
    ) STRICT;
    INSERT INTO sessions_2 SELECT * FROM sessions ORDER BY id;
    DROP TABLE sessions;
    ALTER TABLE sessions_2 RENAME TO sessions;
    CREATE INDEX sessions_of_user ON sessions (user, created) WHERE user IS NOT NULL;
    CREATE INDEX sessions_by_expiry ON sessions (expires);
    CREATE TABLE keys (                                          -- which rows a key may have, but for the newest rows
        beginning BLOB NOT NULL,                                 -- its first 8 octets
        id INTEGER NOT NULL,
        PRIMARY KEY (beginning, id)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO keys SELECT substr(key, 1, 8), id FROM sessions ORDER BY 1;
    CREATE TABLE indexed (upto INTEGER NOT NULL) STRICT;         -- the last row that is in `keys`
    INSERT INTO indexed SELECT coalesce(max(id), 0) FROM sessions;
    CREATE TRIGGER no_key_without_session AFTER DELETE ON sessions BEGIN
        DELETE FROM keys WHERE beginning = substr(old.key, 1, 8) AND id = old.id;
    END;
"];

/// The version that this code reads and writes.
#[allow(clippy::cast_possible_wrap, reason = "a handful of steps")]
pub(super) const VERSION: i64 = STEPS.len() as i64;

/// A connection to the file, whose tables are of this version afterwards.
pub(super) fn connect(path: &Path) -> Result<Connection, SqliteOpenError> {
    let refused = |source| SqliteOpenError::Sqlite { path: path.to_owned(), source };
    let mut connection = Connection::open(path).map_err(refused)?;
    connection.busy_timeout(PATIENCE).map_err(refused)?;
    // Foreign databases are told before anything is written.
    let application: i64 = pragma(&connection, "application_id").map_err(refused)?;
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0)).map_err(refused)?;
    if application != APPLICATION && (application != 0 || tables > 0) {
        return Err(SqliteOpenError::NotOurs(path.to_owned()));
    }
    // A commit need not be on disk when it returns: the store itself sees to that, for many at once. NORMAL syncs what a
    // checkpoint needs in its order, so that a power cut leaves all commits up to one of them. The log grows to 64 MB
    // before a checkpoint: the later it comes, the more of the pages it copies once only.
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY; \
             PRAGMA cache_size = -16384; PRAGMA wal_autocheckpoint = 16000; PRAGMA journal_size_limit = 67108864; \
             PRAGMA trusted_schema = OFF;",
        )
        .map_err(refused)?;
    migrate(&mut connection, path)?;
    Ok(connection)
}

/// Takes the steps that are missing, in one transaction: of several processes one takes them, the others find them
/// taken. What cannot be written is told here, not at the first login.
fn migrate(connection: &mut Connection, path: &Path) -> Result<(), SqliteOpenError> {
    let refused = |source| SqliteOpenError::Sqlite { path: path.to_owned(), source };
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(refused)?;
    let version: i64 = pragma(&transaction, "user_version").map_err(refused)?;
    if version > VERSION {
        return Err(SqliteOpenError::Newer { path: path.to_owned(), version });
    }
    for step in STEPS.iter().skip(usize::try_from(version).unwrap_or(0)) {
        transaction.execute_batch(step).map_err(refused)?;
    }
    if version != VERSION {
        transaction.pragma_update(None, "user_version", VERSION).map_err(refused)?;
        transaction.pragma_update(None, "application_id", APPLICATION).map_err(refused)?;
    }
    transaction.commit().map_err(refused)
}

fn pragma(connection: &Connection, name: &str) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, name, |row| row.get(0))
}
