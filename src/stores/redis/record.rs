//! Records as text: a JSON array of strings. Lua in Redis can read and write it without loss, unlike numbers (which become
//! floats) and empty arrays (which become objects).

use std::time::Duration;

use thiserror::Error;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::session::{Handle, Record, RecordOptions, StoreError};
use crate::stores::wire;

/// The first string. The scripts depend on the positions of the others.
///
/// After it are the bits of the options, if there are any: `1:5`. Servers of earlier versions cannot read such a record,
/// and leave it as it is.
const VERSION: &str = "1";

/// The number of strings before the data.
const FIELD_COUNT: usize = 8;

/// How long Redis keeps a record after its expiry, in milliseconds: its clock may differ from the caller's, which decides.
pub(super) const EXPIRY_MARGIN: u64 = 60_000;

/// The longest time that Redis is asked to keep a key, in milliseconds: a hundred years.
pub(super) const MAX_TTL: u64 = 100 * 365 * 24 * 3_600_000;

/// Why the value of a key is not a record.
#[derive(Debug, Error)]
enum InvalidRecord {
    #[error("it has version {0}, but this program reads version {VERSION}")]
    OtherVersion(u32),
    #[error("its value in Redis is damaged")]
    Damaged,
    #[error("its key in Redis holds no text")]
    NoText,
}

/// The text of a record.
pub(super) fn encode(record: &Record) -> String {
    let fields: [Option<String>; FIELD_COUNT] = [
        Some(match record.options.bits() {
            0 => VERSION.to_owned(),
            bits => format!("{VERSION}:{bits}"),
        }),
        Some(record.handle.to_string()),
        record.user.as_deref().map(str::to_owned),
        Some(record.credential_version.to_string()),
        Some(record.created.as_millis().to_string()),
        Some(record.last_seen.as_millis().to_string()),
        Some(record.idle_timeout.as_millis().to_string()),
        Some(record.absolute_expiry.as_millis().to_string()),
    ];
    let data = wire::encode_data(&record.data).into_iter().map(Some);
    serde_json::Value::from_iter(fields.into_iter().chain(data)).to_string()
}

/// Reads a record that [`encode`] or a script wrote.
pub(super) fn decode(text: &[u8]) -> Result<Record, StoreError> {
    if text.is_empty() {
        return Err(StoreError::unreadable(InvalidRecord::NoText));
    }
    parse(text).ok_or_else(|| {
        let texts: Option<Vec<serde_json::Value>> = serde_json::from_slice(text).ok();
        let version = texts.and_then(|texts| texts.first()?.as_str()?.split(':').next()?.parse().ok());
        let version = version.filter(|version: &u32| version.to_string() != VERSION);
        StoreError::unreadable(version.map_or(InvalidRecord::Damaged, InvalidRecord::OtherVersion))
    })
}

fn parse(text: &[u8]) -> Option<Record> {
    let mut texts: Vec<Option<String>> = serde_json::from_slice(text).ok()?;
    if texts.len() < FIELD_COUNT {
        return None;
    }
    let data: Option<Vec<String>> = texts.split_off(FIELD_COUNT).into_iter().collect();
    let [version, handle, user, credential_version, created, last_seen, idle_timeout, absolute_expiry] =
        <[_; FIELD_COUNT]>::try_from(texts).ok()?;
    let version = version?;
    let options = match version.strip_prefix(VERSION)?.strip_prefix(':') {
        Some(bits) => bits.parse().ok()?,
        None if version == VERSION => 0,
        None => return None,
    };
    let timestamp = |text: Option<String>| text?.parse().ok().map(Timestamp::from_millis);
    Some(Record {
        handle: Handle::from_uuid(Uuid::parse_str(&handle?).ok()?),
        user: user.map(Into::into),
        credential_version: credential_version?.parse().ok()?,
        options: RecordOptions::from_bits(options),
        data: wire::decode_data(&data?).ok()?,
        created: timestamp(created)?,
        last_seen: timestamp(last_seen)?,
        idle_timeout: Duration::from_millis(idle_timeout?.parse().ok()?),
        absolute_expiry: timestamp(absolute_expiry)?,
    })
}

/// How long Redis keeps a key that is needed until `expires`, in milliseconds.
pub(super) fn time_to_live(now: Timestamp, expires: Timestamp) -> u64 {
    time_to_live_with(EXPIRY_MARGIN, now, expires)
}

/// How long Redis keeps a new record, in milliseconds. Its margin is never longer than its idle timeout: servers whose clocks
/// differ by that cannot share sessions anyway.
pub(super) fn time_to_live_of(record: &Record) -> u64 {
    let margin = u64::try_from(record.idle_timeout.as_millis()).unwrap_or(u64::MAX).clamp(1, EXPIRY_MARGIN);
    time_to_live_with(margin, record.last_seen, record.expires())
}

fn time_to_live_with(margin: u64, now: Timestamp, expires: Timestamp) -> u64 {
    let remaining = expires.as_millis().saturating_sub(now.as_millis());
    u64::try_from(remaining).unwrap_or(0).saturating_add(margin).min(MAX_TTL)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Data;

    #[test]
    fn a_record_is_unchanged_after_encoding_and_decoding() {
        let mut record = Record {
            handle: Handle::from_uuid(Uuid::from_u128(7)),
            user: Some("o'brien\"\u{0}/\u{7f}".into()),
            credential_version: u64::MAX,
            options: RecordOptions::from_bits(5),
            data: Data::from_json(r#"{"a":{"b":[]},"":1.0}"#).unwrap(),
            created: Timestamp::from_millis(-1),
            last_seen: Timestamp::from_millis(9_007_199_254_740_993),
            idle_timeout: Duration::from_millis(u64::MAX),
            absolute_expiry: Timestamp::MAX,
        };
        assert_eq!(decode(encode(&record).as_bytes()).unwrap(), record);
        (record.user, record.data) = (None, Data::default());
        assert_eq!(decode(encode(&record).as_bytes()).unwrap(), record);
        // A record of a version without options.
        let old =
            r#"["1","00000000-0000-0000-0000-000000000007","alice","3","1","2","1000","5000","\"n\"","5"]"#;
        let mut expected = Record::new(
            record.handle,
            Timestamp::from_millis(1),
            Duration::from_secs(1),
            Timestamp::from_millis(5000),
        );
        (expected.user, expected.credential_version) = (Some("alice".into()), 3);
        (expected.last_seen, expected.data) =
            (Timestamp::from_millis(2), Data::from_json(r#"{"n":5}"#).unwrap());
        assert_eq!((decode(old.as_bytes()).unwrap(), encode(&expected)), (expected.clone(), old.to_owned()));
        for text in ["", "{}", "[]", r#"["2"]"#, &encode(&record).replace("[\"1", "[\"2"), r#"["10:1"]"#] {
            assert!(decode(text.as_bytes()).is_err(), "{text}");
        }
    }
}
