//! Tests that a record is read exactly as it was written.

use std::time::Duration;

use super::fixture::{IDLE, START, key, ok, record};
use crate::session::{Change, Changed, Data, Owner, Record, SessionStore};

pub(super) async fn an_idle_timeout_is_exact(store: &impl SessionStore) {
    let idle_timeout = IDLE + Duration::from_millis(789);
    let kept = Record { idle_timeout, ..record(0, Some("alice")) };
    ok(store.create(key(1), kept.clone()).await);
    assert_eq!(ok(store.load(key(1), START).await), Some(kept.clone()));
    let last = START.plus(idle_timeout - Duration::from_millis(1));
    assert_eq!(ok(store.load(key(1), last).await), Some(kept), "it expired too early");
    assert_eq!(ok(store.load(key(1), START.plus(idle_timeout)).await), None, "it expired too late");
}

pub(super) async fn the_keys_of_the_data_keep_their_order(store: &impl SessionStore) {
    let text = r#"{"z":1,"a":{"y":true},"m":[],"b":null}"#;
    let data = Data::from_json(text).expect("an object");
    ok(store.create(key(1), Record { data, ..record(0, Some("alice")) }).await);
    let found = ok(store.load(key(1), START).await).expect("the record");
    assert_eq!(found.data.to_json(), text);
    let listed = ok(store.list(Owner::User("alice"), None, 10, START).await).sessions;
    assert_eq!(listed.iter().map(|(_, it)| it.data.to_json()).collect::<Vec<_>>(), [text]);
    let change = Change::new().set("c", 2).set("a", 3).remove("m").set("m", 4);
    let changed = ok(store.change(key(1), &change, START).await);
    let text = r#"{"z":1,"a":3,"b":null,"c":2,"m":4}"#;
    assert!(matches!(&changed, Changed::Applied(data) if data.to_json() == text), "{changed:?}");
    let removed = ok(store.delete(key(1)).await).expect("the record");
    assert_eq!(removed.data.to_json(), text);
}
