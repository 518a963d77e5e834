//! The keys, records and times that the suite uses.

use std::time::Duration;

use serde_json::Value;

use crate::clock::Timestamp;
use crate::session::{Data, Handle, Record, RecordOptions, StoreError, TokenHash};

pub(super) const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);
pub(super) const IDLE: Duration = Duration::from_secs(60);
pub(super) const LIFE: Duration = Duration::from_secs(600);

pub(super) fn key(n: u32) -> TokenHash {
    let mut bytes = [0; 32];
    // Spread over the whole range, like hashes.
    bytes[..4].copy_from_slice(&n.wrapping_mul(2_654_435_761).to_be_bytes());
    bytes[28..].copy_from_slice(&n.to_be_bytes());
    TokenHash::from_bytes(bytes)
}

pub(super) fn record(n: u32, user: Option<&str>) -> Record {
    let created = START.plus(Duration::from_millis(n.into()));
    Record {
        handle: Handle::from_uuid(uuid::Uuid::from_u128(n.into())),
        user: user.map(Into::into),
        credential_version: u64::from(n),
        options: RecordOptions::from_bits(u8::try_from(n % 8).unwrap_or(0)),
        data: Data::default(),
        created,
        last_seen: created,
        idle_timeout: IDLE,
        absolute_expiry: created.plus(LIFE),
    }
}

pub(super) fn ok<T>(outcome: Result<T, StoreError>) -> T {
    outcome.unwrap_or_else(|error| panic!("the store failed: {error:?}"))
}

pub(super) fn data(value: &Value) -> Data {
    Data::from_json(&value.to_string()).expect("an object")
}
