//! A test suite for session stores. It panics at the first violation of the contract of [`SessionStore`].
//!
//! Call it in a test of your own store:
//!
//! ```
//! use sessctl::stores::{MemoryStore, conformance};
//!
//! #[tokio::main]
//! async fn main() {
//!     conformance::check(async || MemoryStore::new()).await;
//! }
//! ```
//!
//! Also call [`check_shared`] if several processes can share the store, and [`check_outage`] if it can become unreachable.
#![allow(clippy::panic, clippy::expect_used, reason = "a test suite reports failures by panics")]

mod changes;
mod exactness;
mod fixture;
mod pages;
mod rotation;
mod users;

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use fixture::{IDLE, LIFE, START, data, key, ok, record};

use crate::session::{
    Change, Changed, ExpiredSession, Owner, Record, RecordOptions, SessionStore, StoreError, Timestamp,
};

/// Checks that a store keeps the contract of [`SessionStore`]. `make` opens an empty store for each test.
///
/// # Panics
/// If the store violates the contract.
pub async fn check<S: SessionStore>(make: impl AsyncFn() -> S) {
    check_each(&make).await;
    a_sweep_removes_only_expired_records(&make().await).await;
    a_swept_record_does_not_come_back(&make().await).await;
}

/// Like [`check`], for stores that delete expired records themselves, so that a sweep does nothing.
///
/// # Panics
/// If the store violates the contract.
pub async fn check_self_sweeping<S: SessionStore>(make: impl AsyncFn() -> S) {
    check_each(&make).await;
    let store = make().await;
    ok(store.create(key(1), record(0, Some("alice"))).await);
    assert_eq!(ok(store.sweep(START.plus(IDLE)).await), []);
    assert_eq!(ok(store.load(key(1), START.plus(IDLE)).await), None);
}

async fn check_each<S: SessionStore>(make: &impl AsyncFn() -> S) {
    a_loaded_record_is_the_created_one(&make().await).await;
    a_key_is_created_once(&make().await).await;
    a_session_expires_exactly_at_its_expiry(&make().await).await;
    a_touch_extends_the_session_and_never_moves_back(&make().await).await;
    changes::a_change_is_atomic(&make().await).await;
    changes::a_change_has_the_result_of_apply_to(&make().await).await;
    a_deleted_session_stays_deleted(&make().await).await;
    changes::special_characters_are_stored_unchanged(&make().await).await;
    changes::data_up_to_the_size_limit_is_stored(&make().await).await;
    users::similar_names_are_different_users(&make().await).await;
    users::an_empty_name_is_a_user(&make().await).await;
    exactness::an_idle_timeout_is_exact(&make().await).await;
    exactness::the_keys_of_the_data_keep_their_order(&make().await).await;
    pages::a_cursor_of_another_store_is_rejected(&make().await).await;
    pages::a_users_sessions_are_listed_oldest_first(&make().await).await;
    pages::sessions_of_the_same_time_are_listed_once_each(&make().await).await;
    pages::all_sessions_are_listed_once_each(&make().await).await;
    the_clock_may_move_back(&make().await).await;
    a_check_of_readiness_leaves_nothing(&make().await).await;
    rotation::a_rotated_record_has_a_new_key_and_handle(&make().await).await;
    rotation::a_successor_expires(&make().await).await;
    rotation::only_a_live_record_is_rotated(&make().await).await;
    rotation::a_login_supersedes_a_record(&make().await).await;
    let store = async || {
        let store = Arc::new(make().await);
        (Arc::clone(&store), store)
    };
    changes::concurrent_changes_are_all_applied(store().await).await;
    changes::concurrent_large_sums_are_exact(store().await).await;
    changes::no_change_restores_a_deleted_session(store().await).await;
    a_rotation_leaves_no_gap(store().await).await;
    rotation::concurrent_rotations_lose_no_change(store().await).await;
}

/// Checks two stores that share their records, like two processes. `make` opens two stores on the same empty storage for
/// each test.
///
/// ```no_run
/// # fn empty_database() -> String { String::new() }
/// use sessctl::stores::{SqliteStore, conformance};
///
/// # async fn example() {
/// conformance::check_shared(async || {
///     let file = empty_database();
///     (SqliteStore::open(&file).unwrap(), SqliteStore::open(&file).unwrap())
/// })
/// .await;
/// # }
/// ```
///
/// # Panics
/// If a store violates the contract.
pub async fn check_shared<S: SessionStore>(make: impl AsyncFn() -> (S, S)) {
    let store = async || {
        let (one, other) = make().await;
        (Arc::new(one), Arc::new(other))
    };
    both_stores_see_the_same_records(store().await).await;
    changes::concurrent_changes_are_all_applied(store().await).await;
    changes::concurrent_large_sums_are_exact(store().await).await;
    changes::no_change_restores_a_deleted_session(store().await).await;
    a_rotation_leaves_no_gap(store().await).await;
    rotation::concurrent_rotations_lose_no_change(store().await).await;
}

/// Checks a store during an outage. `stop` makes its storage unreachable, and `restart` makes it reachable again with its
/// records.
///
/// # Panics
/// If the store reports wrong results during the outage, or does not work afterwards.
pub async fn check_outage<S: SessionStore>(store: S, stop: impl AsyncFnOnce(), restart: impl AsyncFnOnce()) {
    ok(store.create(key(1), record(0, Some("alice"))).await);
    stop().await;
    // The store cannot know whether the session exists, so a success would be wrong.
    assert!(store.create(key(2), record(1, None)).await.is_err(), "a record was created during the outage");
    assert!(
        store.change(key(1), &Change::new().set("a", 1), START).await.is_err(),
        "a change was applied during the outage"
    );
    assert!(store.delete(key(1)).await.is_err(), "a record was deleted during the outage");
    assert!(store.ready(START).await.is_err(), "the store was ready during the outage");
    if let Ok(found) = store.load(key(1), START).await {
        assert!(found.is_some(), "an existing session was reported as missing");
    }
    restart().await;
    let deadline = std::time::Instant::now() + Duration::from_secs(30);
    loop {
        match store.load(key(1), START).await {
            Ok(found) => {
                assert_eq!(found, Some(record(0, Some("alice"))), "the record has changed");
                break;
            }
            Err(error) => {
                assert!(std::time::Instant::now() < deadline, "the store does not work again: {error:?}");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    let changed = ok(store.change(key(1), &Change::new().set("a", 1), START).await);
    assert!(matches!(changed, Changed::Applied(_)), "{changed:?}");
    assert_eq!(ok(store.load(key(2), START).await), None, "the failed call created a record");
}

async fn a_loaded_record_is_the_created_one(store: &impl SessionStore) {
    let mut kept = record(1, Some("alice"));
    kept.credential_version = u64::MAX;
    kept.options = RecordOptions::from_bits(7);
    kept.data = data(&json!({"a": [1, null, {"b": "ü"}], "n": -5}));
    ok(store.create(key(1), kept.clone()).await);
    assert_eq!(ok(store.load(key(1), START).await), Some(kept));
    assert_eq!(ok(store.load(key(2), START).await), None);
}

async fn a_key_is_created_once(store: &impl SessionStore) {
    ok(store.create(key(1), record(1, Some("alice"))).await);
    let again = store.create(key(1), record(2, Some("mallory"))).await;
    assert!(matches!(again, Err(StoreError::Exists)), "{again:?}");
    assert_eq!(ok(store.load(key(1), START).await), Some(record(1, Some("alice"))));
}

async fn a_session_expires_exactly_at_its_expiry(store: &impl SessionStore) {
    let kept = record(0, Some("alice"));
    ok(store.create(key(1), kept.clone()).await);
    let (last, end) = (START.plus(IDLE - Duration::from_millis(1)), START.plus(IDLE));
    assert_eq!(ok(store.load(key(1), last).await), Some(kept));
    assert_eq!(ok(store.load(key(1), end).await), None);
    assert!(!ok(store.touch(key(1), end).await), "an expired session was touched");
    assert_eq!(ok(store.change(key(1), &Change::new().set("a", 1), end).await), Changed::NotFound);
    assert_eq!(ok(store.list(Owner::User("alice"), None, 10, end).await).sessions, []);
}

async fn a_touch_extends_the_session_and_never_moves_back(store: &impl SessionStore) {
    ok(store.create(key(1), record(0, Some("alice"))).await);
    let mut now = START;
    for _ in 0..11 {
        now = now.plus(IDLE - Duration::from_secs(5));
        if now >= START.plus(LIFE) {
            break;
        }
        assert!(ok(store.touch(key(1), now).await), "the session expired at {now}, although it was used");
    }
    assert_eq!(
        ok(store.load(key(1), START.plus(LIFE)).await),
        None,
        "the session lives longer than its absolute expiry"
    );
    ok(store.create(key(2), record(0, None)).await);
    let late = START.plus(Duration::from_secs(30));
    assert!(ok(store.touch(key(2), late).await) && ok(store.touch(key(2), START).await));
    assert_eq!(ok(store.load(key(2), START).await).map(|record| record.last_seen), Some(late));
}

async fn a_deleted_session_stays_deleted(store: &impl SessionStore) {
    ok(store.create(key(1), record(0, Some("alice"))).await);
    ok(store.change(key(1), &Change::new().set("a", 1), START).await);
    let removed = ok(store.delete(key(1)).await).expect("the deleted record");
    assert_eq!(removed.data, data(&json!({"a": 1})), "the deleted record is not the last one");
    assert_eq!(ok(store.delete(key(1)).await), None);
    assert_eq!(ok(store.load(key(1), START).await), None);
    assert!(!ok(store.touch(key(1), START).await));
    assert_eq!(ok(store.change(key(1), &Change::new().set("a", 2), START).await), Changed::NotFound);
    assert_eq!(ok(store.load(key(1), START).await), None);
    assert_eq!(ok(store.list(Owner::User("alice"), None, 10, START).await).sessions, []);
}

async fn a_sweep_removes_only_expired_records(store: &impl SessionStore) {
    for n in 0..20 {
        ok(store.create(key(n), record(n, Some("alice"))).await);
    }
    let first_ten = START.plus(IDLE + Duration::from_millis(9));
    let mut swept = ok(store.sweep(first_ten).await);
    swept.sort_by_key(|expired| expired.handle);
    let expired: Vec<ExpiredSession> = (0..10).map(|n| record(n, Some("alice")).into()).collect();
    assert_eq!(swept, expired, "the sweep does not report what it removed");
    assert_eq!(ok(store.sweep(first_ten).await), []);
    assert_eq!(ok(store.delete(key(9)).await), None, "a swept record still exists");
    assert!(ok(store.delete(key(10)).await).is_some(), "a live record was swept");
}

async fn the_clock_may_move_back(store: &impl SessionStore) {
    ok(store.create(key(1), record(0, Some("alice"))).await);
    let (later, end) = (START.plus(Duration::from_secs(50)), START.plus(Duration::from_secs(110)));
    assert!(ok(store.touch(key(1), later).await));
    // A wrong clock is set back: a session that was used in its future is live, and expires no earlier.
    assert!(ok(store.load(key(1), START).await).is_some());
    assert!(ok(store.touch(key(1), START).await));
    assert!(ok(store.load(key(1), START.plus(Duration::from_secs(109))).await).is_some());
    assert_eq!(ok(store.load(key(1), end).await), None);
    assert!(
        ok(store.load(key(1), later).await).is_some(),
        "not live at an earlier time, although it was not swept"
    );
}

async fn a_check_of_readiness_leaves_nothing(store: &impl SessionStore) {
    ok(store.ready(START).await);
    assert_eq!(ok(store.list(Owner::Everyone, None, 10, START).await).sessions, []);
    // A clock that is set back sees no session either.
    let earlier = Timestamp::from_millis(START.as_millis() - 1000);
    assert_eq!(ok(store.list(Owner::Everyone, None, 10, earlier).await).sessions, []);
}

async fn a_swept_record_does_not_come_back(store: &impl SessionStore) {
    ok(store.create(key(1), record(0, Some("alice"))).await);
    assert_eq!(ok(store.sweep(START.plus(IDLE)).await).len(), 1);
    assert_eq!(ok(store.load(key(1), START).await), None);
}

async fn both_stores_see_the_same_records<S: SessionStore>((one, other): (Arc<S>, Arc<S>)) {
    ok(one.create(key(1), record(0, Some("alice"))).await);
    assert_eq!(ok(other.load(key(1), START).await), Some(record(0, Some("alice"))));
    assert!(matches!(other.create(key(1), record(1, None)).await, Err(StoreError::Exists)));
    ok(other.change(key(1), &Change::new().set("a", 1), START).await);
    let data_of = |found: Option<Record>| found.map(|record| record.data);
    assert_eq!(data_of(ok(one.load(key(1), START).await)), Some(data(&json!({"a": 1}))));
    assert_eq!(ok(one.list(Owner::User("alice"), None, 10, START).await).sessions.len(), 1);
    ok(other.delete(key(1)).await);
    assert_eq!(ok(one.load(key(1), START).await), None);
    assert_eq!(ok(one.change(key(1), &Change::new().set("a", 2), START).await), Changed::NotFound);
}

/// When a session moves to a new key, at least one of the two keys always exists.
async fn a_rotation_leaves_no_gap<S: SessionStore>((one, other): (Arc<S>, Arc<S>)) {
    ok(one.create(key(0), record(0, Some("alice"))).await);
    let reading = tokio::spawn(async move {
        for n in 0..400_u32 {
            // From the newest key to the oldest. A session that moves meanwhile is found in the next round.
            let mut keys = (0..3).flat_map(|_| (0..=50).rev());
            loop {
                let key_of =
                    keys.next().unwrap_or_else(|| panic!("no key opens the session, at attempt {n}"));
                if ok(other.load(key(key_of), START).await).is_some() {
                    break;
                }
            }
            tokio::task::yield_now().await;
        }
    });
    for n in 0..50 {
        ok(one.create(key(n + 1), record(n + 1, Some("alice"))).await);
        assert!(ok(one.delete(key(n)).await).is_some());
        tokio::task::yield_now().await;
    }
    reading.await.expect("no panic");
    assert_eq!(ok(one.list(Owner::User("alice"), None, 100, START).await).sessions.len(), 1);
}
