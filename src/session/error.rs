//! [`SessionError`]: why a session could not be read or changed.

use std::error::Error;

use http::StatusCode;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::change::ChangeError;
use super::finite::to_finite_json;
use super::login::InvalidLogin;
use super::store::StoreError;

/// Why a session could not be read or changed.
///
/// Answer it with its [`status`](SessionError::status). After [`Store`](SessionError::Store) the application does not know
/// whether the client has a session, and must not treat it as logged out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// The store failed or did not answer in time.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The session ended while this request was running, for example by a logout in another tab. It stays ended.
    #[error("the session ended during this request; log in again")]
    Ended,
    /// The session's data does not allow the change.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// The value does not have the requested type, or cannot be written as JSON.
    #[error("the session value `{key}` does not have the expected type")]
    Type {
        /// The key in the session.
        key: String,
        /// Why the conversion failed.
        #[source]
        source: serde_json::Error,
    },
    /// The [`Login`](super::Login) is not valid.
    #[error("cannot log in: {0}")]
    Login(#[from] InvalidLogin),
    /// [`update`](super::Session::update) gave up, because other requests kept changing the same key.
    #[error("the session value `{0}` is changed by too many requests at once; try again")]
    Contention(String),
    /// [`SessionsBuilder::admission`](super::SessionsBuilder::admission) returned an error, which is the source.
    #[error("cannot check whether the session is still valid")]
    Admission(#[source] Box<dyn Error + Send + Sync>),
    /// The operating system returned no random bytes for a token.
    #[error("cannot create a session token: the operating system returned no random bytes")]
    Randomness(#[source] Box<dyn Error + Send + Sync>),
}

impl SessionError {
    /// The status of a response that reports the error.
    ///
    /// ```
    /// use sessctl::session::SessionError;
    ///
    /// assert_eq!(SessionError::Ended.status(), 401);
    /// ```
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            SessionError::Ended => StatusCode::UNAUTHORIZED,
            SessionError::Change(ChangeError::TooLarge(_)) => StatusCode::PAYLOAD_TOO_LARGE,
            SessionError::Change(ChangeError::Differs(_)) => StatusCode::CONFLICT,
            SessionError::Login(InvalidLogin::EmptyUser) => StatusCode::BAD_REQUEST,
            SessionError::Store(_)
            | SessionError::Contention(_)
            | SessionError::Admission(_)
            | SessionError::Randomness(_) => StatusCode::SERVICE_UNAVAILABLE,
            SessionError::Change(ChangeError::NotANumber(_) | ChangeError::NotJson(_))
            | SessionError::Type { .. }
            | SessionError::Login(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

/// The value under `key` as a `T`.
pub(super) fn from_json<T: DeserializeOwned>(key: &str, value: Value) -> Result<T, SessionError> {
    serde_json::from_value(value).map_err(|source| SessionError::Type { key: key.to_owned(), source })
}

/// A value for `key` as JSON.
pub(super) fn to_json<T: Serialize>(key: &str, value: &T) -> Result<Value, SessionError> {
    let json = to_finite_json(value).map_err(|source| SessionError::Type { key: key.to_owned(), source })?;
    json.ok_or_else(|| ChangeError::NotJson(key.to_owned()).into())
}
