//! Replacing the key of a record. Each call is one statement, so it is atomic.

use super::parameter::parameters;
use super::pool::{ConnectionPool, Retry};
use super::row::{columns, get, single_record};
use crate::clock::Timestamp;
use crate::session::{Handle, Record, Replacement, StoreError, Successor, TokenHash};

/// Gives the live record under `key` another key and handle.
pub(super) async fn rotate(
    pool: &ConnectionPool,
    key: TokenHash,
    (to, handle): (TokenHash, Handle),
    now: Timestamp,
) -> Result<Option<Record>, StoreError> {
    let sql = concat!(
        "WITH moved AS (
            UPDATE sessctl_sessions SET key = $2, handle = $3 WHERE key = $1 AND expires > $4
            RETURNING ",
        columns!(),
        "), replaced AS (
            INSERT INTO sessctl_successors (key, successor, is_login, since) SELECT $1, $2, false, $4 FROM moved
        ) SELECT * FROM moved"
    );
    let (key, to) = (key.as_bytes().to_vec(), to.as_bytes().to_vec());
    let parameters = parameters![key, to, *handle.as_uuid(), now.as_millis()];
    // A second attempt would report that there was no record.
    single_record(&pool.query(sql, parameters, Retry::Never).await?)
}

/// Deletes the record under `key`, in favor of the one under `by`.
pub(super) async fn supersede(
    pool: &ConnectionPool,
    key: TokenHash,
    by: TokenHash,
    now: Timestamp,
) -> Result<Option<Record>, StoreError> {
    let sql = concat!(
        "WITH removed AS (
            DELETE FROM sessctl_sessions WHERE key = $1 RETURNING ",
        columns!(),
        "), replaced AS (
            INSERT INTO sessctl_successors (key, successor, is_login, since) SELECT $1, $2, true, $3 FROM removed
        ) SELECT * FROM removed"
    );
    let parameters = parameters![key.as_bytes().to_vec(), by.as_bytes().to_vec(), now.as_millis()];
    single_record(&pool.query(sql, parameters, Retry::Never).await?)
}

/// What replaced the key.
pub(super) async fn successor(
    pool: &ConnectionPool,
    key: TokenHash,
    now: Timestamp,
) -> Result<Option<Successor>, StoreError> {
    let sql = "SELECT successor, is_login, since FROM sessctl_successors WHERE key = $1";
    let rows = pool.query(sql, parameters![key.as_bytes().to_vec()], Retry::Allowed).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let successor: &[u8] = get(row, 0)?;
    let key = TokenHash::from_bytes(successor.try_into().map_err(StoreError::failed)?);
    let by = if get(row, 1)? { Replacement::Login } else { Replacement::Rotation };
    let next = Successor::new(key, by, Timestamp::from_millis(get(row, 2)?));
    Ok(Some(next).filter(|next| !next.is_expired(now)))
}

/// Deletes the expired successors.
pub(super) async fn sweep(pool: &ConnectionPool, now: Timestamp) -> Result<(), StoreError> {
    let lifetime = i64::try_from(Successor::LIFETIME.as_millis()).unwrap_or(i64::MAX);
    let sql = "DELETE FROM sessctl_successors WHERE since <= $1";
    pool.query(sql, parameters![now.as_millis().saturating_sub(lifetime)], Retry::Never).await.map(drop)
}
