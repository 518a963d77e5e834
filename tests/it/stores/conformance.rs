//! The conformance suite, run on every store.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU32, Ordering};

use sessctl::stores::{MemoryStore, PostgresStore, RedisStore, SqliteStore, conformance};

use crate::support::{PostgresServer, RedisCluster, RedisServer};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_memory_store_keeps_the_contract() {
    conformance::check(async || MemoryStore::new()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_sqlite_store_keeps_the_contract() {
    let folder = tempfile::TempDir::new().unwrap();
    let number = AtomicU32::new(0);
    let path = || folder.path().join(number.fetch_add(1, Ordering::Relaxed).to_string());
    conformance::check(async || SqliteStore::open(path()).unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_stores_on_one_file_keep_the_contract() {
    let folder = tempfile::TempDir::new().unwrap();
    let number = AtomicU32::new(0);
    let make = async || {
        let path = folder.path().join(number.fetch_add(1, Ordering::Relaxed).to_string());
        (SqliteStore::open(&path).unwrap(), SqliteStore::open(&path).unwrap())
    };
    conformance::check_shared(make).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_file_that_is_moved_away_and_back_keeps_the_contract() {
    let folder = tempfile::TempDir::new().unwrap();
    let (path, away) = (folder.path().join("store"), folder.path().join("away"));
    let move_all = async |from: &std::path::Path, to: &std::path::Path| {
        for end in ["", "-wal", "-shm"] {
            let with = |path: &std::path::Path| format!("{}{end}", path.display());
            std::fs::rename(with(from), with(to)).unwrap();
        }
    };
    let store = SqliteStore::open(&path).unwrap();
    conformance::check_outage(
        store,
        async || move_all(&path, &away).await,
        async || move_all(&away, &path).await,
    )
    .await;
}

/// An empty store on a server that other tests use too.
async fn empty(url: &str) -> RedisStore {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    open(url, NUMBER.fetch_add(1, Ordering::Relaxed)).await
}

async fn open(url: &str, number: u32) -> RedisStore {
    RedisStore::options().prefix(format!("test*{number}:")).open(url).await.unwrap()
}

async fn two(url: &str) -> (RedisStore, RedisStore) {
    static NUMBER: AtomicU32 = AtomicU32::new(1_000_000);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    (open(url, number).await, open(url, number).await)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_redis_store_keeps_the_contract() {
    let server = RedisServer::start(&[]);
    conformance::check_self_sweeping(async || empty(&server.url()).await).await;
    conformance::check_shared(async || two(&server.url()).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_redis_server_that_restarts_keeps_the_contract() {
    let server = RefCell::new(RedisServer::start(&[]));
    let url = server.borrow().url();
    let store = empty(&url).await;
    conformance::check_outage(
        store,
        async || server.borrow_mut().kill(),
        async || server.borrow_mut().resume(),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_redis_store_on_a_cluster_keeps_the_contract() {
    let cluster = RefCell::new(RedisCluster::start());
    let url = cluster.borrow().url();
    conformance::check_self_sweeping(async || empty(&url).await).await;
    conformance::check_shared(async || two(&url).await).await;
    conformance::check_outage(
        empty(&url).await,
        async || cluster.borrow_mut().kill_all(),
        async || cluster.borrow_mut().resume_all(),
    )
    .await;
}

pub(super) async fn open_postgres(url: &str) -> PostgresStore {
    PostgresStore::open(url).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_postgres_store_keeps_the_contract() {
    let server = PostgresServer::shared();
    conformance::check(async || open_postgres(&server.database().1).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_postgres_stores_on_one_database_keep_the_contract() {
    let server = PostgresServer::shared();
    let make = async || {
        let (_, url) = server.database();
        (open_postgres(&url).await, open_postgres(&url).await)
    };
    conformance::check_shared(make).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_postgres_server_that_restarts_after_a_crash_keeps_the_contract() {
    let server = PostgresServer::start();
    let store = open_postgres(&server.database().1).await;
    conformance::check_outage(store, async || server.crash(), async || server.go_on()).await;
}
