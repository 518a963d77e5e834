//! [`Pointer`]: what is under a key that was replaced.
//!
//! Its text is a record that has always been expired, so servers of older versions find no session there.

use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use super::keyspace::{from_hex, to_hex};
use super::record;
use crate::clock::Timestamp;
use crate::session::{Data, Handle, Record, Replacement, Successor, TokenHash};

/// How the texts of pointers and of the placeholder start: no session has this handle.
pub(super) const START: &str = r#"["1","ffffffff-ffff-ffff-ffff-ffffffffffff""#;

/// The successor of a key.
#[derive(Debug)]
pub(super) struct Pointer {
    pub(super) next: Successor,
    /// The record that moves to the successor's key, if that may not have happened yet.
    pub(super) moving: Option<Record>,
}

/// The text under a key to which a record is being moved.
pub(super) fn placeholder() -> String {
    record::encode(&expired(Data::default()))
}

/// The text of a pointer, without its last bracket: a script can add the record that moves, with this handle.
pub(super) fn encode(next: &Successor, handle: Option<Handle>) -> String {
    let fields = [
        ("next", json!(to_hex(&next.key))),
        ("login", json!(next.by == Replacement::Login)),
        ("since", json!(next.since.as_millis())),
        ("handle", json!(handle)),
    ];
    let fields = fields.map(|(name, value)| (name.to_owned(), value));
    let mut text = record::encode(&expired(Data::from_iter(fields)));
    text.pop();
    text
}

/// Whether a record that was read is a pointer or the placeholder.
pub(super) fn is_marker(record: &Record) -> bool {
    record.handle.as_uuid().is_max()
}

impl Pointer {
    /// Reads a pointer. `None` for any other record.
    pub(super) fn of(found: &Record) -> Option<Pointer> {
        if !is_marker(found) {
            return None;
        }
        let fields = &found.data;
        let key: TokenHash = from_hex(fields.get("next")?.as_str()?)?;
        let by = match fields.get("login")?.as_bool()? {
            true => Replacement::Login,
            false => Replacement::Rotation,
        };
        let since = Timestamp::from_millis(fields.get("since")?.as_i64()?);
        let handle = fields.get("handle").and_then(|handle| serde_json::from_value(handle.clone()).ok());
        let moving = fields
            .get("record")
            .and_then(Value::as_str)
            .and_then(|text| record::decode(text.as_bytes()).ok());
        let moving = moving.zip(handle).map(|(moving, handle)| Record { handle, ..moving });
        Some(Pointer { next: Successor::new(key, by, since), moving })
    }
}

fn expired(data: Data) -> Record {
    let (handle, start) = (Handle::from_uuid(Uuid::max()), Timestamp::from_millis(0));
    Record { data, ..Record::new(handle, start, Duration::ZERO, start) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_is_unchanged_after_encoding_and_decoding() {
        let next =
            Successor::new(TokenHash::from_bytes([7; 32]), Replacement::Rotation, Timestamp::from_millis(5));
        let handle = Handle::from_uuid(Uuid::from_u128(9));
        let moved = Record::new(
            Handle::from_uuid(Uuid::from_u128(8)),
            Timestamp::from_millis(1),
            Duration::from_secs(1),
            Timestamp::MAX,
        );
        let text = serde_json::to_string(&record::encode(&moved)).unwrap();
        let text = serde_json::to_string(&text).unwrap();
        let text = format!(r#"{},"\"record\"",{text}]"#, encode(&next, Some(handle)));
        assert!(text.starts_with(START) && placeholder().starts_with(START));
        let read = record::decode(text.as_bytes()).unwrap();
        assert!(read.is_expired(Timestamp::from_millis(0)));
        let pointer = Pointer::of(&read).unwrap();
        assert_eq!((pointer.next, pointer.moving), (next, Some(Record { handle, ..moved.clone() })));
        assert!(Pointer::of(&moved).is_none());
        assert!(Pointer::of(&record::decode(placeholder().as_bytes()).unwrap()).is_none());
    }
}
