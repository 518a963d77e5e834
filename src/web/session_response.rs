//! Responses that report a [`SessionError`], without the details of the store.

use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::session::SessionError;

/// The text of a response. The error itself may name the store, so it is only for the log.
#[cfg(any(feature = "axum", feature = "warp"))]
pub(super) const fn message(status: StatusCode) -> &'static str {
    match status.as_u16() {
        400 => "400: the name of the user is empty\n",
        401 => "401: log in first\n",
        409 => "409: another request changed the session; try again\n",
        413 => "413: the session would be too large\n",
        503 => "503: sessions are not available; try again\n",
        _ => "500: the session has an unexpected value\n",
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
}
