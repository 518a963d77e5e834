//! Sessions in the SQLite file of an application, in tables with a prefix.

use std::sync::atomic::{AtomicU32, Ordering};

use rusqlite::Connection;
use sessctl::session::{Change, Changed, Owner, SessionStore};
use sessctl::stores::{SqliteOpenError, SqliteStore, conformance};

use super::redis::{NOW, key, record};

/// The database of an application, with a version and a table of its own.
fn application(folder: &tempfile::TempDir) -> (std::path::PathBuf, Connection) {
    let path = folder.path().join("app.sqlite");
    let file = Connection::open(&path).unwrap();
    let made = "CREATE TABLE sessions (name TEXT); INSERT INTO sessions VALUES ('own');
        PRAGMA user_version = 77; PRAGMA application_id = 99;";
    file.execute_batch(made).unwrap();
    (path, file)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_store_in_the_file_of_an_application_keeps_the_contract() {
    let folder = tempfile::TempDir::new().unwrap();
    let (path, _file) = application(&folder);
    let number = AtomicU32::new(0);
    let prefix = || format!("s{}_", number.fetch_add(1, Ordering::Relaxed));
    let open = |prefix: &str| SqliteStore::options().table_prefix(prefix).open(&path).unwrap();
    conformance::check(async || open(&prefix())).await;
    conformance::check_shared(async || {
        let prefix = prefix();
        (open(&prefix), open(&prefix))
    })
    .await;
}

#[tokio::test]
async fn a_store_leaves_the_rest_of_the_file_as_it_was() {
    let folder = tempfile::TempDir::new().unwrap();
    let (path, file) = application(&folder);
    let without = SqliteStore::open(&path).unwrap_err();
    assert!(matches!(without, SqliteOpenError::Foreign(_)), "{without:?}");
    let [users, admins] =
        ["users_", "Admins"].map(|it| SqliteStore::options().table_prefix(it).open(&path).unwrap());
    users.create(key(1), record(0, Some("alice"))).await.unwrap();
    assert_eq!(admins.load(key(1), NOW).await.unwrap(), None);
    let number = |sql: &str| file.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(number("SELECT count(*) FROM sessions WHERE name = 'own'"), 1);
    assert_eq!((number("PRAGMA user_version"), number("PRAGMA application_id")), (77, 99));
    let mode: String = file.query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
    assert_eq!(mode, "delete");
    assert_eq!(number("SELECT count(*) FROM users_sessions WHERE user = 'alice'"), 1);
    // It is still there when the application starts again, and both write.
    drop((users, admins));
    let users = SqliteStore::options().table_prefix("users_").open(&path).unwrap();
    for n in 0..50 {
        file.execute("INSERT INTO sessions VALUES (?1)", [n]).unwrap();
        let changed = users.change(key(1), &Change::new().increment("n", 1), NOW).await;
        assert!(matches!(changed, Ok(Changed::Applied(_))), "{changed:?}");
    }
    assert_eq!(users.list(Owner::User("alice"), None, 10, NOW).await.unwrap().sessions.len(), 1);
}

#[test]
fn tables_of_a_newer_version_are_refused_and_left_alone() {
    let folder = tempfile::TempDir::new().unwrap();
    let (path, file) = application(&folder);
    let open = |prefix: &str| SqliteStore::options().table_prefix(prefix).open(&path);
    drop(open("a_").unwrap());
    file.execute("UPDATE a_sessctl_version SET version = 1000", []).unwrap();
    assert!(matches!(open("a_"), Err(SqliteOpenError::Newer { version: 1000, .. })));
    for prefix in ["", "1a", "a-b", "a b", "a\"", "é", "sqlite_x", &"a".repeat(64)] {
        assert!(matches!(open(prefix), Err(SqliteOpenError::InvalidPrefix(_))), "{prefix:?}");
    }
}
