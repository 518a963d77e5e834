//! The tables of the file, their versions, and the settings of a connection.

use std::time::{Duration, Instant};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::error::SqliteOpenError;
use super::location::Location;
use super::tables::{TableAccess, Tables};

/// The `application_id` in the file's header: `SESS`.
const APPLICATION: i64 = 0x5345_5353;

/// The version that this code reads and writes.
///
/// Versions 1 and 2 have the same columns in `sessions`. The key was unique in version 1; version 2 kept its own index
/// of keys in the tables `keys` and `indexed`.
/// Version 3 had no successors, version 4 no options.
const VERSION: i64 = 5;

/// The delay before a connection asks again for a lock that another process holds. SQLite's own delays grow to 100 ms:
/// with them, a process that writes without a pause can keep another one waiting until its calls fail.
const RETRY_DELAY: Duration = Duration::from_millis(1);

/// The number of retries: together they take less than the time limit of a call.
const MAX_RETRIES: i32 = 1500;

/// With an `INTEGER PRIMARY KEY`, new rows are next to each other and only the index of keys writes to random pages.
/// Measured against `WITHOUT ROWID`: 1.1 to 1.5 times as many inserts per second, and about 15 % less disk space.
const CREATE_TABLE: &str = "
    CREATE TABLE @sessions (
        id INTEGER PRIMARY KEY,
        key BLOB NOT NULL CHECK (length(key) = 32),              -- SHA-256 of the token
        handle BLOB NOT NULL CHECK (length(handle) = 16),
        user TEXT,                                               -- NULL: anonymous
        credential INTEGER NOT NULL,                             -- version of the credentials at login, or 0
        data TEXT NOT NULL,                                      -- JSON
        created INTEGER NOT NULL,                                -- times in milliseconds since 1970
        seen INTEGER NOT NULL,
        idle INTEGER NOT NULL,                                   -- a duration in milliseconds
        ends INTEGER NOT NULL,
        expires INTEGER NOT NULL,                                -- the earlier of seen + idle and ends
        options INTEGER NOT NULL DEFAULT 0                       -- bits; version 4 does not write them
    ) STRICT;
";

const CREATE_INDEXES: &str = "
    CREATE UNIQUE INDEX @sessions_by_key ON @sessions (key);
    CREATE INDEX @sessions_of_user ON @sessions (user, created) WHERE user IS NOT NULL;
    CREATE INDEX @sessions_by_expiry ON @sessions (expires);
";

/// The keys that a rotation or a login replaced in the last minute. No index of the time: a sweep reads the whole table.
const CREATE_SUCCESSORS: &str = "
    CREATE TABLE @successors (
        key BLOB PRIMARY KEY NOT NULL,
        successor BLOB NOT NULL,
        is_login INTEGER NOT NULL,
        since INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
";

/// With WAL, readers do not wait for the writer. With `FULL`, a commit returns when it is on disk.
///
/// A checkpoint copies each changed page once, so fewer checkpoints copy fewer pages. Measured with 300,000 sessions and
/// commits of 256 new ones: a log of 64 MB takes 1.7 to 2.0 times as many per second as the default log of 4 MB.
const SETTINGS: &str = "
    PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384;
    PRAGMA wal_autocheckpoint = 16000; PRAGMA journal_size_limit = 67108864; PRAGMA trusted_schema = OFF;
";

/// Settings of the connection alone, for the file of an application.
const GUEST_SETTINGS: &str = "
    PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384; PRAGMA trusted_schema = OFF;
";

/// The version of tables in the file of an application, whose `user_version` is its own.
const SET_GUEST_VERSION: &str = "
    CREATE TABLE IF NOT EXISTS @sessctl_version (version INTEGER NOT NULL) STRICT;
    DELETE FROM @sessctl_version;
";

/// Opens a connection, and creates the tables or migrates a file of an older version.
pub(super) fn connect_and_migrate(location: &Location) -> Result<Connection, SqliteOpenError> {
    let mut connection = connect(location)?;
    let (path, tables) = (location.path(), location.tables());
    let failed = |error| SqliteOpenError::sqlite(path, error);
    // The write lock makes other processes wait until the migration is complete. Taking it also fails on a read-only
    // file, before the first login would.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let version = version_of(TableAccess { connection: &transaction, tables }).map_err(failed)?;
    if version > VERSION {
        return Err(SqliteOpenError::Newer { path: path.to_owned(), version, supported: VERSION });
    }
    if version < VERSION {
        migrate(&transaction, tables, version).map_err(failed)?;
    }
    transaction.commit().map_err(failed)?;
    Ok(connection)
}

/// Whether a newer version has migrated the file while it was open.
pub(super) fn is_newer(file: TableAccess<'_>) -> rusqlite::Result<bool> {
    Ok(version_of(file)? > VERSION)
}

/// The version of the tables; 0 if there are none.
fn version_of(file: TableAccess<'_>) -> rusqlite::Result<i64> {
    if !file.tables.are_guests() {
        return pragma(file.connection, "user_version");
    }
    let count = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?1";
    let table = file.tables.sql("@sessctl_version");
    if file.connection.query_row(count, [table], |row| row.get::<_, i64>(0))? == 0 {
        return Ok(0);
    }
    file.prepare("SELECT max(version) FROM @sessctl_version")?.query_row([], |row| row.get(0))
}

fn set_version(transaction: &Transaction<'_>, tables: &Tables) -> rusqlite::Result<()> {
    if !tables.are_guests() {
        return transaction.pragma_update(None, "user_version", VERSION);
    }
    transaction.execute_batch(&tables.sql(SET_GUEST_VERSION))?;
    transaction.execute(&tables.sql("INSERT INTO @sessctl_version VALUES (?1)"), [VERSION]).map(drop)
}

/// Opens a connection to a file that is empty or a session store, or to the database of an application.
pub(super) fn connect(location: &Location) -> Result<Connection, SqliteOpenError> {
    let path = location.path();
    let failed = |error| SqliteOpenError::sqlite(path, error);
    let mut connection = Connection::open(path).map_err(failed)?;
    connection.busy_handler(Some(wait_for_lock)).map_err(failed)?;
    if location.tables().are_guests() {
        connection.execute_batch(GUEST_SETTINGS).map_err(failed)?;
        return Ok(connection);
    }
    // The settings write to the file, so the database of another application is rejected before. Another process may
    // just create the tables and the ID in one transaction: the ID is read last, so it is seen if the tables are.
    let count_tables = "SELECT count(*) FROM sqlite_master";
    let tables: i64 = connection.query_row(count_tables, [], |row| row.get(0)).map_err(failed)?;
    let application = pragma(&connection, "application_id").map_err(failed)?;
    if application != APPLICATION && (application != 0 || tables > 0) {
        return Err(SqliteOpenError::Foreign(path.to_owned()));
    }
    // SQLite does not call the handler if two processes switch a new file to WAL at the same time.
    let started = Instant::now();
    while let Err(error) = connection.execute_batch(SETTINGS) {
        let is_busy = error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy);
        if !is_busy || started.elapsed() > MAX_RETRIES.unsigned_abs() * RETRY_DELAY {
            return Err(failed(error));
        }
        std::thread::sleep(RETRY_DELAY);
    }
    Ok(connection)
}

/// Waits before a retry. Returns false after the last one.
fn wait_for_lock(retries: i32) -> bool {
    std::thread::sleep(RETRY_DELAY);
    retries < MAX_RETRIES
}

/// Adds what a file of version 3 or 4 lacks.
const ADD_OPTIONS: &str = "ALTER TABLE @sessions ADD COLUMN options INTEGER NOT NULL DEFAULT 0";

/// Creates the tables, and copies the sessions of an older version.
fn migrate(transaction: &Transaction<'_>, tables: &Tables, version: i64) -> rusqlite::Result<()> {
    let run = |sql: &str| transaction.execute_batch(&tables.sql(sql));
    set_version(transaction, tables)?;
    if version < 4 {
        run(CREATE_SUCCESSORS)?;
    }
    if version >= 3 {
        return run(ADD_OPTIONS);
    }
    let is_new = version == 0;
    if !is_new {
        run("ALTER TABLE sessions RENAME TO old_sessions")?;
    }
    run(CREATE_TABLE)?;
    if !is_new {
        run("INSERT INTO @sessions SELECT *, 0 FROM old_sessions ORDER BY id;
            DROP TABLE old_sessions; DROP TABLE IF EXISTS keys; DROP TABLE IF EXISTS indexed;")?;
    }
    run(CREATE_INDEXES)?;
    if tables.are_guests() {
        return Ok(());
    }
    transaction.pragma_update(None, "application_id", APPLICATION)
}

fn pragma(connection: &Connection, name: &str) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, name, |row| row.get(0))
}
