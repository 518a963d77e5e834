//! The PostgreSQL store behind a real PgBouncer in transaction mode, in a named schema, and with an application's pool.

use std::time::Instant;

use sessctl::deadpool_postgres::tokio_postgres::{Config, NoTls};
use sessctl::deadpool_postgres::{Manager, Pool};
use sessctl::session::{Change, Changed, Owner, SessionStore};
use sessctl::stores::{PostgresOpenError, PostgresStore, conformance};

use super::conformance::open_postgres;
use super::postgres::{START, key, record};
use super::redis::HANG_TIMEOUT;
use super::whole;
use crate::support::{Home, POOL_SIZE, PgBouncer, PostgresServer, Serve, post};

/// What another application finds in a server process. A role for tests has no settings of its own.
const LEFT_BEHIND: &str = "SELECT current_setting('statement_timeout'), current_setting('search_path'),
    current_setting('default_transaction_isolation'), (SELECT count(*) FROM pg_prepared_statements)";
const NOTHING: &str = "0|\"$user\", public|read committed|0\n";

/// Asks each server process of the pooler what the store left behind.
fn leaves_nothing_behind(server: &PostgresServer, pooler: &PgBouncer, database: &str) {
    let held: Vec<_> =
        (0..POOL_SIZE).map(|_| server.hold_through(pooler.port(), database, LEFT_BEHIND)).collect();
    for held in held {
        assert_eq!(held.said, NOTHING);
    }
}

#[test]
fn serve_answers_parallel_requests_through_a_pooler() {
    let server = PostgresServer::shared();
    // PgBouncer rejects a connection with unknown options, or ignores them.
    for settings in ["", "ignore_startup_parameters = options"] {
        let pooler = PgBouncer::start(&server, settings);
        let (database, url) = server.database();
        let home = Home::new();
        let mut command = home.command(["serve", "--bind", "127.0.0.1:0"]);
        command.env("SESSCTL_STORE", pooler.url(&server, &url));
        let serve = Serve::of(command);
        let cookies = ["alice", "bob", "carol"]
            .map(|user| post(&serve.address, "/login", &[], &format!("username={user}")).cookie());
        let increment = |cookie: &str| post(&serve.address, "/counter", &[("Cookie", cookie)], "");
        std::thread::scope(|scope| {
            let posting = (0..30).flat_map(|_| &cookies).map(|cookie| scope.spawn(|| increment(cookie)));
            for posting in posting.collect::<Vec<_>>() {
                let answer = posting.join().unwrap();
                assert_eq!(answer.status, 200, "{}", answer.body);
            }
        });
        for cookie in &cookies {
            assert_eq!(increment(cookie).body, "{\"count\":31}");
        }
        leaves_nothing_behind(&server, &pooler, &database);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_postgres_store_behind_a_pooler_keeps_the_contract() {
    let server = PostgresServer::shared();
    let pooler = PgBouncer::start(&server, "");
    conformance::check(async || open_postgres(&pooler.url(&server, &server.database().1)).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_locked_row_blocks_no_server_process_of_a_pooler_for_long() {
    let server = PostgresServer::shared();
    let pooler = PgBouncer::start(&server, "");
    let (database, url) = server.database();
    let store = PostgresStore::open(&pooler.url(&server, &url)).await.unwrap();
    store.create(key(1), record("alice")).await.unwrap();
    let held = server.hold(&database, "UPDATE sessctl_sessions SET seen = seen");
    let change = Change::new().increment("n", 1);
    let error = store.change(key(1), &change, START).await.unwrap_err();
    assert!(whole(&error).contains("statement timeout"), "{}", whole(&error));
    drop(held);
    let begin = Instant::now();
    while store.change(key(1), &change, START).await.is_err() {
        assert!(begin.elapsed() < HANG_TIMEOUT);
    }
    leaves_nothing_behind(&server, &pooler, &database);
}

/// Through a pooler, `search_path` cannot be set for one client only.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn stores_in_named_schemas_are_separate() {
    let server = PostgresServer::shared();
    let pooler = PgBouncer::start(&server, "");
    let (database, url) = server.database();
    let public = PostgresStore::open(&url).await.unwrap();
    let one = PostgresStore::open(&format!("{}?schema=One", pooler.url(&server, &url))).await.unwrap();
    let two = PostgresStore::options().schema("two").open(&url).await.unwrap();
    one.create(key(1), record("alice")).await.unwrap();
    let changed = one.change(key(1), &Change::new().increment("n", 1), START).await;
    assert!(matches!(changed, Ok(Changed::Applied(_))), "{changed:?}");
    assert!(one.touch(key(1), START).await.unwrap());
    for other in [&public, &two] {
        assert_eq!(other.load(key(1), START).await.unwrap(), None);
        let changed = other.change(key(1), &Change::new().increment("n", 1), START).await.unwrap();
        assert_eq!(changed, Changed::NotFound);
        assert_eq!((other.count(START).await.unwrap(), other.sweep(START).await.unwrap()), (Some(0), vec![]));
    }
    assert_eq!(one.count(START).await.unwrap(), Some(1));
    assert_eq!(one.list(Owner::User("alice"), None, 9, START).await.unwrap().sessions.len(), 1);
    let end = record("alice").absolute_expiry;
    assert_eq!((two.sweep(end).await.unwrap().len(), one.sweep(end).await.unwrap().len()), (0, 1));
    leaves_nothing_behind(&server, &pooler, &database);
    let refused = PostgresStore::open(&format!("{url}?schema=a%22b")).await.unwrap_err();
    assert!(matches!(refused, PostgresOpenError::InvalidSchema), "{refused:?}");
}

#[tokio::test]
async fn a_schema_that_search_path_selected_can_be_named_later() {
    let server = PostgresServer::shared();
    let (database, url) = server.database();
    server.sql(&database, "CREATE SCHEMA app");
    let selected = PostgresStore::open(&format!("{url}?options=-csearch_path%3Dapp")).await.unwrap();
    selected.create(key(1), record("alice")).await.unwrap();
    let named = PostgresStore::open(&format!("{url}?schema=app")).await.unwrap();
    for store in [&named, &selected] {
        let changed = store.change(key(1), &Change::new().increment("n", 1), START).await;
        assert!(matches!(changed, Ok(Changed::Applied(_))), "{changed:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_store_leaves_the_connections_of_an_application_unchanged() {
    let server = PostgresServer::shared();
    let pool_of = |url: &str| {
        let config: Config = url.parse().unwrap();
        Pool::builder(Manager::new(config, NoTls)).max_size(2).build().unwrap()
    };
    conformance::check(async || PostgresStore::with_pool(pool_of(&server.database().1)).await.unwrap()).await;
    let pool = pool_of(&server.database().1);
    let store = PostgresStore::options().schema("app").with_pool(pool.clone()).await.unwrap();
    store.create(key(1), record("alice")).await.unwrap();
    let changed = store.change(key(1), &Change::new().increment("n", 1), START).await;
    assert!(matches!(changed, Ok(Changed::Applied(_))), "{changed:?}");
    let connections = [pool.get().await.unwrap(), pool.get().await.unwrap()];
    for connection in &connections {
        let row = &connection.query_typed(LEFT_BEHIND, &[]).await.unwrap()[0];
        let texts: [String; 3] = [row.get(0), row.get(1), row.get(2)];
        assert_eq!((texts.join("|"), row.get::<_, i64>(3)), ("0|\"$user\", public|read committed".into(), 0));
    }
}
