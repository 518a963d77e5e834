//! What can go wrong with a session.

use thiserror::Error;

use super::change::Refusal;
use super::store::StoreError;

/// Why a session could not be read or changed.
///
/// An application answers [`Store`](SessionError::Store) with 503: whether there is a session is then not
/// known, and a page for the wrong visitor is worse than none.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SessionError {
    /// The store failed or did not answer in time.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The session ended while this request was running (a logout in another tab, say). It stays ended.
    #[error("the session has ended meanwhile")]
    Ended,
    /// The change does not fit what the session holds.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The value under this key is not of the type that was asked for, or cannot be written as JSON.
    #[error("the value under `{key}` does not fit its type")]
    Type {
        /// The key in the session.
        key: String,
        /// What does not fit.
        #[source]
        source: serde_json::Error,
    },
    /// So many others changed the same key at the same time that [`update`](super::Session::update) gave up.
    #[error("`{0}` is changed by too many requests at once")]
    Contention(String),
    /// The operating system had no randomness for a token.
    #[error("no randomness for a session token")]
    Randomness(#[source] getrandom::Error),
}
