//! Every store is held to the same suite.

use std::sync::atomic::{AtomicU32, Ordering};

use sessctl::store::{MemoryStore, SqliteStore, conformance};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_memory_store_keeps_the_contract() {
    conformance::check(MemoryStore::new).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_sqlite_store_keeps_the_contract() {
    let folder = tempfile::TempDir::new().unwrap();
    let number = AtomicU32::new(0);
    let path = || folder.path().join(number.fetch_add(1, Ordering::Relaxed).to_string());
    conformance::check(|| SqliteStore::open(path()).unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_handles_of_one_file_keep_the_contract() {
    let folder = tempfile::TempDir::new().unwrap();
    let number = AtomicU32::new(0);
    let make = || {
        let path = folder.path().join(number.fetch_add(1, Ordering::Relaxed).to_string());
        (SqliteStore::open(&path).unwrap(), SqliteStore::open(&path).unwrap())
    };
    conformance::check_shared(make).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_file_that_goes_and_comes_back_keeps_the_contract() {
    let folder = tempfile::TempDir::new().unwrap();
    let (path, away) = (folder.path().join("here"), folder.path().join("away"));
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
