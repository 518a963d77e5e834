//! Tests of changes: each is atomic, also when many run at the same time.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};

use super::fixture::{START, data, key, ok, record};
use crate::session::{Change, ChangeError, Changed, Data, Operation, Owner, Record, SessionStore};

pub(super) async fn a_change_is_atomic(store: &impl SessionStore) {
    ok(store.create(key(1), record(0, None)).await);
    let change = Change::new().set("a", "x").increment("n", 5).set("gone", 1).remove("gone");
    let expected = data(&json!({"a": "x", "n": 5}));
    assert_eq!(ok(store.change(key(1), &change, START).await), Changed::Applied(expected.clone()));
    let swap = |expected: Value| Operation::CompareAndSet {
        key: "a".into(),
        expected: Some(expected),
        new: Some(json!("z")),
    };
    let rejected = Change::new().increment("n", 1).and(swap(json!("y")));
    assert_eq!(
        ok(store.change(key(1), &rejected, START).await),
        Changed::Rejected(ChangeError::Differs("a".into()), expected.clone())
    );
    let on_text = Change::new().set("b", 1).increment("a", 1);
    let error = ChangeError::NotANumber("a".into());
    assert_eq!(ok(store.change(key(1), &on_text, START).await), Changed::Rejected(error, expected.clone()));
    assert_eq!(ok(store.load(key(1), START).await).map(|record| record.data), Some(expected));
    let swapped = ok(store.change(key(1), &Change::new().and(swap(json!("x"))), START).await);
    assert_eq!(swapped, Changed::Applied(data(&json!({"a": "z", "n": 5}))));
}

/// Every store must have the results of [`Change::apply_to`], including the order of the keys.
pub(super) async fn a_change_has_the_result_of_apply_to(store: &impl SessionStore) {
    let swap = |key: &str, expected: Option<Value>, new: Option<Value>| Operation::CompareAndSet {
        key: key.into(),
        expected,
        new,
    };
    let object = json!({"b": 1, "a": [2.0, "/", "\u{7f}"]});
    let reordered = json!({"a": [2.0, "/", "\u{7f}"], "b": 1});
    let remove_all = ["l", "k", "a", "b", "n", "f", "o", "q"].into_iter().fold(Change::new(), Change::remove);
    let changes = [
        Change::new(),
        Change::new().set("a", "/\u{7f}\u{0}é").set("b", 1).remove("a").set("a", 2).remove("c"),
        Change::new().increment("n", 5).increment("n", -5).increment("n", i64::MIN),
        Change::new().increment("n", i64::MAX).increment("n", 1),
        Change::new().increment("n", i64::MIN),
        Change::new().increment("n", 999_999_999_999_999).increment("n", 1).increment("n", 1),
        Change::new().set("f", 1.0).increment("f", 1),
        Change::new().set("o", object),
        Change::new().and(swap("o", Some(reordered), Some(json!("x")))),
        Change::new().and(swap("o", None, Some(json!(1)))),
        Change::new().and(swap("p", None, None)).and(swap("p", None, Some(json!(1)))),
        Change::new().and(swap("p", Some(json!(1)), None)).set("q", 2),
        Change::new().set("k", "x".repeat(40_000)),
        Change::new().set("l", "\u{1}".repeat(10_000)),
        Change::new().remove("k").set("l", "\u{1}".repeat(10_000)),
        remove_all,
        Change::new().remove("p"),
        Change::new().set("a", 1),
    ];
    for (n, user) in [(1, None), (2, Some("alice"))] {
        let mut expected = Data::default();
        ok(store.create(key(n), record(n, user)).await);
        for change in &changes {
            let changed = ok(store.change(key(n), change, START).await);
            match (change.apply_to(&expected), &changed) {
                (Ok(data), Changed::Applied(found)) => {
                    assert_eq!(found.to_json(), data.to_json(), "{change:?}");
                    expected = data;
                }
                (Err(error), found) => {
                    assert_eq!(*found, Changed::Rejected(error, expected.clone()), "{change:?}");
                }
                (Ok(_), other) => panic!("{change:?}: {other:?}"),
            }
            let found = ok(store.load(key(n), START).await).expect("the record");
            assert_eq!(found, Record { data: expected.clone(), ..record(n, user) });
        }
    }
}

pub(super) async fn data_up_to_the_size_limit_is_stored(store: &impl SessionStore) {
    ok(store.create(key(1), record(0, None)).await);
    let of = |size: usize| Change::new().set("k", "x".repeat(size - 3));
    let largest = ok(store.change(key(1), &of(Data::MAX_BYTES), START).await);
    let Changed::Applied(kept) = largest else { panic!("data of exactly the limit was rejected") };
    let error = ChangeError::TooLarge(Data::MAX_BYTES + 1);
    assert_eq!(
        ok(store.change(key(1), &of(Data::MAX_BYTES + 1), START).await),
        Changed::Rejected(error, kept.clone())
    );
    assert_eq!(ok(store.load(key(1), START).await).map(|record| record.data), Some(kept));
}

pub(super) async fn special_characters_are_stored_unchanged(store: &impl SessionStore) {
    let texts =
        ["", "'; DROP TABLE sessions; --", "$.a", "a\u{0}b", "\u{202e}", "__proto__", "{\"a\":1}", "🦀"];
    let user = "o'brien\"; \u{0}%_*";
    ok(store.create(key(1), record(0, Some(user))).await);
    for text in texts {
        ok(store.change(key(1), &Change::new().set(text, text), START).await);
    }
    let found = ok(store.load(key(1), START).await).expect("the record");
    assert_eq!(found.user.as_deref(), Some(user));
    for text in texts {
        assert_eq!(found.data.get(text), Some(&json!(text)));
    }
    assert_eq!(ok(store.list(Owner::User(user), None, 10, START).await).sessions.len(), 1);
    assert_eq!(ok(store.list(Owner::User("o'brien%"), None, 10, START).await).sessions, []);
}

/// Increments `key` as many times at once, in both stores, and returns the sums. Each change also sets a key of its own.
async fn increment_concurrently<S: SessionStore>(
    (store, other): &(Arc<S>, Arc<S>),
    name: &'static str,
    times: u32,
) -> BTreeSet<i64> {
    let tasks: Vec<_> = (0..times)
        .map(|n| {
            let store = Arc::clone(if n % 2 == 0 { store } else { other });
            let change = Change::new().increment(name, 1).set(format!("k{n}"), n);
            tokio::spawn(async move { ok(store.change(key(1), &change, START).await) })
        })
        .collect();
    let mut sums = BTreeSet::new();
    for task in tasks {
        let changed = task.await.expect("no panic");
        let Changed::Applied(data) = changed else { panic!("{changed:?}") };
        sums.insert(data.get(name).and_then(Value::as_i64).expect("a number"));
    }
    sums
}

pub(super) async fn concurrent_changes_are_all_applied<S: SessionStore>(stores: (Arc<S>, Arc<S>)) {
    ok(stores.0.create(key(1), record(0, None)).await);
    let sums = increment_concurrently(&stores, "count", 200).await;
    assert_eq!(sums, (1..=200).collect(), "a sum was returned twice");
    let data = ok(stores.0.load(key(1), START).await).expect("the record").data;
    assert_eq!(data.iter().count(), 201, "a key was lost");
}

/// The sums are not exact in floating point, so stores that compute with it must leave them to [`Change::apply_to`].
pub(super) async fn concurrent_large_sums_are_exact<S: SessionStore>(stores: (Arc<S>, Arc<S>)) {
    let start = 10_000_000_000_000_000_i64;
    ok(stores.0.create(key(1), Record { data: data(&json!({ "n": start })), ..record(0, None) }).await);
    let sums = increment_concurrently(&stores, "n", 20).await;
    assert_eq!(sums, (start + 1..=start + 20).collect(), "a sum was returned twice");
    let data = ok(stores.0.load(key(1), START).await).expect("the record").data;
    assert_eq!((data.get("n"), data.iter().count()), (Some(&json!(start + 20)), 21));
}

pub(super) async fn no_change_restores_a_deleted_session<S: SessionStore>((store, other): (Arc<S>, Arc<S>)) {
    for round in 0..50 {
        ok(store.create(key(round), record(round, Some("alice"))).await);
        let changing = {
            let store = Arc::clone(&other);
            tokio::spawn(async move {
                for _ in 0..20 {
                    ok(store.change(key(round), &Change::new().increment("n", 1), START).await);
                    ok(store.touch(key(round), START).await);
                    tokio::task::yield_now().await;
                }
            })
        };
        ok(store.delete(key(round)).await);
        changing.await.expect("no panic");
        assert_eq!(ok(store.load(key(round), START).await), None);
    }
    assert_eq!(ok(store.list(Owner::User("alice"), None, 100, START).await).sessions, []);
}
