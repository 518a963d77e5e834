//! Tests of lists, page by page.

use std::collections::BTreeSet;

use super::fixture::{START, key, ok, record};
use crate::session::{Cursor, Owner, Record, SessionStore, StoreError, TokenHash};

pub(super) async fn a_users_sessions_are_listed_oldest_first(store: &impl SessionStore) {
    for n in 0..10 {
        ok(store.create(key(n), record(n, Some(if n == 4 { "bob" } else { "alice" }))).await);
    }
    let listed = list(store, Owner::User("alice"), &[4]).await;
    let handles: Vec<u128> = listed.iter().map(|(_, record)| record.handle.as_uuid().as_u128()).collect();
    assert_eq!(handles, [0, 1, 2, 3, 5, 6, 7, 8, 9]);
}

pub(super) async fn sessions_of_the_same_time_are_listed_once_each(store: &impl SessionStore) {
    for n in 0..10 {
        let same = record(0, Some("alice"));
        ok(store.create(key(n), Record { handle: record(n, None).handle, ..same }).await);
    }
    let listed = list(store, Owner::User("alice"), &[3, 1, 2, 5, 1]).await;
    let handles: BTreeSet<_> = listed.iter().map(|(_, record)| record.handle).collect();
    assert_eq!((handles.len(), listed.len()), (10, 10));
}

pub(super) async fn all_sessions_are_listed_once_each(store: &impl SessionStore) {
    for n in 0..10 {
        ok(store.create(key(n), record(n, (n % 2 == 0).then_some("alice"))).await);
    }
    let listed = list(store, Owner::Everyone, &[3]).await;
    let keys: BTreeSet<_> = listed.iter().map(|(key, _)| *key).collect();
    assert_eq!((keys.len(), listed.len()), (10, 10), "a session is missing or was listed twice");
}

pub(super) async fn a_cursor_of_another_store_is_rejected(store: &impl SessionStore) {
    ok(store.create(key(1), record(0, Some("alice"))).await);
    for text in ["", "not a cursor of any store", "\u{0}", "-1/?"] {
        let cursor = Cursor(text.to_owned());
        for owner in [Owner::User("alice"), Owner::Everyone] {
            let listed = store.list(owner, Some(&cursor), 10, START).await;
            assert!(matches!(listed, Err(StoreError::BadCursor)), "{owner:?} after {text:?}: {listed:?}");
        }
    }
}

/// All sessions of an owner, listed in pages of at most these numbers of sessions.
async fn list(store: &impl SessionStore, owner: Owner<'_>, limits: &[usize]) -> Vec<(TokenHash, Record)> {
    let (mut listed, mut after) = (Vec::new(), None);
    for limit in limits.iter().cycle() {
        let page = ok(store.list(owner, after.as_ref(), *limit, START).await);
        assert!(page.sessions.len() <= *limit, "the page has more than {limit} sessions");
        listed.extend(page.sessions);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    listed
}
