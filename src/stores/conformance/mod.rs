//! What every store must do, as a suite that any store can be held to; it panics at the first difference.
//!
//! In a test of a store of one's own (see [`crate::stores`] for one):
//!
//! ```
//! use sessctl::stores::{MemoryStore, conformance};
//!
//! #[tokio::main]
//! async fn main() {
//!     conformance::check(MemoryStore::new).await;
//! }
//! ```
//!
//! A store that several processes share is held to [`check_shared`] too, one that can be out of reach to
//! [`check_outage`].
#![allow(clippy::panic, clippy::expect_used, reason = "a test suite speaks by panics")]

mod changes;
mod pages;

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::clock::Timestamp;
use crate::session::{Change, Data, Handle, Record, TokenHash};
use crate::session::{Changed, Owner, SessionStore, StoreError};

const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const IDLE: Duration = Duration::from_secs(60);
const LIFE: Duration = Duration::from_secs(600);

/// Holds stores to the contract of [`SessionStore`]. `make` makes an empty one each time.
///
/// # Panics
/// When the store does something else than the contract says.
pub async fn check<S: SessionStore>(make: impl Fn() -> S) {
    check_each(&make).await;
    a_sweep_frees_what_has_expired(&make()).await;
    what_is_swept_is_gone_at_all_times(&make()).await;
}

/// As [`check`], for stores whose place frees by itself what has expired: a sweep has nothing to do.
///
/// # Panics
/// As [`check`] does.
pub async fn check_self_sweeping<S: SessionStore>(make: impl Fn() -> S) {
    check_each(&make).await;
    let store = make();
    ok(store.create(key(1), record(0, Some("alice"))).await);
    assert_eq!(ok(store.sweep(START.plus(IDLE)).await), 0);
    assert_eq!(ok(store.load(key(1), START.plus(IDLE)).await), None);
}

async fn check_each<S: SessionStore>(make: &impl Fn() -> S) {
    a_record_comes_back_as_it_was(&make()).await;
    a_key_is_taken_once(&make()).await;
    a_session_ends_at_its_expiry_and_not_before(&make()).await;
    a_touch_keeps_it_alive_and_never_moves_back(&make()).await;
    changes::a_change_applies_whole_or_not_at_all(&make()).await;
    changes::a_change_means_what_the_engine_means(&make()).await;
    what_is_deleted_stays_deleted(&make()).await;
    changes::hostile_keys_and_values_are_data(&make()).await;
    changes::data_is_kept_up_to_its_limit(&make()).await;
    pages::a_users_sessions_come_in_pages(&make()).await;
    pages::sessions_that_began_at_the_same_time_come_in_pages(&make()).await;
    pages::everyones_sessions_come_in_pages(&make()).await;
    time_may_move_back_and_forth(&make()).await;
    let store = || {
        let store = Arc::new(make());
        (Arc::clone(&store), store)
    };
    changes::changes_at_the_same_time_lose_nothing(store()).await;
    changes::large_sums_at_the_same_time_lose_nothing(store()).await;
    changes::no_change_outlives_a_deletion(store()).await;
    a_renewal_leaves_no_gap(store()).await;
}

/// Holds stores to the contract that are two handles of one place, as two processes have them. `make` makes two handles
/// of an empty place each time.
///
/// # Panics
/// When they do something else than the contract says.
pub async fn check_shared<S: SessionStore>(make: impl Fn() -> (S, S)) {
    let store = || {
        let (one, other) = make();
        (Arc::new(one), Arc::new(other))
    };
    what_one_writes_the_other_reads(store()).await;
    changes::changes_at_the_same_time_lose_nothing(store()).await;
    changes::large_sums_at_the_same_time_lose_nothing(store()).await;
    changes::no_change_outlives_a_deletion(store()).await;
    a_renewal_leaves_no_gap(store()).await;
}

/// Holds a store to the contract while its place is out of reach: `cut` makes it so, `mend` brings it back with what was
/// in it.
///
/// # Panics
/// When the store answers as if it knew, or does not answer again afterwards.
pub async fn check_outage<S: SessionStore>(store: S, cut: impl AsyncFnOnce(), mend: impl AsyncFnOnce()) {
    ok(store.create(key(1), record(0, Some("alice"))).await);
    cut().await;
    // Whether there is a session is not known: each of these answers would be a lie.
    assert!(store.create(key(2), record(1, None)).await.is_err(), "a record is kept nowhere");
    assert!(
        store.change(key(1), &Change::new().set("a", 1), START).await.is_err(),
        "a change is kept nowhere"
    );
    assert!(store.delete(key(1)).await.is_err(), "a record that is there is not deleted");
    if let Ok(found) = store.load(key(1), START).await {
        assert!(found.is_some(), "a session that is there is not told to be none");
    }
    mend().await;
    let deadline = std::time::Instant::now() + Duration::from_secs(30);
    loop {
        match store.load(key(1), START).await {
            Ok(found) => {
                assert_eq!(found, Some(record(0, Some("alice"))), "as it was before");
                break;
            }
            Err(error) => {
                assert!(std::time::Instant::now() < deadline, "it does not come back: {error:?}");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    let changed = ok(store.change(key(1), &Change::new().set("a", 1), START).await);
    assert!(matches!(changed, Changed::Applied(_)), "{changed:?}");
    assert_eq!(ok(store.load(key(2), START).await), None, "what failed was not done");
}

fn key(n: u32) -> TokenHash {
    let mut octets = [0; 32];
    // Spread over the whole range, as hashes are.
    octets[..4].copy_from_slice(&n.wrapping_mul(2_654_435_761).to_be_bytes());
    octets[28..].copy_from_slice(&n.to_be_bytes());
    TokenHash::from_bytes(octets)
}

fn record(n: u32, user: Option<&str>) -> Record {
    let created = START.plus(Duration::from_millis(n.into()));
    Record {
        handle: Handle::from_uuid(uuid::Uuid::from_u128(n.into())),
        user: user.map(Into::into),
        credential: u64::from(n),
        data: Data::default(),
        created,
        last_seen: created,
        idle_timeout: IDLE,
        absolute_expiry: created.plus(LIFE),
    }
}

fn ok<T>(outcome: Result<T, StoreError>) -> T {
    outcome.unwrap_or_else(|error| panic!("the store failed: {error:?}"))
}

fn data(value: &Value) -> Data {
    Data::from_json(&value.to_string()).expect("an object")
}

async fn a_record_comes_back_as_it_was(store: &impl SessionStore) {
    let mut kept = record(1, Some("alice"));
    kept.credential = u64::MAX;
    kept.data = data(&json!({"a": [1, null, {"b": "ü"}], "n": -5}));
    ok(store.create(key(1), kept.clone()).await);
    assert_eq!(ok(store.load(key(1), START).await), Some(kept));
    assert_eq!(ok(store.load(key(2), START).await), None);
}

async fn a_key_is_taken_once(store: &impl SessionStore) {
    ok(store.create(key(1), record(1, Some("alice"))).await);
    let again = store.create(key(1), record(2, Some("mallory"))).await;
    assert!(matches!(again, Err(StoreError::Exists)), "{again:?}");
    assert_eq!(ok(store.load(key(1), START).await), Some(record(1, Some("alice"))));
}

async fn a_session_ends_at_its_expiry_and_not_before(store: &impl SessionStore) {
    let kept = record(0, Some("alice"));
    ok(store.create(key(1), kept.clone()).await);
    let (last, end) = (START.plus(IDLE - Duration::from_millis(1)), START.plus(IDLE));
    assert_eq!(ok(store.load(key(1), last).await), Some(kept));
    assert_eq!(ok(store.load(key(1), end).await), None);
    assert!(!ok(store.touch(key(1), end).await), "what has ended cannot be touched");
    assert_eq!(ok(store.change(key(1), &Change::new().set("a", 1), end).await), Changed::NotFound);
    assert_eq!(ok(store.list(Owner::User("alice"), None, 10, end).await).sessions, []);
}

async fn a_touch_keeps_it_alive_and_never_moves_back(store: &impl SessionStore) {
    ok(store.create(key(1), record(0, Some("alice"))).await);
    let mut now = START;
    for _ in 0..11 {
        now = now.plus(IDLE - Duration::from_secs(5));
        if now >= START.plus(LIFE) {
            break;
        }
        assert!(ok(store.touch(key(1), now).await), "it is alive at {now}");
    }
    assert_eq!(
        ok(store.load(key(1), START.plus(LIFE)).await),
        None,
        "its life is over however much it is used"
    );
    ok(store.create(key(2), record(0, None)).await);
    let late = START.plus(Duration::from_secs(30));
    assert!(ok(store.touch(key(2), late).await) && ok(store.touch(key(2), START).await));
    assert_eq!(ok(store.load(key(2), START).await).map(|record| record.last_seen), Some(late));
}

async fn what_is_deleted_stays_deleted(store: &impl SessionStore) {
    ok(store.create(key(1), record(0, Some("alice"))).await);
    ok(store.change(key(1), &Change::new().set("a", 1), START).await);
    let removed = ok(store.delete(key(1)).await).expect("the record that was there");
    assert_eq!(removed.data, data(&json!({"a": 1})), "as it was last");
    assert_eq!(ok(store.delete(key(1)).await), None);
    assert_eq!(ok(store.load(key(1), START).await), None);
    assert!(!ok(store.touch(key(1), START).await));
    assert_eq!(ok(store.change(key(1), &Change::new().set("a", 2), START).await), Changed::NotFound);
    assert_eq!(ok(store.load(key(1), START).await), None);
    assert_eq!(ok(store.list(Owner::User("alice"), None, 10, START).await).sessions, []);
}

async fn a_sweep_frees_what_has_expired(store: &impl SessionStore) {
    for n in 0..20 {
        ok(store.create(key(n), record(n, Some("alice"))).await);
    }
    let first_ten = START.plus(IDLE + Duration::from_millis(9));
    assert_eq!(ok(store.sweep(first_ten).await), 10);
    assert_eq!(ok(store.sweep(first_ten).await), 0);
    assert_eq!(ok(store.delete(key(9)).await), None, "swept is gone");
    assert!(ok(store.delete(key(10)).await).is_some(), "alive is there");
}

async fn time_may_move_back_and_forth(store: &impl SessionStore) {
    ok(store.create(key(1), record(0, Some("alice"))).await);
    let (later, end) = (START.plus(Duration::from_secs(50)), START.plus(Duration::from_secs(110)));
    assert!(ok(store.touch(key(1), later).await));
    // A clock that was wrong is set back: what was used in its future is alive, and stays so for as long.
    assert!(ok(store.load(key(1), START).await).is_some());
    assert!(ok(store.touch(key(1), START).await));
    assert!(ok(store.load(key(1), START.plus(Duration::from_secs(109))).await).is_some());
    assert_eq!(ok(store.load(key(1), end).await), None);
    assert!(ok(store.load(key(1), later).await).is_some(), "asked for an earlier moment, and not swept");
}

async fn what_is_swept_is_gone_at_all_times(store: &impl SessionStore) {
    ok(store.create(key(1), record(0, Some("alice"))).await);
    assert_eq!(ok(store.sweep(START.plus(IDLE)).await), 1);
    assert_eq!(ok(store.load(key(1), START).await), None);
}

async fn what_one_writes_the_other_reads<S: SessionStore>((one, other): (Arc<S>, Arc<S>)) {
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

/// A session goes on under a new key: the new one is there before the old one is gone.
async fn a_renewal_leaves_no_gap<S: SessionStore>((one, other): (Arc<S>, Arc<S>)) {
    ok(one.create(key(0), record(0, Some("alice"))).await);
    let reading = tokio::spawn(async move {
        for n in 0..400_u32 {
            let mut found = false;
            // From the newest back: what is renewed meanwhile is found under one of the next.
            for _ in 0..3 {
                for key_of in (0..=50).rev() {
                    found |= ok(other.load(key(key_of), START).await).is_some();
                    if found {
                        break;
                    }
                }
                if found {
                    break;
                }
            }
            assert!(found, "no key opens the session, at try {n}");
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
