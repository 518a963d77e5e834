//! Records as rows of the table `sessctl_sessions`.

use std::error::Error;
use std::time::Duration;

use tokio_postgres::Row;
use tokio_postgres::types::FromSql;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::session::{ExpiredSession, Handle, Listed, Record, RecordOptions, StoreError, TokenHash};
use crate::stores::wire;

/// The columns of a record, in the order in which [`record_of`] reads them.
macro_rules! columns {
    () => {
        "key, handle, username, credential, data, created, seen, idle, ends, options"
    };
}
pub(super) use columns;

/// A column of a row.
pub(super) fn get<'a, T: FromSql<'a>>(row: &'a Row, column: usize) -> Result<T, StoreError> {
    row.try_get(column).map_err(StoreError::failed)
}

/// The record in the only row, if there is one.
pub(super) fn single_record(rows: &[Row]) -> Result<Option<Record>, StoreError> {
    rows.first().map(|row| record_of(row).map_err(StoreError::Unreadable)).transpose()
}

/// The records in the rows, with their places in a list that is ordered by key.
pub(super) fn listed_by_key(rows: &[Row]) -> Result<Vec<Listed<TokenHash>>, StoreError> {
    rows.iter()
        .map(|row| {
            let key = key_of(row)?;
            Ok((key, record_of(row).ok(), key))
        })
        .collect()
}

/// The records in the rows, with their places in a list that is ordered by creation.
pub(super) fn listed_by_creation(rows: &[Row]) -> Result<Vec<Listed<(Timestamp, Handle)>>, StoreError> {
    rows.iter()
        .map(|row| {
            let place = (Timestamp::from_millis(get(row, 5)?), Handle::from_uuid(get(row, 1)?));
            Ok((key_of(row)?, record_of(row).ok(), place))
        })
        .collect()
}

/// The session that a sweep removed, from its handle and user in the columns 1 and 2. `None`: it removed none.
pub(super) fn expired_session(row: &Row) -> Result<Option<ExpiredSession>, StoreError> {
    let (handle, user): (Option<Uuid>, Option<Vec<u8>>) = (get(row, 1)?, get(row, 2)?);
    // A damaged name is left out.
    let user = user.and_then(|user| String::from_utf8(user).ok()).map(Into::into);
    Ok(handle.map(|handle| ExpiredSession::new(Handle::from_uuid(handle), user)))
}

fn key_of(row: &Row) -> Result<TokenHash, StoreError> {
    let key: &[u8] = get(row, 0)?;
    Ok(TokenHash::from_bytes(key.try_into().map_err(StoreError::failed)?))
}

fn record_of(row: &Row) -> Result<Record, Box<dyn Error + Send + Sync>> {
    let user: Option<Vec<u8>> = row.try_get(2)?;
    let user = user.map(String::from_utf8).transpose()?;
    let data: Vec<&str> = row.try_get(4)?;
    Ok(Record {
        handle: Handle::from_uuid(row.try_get(1)?),
        user: user.map(Into::into),
        credential_version: row.try_get::<_, i64>(3)?.cast_unsigned(),
        options: RecordOptions::from_bits(row.try_get::<_, i64>(9)?.to_le_bytes()[0]),
        data: wire::decode_data(&data)?,
        created: Timestamp::from_millis(row.try_get(5)?),
        last_seen: Timestamp::from_millis(row.try_get(6)?),
        idle_timeout: Duration::from_millis(u64::try_from(row.try_get::<_, i64>(7)?).unwrap_or(0)),
        absolute_expiry: Timestamp::from_millis(row.try_get(8)?),
    })
}
