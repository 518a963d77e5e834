//! Records as rows: every statement that is sent to the database but those of changes.

use std::time::Duration;

use tokio_postgres::Row;
use tokio_postgres::types::FromSql;
use uuid::Uuid;

use super::pool::{Again, Connections, parameters};
use crate::clock::Timestamp;
use crate::session::{Cursor, Page, StoreError};
use crate::session::{Handle, Record, TokenHash};
use crate::stores::wire;

/// A record's columns, in the order in which [`record_of`] reads them.
macro_rules! columns {
    () => {
        "key, handle, username, credential, data, created, seen, idle, ends"
    };
}

/// Where a page of a user's sessions ended: its last one's beginning and handle.
pub(super) type Position = (Timestamp, Handle);

/// What one batch of a sweep did.
pub(super) struct Swept {
    /// How many records it looked at: fewer than it may, when there are no more.
    pub(super) looked_at: usize,
    pub(super) removed: usize,
}

/// Keeps a new record. `false`: there is one under this key.
pub(super) async fn insert(to: &Connections, key: TokenHash, record: &Record) -> Result<bool, StoreError> {
    let sql = "INSERT INTO sessctl_sessions
            (key, handle, username, credential, data, created, seen, idle, ends, expires, due)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10) ON CONFLICT (key) DO NOTHING RETURNING true";
    let parameters = parameters![
        key.as_bytes().to_vec(),
        *record.handle.as_uuid(),
        record.user.as_deref().map(|user| user.as_bytes().to_vec()),
        record.credential.cast_signed(),
        wire::encode_data(&record.data),
        record.created.as_millis(),
        record.last_seen.as_millis(),
        millis(record.idle_timeout),
        record.absolute_expiry.as_millis(),
        record.expires().as_millis(),
    ];
    Ok(!to.ask(sql, parameters, Again::Never).await?.is_empty())
}

/// The record under a key, if it is alive.
pub(super) async fn load(
    from: &Connections,
    key: TokenHash,
    now: Timestamp,
) -> Result<Option<Record>, StoreError> {
    let sql = concat!("SELECT ", columns!(), " FROM sessctl_sessions WHERE key = $1 AND expires > $2");
    let parameters = parameters![key.as_bytes().to_vec(), now.as_millis()];
    let rows = from.ask(sql, parameters, Again::Freely).await?;
    Ok(rows.first().map(record_of).transpose()?.map(|(_, record)| record))
}

/// Notes a use. `false`: there is no such session alive.
pub(super) async fn touch(to: &Connections, key: TokenHash, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "UPDATE sessctl_sessions
        SET seen = greatest(seen, $2), expires = least(greatest(seen, $2) + idle, ends)
        WHERE key = $1 AND expires > $2 RETURNING true";
    // Twice is as good as once.
    let rows = to.ask(sql, parameters![key.as_bytes().to_vec(), now.as_millis()], Again::Freely).await?;
    Ok(!rows.is_empty())
}

/// Removes a record, expired or not, and hands it back.
pub(super) async fn delete(from: &Connections, key: TokenHash) -> Result<Option<Record>, StoreError> {
    let sql = concat!("DELETE FROM sessctl_sessions WHERE key = $1 RETURNING ", columns!());
    // Not sent again: the second time would tell that there was none.
    let rows = from.ask(sql, parameters![key.as_bytes().to_vec()], Again::Never).await?;
    Ok(rows.first().map(record_of).transpose()?.map(|(_, record)| record))
}

/// Looks at records that are due, `limit` at most: removes those that have expired, and notes when the others, which
/// were used since, are due. Rows that others hold are left for the next time.
pub(super) async fn sweep(from: &Connections, now: Timestamp, limit: usize) -> Result<Swept, StoreError> {
    let sql = "WITH found AS (
            SELECT key, expires FROM sessctl_sessions WHERE due <= $1
            ORDER BY due LIMIT $2 FOR UPDATE SKIP LOCKED
        ), removed AS (
            DELETE FROM sessctl_sessions s USING found
            WHERE s.key = found.key AND found.expires <= $1 RETURNING true
        ), kept AS (
            UPDATE sessctl_sessions s SET due = found.expires FROM found
            WHERE s.key = found.key AND found.expires > $1
        )
        SELECT (SELECT count(*) FROM found), (SELECT count(*) FROM removed)";
    let rows = from.ask(sql, parameters![now.as_millis(), count(limit)], Again::Never).await?;
    let of = |column| -> Result<usize, StoreError> {
        let number = rows.first().map(|row| get::<i64>(row, column)).transpose()?;
        Ok(number.and_then(|number| usize::try_from(number).ok()).unwrap_or(0))
    };
    Ok(Swept { looked_at: of(0)?, removed: of(1)? })
}

/// About how many sessions are alive: counted while they are some ten thousands, else what the server's statistics and
/// the size of the table make of it (where what has expired counts until it is swept).
pub(super) async fn count_live(from: &Connections, now: Timestamp) -> Result<u64, StoreError> {
    let sql = "SELECT CASE WHEN rows > 50000 THEN rows ELSE
            (SELECT count(*) FROM (SELECT FROM sessctl_sessions WHERE expires > $1 LIMIT 50001) AS live) END
        FROM (
            SELECT (reltuples / greatest(relpages, 1) * pg_relation_size(oid)
                / current_setting('block_size')::bigint)::bigint AS rows
            FROM pg_class WHERE oid = 'sessctl_sessions'::regclass
        ) AS estimate";
    let rows = from.ask(sql, parameters![now.as_millis()], Again::Freely).await?;
    let counted: Option<i64> = rows.first().map(|row| get(row, 0)).transpose()?;
    Ok(counted.unwrap_or(0).cast_unsigned())
}

/// A page of a user's live sessions, the oldest first.
pub(super) async fn list_user(
    from: &Connections,
    user: &str,
    after: Option<Position>,
    limit: usize,
    now: Timestamp,
) -> Result<Page, StoreError> {
    // The first condition is the index's, which holds the beginning of a name only.
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM sessctl_sessions
        WHERE substring(username, 1, 64) = substring($1::bytea, 1, 64) AND username = $1
            AND (created, handle) > ($2, $3) AND expires > $4
        ORDER BY created, handle LIMIT $5"
    );
    let (created, handle) =
        after.unwrap_or((Timestamp::from_millis(i64::MIN), Handle::from_uuid(Uuid::nil())));
    let parameters = parameters![
        user.as_bytes().to_vec(),
        created.as_millis(),
        *handle.as_uuid(),
        now.as_millis(),
        count(limit) + 1,
    ];
    page_of(&from.ask(sql, parameters, Again::Freely).await?, limit, |(_, record)| {
        Cursor(format!("{}/{}", record.created.as_millis(), record.handle))
    })
}

/// A page of all live sessions, by key.
pub(super) async fn list_everyone(
    from: &Connections,
    after: Option<TokenHash>,
    limit: usize,
    now: Timestamp,
) -> Result<Page, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM sessctl_sessions WHERE key > $1 AND expires > $2 ORDER BY key LIMIT $3"
    );
    let after = after.map(|key| key.as_bytes().to_vec()).unwrap_or_default();
    let parameters = parameters![after, now.as_millis(), count(limit) + 1];
    page_of(&from.ask(sql, parameters, Again::Freely).await?, limit, |(key, _)| Cursor::of_key(key))
}

/// Where a page of a user's sessions ended, as [`list_user`] wrote it.
pub(super) fn position_of(cursor: &Cursor) -> Option<Position> {
    let (created, handle) = cursor.0.split_once('/')?;
    Some((Timestamp::from_millis(created.parse().ok()?), Handle::from_uuid(handle.parse().ok()?)))
}

/// A column of a row.
pub(super) fn get<'a, T: FromSql<'a>>(row: &'a Row, column: usize) -> Result<T, StoreError> {
    row.try_get(column).map_err(StoreError::failed)
}

/// One row more than the page has room for says that there is another page.
fn page_of(
    rows: &[Row],
    limit: usize,
    cursor: impl Fn(&(TokenHash, Record)) -> Cursor,
) -> Result<Page, StoreError> {
    let sessions = rows.iter().take(limit).map(record_of).collect::<Result<Vec<_>, _>>()?;
    let next = sessions.last().filter(|_| rows.len() > limit).map(cursor);
    Ok(Page { sessions, next })
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

/// No timeout is longer than some hundred years.
fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4)
}

fn count(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX - 1)
}
