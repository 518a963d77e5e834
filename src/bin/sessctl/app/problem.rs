//! [`Problem`]: why a request gets an error response. It carries the status and the key of its text.

use http::StatusCode;

use sessctl::session::SessionError;

#[derive(Debug, Clone, Copy)]
pub(super) struct Problem {
    /// Its key in the texts, after `page-problem-`.
    pub(super) key: &'static str,
    pub(super) status: StatusCode,
}

const fn problem(key: &'static str, status: StatusCode) -> Problem {
    Problem { key, status }
}

impl Problem {
    pub(super) const FORM_TYPE: Problem = problem("form-type", StatusCode::UNSUPPORTED_MEDIA_TYPE);
    pub(super) const FORM_TOO_LARGE: Problem = problem("form-too-large", StatusCode::PAYLOAD_TOO_LARGE);
    pub(super) const TOO_MANY_FORMS: Problem = problem("too-many-forms", StatusCode::TOO_MANY_REQUESTS);
    pub(super) const FORM_UNREADABLE: Problem = problem("form-unreadable", StatusCode::BAD_REQUEST);
    pub(super) const NO_NAME: Problem = problem("no-name", StatusCode::BAD_REQUEST);
    pub(super) const NAME_WITH_CONTROLS: Problem = problem("name-with-controls", StatusCode::BAD_REQUEST);
    pub(super) const LONG_NAME: Problem = problem("long-name", StatusCode::BAD_REQUEST);
    pub(super) const NO_PASSWORD: Problem = problem("no-password", StatusCode::BAD_REQUEST);
    pub(super) const WRONG_PASSWORD: Problem = problem("wrong-password", StatusCode::UNAUTHORIZED);
    pub(super) const TOO_MANY_ATTEMPTS: Problem = problem("too-many-attempts", StatusCode::TOO_MANY_REQUESTS);
    pub(super) const NO_PAGE: Problem = problem("no-page", StatusCode::NOT_FOUND);
    pub(super) const BAD_POSITION: Problem = problem("bad-position", StatusCode::BAD_REQUEST);
    pub(super) const NO_SESSION_NAMED: Problem = problem("no-session-named", StatusCode::BAD_REQUEST);
    pub(super) const NO_SUCH_SESSION: Problem = problem("no-such-session", StatusCode::NOT_FOUND);
    pub(super) const SESSION_ENDED: Problem = problem("session-ended", StatusCode::UNAUTHORIZED);
    pub(super) const SESSION_CONFLICT: Problem = problem("session-conflict", StatusCode::CONFLICT);
    pub(super) const STORE_UNAVAILABLE: Problem =
        problem("store-unavailable", StatusCode::SERVICE_UNAVAILABLE);
}

impl From<SessionError> for Problem {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Ended => Problem::SESSION_ENDED,
            SessionError::Change(_) | SessionError::Type { .. } => Problem::SESSION_CONFLICT,
            // Whether there is a session is unknown, so the server must not answer as if there were none.
            _ => Problem::STORE_UNAVAILABLE,
        }
    }
}
