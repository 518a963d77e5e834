//! [`RequestState`]: what one request knows about its session, and what it did with it.

use std::sync::Arc;
use std::time::Duration;

use super::activity::Activity;
use super::id::{Handle, Token, TokenHash};
use super::record::Record;
use crate::clock::Timestamp;

#[derive(Debug, Default)]
pub(super) struct RequestState {
    pub(super) current: CurrentSession,
    pub(super) cookie: Option<CookieChange>,
    pub(super) activity: Activity,
    /// The latest session of this request, live or ended.
    pub(super) handle: Option<Handle>,
    /// The use of the session must still be recorded, because it was only [peeked](super::Session::peek) at, or because the
    /// call that used it was dropped.
    pub(super) is_touch_due: bool,
}

/// What is known about the session.
#[derive(Debug, Default, Clone)]
pub(super) enum CurrentSession {
    /// The store was not asked yet.
    #[default]
    Unread,
    /// There is no session.
    None,
    /// The token was valid until a rotation or a login replaced it: the request is anonymous. A session that it started
    /// would overwrite the cookie of the successor.
    Replaced(TokenHash),
    /// Several cookies open different sessions: the request is anonymous. A session that it started would not be found
    /// by the next request.
    Ambiguous(Vec<TokenHash>),
    /// There is no session, but a record that cannot be read. A login or a logout deletes it.
    Unreadable(TokenHash),
    /// The session was live when it was last read or written.
    Live(TokenHash, Arc<Record>),
    /// Another request ended the session during this one.
    Ended,
    /// This request ended the session. A change begins a new one.
    LoggedOut,
}

/// What the response does with the cookie.
#[derive(Debug)]
pub(super) enum CookieChange {
    /// Sets a new token, for a time or until the browser exits.
    Issue(Token, Option<Duration>),
    /// Sets the token of the request again, to extend its time.
    Extend(Token, Duration),
    Expire,
}

impl RequestState {
    pub(super) fn issued_token(&self) -> Option<&Token> {
        match self.cookie.as_ref()? {
            CookieChange::Issue(token, _) => Some(token),
            CookieChange::Extend(..) | CookieChange::Expire => None,
        }
    }

    /// The session has a new token, which the response must carry.
    pub(super) fn issue(
        &mut self,
        token: Token,
        (key, record): (TokenHash, Arc<Record>),
        rotated: bool,
        now: Timestamp,
    ) {
        self.cookie = Some(CookieChange::Issue(token, max_age(&record, now)));
        self.set_live(key, &record);
        self.is_touch_due = false;
        self.activity.rotated |= rotated;
    }

    /// The use of the session was recorded, so the response extends the time of a persistent cookie.
    pub(super) fn extend(&mut self, token: Option<&Token>, record: &Record, now: Timestamp) {
        if let (Some(token), Some(max_age), None) = (token, max_age(record, now), &self.cookie) {
            self.cookie = Some(CookieChange::Extend(token.clone(), max_age));
        }
    }

    /// The session was live when it was last read or written.
    pub(super) fn set_live(&mut self, key: TokenHash, record: &Arc<Record>) {
        self.moved_to(key);
        self.activity.live = true;
        self.handle = Some(record.handle);
        self.current = CurrentSession::Live(key, Arc::clone(record));
    }

    /// If another request has rotated the token, its response has the new one. The previous one must not replace it.
    pub(super) fn moved_to(&mut self, key: TokenHash) {
        let is_same = matches!(&self.current, CurrentSession::Live(before, _) if *before == key);
        if !is_same && matches!(self.cookie, Some(CookieChange::Extend(..))) {
            self.cookie = None;
        }
    }

    /// Another request ended the session: no cookie is sent for it.
    pub(super) fn mark_ended(&mut self) {
        self.current = CurrentSession::Ended;
        self.cookie = None;
    }
}

/// How long the browser keeps the cookie of a persistent session: until the session expires.
fn max_age(record: &Record, now: Timestamp) -> Option<Duration> {
    record.options.persistent.then(|| record.expires().since(now))
}
