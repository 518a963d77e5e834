//! Stores that the application also uses itself.

use std::sync::Arc;

use sessctl::redis::Client;
use sessctl::session::{Owner, SessionConfig, SessionStore, Sessions};
use sessctl::stores::{MemoryStore, RedisStore, conformance};

use super::redis::{NOW, key, record};
use crate::support::RedisServer;

#[tokio::test]
async fn an_application_keeps_a_reference_to_its_store() {
    conformance::check(async || Arc::new(MemoryStore::new())).await;
    let (shared, cloned) = (Arc::new(MemoryStore::new()), MemoryStore::new());
    let config = SessionConfig::default();
    for sessions in
        [Sessions::new(Arc::clone(&shared), config.clone()), Sessions::new(cloned.clone(), config)]
    {
        sessions.unwrap().open([]).login("alice").await.unwrap();
    }
    assert_eq!((shared.len(), cloned.len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_uses_the_server_of_an_application_s_redis_client() {
    let server = RedisServer::start(&["--requirepass", "s3cret"]);
    let address = server.url().trim_start_matches("redis://").to_owned();
    let client = Client::open(format!("redis://:s3cret@{address}/3")).unwrap();
    let store = RedisStore::options().prefix("shop:").with_client(&client).await.unwrap();
    store.create(key(1), record(0, Some("alice"))).await.unwrap();
    let listed = store.list(Owner::User("alice"), None, 10, NOW).await.unwrap();
    assert_eq!(listed.sessions, [(key(1), record(0, Some("alice")))]);
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let keys: Vec<String> =
        sessctl::redis::cmd("KEYS").arg("shop:*").query_async(&mut connection).await.unwrap();
    assert!(!keys.is_empty(), "the store uses another database");
    let other = Client::open(format!("redis://:wrong@{address}/3")).unwrap();
    let error = RedisStore::with_client(&other).await.unwrap_err().to_string();
    assert!(error.contains("cannot log in") && !error.contains("wrong"), "{error}");
}
