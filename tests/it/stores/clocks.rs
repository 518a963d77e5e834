//! Servers whose clocks differ, on one store.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sessctl::clock::ManualClock;
use sessctl::session::{Event, Record, SessionConfig, SessionStore, Sessions, Timestamp};
use sessctl::stores::{PostgresStore, SqliteStore};
use tokio::sync::mpsc::unbounded_channel;

use super::postgres::{START, key, record};
use super::redis::HANG_TIMEOUT;
use crate::support::PostgresServer;

/// A server whose clock is ahead of others sweeps no session that is live by their clocks.
async fn a_clock_that_is_ahead_ends_no_session<S: SessionStore + Clone>(store: S) {
    let config = SessionConfig::development().idle_timeout(Duration::from_secs(120));
    let sessions = Sessions::builder(store.clone()).config(config.clone()).clock(ManualClock::new(START));
    let sessions = sessions.build().unwrap();
    let session = sessions.open([]);
    session.login("alice").await.unwrap();
    let cookie = session.set_cookie().unwrap();
    let cookie = cookie.as_bytes().split(|byte| *byte == b';').next().unwrap();
    // This one expired long ago. When it is swept, the sweep has run.
    let created = Timestamp::from_millis(START.as_millis() - 3_600_000);
    let mut old = Record::new(record("bob").handle, created, Duration::from_secs(60), START);
    old.user = Some("bob".into());
    store.create(key(1), old).await.unwrap();
    let (sender, mut events) = unbounded_channel();
    let ahead = Sessions::builder(store)
        .config(config.sweep_interval(Duration::from_millis(10)))
        .clock(Arc::new(ManualClock::new(START.plus(Duration::from_secs(130)))))
        .on_event(move |event| _ = sender.send(event.clone()))
        .build()
        .unwrap();
    let begin = Instant::now();
    let swept = loop {
        match tokio::time::timeout(HANG_TIMEOUT, events.recv()).await.expect("a sweep") {
            Some(Event::Expired { handle, user, .. }) => break (handle, user),
            _ => assert!(begin.elapsed() < HANG_TIMEOUT),
        }
    };
    assert_eq!(swept, (record("bob").handle, Some("bob".into())));
    assert_eq!(sessions.open([cookie]).user().await.unwrap().as_deref(), Some("alice"));
    drop(ahead);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_is_ahead_ends_no_session_in_a_file() {
    let folder = tempfile::TempDir::new().unwrap();
    a_clock_that_is_ahead_ends_no_session(SqliteStore::open(folder.path().join("store")).unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_is_ahead_ends_no_session_in_a_database() {
    let server = PostgresServer::shared();
    let store = PostgresStore::open(&server.database().1).await.unwrap();
    a_clock_that_is_ahead_ends_no_session(store).await;
}
