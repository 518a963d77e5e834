//! Tests of rotations and logins: a key is replaced by another one.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::fixture::{IDLE, START, data, key, ok, record};
use crate::session::{
    Change, Changed, Owner, Record, Replacement, SessionStore, StoreError, Successor, TokenHash,
};

pub(super) async fn a_rotated_record_has_a_new_key_and_handle(store: &impl SessionStore) {
    ok(store.create(key(1), record(0, Some("alice"))).await);
    ok(store.change(key(1), &Change::new().set("a", 1), START).await);
    let handle = record(7, None).handle;
    let moved = Record { handle, data: data(&json!({"a": 1})), ..record(0, Some("alice")) };
    assert_eq!(ok(store.rotate(key(1), (key(2), handle), START).await), Some(moved.clone()));
    assert_eq!(ok(store.load(key(2), START).await), Some(moved.clone()));
    let next = Successor::new(key(2), Replacement::Rotation, START);
    for _ in 0..2 {
        assert_eq!(ok(store.successor(key(1), START).await), Some(next));
        // No other call finds the session under its previous key, or removes what replaced the key.
        assert_eq!(ok(store.load(key(1), START).await), None);
        assert!(!ok(store.touch(key(1), START).await));
        assert_eq!(ok(store.change(key(1), &Change::new().set("a", 2), START).await), Changed::NotFound);
        assert_eq!(ok(store.delete(key(1)).await), None);
        assert_eq!(ok(store.rotate(key(1), (key(3), handle), START).await), None);
        assert_eq!(ok(store.supersede(key(1), key(3), START).await), None);
    }
    assert_eq!(ok(store.load(key(3), START).await), None);
    assert_eq!(ok(store.list(Owner::User("alice"), None, 10, START).await).sessions, [(key(2), moved)]);
    assert_eq!(ok(store.list(Owner::Everyone, None, 10, START).await).sessions.len(), 1);
    // The session goes on like any other.
    let later = START.plus(Duration::from_secs(50));
    assert!(ok(store.touch(key(2), later).await));
    assert_eq!(ok(store.load(key(2), START.plus(IDLE)).await).map(|record| record.last_seen), Some(later));
    assert!(ok(store.delete(key(2)).await).is_some());
    assert_eq!(ok(store.list(Owner::User("alice"), None, 10, START).await).sessions, []);
    assert_eq!(ok(store.load(key(2), START).await), None);
}

pub(super) async fn a_successor_expires(store: &impl SessionStore) {
    for (n, user) in [(1, Some("alice")), (2, None)] {
        ok(store.create(key(n), record(0, user)).await);
    }
    ok(store.rotate(key(1), (key(11), record(11, None).handle), START).await);
    ok(store.supersede(key(2), key(12), START).await);
    let last = START.plus(Successor::LIFETIME - Duration::from_millis(1));
    for n in [1, 2] {
        assert!(ok(store.successor(key(n), last).await).is_some(), "the successor was forgotten too early");
        assert_eq!(ok(store.successor(key(n), START.plus(Successor::LIFETIME)).await), None);
    }
    ok(store.sweep(START.plus(Successor::LIFETIME)).await);
    assert_eq!(ok(store.successor(key(1), START.plus(Successor::LIFETIME)).await), None);
    assert_eq!(ok(store.successor(key(3), START).await), None, "the successor of an unknown key");
}

pub(super) async fn only_a_live_record_is_rotated(store: &impl SessionStore) {
    ok(store.create(key(1), record(0, Some("alice"))).await);
    let to = (key(2), record(2, None).handle);
    assert_eq!(ok(store.rotate(key(1), to, START.plus(IDLE)).await), None);
    assert_eq!(ok(store.rotate(key(5), to, START).await), None);
    assert_eq!(ok(store.load(key(2), START).await), None);
    assert!(ok(store.load(key(1), START).await).is_some());
    assert_eq!(ok(store.list(Owner::User("alice"), None, 10, START).await).sessions.len(), 1);
}

pub(super) async fn a_login_supersedes_a_record(store: &impl SessionStore) {
    ok(store.create(key(1), record(0, None)).await);
    ok(store.create(key(2), record(1, Some("alice"))).await);
    ok(store.change(key(1), &Change::new().set("cart", 1), START).await);
    let removed = ok(store.supersede(key(1), key(2), START).await);
    assert_eq!(removed, Some(Record { data: data(&json!({"cart": 1})), ..record(0, None) }));
    let next = Successor::new(key(2), Replacement::Login, START);
    assert_eq!(ok(store.successor(key(1), START).await), Some(next));
    assert_eq!(ok(store.load(key(1), START).await), None);
    assert_eq!(ok(store.delete(key(1)).await), None);
    assert_eq!(ok(store.supersede(key(1), key(3), START).await), None);
    assert_eq!(ok(store.successor(key(1), START).await), Some(next));
    assert_eq!(ok(store.load(key(2), START).await), Some(record(1, Some("alice"))));
    assert_eq!(ok(store.supersede(key(9), key(2), START).await), None);
    assert_eq!(ok(store.successor(key(9), START).await), None, "the successor of an unknown key");
    assert_eq!(ok(store.list(Owner::Everyone, None, 10, START).await).sessions.len(), 1);
}

/// The key under which the session is now.
async fn current(store: &impl SessionStore, mut at: TokenHash) -> TokenHash {
    while let Some(next) = ok(store.successor(at, START).await) {
        at = next.key;
    }
    at
}

/// Changes and rotations at the same time, in both stores: every change is kept, and the session is always found.
pub(super) async fn concurrent_rotations_lose_no_change<S: SessionStore>((one, other): (Arc<S>, Arc<S>)) {
    ok(one.create(key(0), record(0, Some("alice"))).await);
    let change = async |store: Arc<S>| {
        loop {
            let at = current(&*store, key(0)).await;
            match ok(store.change(at, &Change::new().increment("n", 1), START).await) {
                Changed::Applied(_) => break,
                Changed::NotFound => {
                    assert!(ok(store.successor(at, START).await).is_some(), "the session was not found");
                }
                Changed::Rejected(error, _) => panic!("{error}"),
            }
        }
    };
    let rotate = async |store: Arc<S>, n: u32| {
        let at = current(&*store, key(0)).await;
        match store.rotate(at, (key(1000 + n), record(1000 + n, None).handle), START).await {
            Ok(_) | Err(StoreError::Exists) => {}
            Err(error) => panic!("{error}"),
        }
        let listed = ok(store.list(Owner::User("alice"), None, 10, START).await).sessions;
        assert!(!listed.is_empty(), "a list lacks the session");
    };
    let mut tasks = Vec::new();
    for n in 0..200_u32 {
        let store = Arc::clone(if n % 2 == 0 { &one } else { &other });
        tasks.push(tokio::spawn(async move {
            change(Arc::clone(&store)).await;
            if n % 10 == 0 {
                rotate(store, n).await;
            }
        }));
    }
    for task in tasks {
        task.await.expect("no panic");
    }
    let found = ok(other.load(current(&*other, key(0)).await, START).await).expect("the record");
    assert_eq!(found.data, data(&json!({"n": 200})), "a change was lost");
    assert_eq!(ok(one.list(Owner::Everyone, None, 100, START).await).sessions.len(), 1, "an orphan is left");
}
