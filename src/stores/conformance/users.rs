//! Tests of users: a name means exactly one user.

use super::fixture::{START, key, ok, record};
use crate::session::{Owner, Record, SessionStore, TokenHash};

/// Names that a store could take for each other: by prefix, case, spaces, a pattern, a numeric value or Unicode
/// normalization.
const SIMILAR: [&str; 14] = [
    "al", "alice", "Alice", "ALICE", "alice ", " alice", "bob", "bob ", "bob\t", "1", "01", "al%", "\u{e9}",
    "e\u{301}",
];

pub(super) async fn similar_names_are_different_users(store: &impl SessionStore) {
    for (n, name) in (0..).zip(SIMILAR) {
        ok(store.create(key(n), record(n, Some(name))).await);
    }
    for (n, name) in (0..).zip(SIMILAR) {
        let own = (key(n), record(n, Some(name)));
        assert_eq!(ok(store.load(own.0, START).await), Some(own.1.clone()), "{name:?}");
        assert_eq!(listed(store, name).await, [own], "the sessions of {name:?}");
    }
    assert_eq!(listed(store, "alic").await, []);
    assert_eq!(listed(store, "").await, []);
    // As `revoke_all` does it.
    for (key, _) in listed(store, "al").await {
        ok(store.delete(key).await);
    }
    assert_eq!(ok(store.list(Owner::Everyone, None, 100, START).await).sessions.len(), SIMILAR.len() - 1);
}

pub(super) async fn an_empty_name_is_a_user(store: &impl SessionStore) {
    ok(store.create(key(1), record(1, Some(""))).await);
    ok(store.create(key(2), record(2, None)).await);
    for (n, user) in [(1, Some("")), (2, None)] {
        assert_eq!(ok(store.load(key(n), START).await), Some(record(n, user)), "{user:?}");
    }
    assert_eq!(listed(store, "").await, [(key(1), record(1, Some("")))]);
}

async fn listed(store: &impl SessionStore, user: &str) -> Vec<(TokenHash, Record)> {
    ok(store.list(Owner::User(user), None, 100, START).await).sessions
}
