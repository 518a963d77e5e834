//! Files of older versions: the first process that opens one migrates it and keeps every session.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;
use serde_json::{Map, Value, json};
use sessctl::clock::Timestamp;
use sessctl::session::{Cursor, Handle, Owner, Record, SessionStore, StoreError, TokenHash};
use sessctl::stores::{SqliteOpenError, SqliteStore};
use tempfile::TempDir;
use uuid::Uuid;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

/// How many sessions the files have.
const SESSIONS: u32 = 50;

const VERSION_1: &str = "
    CREATE TABLE sessions (
        id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE CHECK (length(key) = 32),
        handle BLOB NOT NULL CHECK (length(handle) = 16), user TEXT, credential INTEGER NOT NULL,
        data TEXT NOT NULL, created INTEGER NOT NULL, seen INTEGER NOT NULL, idle INTEGER NOT NULL,
        ends INTEGER NOT NULL, expires INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX sessions_of_user ON sessions (user, created) WHERE user IS NOT NULL;
    CREATE INDEX sessions_by_expiry ON sessions (expires);
    PRAGMA user_version = 1; PRAGMA application_id = 0x53455353;";

const VERSION_2: &str = "
    CREATE TABLE sessions (
        id INTEGER PRIMARY KEY AUTOINCREMENT, key BLOB NOT NULL CHECK (length(key) = 32),
        handle BLOB NOT NULL CHECK (length(handle) = 16), user TEXT, credential INTEGER NOT NULL,
        data TEXT NOT NULL, created INTEGER NOT NULL, seen INTEGER NOT NULL, idle INTEGER NOT NULL,
        ends INTEGER NOT NULL, expires INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX sessions_of_user ON sessions (user, created) WHERE user IS NOT NULL;
    CREATE INDEX sessions_by_expiry ON sessions (expires);
    CREATE TABLE keys (
        beginning BLOB NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (beginning, id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE indexed (upto INTEGER NOT NULL) STRICT;
    INSERT INTO indexed VALUES (0);
    CREATE TRIGGER no_key_without_session AFTER DELETE ON sessions BEGIN
        DELETE FROM keys WHERE beginning = substr(old.key, 1, 8) AND id = old.id;
    END;
    PRAGMA user_version = 2; PRAGMA application_id = 0x53455353;";

const VERSION_4: &str = "
    CREATE TABLE sessions (
        id INTEGER PRIMARY KEY, key BLOB NOT NULL CHECK (length(key) = 32),
        handle BLOB NOT NULL CHECK (length(handle) = 16), user TEXT, credential INTEGER NOT NULL,
        data TEXT NOT NULL, created INTEGER NOT NULL, seen INTEGER NOT NULL, idle INTEGER NOT NULL,
        ends INTEGER NOT NULL, expires INTEGER NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX sessions_by_key ON sessions (key);
    CREATE INDEX sessions_of_user ON sessions (user, created) WHERE user IS NOT NULL;
    CREATE INDEX sessions_by_expiry ON sessions (expires);
    CREATE TABLE successors (
        key BLOB PRIMARY KEY NOT NULL, successor BLOB NOT NULL, is_login INTEGER NOT NULL, since INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    PRAGMA user_version = 4; PRAGMA application_id = 0x53455353;";

/// The index of keys of version 2 lacked the newest sessions.
const INDEX_HALF_OF_VERSION_2: &str = "
    INSERT INTO keys SELECT substr(key, 1, 8), id FROM sessions WHERE id <= 25;
    UPDATE indexed SET upto = 25;";

fn key(n: u32) -> TokenHash {
    let mut bytes = [7; 32];
    bytes[..4].copy_from_slice(&n.wrapping_mul(0x9E37_79B9).to_be_bytes());
    TokenHash::from_bytes(bytes)
}

/// Anonymous sessions and sessions of two users, with and without data.
fn record(n: u32) -> Record {
    let created = NOW.plus(Duration::from_millis(n.into()));
    let handle = Handle::from_uuid(Uuid::from_u128(n.into()));
    let idle_timeout = Duration::from_secs(60 + u64::from(n));
    let mut record = Record::new(handle, created, idle_timeout, created.plus(Duration::from_secs(3600)));
    record.user = [None, Some("alice".into()), Some("bob".into())][n as usize % 3].clone();
    record.credential_version = u64::from(n % 4);
    record.last_seen = created.plus(Duration::from_secs(1));
    if !n.is_multiple_of(5) {
        record.data = Map::from_iter([("count".to_owned(), json!(n))]).into();
    }
    record
}

/// Writes a file with these tables and sessions, in the log mode of the server.
fn file_with(path: &Path, tables: &str, records: impl Iterator<Item = (TokenHash, Record)>) {
    let file = Connection::open(path).unwrap();
    file.pragma_update(None, "journal_mode", "WAL").unwrap();
    file.execute_batch(tables).unwrap();
    for (key, it) in records {
        let data: Map<String, Value> = (&it.data).into();
        let sql =
            "INSERT INTO sessions (key, handle, user, credential, data, created, seen, idle, ends, expires)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
        let values = rusqlite::params![
            key.as_bytes(),
            it.handle.as_uuid().as_bytes(),
            it.user.as_deref(),
            it.credential_version.cast_signed(),
            Value::Object(data).to_string(),
            it.created.as_millis(),
            it.last_seen.as_millis(),
            i64::try_from(it.idle_timeout.as_millis()).unwrap(),
            it.absolute_expiry.as_millis(),
            it.expires().as_millis()
        ];
        file.execute(sql, values).unwrap();
    }
    file.close().unwrap();
}

fn sessions() -> impl Iterator<Item = (TokenHash, Record)> {
    (0..SESSIONS).map(|n| (key(n), record(n)))
}

fn file_of_version(version: u32, folder: &TempDir) -> PathBuf {
    let path = folder.path().join(format!("version-{version}.db"));
    file_with(&path, [VERSION_1, VERSION_2, VERSION_4][version as usize / 2], sessions());
    if version == 2 {
        Connection::open(&path).unwrap().execute_batch(INDEX_HALF_OF_VERSION_2).unwrap();
    }
    path
}

/// The tables, indexes and triggers, and the version.
fn schema_of(path: &Path) -> (Vec<String>, i64) {
    let file = Connection::open(path).unwrap();
    let sql = "SELECT type || ' ' || name || ': ' || sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY 1";
    let schema =
        file.prepare(sql).unwrap().query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>();
    (schema.unwrap(), file.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap())
}

async fn listed(store: &SqliteStore, owner: Owner<'_>) -> Vec<(TokenHash, Record)> {
    let (mut all, mut next) = (Vec::new(), None);
    loop {
        let page = store.list(owner, next.as_ref(), 4, NOW).await.unwrap();
        all.extend(page.sessions);
        match page.next {
            Some(cursor) => next = Some(cursor),
            None => return all,
        }
    }
}

async fn is_migrated(version: u32) {
    let folder = TempDir::new().unwrap();
    let path = file_of_version(version, &folder);
    let store = SqliteStore::open(&path).unwrap();
    for (key, record) in sessions() {
        assert_eq!(store.load(key, NOW).await.unwrap().as_ref(), Some(&record));
        assert!(matches!(store.create(key, record).await, Err(StoreError::Exists)));
    }
    assert_eq!(listed(&store, Owner::Everyone).await, sessions().collect::<Vec<_>>());
    let of_alice: Vec<_> = sessions().filter(|(_, it)| it.user.as_deref() == Some("alice")).collect();
    assert_eq!(listed(&store, Owner::User("alice")).await, of_alice);
    assert_eq!(store.count(NOW).await.unwrap(), Some(SESSIONS.into()));
    let foreign = store.list(Owner::Everyone, Some(&Cursor("x".to_owned())), 4, NOW).await;
    assert!(matches!(foreign, Err(StoreError::BadCursor)));

    store.create(key(SESSIONS), record(SESSIONS)).await.unwrap();
    assert_eq!(store.delete(key(0)).await.unwrap(), Some(record(0)));
    drop(store);
    let store = SqliteStore::open(&path).unwrap();
    let expected: Vec<_> = (1..=SESSIONS).map(|n| (key(n), record(n))).collect();
    assert_eq!(listed(&store, Owner::Everyone).await, expected, "after it was opened again");

    // A column that was added is written in another way, so the texts of these tables differ.
    if version < 4 {
        let new = folder.path().join("new.db");
        drop(SqliteStore::open(&new).unwrap());
        assert_eq!(schema_of(&path), schema_of(&new), "a migrated file has the tables of a new one");
    }
}

#[tokio::test]
async fn a_file_of_version_1_keeps_every_session() {
    is_migrated(1).await;
}

#[tokio::test]
async fn a_file_of_version_2_keeps_every_session() {
    is_migrated(2).await;
}

#[tokio::test]
async fn a_file_of_version_4_keeps_every_session() {
    is_migrated(4).await;
}

/// A server of version 4 goes on with a file that a newer one has migrated.
#[tokio::test]
async fn a_server_of_version_4_writes_sessions_that_are_read() {
    let folder = TempDir::new().unwrap();
    let path = file_of_version(4, &folder);
    let store = SqliteStore::open(&path).unwrap();
    let file = Connection::open(&path).unwrap();
    let copy = "INSERT INTO sessions (key, handle, user, credential, data, created, seen, idle, ends, expires)
        SELECT ?1, handle, user, credential, data, created, seen, idle, ends, expires FROM sessions WHERE key = ?2";
    assert_eq!(file.execute(copy, [key(99).as_bytes(), key(1).as_bytes()]).unwrap(), 1);
    assert_eq!(store.load(key(99), NOW).await.unwrap(), Some(record(1)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn processes_that_open_an_old_file_together_migrate_it_once() {
    for version in [1, 2, 4] {
        let folder = TempDir::new().unwrap();
        let path = file_of_version(version, &folder);
        let opening: Vec<_> = (0..4)
            .map(|_| {
                let path = path.clone();
                std::thread::spawn(move || SqliteStore::open(path).unwrap())
            })
            .collect();
        for store in opening.into_iter().map(|thread| thread.join().unwrap()) {
            assert_eq!(listed(&store, Owner::Everyone).await, sessions().collect::<Vec<_>>());
        }
    }
}

#[test]
fn a_migration_that_fails_changes_nothing() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("sessions.db");
    // Version 2 never wrote a key twice. A damaged file might have one, and then one of the sessions would be lost.
    file_with(&path, VERSION_2, sessions().chain([(key(0), record(SESSIONS))]));
    let before = schema_of(&path);
    let error = SqliteStore::open(&path).unwrap_err();
    assert!(matches!(error, SqliteOpenError::Sqlite { .. }), "{error:?}");
    assert_eq!(schema_of(&path), before);
    let file = Connection::open(&path).unwrap();
    let rows: u32 = file.query_row("SELECT count(*) FROM sessions", [], |row| row.get(0)).unwrap();
    assert_eq!(rows, SESSIONS + 1);
}
