//! Responses that report a [`SessionError`], without the details of the store.

use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::session::SessionError;
#[cfg(any(feature = "axum", feature = "warp"))]
use crate::session::{ChangeError, InvalidLogin};

/// The text of a response. The error itself may name the store, so it is only for the log.
#[cfg(any(feature = "axum", feature = "warp"))]
pub(super) const fn message(error: &SessionError) -> &'static str {
    match error {
        SessionError::Ended => "401: the session has ended; log in again\n",
        SessionError::Login(InvalidLogin::EmptyUser) => "400: the name of the user is empty\n",
        SessionError::Login(InvalidLogin::ZeroDuration(_)) => "500: the session would expire at once\n",
        SessionError::Change(ChangeError::Differs(_)) => {
            "409: another request changed the session; try again\n"
        }
        SessionError::Change(ChangeError::TooLarge(_)) => "413: the session would be too large\n",
        SessionError::Change(ChangeError::NotJson(_)) => "500: a value cannot be stored in the session\n",
        SessionError::Change(ChangeError::NotANumber(_)) | SessionError::Type { .. } => {
            "500: the session has an unexpected value\n"
        }
        SessionError::Contention(_) => "503: too many requests change the session; try again\n",
        SessionError::Store(_) | SessionError::Admission(_) | SessionError::Randomness(_) => {
            "503: sessions are not available; try again\n"
        }
    }
}

/// Adds what the client can do.
pub(super) fn advise(status: StatusCode, headers: &mut HeaderMap) {
    match status {
        // RFC 9110 §11.6.1 requires a challenge. No browser opens a dialog for this scheme.
        StatusCode::UNAUTHORIZED => {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Cookie"));
        }
        StatusCode::SERVICE_UNAVAILABLE => {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        _ => {}
    }
}

/// Why a request did not get the user of its session.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UserRejection {
    /// There is no [`SessionLayer`](super::SessionLayer) around the route. Status 500.
    #[error("this route has no session; add a `sessctl::web::SessionLayer` around it")]
    MissingLayer,
    /// Nobody is logged in. Status 401.
    #[error("this route needs a login")]
    LoginRequired,
    /// The session cannot be read. The status is that of the error.
    #[error(transparent)]
    Session(#[from] SessionError),
}

impl UserRejection {
    /// The status of a response that reports the rejection.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            UserRejection::MissingLayer => StatusCode::INTERNAL_SERVER_ERROR,
            UserRejection::LoginRequired => StatusCode::UNAUTHORIZED,
            UserRejection::Session(error) => error.status(),
        }
    }

    /// The text of the response.
    #[cfg(any(feature = "axum", feature = "warp"))]
    pub(super) const fn message(&self) -> &'static str {
        match self {
            UserRejection::MissingLayer => {
                "500: this route has no session; add a `sessctl::web::SessionLayer` to the router, after the route\n"
            }
            UserRejection::LoginRequired => "401: log in first\n",
            UserRejection::Session(error) => message(error),
        }
    }
}
