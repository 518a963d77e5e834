//! Lists, page by page.

use std::collections::BTreeSet;

use super::{START, key, ok, record};
use crate::session::Record;
use crate::session::{Owner, SessionStore};

pub(super) async fn a_users_sessions_come_in_pages(store: &impl SessionStore) {
    for n in 0..10 {
        ok(store.create(key(n), record(n, Some(if n == 4 { "bob" } else { "alice" }))).await);
    }
    let (mut handles, mut after) = (Vec::new(), None);
    loop {
        let page = ok(store.list(Owner::User("alice"), after.as_ref(), 4, START).await);
        assert!(page.sessions.len() <= 4);
        handles.extend(page.sessions.iter().map(|(_, record)| record.handle.as_uuid().as_u128()));
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    assert_eq!(handles, [0, 1, 2, 3, 5, 6, 7, 8, 9], "oldest first, each once");
}

/// Their time does not tell them apart: they are shown once each nevertheless.
pub(super) async fn sessions_that_began_at_the_same_time_come_in_pages(store: &impl SessionStore) {
    for n in 0..10 {
        let same = record(0, Some("alice"));
        ok(store.create(key(n), Record { handle: record(n, None).handle, ..same }).await);
    }
    let (mut handles, mut count, mut after) = (BTreeSet::new(), 0, None);
    for limit in [3, 1, 2, 5, 1].into_iter().cycle() {
        let page = ok(store.list(Owner::User("alice"), after.as_ref(), limit, START).await);
        count += page.sessions.len();
        handles.extend(page.sessions.iter().map(|(_, record)| record.handle));
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    assert_eq!((handles.len(), count), (10, 10));
}

pub(super) async fn everyones_sessions_come_in_pages(store: &impl SessionStore) {
    for n in 0..10 {
        ok(store.create(key(n), record(n, (n % 2 == 0).then_some("alice"))).await);
    }
    let (mut found, mut count, mut after) = (BTreeSet::new(), 0, None);
    loop {
        let page = ok(store.list(Owner::Everyone, after.as_ref(), 3, START).await);
        count += page.sessions.len();
        found.extend(page.sessions.iter().map(|(key, _)| *key));
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    assert_eq!((found.len(), count), (10, 10), "each once, anonymous ones too");
}
