//! Several handles of one SQLite file, as in several processes: each sees at once what another has committed.

use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;
use sessctl::clock::Timestamp;
use sessctl::session::{Change, Changed, Handle, Record, SessionStore, StoreError, TokenHash};
use sessctl::stores::SqliteStore;
use tempfile::TempDir;
use tokio::task::JoinSet;
use uuid::Uuid;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const IDLE: Duration = Duration::from_secs(60);

/// More than one transaction or one step of a sweep includes.
const MANY: u32 = 3000;

/// Random-looking keys. Each begins like another key.
fn key(n: u32) -> TokenHash {
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&(n / 2).wrapping_mul(0x9E37_79B9).to_be_bytes());
    bytes[28..].copy_from_slice(&n.to_be_bytes());
    TokenHash::from_bytes(bytes)
}

fn record(n: u32) -> Record {
    let handle = Handle::from_uuid(Uuid::from_u128(n.into()));
    let mut record = Record::new(handle, NOW, IDLE, NOW.plus(10 * IDLE));
    record.user = Some("alice".into());
    record.credential_version = 1;
    record
}

fn open(folder: &TempDir) -> Arc<SqliteStore> {
    Arc::new(SqliteStore::open(folder.path().join("sessions.db")).unwrap())
}

/// How many rows the file has. Fails if an index does not agree with the rows.
fn rows(folder: &TempDir) -> u32 {
    let file = Connection::open(folder.path().join("sessions.db")).unwrap();
    let intact: String = file.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(intact, "ok");
    file.query_row("SELECT count(*) FROM sessions", [], |row| row.get(0)).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn handles_of_one_file_see_each_others_sessions_at_once() {
    let folder = TempDir::new().unwrap();
    let (one, other) = (open(&folder), open(&folder));
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
    assert_eq!(rows(&folder), MANY);

    // A handle that is opened later, as by a restarted server, sees all sessions.
    let late = open(&folder);
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

    // A session that one handle deletes is deleted for all, and its key can be used again.
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

    assert_eq!(other.sweep(NOW.plus(10 * IDLE)).await.unwrap().len(), MANY as usize);
    assert_eq!(rows(&folder), 0, "a sweep leaves no row");
}

#[test]
fn processes_that_start_together_create_one_store() {
    for _ in 0..20 {
        let folder = TempDir::new().unwrap();
        std::thread::scope(|scope| {
            let opening: Vec<_> = (0..4).map(|_| scope.spawn(|| open(&folder))).collect();
            opening.into_iter().for_each(|thread| drop(thread.join().unwrap()));
        });
        assert_eq!(rows(&folder), 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_handles_that_create_the_same_key_one_succeeds() {
    let folder = TempDir::new().unwrap();
    let stores = [open(&folder), open(&folder), open(&folder)];
    for n in 0..20 {
        let mut clients = JoinSet::new();
        for store in &stores {
            let store = Arc::clone(store);
            clients.spawn(async move { store.create(key(n), record(n)).await });
        }
        let outcomes = clients.join_all().await;
        let created = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        let taken = outcomes.iter().filter(|outcome| matches!(outcome, Err(StoreError::Exists))).count();
        assert_eq!((created, taken), (1, 2), "session {n}: {outcomes:?}");
    }
    assert_eq!(rows(&folder), 20);
}

#[tokio::test]
async fn a_new_session_is_not_mistaken_for_a_deleted_one() {
    let folder = TempDir::new().unwrap();
    let (one, other) = (open(&folder), open(&folder));
    // SQLite gives the row number of the deleted last row to the next one.
    for n in 0..10 {
        one.create(key(n), record(n)).await.unwrap();
        assert_eq!(other.load(key(n), NOW).await.unwrap(), Some(record(n)));
        one.delete(key(n)).await.unwrap();
        assert_eq!(other.load(key(n), NOW).await.unwrap(), None);
        one.create(key(n + 100), record(n + 100)).await.unwrap();
        assert_eq!(other.load(key(n), NOW).await.unwrap(), None);
        assert_eq!(other.delete(key(n + 100)).await.unwrap(), Some(record(n + 100)));
    }
    assert_eq!(rows(&folder), 0);
}
