//! The future of a read is made for each request, so it must not contain the rare work of connecting.

use sessctl::clock::{Clock, SystemClock};
use sessctl::session::{SessionStore, TokenHash};
use sessctl::stores::{MemoryStore, PostgresStore, RedisStore, SqliteStore};

use crate::support::{PostgresServer, RedisServer};

/// In bytes. The largest one has about half of it.
const MAX_SIZE: usize = 4096;

fn size_of_read(store: &impl SessionStore) -> usize {
    size_of_val(&store.load(TokenHash::from_bytes([0; 32]), SystemClock.now()))
}

#[tokio::test]
async fn the_future_of_a_read_is_small() {
    let folder = tempfile::TempDir::new().unwrap();
    let redis = RedisServer::start(&[]);
    let postgres = PostgresServer::shared();
    let sizes = [
        ("memory", size_of_read(&MemoryStore::new())),
        ("sqlite", size_of_read(&SqliteStore::open(folder.path().join("store")).unwrap())),
        ("redis", size_of_read(&RedisStore::open(&redis.url()).await.unwrap())),
        ("postgres", size_of_read(&PostgresStore::open(&postgres.database().1).await.unwrap())),
    ];
    assert!(sizes.iter().all(|(_, size)| *size <= MAX_SIZE), "{sizes:?}");
}
