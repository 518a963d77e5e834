//! Records as rows: every statement that is sent to SQLite.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Row, params};
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::session::{Change, Data, Handle, Record, TokenHash};
use crate::session::{Changed, Cursor, Page};

use super::newest::Newest;

/// A record's columns, in the order in which [`record_of`] reads them.
const COLUMNS: &str = "key, handle, user, credential, data, created, seen, idle, ends";

/// Where a page of a user's sessions ended: its last one's beginning and handle.
pub(super) type Position = (Timestamp, Handle);

/// Keeps a new record. `false`: there is one under this key.
pub(super) fn insert(
    file: &Connection,
    newest: &mut Newest,
    key: &TokenHash,
    record: &Record,
) -> rusqlite::Result<bool> {
    let taken = newest.find(file, key, |row| {
        let mut select = file.prepare_cached("SELECT id FROM sessions WHERE id = ?1 AND key = ?2")?;
        select.query_row(params![row, key.as_bytes()], |row| row.get::<_, i64>(0)).optional()
    })?;
    if taken.is_some() {
        return Ok(false);
    }
    let sql = "INSERT INTO sessions (key, handle, user, credential, data, created, seen, idle, ends, expires)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    let row = file.prepare_cached(sql)?.insert(params![
        key.as_bytes(),
        record.handle.as_uuid().as_bytes(),
        record.user.as_deref(),
        record.credential.cast_signed(),
        record.data.to_json(),
        record.created.as_millis(),
        record.last_seen.as_millis(),
        millis(record.idle_timeout),
        record.absolute_expiry.as_millis(),
        record.expires().as_millis(),
    ])?;
    newest.add(*key, row);
    Ok(true)
}

/// The record under a key, if it is alive.
pub(super) fn load(
    file: &Connection,
    newest: &mut Newest,
    key: &TokenHash,
    now: Timestamp,
) -> rusqlite::Result<Option<Record>> {
    let sql = "SELECT key, handle, user, credential, data, created, seen, idle, ends FROM sessions
        WHERE id = ?1 AND key = ?2 AND expires > ?3";
    newest.find(file, key, |row| {
        let mut select = file.prepare_cached(sql)?;
        let found = select.query_row(params![row, key.as_bytes(), now.as_millis()], record_of).optional()?;
        Ok(found.map(|(_, record)| record))
    })
}

/// Applies a change to the data under a key.
pub(super) fn change(
    file: &Connection,
    newest: &mut Newest,
    key: &TokenHash,
    change: &Change,
    now: Timestamp,
) -> rusqlite::Result<Changed> {
    let found = newest.find(file, key, |row| {
        let sql = "SELECT data FROM sessions WHERE id = ?1 AND key = ?2 AND expires > ?3";
        let mut select = file.prepare_cached(sql)?;
        let found = select.query_row(params![row, key.as_bytes(), now.as_millis()], |it| data_in(it, 0));
        Ok(found.optional()?.map(|data| (row, data)))
    })?;
    let Some((row, before)) = found else { return Ok(Changed::NotFound) };
    match change.apply_to(&before) {
        Ok(data) => {
            let mut update = file.prepare_cached("UPDATE sessions SET data = ?2 WHERE id = ?1")?;
            update.execute(params![row, data.to_json()])?;
            Ok(Changed::Applied(data))
        }
        Err(refusal) => Ok(Changed::Rejected(refusal, before)),
    }
}

/// Notes a use. `false`: there is no such session alive.
pub(super) fn touch(
    file: &Connection,
    newest: &mut Newest,
    key: &TokenHash,
    now: Timestamp,
) -> rusqlite::Result<bool> {
    let sql = "UPDATE sessions SET seen = max(seen, ?3), expires = min(max(seen, ?3) + idle, ends)
        WHERE id = ?1 AND key = ?2 AND expires > ?3";
    let touched = newest.find(file, key, |row| {
        let touched = file.prepare_cached(sql)?.execute(params![row, key.as_bytes(), now.as_millis()])?;
        Ok((touched == 1).then_some(()))
    })?;
    Ok(touched.is_some())
}

/// Removes a record, expired or not, and hands it back.
pub(super) fn delete(
    file: &Connection,
    newest: &mut Newest,
    key: &TokenHash,
) -> rusqlite::Result<Option<Record>> {
    let sql = "DELETE FROM sessions WHERE id = ?1 AND key = ?2
        RETURNING key, handle, user, credential, data, created, seen, idle, ends";
    newest.find(file, key, |row| {
        let removed =
            file.prepare_cached(sql)?.query_row(params![row, key.as_bytes()], record_of).optional()?;
        Ok(removed.map(|(_, record)| record))
    })
}

/// Removes at most `limit` records that have expired, and says how many it removed.
pub(super) fn sweep(file: &Connection, now: Timestamp, limit: usize) -> rusqlite::Result<usize> {
    let sql = "DELETE FROM sessions WHERE id IN
        (SELECT id FROM sessions WHERE expires <= ?1 ORDER BY expires LIMIT ?2)";
    file.prepare_cached(sql)?.execute(params![now.as_millis(), count(limit)])
}

/// How many sessions are alive: by the index of expiry, not by the records.
pub(super) fn count_live(file: &Connection, now: Timestamp) -> rusqlite::Result<u64> {
    let mut statement = file.prepare_cached("SELECT count(*) FROM sessions WHERE expires > ?1")?;
    statement.query_row(params![now.as_millis()], |row| row.get::<_, i64>(0)).map(i64::cast_unsigned)
}

/// A page of a user's live sessions, the oldest first.
pub(super) fn list_user(
    file: &Connection,
    user: &str,
    after: Option<Position>,
    limit: usize,
    now: Timestamp,
) -> rusqlite::Result<Page> {
    let sql = format!(
        "SELECT {COLUMNS} FROM sessions WHERE user = ?1 AND (created, handle) > (?2, ?3) AND expires > ?4
        ORDER BY created, handle LIMIT ?5"
    );
    let (created, handle) =
        after.unwrap_or((Timestamp::from_millis(i64::MIN), Handle::from_uuid(Uuid::nil())));
    let after = (created.as_millis(), handle.as_uuid().as_bytes());
    let mut statement = file.prepare_cached(&sql)?;
    let rows = statement
        .query_map(params![user, after.0, after.1, now.as_millis(), count(limit) + 1], record_of)?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(page_of(rows, limit, |(_, record)| {
        Cursor(format!("{}/{}", record.created.as_millis(), record.handle))
    }))
}

/// A page of all live sessions, the oldest first.
pub(super) fn list_everyone(
    file: &Connection,
    after: Option<i64>,
    limit: usize,
    now: Timestamp,
) -> rusqlite::Result<Page> {
    let sql =
        format!("SELECT {COLUMNS}, id FROM sessions WHERE id > ?1 AND expires > ?2 ORDER BY id LIMIT ?3");
    let mut statement = file.prepare_cached(&sql)?;
    let mut ids = Vec::new();
    let rows = statement
        .query_map(params![after.unwrap_or(0), now.as_millis(), count(limit) + 1], |row| {
            ids.push(row.get::<_, i64>(9)?);
            record_of(row)
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let last = limit.checked_sub(1).and_then(|last| ids.get(last).copied());
    Ok(page_of(rows, limit, |_| Cursor(last.unwrap_or(0).to_string())))
}

/// Where a page of all sessions ended, as [`list_everyone`] wrote it: its last row.
pub(super) fn row_of(cursor: &Cursor) -> Option<i64> {
    cursor.0.parse().ok()
}

/// Where a page of a user's sessions ended, as [`list_user`] wrote it.
pub(super) fn position_of(cursor: &Cursor) -> Option<Position> {
    let (created, handle) = cursor.0.split_once('/')?;
    Some((Timestamp::from_millis(created.parse().ok()?), Handle::from_uuid(handle.parse().ok()?)))
}

/// One row more than the page has room for says that there is another page.
fn page_of(
    mut rows: Vec<(TokenHash, Record)>,
    limit: usize,
    cursor: impl Fn(&(TokenHash, Record)) -> Cursor,
) -> Page {
    let is_full = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| is_full).map(cursor);
    Page { sessions: rows, next }
}

fn record_of(row: &Row<'_>) -> rusqlite::Result<(TokenHash, Record)> {
    let user: Option<String> = row.get(2)?;
    let record = Record {
        handle: Handle::from_uuid(Uuid::from_bytes(row.get(1)?)),
        user: user.map(Into::into),
        credential: row.get::<_, i64>(3)?.cast_unsigned(),
        data: data_in(row, 4)?,
        created: Timestamp::from_millis(row.get(5)?),
        last_seen: Timestamp::from_millis(row.get(6)?),
        idle_timeout: Duration::from_millis(u64::try_from(row.get::<_, i64>(7)?).unwrap_or(0)),
        absolute_expiry: Timestamp::from_millis(row.get(8)?),
    };
    Ok((TokenHash::from_bytes(row.get(0)?), record))
}

fn data_in(row: &Row<'_>, column: usize) -> rusqlite::Result<Data> {
    let text = row.get_ref(column)?.as_str()?;
    Data::from_json(text).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(error))
    })
}

/// No timeout is longer than some hundred years.
fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4)
}

fn count(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX - 1)
}
