//! Every store is held to the same suite.

use sessctl::store::{MemoryStore, conformance};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_memory_store_keeps_the_contract() {
    conformance::check(MemoryStore::new).await;
}
