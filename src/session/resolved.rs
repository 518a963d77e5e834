//! [`Resolved`]: what the token of a request opens, and the sessions that a login ends.

use super::id::TokenHash;
use super::record::Record;

/// What a key leads to.
#[derive(Debug)]
pub(super) enum Resolved {
    /// A live session, with its current key.
    Live(TokenHash, Record),
    /// The key was replaced, and opens nothing any more.
    Replaced,
    /// There is a record that cannot be read, under this key.
    Unreadable(TokenHash),
    /// The key is unknown, or its session has ended.
    NotFound,
}

/// The sessions that a login ends.
#[derive(Debug)]
pub(super) enum Previous {
    None,
    /// The session that the client has. Its data may be carried over.
    Own(TokenHash),
    /// A token that another login or a rotation replaced. Only a session of the same user that followed is ended: the
    /// login form was sent twice.
    Replaced(TokenHash),
    /// A record that cannot be read.
    Unreadable(TokenHash),
    /// Sessions of several cookies.
    Several(Vec<TokenHash>),
}

/// Whether a new session of `user` may take over the data of `from`: never the data of another user.
pub(super) fn may_carry_over(from: &Record, user: Option<&str>) -> bool {
    from.user.is_none() || from.user.as_deref() == user
}
