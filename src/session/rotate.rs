//! One record in place of another: written, the old one deleted, and only then given out.

use super::change::Change;
use super::error::SessionError;
use super::event::{EndReason, Event};
use super::id::TokenHash;
use super::record::Record;
use super::sessions::Sessions;
use super::store::{Changed, StoreError};

/// What a new record takes the place of.
#[derive(Debug, Clone, Copy)]
pub(super) enum Old {
    /// Nothing.
    None,
    /// A session that a login ends: should it have ended by itself meanwhile, so much the better.
    Superseded(TokenHash),
    /// A session that goes on under a new token: should it have ended meanwhile, it must not come back.
    Continued(TokenHash),
}

/// Whether data of an earlier session may go into one of this user: never another user's.
pub(super) fn may_carry_over(from: &Record, user: Option<&str>) -> bool {
    from.user.is_none() || from.user.as_deref() == user
}

/// The record as it is under its new key, once the old one is gone. Where that fails there is no new one either.
pub(super) async fn write_then_delete(
    sessions: &Sessions,
    key: TokenHash,
    record: Record,
    old: Old,
) -> Result<Record, SessionError> {
    let outcome = try_write_then_delete(sessions, key, record, old).await;
    // What exists under this key already is somebody else's.
    let is_ours = !matches!(outcome, Err(SessionError::Store(StoreError::Exists)));
    if outcome.is_err() && is_ours {
        // The old token may still open a session, or nobody's should be open: the new one is not given out. If
        // this deletion fails too, the new record is one that nobody has the token of.
        let _ = sessions.store().delete(key).await;
    }
    outcome
}

async fn try_write_then_delete(
    sessions: &Sessions,
    key: TokenHash,
    mut record: Record,
    old: Old,
) -> Result<Record, SessionError> {
    let store = sessions.store();
    store.create(key, record.clone()).await?;
    let removed = match old {
        Old::None => return Ok(record),
        Old::Superseded(old) | Old::Continued(old) => store.delete(old).await?,
    };
    if let (Some(Record { handle, user, .. }), Old::Superseded(_)) = (&removed, old) {
        let reason = EndReason::Superseded;
        sessions.tell(|| Event::Ended { handle: *handle, user: user.clone(), reason });
    }
    if removed.is_none() && matches!(old, Old::Continued(_)) {
        return Err(SessionError::Ended);
    }
    // Another request may have changed the old record after it was read for carrying over, or ended it: what
    // counts is what it held last.
    let last = removed.filter(|removed| may_carry_over(removed, record.user.as_deref()));
    let last = last.map(|removed| removed.data).unwrap_or_default();
    if last != record.data {
        match store.change(key, &Change::between(&record.data, &last), sessions.now()).await? {
            Changed::Applied(data) => record.data = data,
            Changed::Refused(refusal, _) => return Err(refusal.into()),
            Changed::Gone => return Err(SessionError::Ended),
        }
    }
    Ok(record)
}
