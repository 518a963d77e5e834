//! [`SessionError`]: why a session could not be read or changed.

use std::error::Error;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::change::ChangeError;
use super::store::StoreError;

/// Why a session could not be read or changed.
///
/// Answer [`Store`](SessionError::Store) with status 503. The application does not know then whether the client has a
/// session, and must not treat it as logged out.
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
    /// [`update`](super::Session::update) gave up, because other requests kept changing the same key.
    #[error("the session value `{0}` is changed by too many requests at once; try again")]
    Contention(String),
    /// The operating system returned no random bytes for a token.
    #[error("cannot create a session token: the operating system returned no random bytes")]
    Randomness(#[source] Box<dyn Error + Send + Sync>),
}

/// The value under `key` as a `T`.
pub(super) fn from_json<T: DeserializeOwned>(key: &str, value: Value) -> Result<T, SessionError> {
    serde_json::from_value(value).map_err(|source| SessionError::Type { key: key.to_owned(), source })
}

/// A value for `key` as JSON.
pub(super) fn to_json<T: Serialize>(key: &str, value: T) -> Result<Value, SessionError> {
    serde_json::to_value(value).map_err(|source| SessionError::Type { key: key.to_owned(), source })
}
