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
