//! Changes: what is plain is done by the database in one step, the rest is decided here.

use super::pool::{Again, Connections, Deadline, parameters};
use super::rows::get;
use crate::clock::Timestamp;
use crate::session::{Change, TokenHash};
use crate::session::{Changed, StoreError};
use crate::stores::wire;

/// Applies a change to the data under a key.
pub(super) async fn change(
    at: &Connections,
    key: TokenHash,
    change: &Change,
    now: Timestamp,
) -> Result<Changed, StoreError> {
    let deadline = Deadline::of_a_call();
    let sql = "SELECT applied, data FROM sessctl_change($1, $2, $3)";
    let parameters = parameters![key.as_bytes().to_vec(), wire::encode_operations(change), now.as_millis()];
    let rows = at.ask_by(deadline, sql, parameters, Again::Never).await?;
    let Some(row) = rows.first() else { return Ok(Changed::NotFound) };
    let Some(texts): Option<Vec<String>> = get(row, 1)? else { return Ok(Changed::NotFound) };
    if get(row, 0)? {
        return wire::decode_data(&texts).map(Changed::Applied).map_err(StoreError::failed);
    }
    decide(at, deadline, key, change, now, texts).await
}

/// Applies a change to `texts`, if the data is still that; else to what it is by then, and so on until the deadline:
/// each time that it comes too late, another change was done.
async fn decide(
    at: &Connections,
    deadline: Deadline,
    key: TokenHash,
    change: &Change,
    now: Timestamp,
    mut texts: Vec<String>,
) -> Result<Changed, StoreError> {
    let write =
        "UPDATE sessctl_sessions SET data = $3 WHERE key = $1 AND data = $2 AND expires > $4 RETURNING true";
    let read = "SELECT data FROM sessctl_sessions WHERE key = $1 AND expires > $2";
    let octets = || key.as_bytes().to_vec();
    loop {
        let before = wire::decode_data(&texts).map_err(StoreError::failed)?;
        let after = match change.apply_to(&before) {
            Ok(after) => after,
            Err(refusal) => return Ok(Changed::Rejected(refusal, before)),
        };
        let parameters = parameters![octets(), texts, wire::encode_data(&after), now.as_millis()];
        if !at.ask_by(deadline, write, parameters, Again::Never).await?.is_empty() {
            return Ok(Changed::Applied(after));
        }
        let rows = at.ask_by(deadline, read, parameters![octets(), now.as_millis()], Again::Freely).await?;
        let Some(row) = rows.first() else { return Ok(Changed::NotFound) };
        texts = get(row, 0)?;
    }
}
