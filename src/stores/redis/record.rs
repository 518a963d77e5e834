//! Records as texts: a JSON array of nothing but strings, which Lua in Redis reads and writes without loss. Its numbers are
//! floats, and its empty arrays are objects.

use std::time::Duration;

use thiserror::Error;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::session::{Handle, Record};
use crate::stores::wire;

/// The first of the strings. The scripts count on the places of the others.
const VERSION: &str = "1";

/// How many strings come before the data.
const FACTS: usize = 8;

/// For how long Redis keeps a record beyond its end, in milliseconds: it tells time by a clock of its own, and expiry is
/// not its to decide.
pub(super) const MARGIN: u64 = 60_000;

/// The longest time for which Redis is asked to keep anything, in milliseconds: a hundred years.
pub(super) const LONGEST: u64 = 100 * 365 * 24 * 3_600_000;

/// What is kept under a key is not a record.
#[derive(Debug, Error)]
#[error("what Redis keeps is not a session that this version can read")]
pub(super) struct NotARecord;

/// The record as Redis keeps it.
pub(super) fn encode(record: &Record) -> String {
    let facts: [Option<String>; FACTS] = [
        Some(VERSION.to_owned()),
        Some(record.handle.to_string()),
        record.user.as_deref().map(str::to_owned),
        Some(record.credential.to_string()),
        Some(record.created.as_millis().to_string()),
        Some(record.last_seen.as_millis().to_string()),
        Some(record.idle_timeout.as_millis().to_string()),
        Some(record.absolute_expiry.as_millis().to_string()),
    ];
    let data = wire::pack(&record.data).into_iter().map(Some);
    serde_json::Value::from_iter(facts.into_iter().chain(data)).to_string()
}

/// The record that [`encode`] or a script made a text of.
pub(super) fn decode(text: &str) -> Result<Record, NotARecord> {
    let texts: Vec<Option<String>> = serde_json::from_str(text).map_err(|_| NotARecord)?;
    read(texts).ok_or(NotARecord)
}

fn read(mut texts: Vec<Option<String>>) -> Option<Record> {
    if texts.len() < FACTS {
        return None;
    }
    let data: Option<Vec<String>> = texts.split_off(FACTS).into_iter().collect();
    let [version, handle, user, credential, created, seen, idle, ends] =
        <[_; FACTS]>::try_from(texts).ok()?;
    if version? != VERSION {
        return None;
    }
    let moment = |text: Option<String>| text?.parse().ok().map(Timestamp::from_millis);
    Some(Record {
        handle: Handle::from_uuid(Uuid::parse_str(&handle?).ok()?),
        user: user.map(Into::into),
        credential: credential?.parse().ok()?,
        data: wire::unpack(&data?).ok()?,
        created: moment(created)?,
        last_seen: moment(seen)?,
        idle_timeout: Duration::from_millis(idle?.parse().ok()?),
        absolute_expiry: moment(ends)?,
    })
}

/// For how long Redis keeps what ends then, in milliseconds.
pub(super) fn kept_for(now: Timestamp, ends: Timestamp) -> u64 {
    let remaining = ends.as_millis().saturating_sub(now.as_millis());
    u64::try_from(remaining).unwrap_or(0).saturating_add(MARGIN).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Data;

    #[test]
    fn a_record_survives_its_text() {
        let mut record = Record {
            handle: Handle::from_uuid(Uuid::from_u128(7)),
            user: Some("o'brien\"\u{0}/\u{7f}".into()),
            credential: u64::MAX,
            data: Data::from_json(r#"{"a":{"b":[]},"":1.0}"#).unwrap(),
            created: Timestamp::from_millis(-1),
            last_seen: Timestamp::from_millis(9_007_199_254_740_993),
            idle_timeout: Duration::from_millis(u64::MAX),
            absolute_expiry: Timestamp::MAX,
        };
        assert_eq!(decode(&encode(&record)).unwrap(), record);
        (record.user, record.data) = (None, Data::default());
        assert_eq!(decode(&encode(&record)).unwrap(), record);
        for text in ["", "{}", "[]", r#"["2"]"#, &encode(&record).replace("[\"1\"", "[\"2\"")] {
            assert!(decode(text).is_err(), "{text}");
        }
    }
}
