//! The PostgreSQL store and its server: privileges, tables, connections, locked rows and outages.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sessctl::session::{Change, Changed, SessionStore, TokenHash};
use sessctl::stores::{PostgresOpenError, PostgresStore};

use super::postgres::{START, key, record};
use super::redis::HANG_TIMEOUT;
use super::whole;
use crate::support::{PostgresServer, until};

async fn open_error(url: &str) -> PostgresOpenError {
    let error = PostgresStore::open(url).await.expect_err("an error");
    assert!(!whole(&error).contains("s3cret"), "{}", whole(&error));
    error
}

#[tokio::test]
async fn errors_of_opening_name_the_problem() {
    let server = PostgresServer::shared();
    let (name, url) = server.database();
    let error = open_error(&url.replace("s3cret", "s3cretx")).await;
    assert!(matches!(error, PostgresOpenError::Denied { .. }), "{}", whole(&error));
    let error = open_error(&url.replace(&name, "nowhere")).await;
    assert!(matches!(error, PostgresOpenError::NoDatabase { .. }), "{}", whole(&error));
    let error = open_error(&url.replace(&server.port().to_string(), "1")).await;
    assert!(matches!(error, PostgresOpenError::Unreachable { .. }), "{}", whole(&error));
    let error = open_error(&format!("{url}?sslmode=require")).await;
    assert!(matches!(error, PostgresOpenError::Failed { .. }), "{}", whole(&error));
    server.sql("postgres", "CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0");
    let error = open_error(&server.url("latin")).await;
    assert!(matches!(error, PostgresOpenError::Encoding { .. }), "{}", whole(&error));
    server.sql("postgres", &format!("CREATE DATABASE reading TEMPLATE {name}"));
    server.sql("postgres", "ALTER DATABASE reading SET default_transaction_read_only = on");
    let error = open_error(&server.url("reading")).await;
    assert!(matches!(error, PostgresOpenError::Failed { .. }), "{}", whole(&error));
    PostgresStore::open(&url).await.expect("a store");
    server.sql(&name, "UPDATE sessctl_schema SET version = 99");
    let error = open_error(&url).await;
    assert!(matches!(error, PostgresOpenError::Newer { version: 99, .. }), "{}", whole(&error));
}

#[tokio::test]
async fn a_role_that_may_not_create_tables_can_use_existing_ones() {
    let server = PostgresServer::shared();
    let (name, url) = server.database();
    server.sql(&name, &format!("CREATE ROLE only_{name} LOGIN PASSWORD 'pw'"));
    let restricted_url = format!("postgres://only_{name}:pw@127.0.0.1:{}/{name}", server.port());
    let error = open_error(&restricted_url).await;
    assert!(matches!(error, PostgresOpenError::NotAllowed { .. }), "{}", whole(&error));
    PostgresStore::open(&url).await.expect("a store");
    let error = open_error(&restricted_url).await;
    assert!(matches!(error, PostgresOpenError::NotAllowed { .. }), "{}", whole(&error));
    server.sql(
        &name,
        &format!(
            "GRANT SELECT ON sessctl_schema TO only_{name};
            GRANT SELECT, INSERT, UPDATE, DELETE ON sessctl_sessions, sessctl_successors TO only_{name}"
        ),
    );
    let store = PostgresStore::open(&restricted_url).await.expect("a store");
    store.create(key(1), record("alice")).await.unwrap();
    let changed = store.change(key(1), &Change::new().increment("n", 1), START).await.unwrap();
    assert!(matches!(changed, Changed::Applied(_)), "{changed:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_servers_can_create_the_tables_at_the_same_time() {
    let server = PostgresServer::shared();
    let (name, url) = server.database();
    let opening: Vec<_> = (0..12)
        .map(|_| {
            let url = url.clone();
            tokio::spawn(async move { PostgresStore::open(&url).await })
        })
        .collect();
    for store in opening {
        store.await.unwrap().expect("a store");
    }
    assert_eq!(server.sql(&name, "SELECT count(*), max(version) FROM sessctl_schema"), "1|3");
}

/// A database of version 2, in which a server of that version goes on writing.
#[tokio::test]
async fn a_database_of_version_2_keeps_every_session() {
    let server = PostgresServer::shared();
    let (name, url) = server.database();
    let steps = ["1", "2"].map(|step| {
        let file = format!("{}/src/stores/postgres/steps/{step}.sql", env!("CARGO_MANIFEST_DIR"));
        std::fs::read_to_string(file).expect("a step")
    });
    server.sql(&name, &format!("{}; {}; INSERT INTO sessctl_schema VALUES (2)", steps[0], steps[1]));
    let insert = |n: u8| {
        let (start, end) = (START.as_millis(), record("alice").absolute_expiry.as_millis());
        let sql = format!(
            "INSERT INTO sessctl_sessions
                (key, handle, username, credential, data, created, seen, idle, ends, expires, due)
            VALUES (decode(repeat('0{n}', 32), 'hex'), '00000000-0000-0000-0000-000000000001', 'alice', -1, '{{}}',
                {start}, {start}, 60000, {end}, {start} + 60000, {start} + 60000)"
        );
        server.sql(&name, &sql);
    };
    insert(1);
    let store = PostgresStore::open(&url).await.expect("a store");
    insert(2);
    for n in [1, 2] {
        let key = TokenHash::from_bytes([n; 32]);
        assert_eq!(store.load(key, START).await.unwrap(), Some(record("alice")), "{n}");
    }
}

#[tokio::test]
async fn a_database_without_an_encoding_stores_bytes_unchanged() {
    let server = PostgresServer::shared();
    server.sql("postgres", "CREATE DATABASE bytes ENCODING 'SQL_ASCII' TEMPLATE template0");
    let store = PostgresStore::open(&server.url("bytes")).await.expect("a store");
    store.create(key(1), record("🦀")).await.unwrap();
    let changed = store.change(key(1), &Change::new().set("ü", "🦀"), START).await.unwrap();
    let Changed::Applied(data) = changed else { panic!("{changed:?}") };
    assert_eq!(data.get("ü"), Some(&json!("🦀")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn calls_share_the_connections_that_the_server_allows() {
    let server = PostgresServer::shared();
    let (name, url) = server.database();
    server.sql(&name, &format!("CREATE ROLE few_{name} LOGIN PASSWORD 's3cret/?@:%word' CONNECTION LIMIT 3"));
    server.sql(&name, &format!("ALTER DATABASE {name} OWNER TO few_{name}"));
    let url = url.replace("postgres:s3cret", &format!("few_{name}:s3cret"));
    let store = PostgresStore::open(&url).await.unwrap();
    store.create(key(1), record("alice")).await.unwrap();
    let tasks: Vec<_> = (0..12)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.change(key(1), &Change::new().increment("n", 1), START).await })
        })
        .collect();
    for task in tasks {
        let changed = task.await.unwrap();
        assert!(matches!(changed, Ok(Changed::Applied(_))), "{changed:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn connection_limit_limits_the_connections() {
    let server = PostgresServer::shared();
    let (name, url) = server.database();
    let store = PostgresStore::open(&format!("{url}?connection_limit=2")).await.unwrap();
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.load(key(1), START).await })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap().unwrap(), None);
    }
    let count = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'sessctl'";
    assert_eq!(server.sql(&name, count), "2");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_read_fails_when_connections_are_closed() {
    let server = PostgresServer::shared();
    let (name, url) = server.database();
    let store = PostgresStore::open(&url).await.unwrap();
    store.create(key(1), record("alice")).await.unwrap();
    let (loaded, is_over) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicBool::new(false)));
    let loading: Vec<_> = (0..20)
        .map(|_| {
            let (store, loaded, is_over) = (store.clone(), Arc::clone(&loaded), Arc::clone(&is_over));
            tokio::spawn(async move {
                while !is_over.load(Ordering::Relaxed) {
                    assert!(store.load(key(1), START).await.unwrap().is_some());
                    loaded.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    for _ in 0..5 {
        let enough = loaded.load(Ordering::Relaxed) + 100;
        until("loads", || loaded.load(Ordering::Relaxed) >= enough);
        let terminate = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = 'sessctl'";
        assert_ne!(server.sql(&name, terminate), "0");
    }
    is_over.store(true, Ordering::Relaxed);
    for loads in loading {
        loads.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_locked_row_delays_only_its_own_session() {
    let server = PostgresServer::shared();
    let (name, url) = server.database();
    let store = PostgresStore::open(&url).await.unwrap();
    store.create(key(1), record("alice")).await.unwrap();
    store.create(key(2), record("bob")).await.unwrap();
    let held = server.hold(
        &name,
        "UPDATE sessctl_sessions SET seen = seen WHERE handle IS NOT NULL AND username = 'alice'",
    );
    // Calls that are dropped while they wait for the row must not return their connections to the pool.
    for _ in 0..3 {
        let change = Change::new().increment("n", 1);
        let soon = Duration::from_millis(5);
        assert!(tokio::time::timeout(soon, store.change(key(1), &change, START)).await.is_err());
    }
    let begin = Instant::now();
    let change = Change::new().increment("n", 1);
    let (changed, touched, loaded, other) = tokio::join!(
        store.change(key(1), &change, START),
        store.touch(key(1), START),
        store.load(key(1), START),
        store.change(key(2), &change, START),
    );
    assert!(begin.elapsed() < HANG_TIMEOUT, "{:?}", begin.elapsed());
    assert!(changed.is_err() && touched.is_err(), "{changed:?} {touched:?}");
    assert!(loaded.unwrap().is_some() && matches!(other, Ok(Changed::Applied(_))));
    assert_eq!(
        store.sweep(START.plus(Duration::from_secs(61))).await.unwrap().len(),
        1,
        "only the session without a lock"
    );
    drop(held);
    let begin = Instant::now();
    while store.change(key(1), &change, START).await.is_err() {
        assert!(begin.elapsed() < HANG_TIMEOUT);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn dropped_calls_leave_usable_connections() {
    let server = PostgresServer::shared();
    let store = PostgresStore::open(&server.database().1).await.unwrap();
    store.create(key(1), record("alice")).await.unwrap();
    let change = Change::new().increment("n", 1);
    for micros in 0..400_u64 {
        let limit = Duration::from_micros(micros * 5);
        let _ = tokio::time::timeout(limit, store.change(key(1), &change, START)).await;
        let _ = tokio::time::timeout(limit, store.load(key(1), START)).await;
    }
    let changed = store.change(key(1), &change, START).await.unwrap();
    let Changed::Applied(data) = changed else { panic!("{changed:?}") };
    assert!(data.get("n").and_then(Value::as_i64).is_some_and(|n| (1..=401).contains(&n)), "{data:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_first_calls_after_a_restart_work() {
    let server = PostgresServer::start();
    let store = Arc::new(PostgresStore::open(&server.database().1).await.unwrap());
    store.create(key(1), record("alice")).await.unwrap();
    // Uses all connections of the pool, which break in the restart.
    let fill = || async {
        let loading: Vec<_> = (0..100)
            .map(|_| {
                let store = Arc::clone(&store);
                tokio::spawn(async move { store.load(key(1), START).await })
            })
            .collect();
        let mut failed = 0;
        for load in loading {
            failed += usize::from(!matches!(load.await.unwrap(), Ok(Some(_))));
        }
        failed
    };
    assert_eq!(fill().await, 0);
    server.crash();
    let begin = Instant::now();
    assert!(store.load(key(1), START).await.is_err());
    assert!(begin.elapsed() < HANG_TIMEOUT);
    server.go_on();
    assert_eq!(fill().await, 0, "a call used a broken connection");
    assert!(store.touch(key(1), START).await.unwrap());
    let changed = store.change(key(1), &Change::new().increment("n", 1), START).await;
    assert!(matches!(changed, Ok(Changed::Applied(_))), "{changed:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn calls_to_a_silent_server_fail_in_time() {
    let server = PostgresServer::start();
    let store = PostgresStore::open(&server.database().1).await.unwrap();
    store.create(key(1), record("alice")).await.unwrap();
    server.freeze();
    let begin = Instant::now();
    let loads = (0..40).map(|_| {
        let store = store.clone();
        tokio::spawn(async move { store.load(key(1), START).await })
    });
    for load in loads.collect::<Vec<_>>() {
        assert!(load.await.unwrap().is_err());
    }
    // The server may still execute the change later, but only once.
    assert!(store.change(key(1), &Change::new().increment("n", 1), START).await.is_err());
    assert!(begin.elapsed() < HANG_TIMEOUT, "{:?}", begin.elapsed());
    server.thaw();
    assert!(store.load(key(1), START).await.unwrap().is_some());
    let changed = store.change(key(1), &Change::new().increment("n", 10), START).await.unwrap();
    let Changed::Applied(data) = changed else { panic!("{changed:?}") };
    assert!(data.get("n").and_then(Value::as_i64).is_some_and(|n| n == 10 || n == 11), "{data:?}");
}

#[tokio::test]
async fn the_error_of_an_invalid_url_contains_no_password() {
    for url in [
        "redis://u:s3cret@h",
        "postgres://u:s3cret@",
        "postgres://u:s3cret@h:port/d",
        "postgres://u:x@s3cret@h/d",
        "postgres://u:s3cret@h/d?sslmode=sometimes",
        "postgres://u:s3cret@h/d?frobnicate=1",
        "postgres://u:s3cret@h/d?connection_limit=0",
    ] {
        let error = PostgresStore::open(url).await.unwrap_err();
        assert!(matches!(error, PostgresOpenError::InvalidUrl(_)), "{url}: {error:?}");
        assert!(!format!("{error} {error:?}").contains("s3cret"), "{url}: {error}");
    }
}
