//! One record that a server cannot read, in each store: it counts as no session, and affects nothing else.

use std::process::Command;
use std::time::Duration;

use sessctl::session::{Handle, Owner, SessionStore, StoreError};
use sessctl::stores::{PostgresStore, SqliteStore};

use super::many_servers::Storage;
use super::postgres::{START, key, record};
use crate::support::{Home, PostgresServer, Ran, RedisServer, get, key_of_token, post};

/// Runs a statement in a SQLite file.
fn sqlite(file: &str, sql: &str) {
    let script =
        "import sqlite3, sys\nfile = sqlite3.connect(sys.argv[1])\nfile.execute(sys.argv[2])\nfile.commit()";
    let status = Command::new("python3").args(["-c", script, file, sql]).status().expect("python3");
    assert!(status.success(), "{sql}");
}

/// The key of the session of a cookie, in hexadecimal digits.
fn hex(cookie: &str) -> String {
    let key = key_of_token(cookie.split_once('=').expect("a cookie").1);
    key.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Damages a record by replacing its key with one of another type.
const A_LIST: &str = "a list";

impl Storage {
    /// Makes the record of a cookie unreadable.
    fn damage(&self, cookie: &str, from: &str, to: &str) {
        let hex = hex(cookie);
        match self {
            Storage::Sqlite(_) => {
                let url = self.url();
                let sql = format!("UPDATE sessions SET data = '{to}' WHERE key = x'{hex}'");
                sqlite(url.strip_prefix("sqlite:").expect("a file"), &sql);
            }
            Storage::Redis(server) => {
                let key = format!("sessctl:session:{hex}");
                if to == A_LIST {
                    server.says(&[
                        "EVAL",
                        "redis.call('DEL', KEYS[1]) redis.call('RPUSH', KEYS[1], 'x')",
                        "1",
                        &key,
                    ]);
                    return;
                }
                let value = server.says(&["GET", &key]);
                assert!(value.contains(from), "{value}");
                // The test's text for a byte that is not UTF-8.
                let write =
                    "return redis.call('SET', KEYS[1], (string.gsub(ARGV[1], 'FF', '\\255')), 'KEEPTTL')";
                server.says(&["EVAL", write, "1", &key, &value.replacen(from, to, 1)]);
            }
            Storage::Postgres(server, database) => {
                let sql =
                    format!("UPDATE sessctl_sessions SET data = array['k', '{to}'] WHERE key = '\\x{hex}'");
                server.sql(database, &sql);
            }
            Storage::Cluster(_) => unreachable!("a cluster has the code of Redis"),
        }
    }

    fn has(&self, cookie: &str) -> bool {
        let hex = hex(cookie);
        // The index of a user contains the key, too.
        let text = if matches!(self, Storage::Redis(_)) { format!("sessctl:session:{hex}") } else { hex };
        self.dump().contains(&text)
    }

    fn run(&self, home: &Home, args: &[&str]) -> Ran {
        Ran::from(home.command(args).env("SESSCTL_STORE", self.url()).output().expect("sessctl"))
    }
}

#[test]
fn an_unreadable_record_counts_as_no_session_in_each_store() {
    let postgres = PostgresServer::start();
    let (database, _) = postgres.database();
    for (storage, from, to, reason) in [
        (Storage::Sqlite(Home::new()), "", "{broken", "key must be a string"),
        (Storage::Postgres(postgres, database), "", "{broken", "expected value"),
        (Storage::Redis(RedisServer::start(&[])), "[\"1\"", "[\"2\"", "it has version 2"),
        (Storage::Redis(RedisServer::start(&[])), "[\"1\"", "{\"1\"", "damaged"),
        (Storage::Redis(RedisServer::start(&[])), "alice", "aliFF", "damaged"),
        (Storage::Redis(RedisServer::start(&[])), "", A_LIST, "holds no text"),
    ] {
        let home = Home::new();
        let server = storage.serve(&home, &["--max-sessions-per-user", "3"]);
        let ask = |path: &str, cookie: &str| {
            get(&server.address, path, &[("Cookie", cookie), ("Accept", "application/json")])
        };
        let submit = |path: &str, cookie: &str, form: &str| {
            let answer = post(&server.address, path, &[("Cookie", cookie)], form);
            (answer.status, answer.cookie())
        };
        let [first, second, third] = [(); 3].map(|()| submit("/login", "", "username=alice").1);
        let (_, bob) = submit("/login", "", "username=bob");

        storage.damage(&first, from, to);
        assert_eq!(ask("/", &first).status, 200);
        assert_eq!(ask("/session", &first).status, 401);
        assert_eq!(submit("/counter", &first, "").0, 401);
        assert_eq!(ask("/readyz", "").status, 200);
        let listed = ask("/sessions", &second);
        assert_eq!((listed.status, listed.body.matches("\"handle\"").count()), (200, 2), "{}", listed.body);
        assert!(listed.body.contains("\"unreadable\":1"), "{}", listed.body);
        storage.run(&home, &["sessions", "list"]).exits(0).answers("bob").says("cannot read 1 session");
        assert!(storage.has(&first), "a read deleted the record");

        let (status, new) = submit("/login", &first, "username=alice");
        assert_eq!((status, ask("/session", &new).status, storage.has(&first)), (303, 200, false));
        storage.damage(&second, from, to);
        assert_eq!((submit("/logout", &second, "").0, storage.has(&second)), (303, false));
        storage.damage(&third, from, to);
        storage.run(&home, &["sessions", "revoke", "--user", "alice"]).exits(0).answers("ended 2 sessions");
        assert!(!storage.has(&third) && !storage.has(&new) && storage.has(&bob));
        storage.damage(&bob, if from == "alice" { "bob" } else { from }, to);
        storage.run(&home, &["sessions", "revoke", "--all"]).exits(0).answers("ended 1 session");
        assert!(!storage.has(&bob));

        let (_, said) = server.stop();
        assert_eq!(said.matches("cannot read").count(), 1, "{said}");
        assert!(said.contains("warning:") && said.contains(reason), "{said}");
    }
}

/// An unreadable record that is expired is swept. A store that a newer version has migrated is left to that version.
async fn a_sweep_removes(store: &impl SessionStore, damage: impl Fn(), upgrade: impl Fn()) {
    let end = record("alice").absolute_expiry;
    store.create(key(1), record("alice")).await.unwrap();
    let mut second = record("alice");
    second.handle = Handle::from_uuid(uuid::Uuid::from_u128(2));
    store.create(key(2), second).await.unwrap();
    damage();
    assert!(matches!(store.load(key(1), START).await, Err(StoreError::Unreadable(_))));
    for owner in [Owner::User("alice"), Owner::Everyone] {
        let page = store.list(owner, None, 1, START).await.unwrap();
        let rest = store.list(owner, page.next.as_ref(), 1, START).await.unwrap();
        let keys = |found: [Vec<_>; 2]| found.concat();
        assert_eq!(keys([page.unreadable, rest.unreadable]), [key(1), key(2)]);
        assert!(page.sessions.is_empty() && rest.sessions.is_empty() && rest.next.is_none());
    }
    assert_eq!(store.sweep(end).await.unwrap().len(), 2);
    store.create(key(3), record("alice")).await.unwrap();
    upgrade();
    assert_eq!(store.sweep(end.plus(Duration::from_secs(3600))).await.unwrap(), []);
    assert!(store.load(key(3), START).await.unwrap().is_some());
}

#[tokio::test]
async fn a_sweep_of_a_file_leaves_a_newer_version_alone() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("store").display().to_string();
    let store = SqliteStore::open(&path).unwrap();
    let damage = || sqlite(&path, "UPDATE sessions SET data = '{broken'");
    a_sweep_removes(&store, damage, || sqlite(&path, "PRAGMA user_version = 99")).await;
}

#[tokio::test]
async fn a_sweep_of_a_database_leaves_a_newer_version_alone() {
    let server = PostgresServer::shared();
    let (database, url) = server.database();
    let store = PostgresStore::open(&url).await.unwrap();
    let run = |sql: &str| drop(server.sql(&database, sql));
    let damage = || run("UPDATE sessctl_sessions SET data = array['k', '{broken']");
    a_sweep_removes(&store, damage, || run("UPDATE sessctl_schema SET version = 99")).await;
}
