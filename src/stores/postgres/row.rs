//! Records as rows of the table `sessctl_sessions`.

use std::time::Duration;

use tokio_postgres::Row;
use tokio_postgres::types::FromSql;

use crate::clock::Timestamp;
use crate::session::{Handle, Record, StoreError, TokenHash};
use crate::stores::wire;

/// The columns of a record, in the order in which [`record_of`] reads them.
macro_rules! columns {
    () => {
        "key, handle, username, credential, data, created, seen, idle, ends"
    };
}
pub(super) use columns;

/// A column of a row.
pub(super) fn get<'a, T: FromSql<'a>>(row: &'a Row, column: usize) -> Result<T, StoreError> {
    row.try_get(column).map_err(StoreError::failed)
}

/// The record in the only row, if there is one.
pub(super) fn single_record(rows: &[Row]) -> Result<Option<Record>, StoreError> {
    Ok(records(rows)?.pop().map(|(_, record)| record))
}

/// The records in the rows, with their keys.
pub(super) fn records(rows: &[Row]) -> Result<Vec<(TokenHash, Record)>, StoreError> {
    rows.iter().map(record_of).collect()
}

fn record_of(row: &Row) -> Result<(TokenHash, Record), StoreError> {
    let key: &[u8] = get(row, 0)?;
    let user: Option<Vec<u8>> = get(row, 2)?;
    let user = user.map(String::from_utf8).transpose().map_err(StoreError::failed)?;
    let data: Vec<&str> = get(row, 4)?;
    let record = Record {
        handle: Handle::from_uuid(get(row, 1)?),
        user: user.map(Into::into),
        credential: get::<i64>(row, 3)?.cast_unsigned(),
        data: wire::decode_data(&data).map_err(StoreError::failed)?,
        created: Timestamp::from_millis(get(row, 5)?),
        last_seen: Timestamp::from_millis(get(row, 6)?),
        idle_timeout: Duration::from_millis(u64::try_from(get::<i64>(row, 7)?).unwrap_or(0)),
        absolute_expiry: Timestamp::from_millis(get(row, 8)?),
    };
    Ok((TokenHash::from_bytes(key.try_into().map_err(StoreError::failed)?), record))
}
