//! Replacing a session's key: by a rotation, after which the previous token still opens the session for a grace period,
//! or by a login, after which it opens nothing.

use std::time::Duration;

use super::change::Change;
use super::data::Data;
use super::error::SessionError;
use super::event::EndReason;
use super::id::{Handle, TokenHash};
use super::record::Record;
use super::resolved::{Previous, Resolved, may_carry_over};
use super::sessions::Sessions;
use super::store::{Changed, StoreError, unless_unreadable};
use super::successor::{Replacement, Successor};

/// The number of replaced keys that are followed. Each needs a rotation or a login within the last minute.
const MAX_SUCCESSORS: usize = 64;

/// The record of a session that a login ended.
enum Superseded {
    /// The session that the client has opened.
    Own(Record),
    /// The session of another login of the same user, which was sent with the same cookie.
    OtherLogin(Record),
}

impl Sessions {
    /// What the token of a request opens.
    pub(super) async fn open_token(&self, key: TokenHash) -> Result<Resolved, StoreError> {
        self.resolve(key, self.config().rotation_grace).await
    }

    /// Where the session is that a request has opened under this key. A request that takes longer than the grace period
    /// keeps its session.
    pub(super) async fn follow(&self, key: TokenHash) -> Result<Resolved, StoreError> {
        self.resolve(key, Successor::LIFETIME).await
    }

    /// Follows the rotations that happened within the last `grace`, but no login.
    async fn resolve(&self, key: TokenHash, grace: Duration) -> Result<Resolved, StoreError> {
        let (mut at, now) = (key, self.now());
        for _ in 0..MAX_SUCCESSORS {
            match self.store().load(at, now).await {
                Err(StoreError::Unreadable(_)) => return Ok(Resolved::Unreadable(at)),
                Ok(Some(record)) if record.is_expired(now) => {
                    self.expire(at).await?;
                    return Ok(if at == key { Resolved::NotFound } else { Resolved::Replaced });
                }
                Ok(Some(record)) => return Ok(Resolved::Live(at, record)),
                found => _ = found?,
            }
            match self.store().successor(at, now).await? {
                Some(next) if next.by == Replacement::Rotation && now.since(next.since) < grace => {
                    at = next.key;
                }
                Some(_) => return Ok(Resolved::Replaced),
                None if at == key => return Ok(Resolved::NotFound),
                // The session ended after the rotation.
                None => return Ok(Resolved::Replaced),
            }
        }
        Ok(Resolved::Replaced)
    }

    /// Applies a change to the session that was opened under this key. Returns its current key too.
    pub(super) async fn change(
        &self,
        key: TokenHash,
        change: &Change,
    ) -> Result<(TokenHash, Changed), StoreError> {
        let mut at = key;
        for _ in 0..MAX_SUCCESSORS {
            match unless_unreadable(self.store().change(at, change, self.now()).await, Changed::NotFound)? {
                Changed::NotFound => match self.follow(at).await? {
                    Resolved::Live(next, _) if next != at => at = next,
                    _ => break,
                },
                changed => return Ok((at, changed)),
            }
        }
        Ok((at, Changed::NotFound))
    }

    /// Ends the session that was opened under this key. Returns whether there was one.
    pub(super) async fn delete(&self, key: TokenHash, reason: EndReason) -> Result<bool, StoreError> {
        let mut at = key;
        for _ in 0..MAX_SUCCESSORS {
            match self.store().delete(at).await {
                Err(StoreError::Unreadable(_)) => return Ok(true),
                Ok(Some(removed)) => {
                    self.notify_ended(&removed, reason);
                    return Ok(true);
                }
                removed => _ = removed?,
            }
            match self.store().successor(at, self.now()).await? {
                Some(next) if next.by == Replacement::Rotation => at = next.key,
                _ => break,
            }
        }
        Ok(false)
    }

    /// Moves the session under `key` to a new key and handle. Returns its current key and record: if another request was
    /// faster, those that this request gave it.
    pub(super) async fn rotate(
        &self,
        key: TokenHash,
        to: (TokenHash, Handle),
    ) -> Result<(TokenHash, Record), SessionError> {
        let rotated = self.store().rotate(key, to, self.now()).await;
        if let Ok(Some(record)) = rotated {
            return Ok((to.0, record));
        }
        // After an error, the record is under one of the two keys.
        match (self.follow(key).await, rotated) {
            (Ok(Resolved::Live(at, record)), Ok(_)) => Ok((at, record)),
            (Ok(Resolved::Live(at, record)), Err(_)) if at == to.0 => Ok((at, record)),
            (_, Err(error)) | (Err(error), Ok(_)) => Err(error.into()),
            (Ok(_), Ok(_)) => Err(SessionError::Ended),
        }
    }

    /// Writes the session of a login, ends the previous ones, and returns the record as it is now stored.
    ///
    /// If a previous session cannot be ended, the new one is deleted: its token may have been planted by an attacker.
    pub(super) async fn start(
        &self,
        (key, record): (TokenHash, Record),
        previous: Previous,
    ) -> Result<Record, SessionError> {
        self.store().create(key, record.clone()).await?;
        let started = self.carry_over(key, record, previous).await;
        if started.is_err() {
            // If this deletion fails too, nobody has the token of the record that is left.
            let _ = self.store().delete(key).await;
        }
        started
    }

    async fn carry_over(
        &self,
        key: TokenHash,
        record: Record,
        previous: Previous,
    ) -> Result<Record, SessionError> {
        let removed = match previous {
            Previous::None => return Ok(record),
            Previous::Own(previous) => self.supersede(previous, key, &record, true).await?,
            Previous::Replaced(previous) => self.supersede(previous, key, &record, false).await?,
            Previous::Unreadable(previous) => {
                self.delete(previous, EndReason::Superseded).await?;
                None
            }
            Previous::Several(all) => {
                for previous in all {
                    self.supersede(previous, key, &record, true).await?;
                }
                None // the login cannot tell whose data it is
            }
        };
        let change = match removed {
            // Another request may have changed the previous record after it was read. Its last state counts.
            Some(Superseded::Own(removed)) if may_carry_over(&removed, record.user.as_deref()) => {
                Change::between(&record.data, &removed.data.without_csrf_token())
            }
            // The session of a login at the same time, which may just be getting its data.
            Some(Superseded::OtherLogin(removed)) => {
                Change::additions(&record.data, &removed.data.without_csrf_token())
            }
            Some(Superseded::Own(_)) | None => Change::between(&record.data, &Data::default()),
        };
        if change.operations().is_empty() {
            return Ok(record);
        }
        let mut at = key;
        loop {
            match self.change(at, &change).await?.1 {
                Changed::Applied(data) => return Ok(Record { data, ..record }),
                Changed::Rejected(error, _) => return Err(error.into()),
                // The form was sent twice, and the other login has already ended this session.
                Changed::NotFound => match self.store().successor(at, self.now()).await? {
                    Some(next) => at = next.key,
                    None => return Err(SessionError::Ended),
                },
            }
        }
    }

    /// Ends the session under `previous` in favor of the one under `key`, and returns its record. `is_own`: the client has
    /// opened it.
    async fn supersede(
        &self,
        previous: TokenHash,
        key: TokenHash,
        record: &Record,
        mut is_own: bool,
    ) -> Result<Option<Superseded>, StoreError> {
        let (mut at, now) = (previous, self.now());
        for _ in 0..MAX_SUCCESSORS {
            let may_end = is_own
                || match unless_unreadable(self.store().load(at, now).await, None)? {
                    Some(found) if found.user.is_some() && found.user == record.user => true,
                    Some(_) => return Ok(None),
                    None => false,
                };
            if may_end
                && let Some(removed) = unless_unreadable(self.store().supersede(at, key, now).await, None)?
            {
                self.notify_ended(&removed, EndReason::Superseded);
                let of = if is_own { Superseded::Own } else { Superseded::OtherLogin };
                return Ok(Some(of(removed)));
            }
            match self.store().successor(at, now).await? {
                Some(next) if next.key != key => {
                    at = next.key;
                    is_own &= next.by == Replacement::Rotation;
                }
                _ => return Ok(None),
            }
        }
        Ok(None)
    }
}
