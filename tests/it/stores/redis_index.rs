//! The index of a user's sessions in Redis: logins remove the entries of sessions that are gone.

use std::time::Duration;

use sessctl::session::{SessionStore, Timestamp};
use sessctl::stores::RedisStore;

use super::redis::{NOW, count_of_alice, key, record};
use crate::support::RedisServer;

#[tokio::test]
async fn a_login_removes_the_entries_of_expired_sessions() {
    let server = RedisServer::start(&[]);
    let store = RedisStore::open(&server.url()).await.unwrap();
    for n in 0..300 {
        store.create(key(n), record(n, Some("alice"))).await.unwrap();
    }
    let index = server.says(&["KEYS", "sessctl:user:*"]);
    assert_eq!(server.says(&["ZCARD", &index]), "300");
    // Redis deletes records, oldest and newest ones, and keeps some in between.
    let names = server.says(&["KEYS", "sessctl:session:*"]);
    for name in names.lines().skip(5) {
        server.says(&["DEL", name]);
    }
    for n in 300..320 {
        store.create(key(n), record(n, Some("alice"))).await.unwrap();
    }
    assert_eq!(server.says(&["ZCARD", &index]), "25");
    assert_eq!(count_of_alice(&store).await, 25);
}

#[tokio::test]
async fn live_sessions_do_not_hide_expired_ones_from_a_login() {
    let server = RedisServer::start(&[]);
    let store = RedisStore::open(&server.url()).await.unwrap();
    for n in 0..300 {
        let mut record = record(n, Some("alice"));
        record.created = Timestamp::from_millis(NOW.as_millis() + i64::from(n));
        store.create(key(n), record).await.unwrap();
    }
    for n in 150..300 {
        let name: String = key(n).as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(server.says(&["DEL", &format!("sessctl:session:{name}")]), "1");
    }
    let index = server.says(&["KEYS", "sessctl:user:*"]);
    let size = || server.says(&["ZCARD", &index]).parse::<usize>().unwrap();
    for n in 300..340 {
        store.create(key(n), record(n, Some("alice"))).await.unwrap();
    }
    assert!((190..220).contains(&size()), "{} entries for 190 sessions", size());
}

#[tokio::test]
async fn redis_keeps_an_expired_record_no_longer_than_its_idle_timeout() {
    let server = RedisServer::start(&[]);
    let store = RedisStore::open(&server.url()).await.unwrap();
    let mut short = record(1, None);
    short.idle_timeout = Duration::from_secs(20);
    store.create(key(1), short).await.unwrap();
    let name = server.says(&["KEYS", "sessctl:session:*"]);
    let kept = || server.says(&["PTTL", &name]).parse::<u64>().unwrap();
    assert!((1..=40_000).contains(&kept()), "{}", kept());
    store.touch(key(1), NOW.plus(Duration::from_secs(1))).await.unwrap();
    assert!((1..=40_000).contains(&kept()), "{}", kept());
}
