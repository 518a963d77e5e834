//! [`Activity`]: what a request did with its session.

/// What a request did with its session, for logs and for the headers of its response.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Activity {
    /// The handler read the session, so the response depends on the cookie.
    pub read: bool,
    /// A live session existed during the request, so the response may contain its data.
    pub live: bool,
    /// The request created the session.
    pub created: bool,
    /// The session got a new token.
    pub rotated: bool,
    /// The request changed the session's data.
    pub changed: bool,
    /// The request ended the session.
    pub ended: bool,
}
