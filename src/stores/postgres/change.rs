//! Changes: a function in the database applies simple ones in one step, the others are applied here.

use super::parameter::parameters;
use super::pool::{ConnectionPool, Deadline, Retry};
use super::row::get;
use crate::clock::Timestamp;
use crate::session::{Change, Changed, StoreError, TokenHash};
use crate::stores::wire;

/// Applies a change to the data under a key.
pub(super) async fn change(
    pool: &ConnectionPool,
    key: TokenHash,
    change: &Change,
    now: Timestamp,
) -> Result<Changed, StoreError> {
    let deadline = Deadline::of_a_call();
    let sql = "SELECT applied, data FROM sessctl_change($1, $2, $3)";
    let parameters = parameters![key.as_bytes().to_vec(), wire::encode_operations(change), now.as_millis()];
    let rows = pool.query_by(deadline, sql, parameters, Retry::Never).await?;
    let Some(row) = rows.first() else { return Ok(Changed::NotFound) };
    let texts: Option<Vec<String>> = row.try_get(1).map_err(StoreError::unreadable)?;
    let Some(texts) = texts else { return Ok(Changed::NotFound) };
    if get(row, 0)? {
        return wire::decode_data(&texts).map(Changed::Applied).map_err(StoreError::unreadable);
    }
    apply(pool, deadline, key, change, now, texts).await
}

/// Applies a change to `texts`, and writes the result if the stored data is still `texts`. Otherwise another change was
/// faster, and it starts again with the new data, until the deadline.
async fn apply(
    pool: &ConnectionPool,
    deadline: Deadline,
    key: TokenHash,
    change: &Change,
    now: Timestamp,
    mut texts: Vec<String>,
) -> Result<Changed, StoreError> {
    let write =
        "UPDATE sessctl_sessions SET data = $3 WHERE key = $1 AND data = $2 AND expires > $4 RETURNING true";
    let read = "SELECT data FROM sessctl_sessions WHERE key = $1 AND expires > $2";
    let key = || key.as_bytes().to_vec();
    loop {
        let before = wire::decode_data(&texts).map_err(StoreError::unreadable)?;
        let after = match change.apply_to(&before) {
            Ok(after) => after,
            Err(error) => return Ok(Changed::Rejected(error, before)),
        };
        let parameters = parameters![key(), texts, wire::encode_data(&after), now.as_millis()];
        if !pool.query_by(deadline, write, parameters, Retry::Never).await?.is_empty() {
            return Ok(Changed::Applied(after));
        }
        let rows = pool.query_by(deadline, read, parameters![key(), now.as_millis()], Retry::Allowed).await?;
        let Some(row) = rows.first() else { return Ok(Changed::NotFound) };
        texts = get(row, 0)?;
    }
}
