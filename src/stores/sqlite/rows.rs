//! The SQL statements that read and write records.

use std::time::Duration;

use rusqlite::{OptionalExtension, Row, params};
use uuid::Uuid;

use super::schema;
use super::tables::TableAccess;
use crate::clock::Timestamp;
use crate::session::{
    Change, Changed, Cursor, Data, ExpiredSession, Handle, Listed, Page, Record, RecordOptions, Replacement,
    Successor, TokenHash,
};

/// The columns of a record, in the order in which [`record_of`] reads them.
const COLUMNS: &str = "key, handle, user, credential, data, created, seen, idle, ends, options";

/// Adds a record. `false`: the key is taken.
pub(super) fn insert(file: TableAccess<'_>, key: &TokenHash, record: &Record) -> rusqlite::Result<bool> {
    let sql = format!(
        "INSERT INTO @sessions ({COLUMNS}, expires)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT (key) DO NOTHING"
    );
    let inserted = file.prepare(&sql)?.execute(params![
        key.as_bytes(),
        record.handle.as_uuid().as_bytes(),
        record.user.as_deref(),
        record.credential_version.cast_signed(),
        record.data.to_json(),
        record.created.as_millis(),
        record.last_seen.as_millis(),
        millis(record.idle_timeout),
        record.absolute_expiry.as_millis(),
        record.options.bits(),
        record.expires().as_millis(),
    ])?;
    Ok(inserted == 1)
}

/// The live record with this key.
pub(super) fn load(
    file: TableAccess<'_>,
    key: &TokenHash,
    now: Timestamp,
) -> rusqlite::Result<Option<Record>> {
    let sql = format!("SELECT {COLUMNS} FROM @sessions WHERE key = ?1 AND expires > ?2");
    let mut statement = file.prepare(&sql)?;
    let found = statement.query_row(params![key.as_bytes(), now.as_millis()], record_of).optional()?;
    Ok(found.map(|(_, record)| record))
}

/// Applies a change to the data of the live record with this key.
pub(super) fn change(
    file: TableAccess<'_>,
    key: &TokenHash,
    change: &Change,
    now: Timestamp,
) -> rusqlite::Result<Changed> {
    let mut select = file.prepare("SELECT data FROM @sessions WHERE key = ?1 AND expires > ?2")?;
    let found =
        select.query_row(params![key.as_bytes(), now.as_millis()], |row| data_in(row, 0)).optional()?;
    let Some(before) = found else { return Ok(Changed::NotFound) };
    match change.apply_to(&before) {
        Ok(data) => {
            let mut update = file.prepare("UPDATE @sessions SET data = ?2 WHERE key = ?1")?;
            update.execute(params![key.as_bytes(), data.to_json()])?;
            Ok(Changed::Applied(data))
        }
        Err(refusal) => Ok(Changed::Rejected(refusal, before)),
    }
}

/// Records that a live session was used. `false`: there is no live session with this key.
pub(super) fn touch(file: TableAccess<'_>, key: &TokenHash, now: Timestamp) -> rusqlite::Result<bool> {
    let sql = "UPDATE @sessions SET seen = max(seen, ?2), expires = min(max(seen, ?2) + idle, ends)
        WHERE key = ?1 AND expires > ?2";
    Ok(file.prepare(sql)?.execute(params![key.as_bytes(), now.as_millis()])? == 1)
}

/// Deletes a record, live or expired, and returns it.
pub(super) fn delete(file: TableAccess<'_>, key: &TokenHash) -> rusqlite::Result<Option<Record>> {
    let sql = format!("DELETE FROM @sessions WHERE key = ?1 RETURNING {COLUMNS}");
    let deleted = file.prepare(&sql)?.query_row(params![key.as_bytes()], record_of).optional()?;
    Ok(deleted.map(|(_, record)| record))
}

/// Gives the live record with this key another key and handle, and returns it.
pub(super) fn rotate(
    file: TableAccess<'_>,
    key: &TokenHash,
    (to, handle): (TokenHash, Handle),
    now: Timestamp,
) -> rusqlite::Result<Option<Record>> {
    // A successor without effect if the record does not move: no one has its token.
    add_successor(file, key, Successor::new(to, Replacement::Rotation, now))?;
    let sql = format!(
        "UPDATE @sessions SET key = ?2, handle = ?3 WHERE key = ?1 AND expires > ?4 RETURNING {COLUMNS}"
    );
    let moved = params![key.as_bytes(), to.as_bytes(), handle.as_uuid().as_bytes(), now.as_millis()];
    let moved = file.prepare(&sql)?.query_row(moved, record_of).optional()?;
    Ok(moved.map(|(_, record)| record))
}

/// Deletes a record like [`delete`], in favor of another one.
pub(super) fn supersede(
    file: TableAccess<'_>,
    key: &TokenHash,
    by: TokenHash,
    now: Timestamp,
) -> rusqlite::Result<Option<Record>> {
    add_successor(file, key, Successor::new(by, Replacement::Login, now))?;
    delete(file, key)
}

/// Notes what replaces the record with this key, if there is one.
fn add_successor(file: TableAccess<'_>, key: &TokenHash, next: Successor) -> rusqlite::Result<()> {
    let sql = "INSERT OR REPLACE INTO @successors (key, successor, is_login, since)
        SELECT key, ?2, ?3, ?4 FROM @sessions WHERE key = ?1";
    let is_login = next.by == Replacement::Login;
    let next = params![key.as_bytes(), next.key.as_bytes(), is_login, next.since.as_millis()];
    file.prepare(sql)?.execute(next).map(drop)
}

/// What replaced the key.
pub(super) fn successor(
    file: TableAccess<'_>,
    key: &TokenHash,
    now: Timestamp,
) -> rusqlite::Result<Option<Successor>> {
    let sql = "SELECT successor, is_login, since FROM @successors WHERE key = ?1";
    let found = file.prepare(sql)?.query_row(params![key.as_bytes()], |row| {
        let by = if row.get(1)? { Replacement::Login } else { Replacement::Rotation };
        let since = Timestamp::from_millis(row.get(2)?);
        Ok(Successor::new(TokenHash::from_bytes(row.get(0)?), by, since))
    });
    Ok(found.optional()?.filter(|next| !next.is_expired(now)))
}

/// Deletes expired successors.
pub(super) fn sweep_successors(file: TableAccess<'_>, now: Timestamp) -> rusqlite::Result<usize> {
    let lifetime = millis(Successor::LIFETIME);
    let sql = "DELETE FROM @successors WHERE since <= ?1";
    file.prepare(sql)?.execute(params![now.as_millis().saturating_sub(lifetime)])
}

/// Deletes at most `limit` expired records, and returns what it deleted. A file that a newer version migrated is left to
/// that version.
pub(super) fn sweep(
    file: TableAccess<'_>,
    now: Timestamp,
    limit: usize,
) -> rusqlite::Result<Vec<ExpiredSession>> {
    if schema::is_newer(file)? {
        return Ok(Vec::new());
    }
    let sql = "DELETE FROM @sessions WHERE id IN
        (SELECT id FROM @sessions WHERE expires <= ?1 ORDER BY expires LIMIT ?2) RETURNING handle, user";
    let mut statement = file.prepare(sql)?;
    let deleted = statement.query_map(params![now.as_millis(), count(limit)], |row| {
        let user: Option<String> = row.get(1)?;
        Ok(ExpiredSession::new(Handle::from_uuid(Uuid::from_bytes(row.get(0)?)), user.map(Into::into)))
    })?;
    deleted.collect()
}

/// How many sessions are live. Reads only the index of expiry times.
pub(super) fn count_live(file: TableAccess<'_>, now: Timestamp) -> rusqlite::Result<u64> {
    let mut statement = file.prepare("SELECT count(*) FROM @sessions WHERE expires > ?1")?;
    statement.query_row(params![now.as_millis()], |row| row.get::<_, i64>(0)).map(i64::cast_unsigned)
}

/// A page of a user's live sessions, oldest first.
pub(super) fn list_user(
    file: TableAccess<'_>,
    user: &str,
    (created, handle): (Timestamp, Handle),
    limit: usize,
    now: Timestamp,
) -> rusqlite::Result<Page> {
    let sql = format!(
        "SELECT {COLUMNS} FROM @sessions WHERE user = ?1 AND (created, handle) > (?2, ?3) AND expires > ?4
        ORDER BY created, handle LIMIT ?5"
    );
    let after = (created.as_millis(), handle.as_uuid().as_bytes());
    let mut statement = file.prepare(&sql)?;
    let rows = statement
        .query_map(params![user, after.0, after.1, now.as_millis(), count(limit) + 1], |row| {
            let place =
                (Timestamp::from_millis(row.get(5)?), Handle::from_uuid(Uuid::from_bytes(row.get(1)?)));
            listed(row, place)
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(Page::of_rows(rows, limit, Cursor::of_creation))
}

/// A page of all live sessions, oldest first.
pub(super) fn list_everyone(
    file: TableAccess<'_>,
    after: Option<i64>,
    limit: usize,
    now: Timestamp,
) -> rusqlite::Result<Page> {
    let sql =
        format!("SELECT {COLUMNS}, id FROM @sessions WHERE id > ?1 AND expires > ?2 ORDER BY id LIMIT ?3");
    let mut statement = file.prepare(&sql)?;
    let rows = statement
        .query_map(params![after.unwrap_or(0), now.as_millis(), count(limit) + 1], |row| {
            listed(row, row.get::<_, i64>(10)?)
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(Page::of_rows(rows, limit, |id| Cursor(id.to_string())))
}

/// The last row of a page, from the cursor that [`list_everyone`] returned.
pub(super) fn row_of(cursor: &Cursor) -> Option<i64> {
    cursor.0.parse().ok()
}

/// A record in a list.
fn listed<P>(row: &Row<'_>, place: P) -> rusqlite::Result<Listed<P>> {
    let key = TokenHash::from_bytes(row.get(0)?);
    match record_of(row) {
        Ok((_, record)) => Ok((key, Some(record), place)),
        Err(error) if is_unreadable(&error) => Ok((key, None, place)),
        Err(error) => Err(error),
    }
}

/// Whether a value in a row has another type or content than this version writes.
pub(super) fn is_unreadable(error: &rusqlite::Error) -> bool {
    use rusqlite::Error::{FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType, Utf8Error};
    matches!(
        error,
        FromSqlConversionFailure(..) | IntegralValueOutOfRange(..) | InvalidColumnType(..) | Utf8Error(..)
    )
}

fn record_of(row: &Row<'_>) -> rusqlite::Result<(TokenHash, Record)> {
    let user: Option<String> = row.get(2)?;
    let record = Record {
        handle: Handle::from_uuid(Uuid::from_bytes(row.get(1)?)),
        user: user.map(Into::into),
        credential_version: row.get::<_, i64>(3)?.cast_unsigned(),
        options: RecordOptions::from_bits(row.get::<_, i64>(9)?.to_le_bytes()[0]),
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

/// A duration that does not fit becomes one of 70 million years, which can be added to any time.
fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4)
}

fn count(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX - 1)
}
