//! What a request did with its session.

/// What a request did with its session, for logs and for the headers of its response.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Activity {
    /// The handler asked for the session, so the response depends on the cookie.
    pub read: bool,
    /// There was a live session at some point, so the response may hold its data.
    pub live: bool,
    /// The session began in this request.
    pub created: bool,
    /// The session got a new token in place of the old one.
    pub renewed: bool,
    /// Its data was changed.
    pub changed: bool,
    /// It was ended by this request.
    pub ended: bool,
}
