//! [`RequestState`]: what one request knows about its session, and what it did with it.

use std::sync::Arc;

use super::activity::Activity;
use super::id::{Handle, Token, TokenHash};
use super::record::Record;

#[derive(Debug, Default)]
pub(super) struct RequestState {
    pub(super) current: CurrentSession,
    pub(super) cookie: Option<CookieChange>,
    pub(super) activity: Activity,
    /// The latest session of this request, live or ended.
    pub(super) handle: Option<Handle>,
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
    /// The session ended during this request, by this request or another one.
    Ended,
}

/// What the response does with the cookie.
#[derive(Debug)]
pub(super) enum CookieChange {
    Issue(Token),
    Expire,
}

impl RequestState {
    /// The session has a new token, which the response must carry.
    pub(super) fn issue(&mut self, token: Token, (key, record): (TokenHash, Arc<Record>), rotated: bool) {
        self.handle = Some(record.handle);
        self.current = CurrentSession::Live(key, record);
        self.cookie = Some(CookieChange::Issue(token));
        self.activity.live = true;
        self.activity.rotated |= rotated;
    }

    /// Another request ended the session: no cookie is sent for it.
    pub(super) fn mark_ended(&mut self) {
        self.current = CurrentSession::Ended;
        self.cookie = None;
    }
}
