//! The index of keys lacks the newest sessions: they are found as the others are, by every process.

use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;
use sessctl::clock::Timestamp;
use sessctl::session::{Change, Handle, Record, TokenHash};
use sessctl::session::{Changed, Cursor, Owner, SessionStore, StoreError};
use sessctl::stores::SqliteStore;
use tempfile::TempDir;
use tokio::task::JoinSet;
use uuid::Uuid;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const IDLE: Duration = Duration::from_secs(60);

/// More than twice as many as are added to the index at once.
const MANY: u32 = 20_000;

/// Keys in no order. Each has the beginning of another one, which tells the index nothing.
fn key(n: u32) -> TokenHash {
    let mut octets = [0; 32];
    octets[..4].copy_from_slice(&(n / 2).wrapping_mul(0x9E37_79B9).to_be_bytes());
    octets[28..].copy_from_slice(&n.to_be_bytes());
    TokenHash::from_bytes(octets)
}

fn record(n: u32) -> Record {
    let handle = Handle::from_uuid(Uuid::from_u128(n.into()));
    let mut record = Record::new(handle, NOW, IDLE, NOW.plus(10 * IDLE));
    record.user = Some("alice".into());
    record.credential = 1;
    record
}

/// What the file itself has: sessions, entries of the index, sessions that the index should have and has not.
fn counts(folder: &TempDir) -> (u32, u32, u32) {
    let file = Connection::open(folder.path().join("sessions.db")).unwrap();
    let sql = "SELECT (SELECT count(*) FROM sessions), (SELECT count(*) FROM keys), (SELECT count(*) FROM sessions
        WHERE id <= (SELECT upto FROM indexed) AND (substr(key, 1, 8), id) NOT IN (SELECT beginning, id FROM keys))";
    file.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sessions_are_found_whether_the_index_has_them_or_not() {
    let folder = TempDir::new().unwrap();
    let open = || Arc::new(SqliteStore::open(folder.path().join("sessions.db")).unwrap());
    let (one, other) = (open(), open());
    assert_eq!(other.load(key(0), NOW).await.unwrap(), None);
    let mut clients = JoinSet::new();
    for client in 0..16 {
        let (one, other) = (Arc::clone(&one), Arc::clone(&other));
        clients.spawn(async move {
            for n in (client..MANY).step_by(16) {
                one.create(key(n), record(n)).await.unwrap();
                assert_eq!(other.load(key(n), NOW).await.unwrap(), Some(record(n)), "session {n}");
            }
        });
    }
    while let Some(client) = clients.join_next().await {
        client.unwrap();
    }
    let (sessions, indexed, missing) = counts(&folder);
    assert_eq!((sessions, missing), (MANY, 0));
    assert!(indexed > MANY / 2 && indexed < MANY, "{indexed} are in the index");

    // One that comes later, as a server that is started anew, knows them all.
    let late = open();
    for store in [&one, &other, &late] {
        for n in (0..MANY).step_by(7).chain([MANY - 1]) {
            let found = store.load(key(n), NOW).await.unwrap();
            assert_eq!(found.map(|found| found.handle), Some(record(n).handle), "session {n}");
        }
        for n in [0, MANY / 2, MANY - 1] {
            let taken = store.create(key(n), record(n)).await;
            assert!(matches!(taken, Err(StoreError::Exists)), "session {n}: {taken:?}");
            let changed = store.change(key(n), &Change::new().increment("visits", 1), NOW).await.unwrap();
            assert!(matches!(changed, Changed::Applied(_)), "session {n}");
            assert!(store.touch(key(n), NOW.plus(IDLE / 2)).await.unwrap(), "session {n}");
        }
        assert_eq!(store.load(key(MANY), NOW).await.unwrap(), None);
    }

    // What one of them ends is ended for all, and its key is free.
    for n in [1, MANY / 2 + 1, MANY - 2] {
        assert_eq!(other.delete(key(n)).await.unwrap(), Some(record(n)));
        for store in [&one, &other, &late] {
            assert_eq!(store.load(key(n), NOW).await.unwrap(), None, "session {n}");
            assert_eq!(store.delete(key(n)).await.unwrap(), None, "session {n}");
        }
        late.create(key(n), record(n + MANY)).await.unwrap();
        for store in [&one, &other, &late] {
            assert_eq!(store.load(key(n), NOW).await.unwrap(), Some(record(n + MANY)), "session {n}");
        }
    }

    // What is swept leaves nothing in the index.
    assert_eq!(other.sweep(NOW.plus(10 * IDLE)).await.unwrap(), MANY as usize);
    assert_eq!(counts(&folder), (0, 0, 0));
}

#[tokio::test]
async fn the_last_session_may_end_before_the_next_one_begins() {
    let folder = TempDir::new().unwrap();
    let open = || SqliteStore::open(folder.path().join("sessions.db")).unwrap();
    let (one, other) = (open(), open());
    for n in 0..10 {
        one.create(key(n), record(n)).await.unwrap();
        assert_eq!(other.load(key(n), NOW).await.unwrap(), Some(record(n)));
        one.delete(key(n)).await.unwrap();
        assert_eq!(other.load(key(n), NOW).await.unwrap(), None);
    }
    assert_eq!(counts(&folder), (0, 0, 0));
}

#[tokio::test]
async fn a_file_of_the_first_version_keeps_its_sessions() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("sessions.db");
    let file = Connection::open(&path).unwrap();
    file.execute_batch(
        "CREATE TABLE sessions (
            id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE CHECK (length(key) = 32),
            handle BLOB NOT NULL CHECK (length(handle) = 16), user TEXT, credential INTEGER NOT NULL,
            data TEXT NOT NULL, created INTEGER NOT NULL, seen INTEGER NOT NULL, idle INTEGER NOT NULL,
            ends INTEGER NOT NULL, expires INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX sessions_of_user ON sessions (user, created) WHERE user IS NOT NULL;
        CREATE INDEX sessions_by_expiry ON sessions (expires);
        PRAGMA user_version = 1; PRAGMA application_id = 0x53455353;",
    )
    .unwrap();
    for n in 0..5 {
        let it = record(n);
        let sql =
            "INSERT INTO sessions (key, handle, user, credential, data, created, seen, idle, ends, expires)
            VALUES (?1, ?2, 'alice', 1, '{}', ?3, ?3, 60000, ?4, ?5)";
        file.execute(
            sql,
            rusqlite::params![
                key(n).as_bytes(),
                it.handle.as_uuid().as_bytes(),
                NOW.as_millis(),
                it.absolute_expiry.as_millis(),
                it.expires().as_millis()
            ],
        )
        .unwrap();
    }
    file.close().unwrap();
    let store = SqliteStore::open(&path).unwrap();
    for n in 0..5 {
        assert_eq!(store.load(key(n), NOW).await.unwrap(), Some(record(n)));
    }
    store.create(key(5), record(5)).await.unwrap();
    assert!(matches!(store.create(key(0), record(0)).await, Err(StoreError::Exists)));
    let page = store.list(Owner::Everyone, None, 4, NOW).await.unwrap();
    let rest = store.list(Owner::Everyone, page.next.as_ref(), 4, NOW).await.unwrap();
    let listed: Vec<_> = page.sessions.into_iter().chain(rest.sessions).map(|(_, record)| record).collect();
    assert_eq!(listed, (0..6).map(record).collect::<Vec<_>>());
    let foreign = store.list(Owner::Everyone, Some(&Cursor("x".to_owned())), 4, NOW).await;
    assert!(matches!(foreign, Err(StoreError::BadCursor)));
    drop(store);
    assert_eq!(counts(&folder), (6, 5, 0));
}
