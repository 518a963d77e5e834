//! Finding the session of a request: which of its tokens opens one.

use std::sync::Arc;

use super::cookie::{Presented, PresentedToken};
use super::error::SessionError;
use super::event::Event;
use super::id::TokenHash;
use super::record::Record;
use super::request_state::CurrentSession;
use super::resolved::Resolved;
use super::session::{Session, Turn};
use crate::clock::Timestamp;

/// How often the store records the use of a session, at most: the idle timeout is accurate to 4 %, and reads cause few
/// writes.
const TOUCHES_PER_IDLE_TIMEOUT: u32 = 30;

pub(super) type Live = (TokenHash, Arc<Record>);

/// What is known about the session without asking the store.
enum Known {
    /// The session. `None`: the client has none.
    Session(Option<Live>),
    /// The session, but its use must still be recorded.
    TouchDue(Live),
    /// The store was not asked yet.
    Nothing,
}

impl Session {
    /// The session, if it is known and its use is recorded: `Some(None)` if the client has no session.
    pub(super) fn known_session(&self) -> Option<Option<Live>> {
        match self.known() {
            Known::Session(known) => Some(known),
            Known::TouchDue(_) | Known::Nothing => None,
        }
    }

    fn known(&self) -> Known {
        let mut state = self.state();
        state.activity.read = true;
        match &state.current {
            CurrentSession::Unread if matches!(self.shared().presented, Presented::Tokens(..)) => {
                Known::Nothing
            }
            CurrentSession::Live(key, record) if state.is_touch_due => {
                Known::TouchDue((*key, record.clone()))
            }
            CurrentSession::Live(key, record) => Known::Session(Some((*key, record.clone()))),
            _ => Known::Session(None),
        }
    }

    /// The session's key and record, read from the store the first time. Its use is recorded.
    pub(super) async fn current(&self, turn: &Turn<'_>) -> Result<Option<Live>, SessionError> {
        let live = match self.known() {
            Known::Session(known) => return Ok(known),
            Known::TouchDue(live) => Some(live),
            Known::Nothing => self.read(turn).await?,
        };
        match live {
            Some((key, record)) => self.touch(turn, key, record).await,
            None => Ok(None),
        }
    }

    /// Like [`current`](Session::current), but its use is not recorded.
    pub(super) async fn peeked(&self, turn: &Turn<'_>) -> Result<Option<Live>, SessionError> {
        match self.known() {
            Known::Session(known) => Ok(known),
            Known::TouchDue(live) => Ok(Some(live)),
            Known::Nothing => self.read(turn).await,
        }
    }

    async fn read(&self, turn: &Turn<'_>) -> Result<Option<Live>, SessionError> {
        match &self.shared().presented {
            Presented::Tokens(token, others) if others.is_empty() => self.load(turn, token.key).await,
            Presented::Tokens(first, others) => self.load_only(turn, first, others).await,
            Presented::Nothing | Presented::Unusable => Ok(None),
        }
    }

    async fn load(&self, turn: &Turn<'_>, token: TokenHash) -> Result<Option<Live>, SessionError> {
        match self.shared().sessions.open_token(token).await? {
            Resolved::Live(key, record) => self.admit(turn, key, record).await,
            Resolved::Replaced => Ok(self.set_without_session(CurrentSession::Replaced(token))),
            Resolved::Unreadable(key) => Ok(self.set_without_session(CurrentSession::Unreadable(key))),
            Resolved::NotFound => Ok(self.set_without_session(CurrentSession::None)),
        }
    }

    /// The session that exactly one of several tokens opens.
    async fn load_only(
        &self,
        turn: &Turn<'_>,
        first: &PresentedToken,
        others: &[PresentedToken],
    ) -> Result<Option<Live>, SessionError> {
        let (mut live, mut replaced): (Vec<(TokenHash, Record)>, _) = (Vec::new(), None);
        for PresentedToken { key: token, .. } in [first].into_iter().chain(others) {
            match self.shared().sessions.open_token(*token).await? {
                // A token and its successor open the same session.
                Resolved::Live(key, record) if live.iter().all(|(other, _)| *other != key) => {
                    live.push((key, record));
                }
                Resolved::Replaced => replaced = Some(*token),
                Resolved::Live(..) | Resolved::Unreadable(_) | Resolved::NotFound => {}
            }
        }
        if live.len() > 1 {
            let handles = live.iter().map(|(_, record)| record.handle).collect();
            self.shared().sessions.notify(|| Event::Ambiguous { handles });
            let keys = live.into_iter().map(|(key, _)| key).collect();
            return Ok(self.set_without_session(CurrentSession::Ambiguous(keys)));
        }
        match (live.pop(), replaced) {
            (Some((key, record)), _) => self.admit(turn, key, record).await,
            (None, Some(token)) => Ok(self.set_without_session(CurrentSession::Replaced(token))),
            (None, None) => Ok(self.set_without_session(CurrentSession::None)),
        }
    }

    /// Uses this session, if the application admits it.
    pub(super) async fn admit(
        &self,
        _turn: &Turn<'_>,
        key: TokenHash,
        record: Record,
    ) -> Result<Option<Live>, SessionError> {
        let record = Arc::new(record);
        if !self.shared().sessions.admits(key, &record).await? {
            return Ok(self.set_without_session(CurrentSession::None));
        }
        let is_touch_due = is_touch_due(&record, self.shared().sessions.now());
        let mut state = self.state();
        state.is_touch_due = is_touch_due;
        state.set_live(key, &record);
        Ok(Some((key, record)))
    }

    /// Records the use of the session if that is due. A persistent cookie is then sent again, with a new `Max-Age`.
    pub(super) async fn touch(
        &self,
        _turn: &Turn<'_>,
        mut key: TokenHash,
        mut record: Arc<Record>,
    ) -> Result<Option<Live>, SessionError> {
        let (sessions, now) = (&self.shared().sessions, self.shared().sessions.now());
        if !is_touch_due(&record, now) {
            return Ok(Some((key, record)));
        }
        let is_touched = sessions.store().touch(key, now).await?;
        let mut is_live = true;
        if is_touched {
            let record = Arc::make_mut(&mut record);
            record.last_seen = record.last_seen.max(now);
        } else {
            // Another request has rotated or ended the session. A logout wins.
            match sessions.follow(key).await? {
                Resolved::Live(at, found) => (key, record) = (at, Arc::new(found)),
                Resolved::Replaced | Resolved::Unreadable(_) | Resolved::NotFound => is_live = false,
            }
        }
        let mut state = self.state();
        state.is_touch_due = false;
        if !is_live {
            state.current = CurrentSession::Ended;
            return Ok(None);
        }
        state.set_live(key, &record);
        if is_touched {
            state.extend(self.shared().presented.token(key), &record, now);
        }
        Ok(Some((key, record)))
    }

    /// Reads the session again that was opened under this key.
    pub(super) async fn read_again(
        &self,
        turn: &Turn<'_>,
        key: TokenHash,
    ) -> Result<Option<Live>, SessionError> {
        let opened = match self.shared().sessions.follow(key).await? {
            Resolved::Live(key, record) => self.admit(turn, key, record).await?,
            Resolved::Replaced | Resolved::Unreadable(_) | Resolved::NotFound => None,
        };
        match opened {
            Some((key, record)) => self.touch(turn, key, record).await,
            None => {
                self.state().mark_ended();
                Ok(None)
            }
        }
    }

    fn set_without_session(&self, current: CurrentSession) -> Option<Live> {
        self.state().current = current;
        None
    }
}

fn is_touch_due(record: &Record, now: Timestamp) -> bool {
    now.since(record.last_seen) >= record.idle_timeout / TOUCHES_PER_IDLE_TIMEOUT
}
