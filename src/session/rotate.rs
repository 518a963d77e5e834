//! Replacing a session's record by one under a new token.

use super::change::Change;
use super::dyn_store::DynStore;
use super::error::SessionError;
use super::id::TokenHash;
use super::record::Record;
use super::store::{Changed, StoreError};
use crate::clock::Timestamp;

/// The session that a new record replaces.
#[derive(Debug, Clone, Copy)]
pub(super) enum Previous {
    /// None: the record starts a session.
    None,
    /// A login ends it. It does not matter if it has already ended.
    Superseded(TokenHash),
    /// It continues under the new token. If it has ended, it must stay ended.
    Continued(TokenHash),
}

/// Whether a new session of `user` may take over the data of `from`: never the data of another user.
pub(super) fn may_carry_over(from: &Record, user: Option<&str>) -> bool {
    from.user.is_none() || from.user.as_deref() == user
}

/// Writes `record` under `key`, deletes the previous record, and returns the record as it is now stored.
///
/// If the previous record cannot be deleted, the new one is deleted too: two valid tokens must never exist for one
/// session. `on_superseded` is called with the record that a login ended.
pub(super) async fn rotate(
    store: &dyn DynStore,
    now: Timestamp,
    (key, record): (TokenHash, Record),
    previous: Previous,
    on_superseded: impl FnOnce(&Record),
) -> Result<Record, SessionError> {
    let rotated = try_rotate(store, now, (key, record), previous, on_superseded).await;
    // A record that already existed under this key belongs to another session.
    let is_ours = !matches!(rotated, Err(SessionError::Store(StoreError::Exists)));
    if rotated.is_err() && is_ours {
        // If this deletion fails too, nobody has the token of the record that is left.
        let _ = store.delete(key).await;
    }
    rotated
}

async fn try_rotate(
    store: &dyn DynStore,
    now: Timestamp,
    (key, mut record): (TokenHash, Record),
    previous: Previous,
    on_superseded: impl FnOnce(&Record),
) -> Result<Record, SessionError> {
    store.create(key, record.clone()).await?;
    let removed = match previous {
        Previous::None => return Ok(record),
        Previous::Superseded(previous) | Previous::Continued(previous) => store.delete(previous).await?,
    };
    match (&removed, previous) {
        (Some(removed), Previous::Superseded(_)) => on_superseded(removed),
        (None, Previous::Continued(_)) => return Err(SessionError::Ended),
        _ => {}
    }
    // Another request may have changed the previous record after it was read. Its last state counts.
    let last = removed.filter(|removed| may_carry_over(removed, record.user.as_deref()));
    let last = last.map(|removed| removed.data).unwrap_or_default();
    if last != record.data {
        match store.change(key, &Change::between(&record.data, &last), now).await? {
            Changed::Applied(data) => record.data = data,
            Changed::Rejected(error, _) => return Err(error.into()),
            Changed::NotFound => return Err(SessionError::Ended),
        }
    }
    Ok(record)
}
