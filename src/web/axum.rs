//! Sessions in axum handlers.

use axum_core::extract::FromRequestParts;
use axum_core::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;
use thiserror::Error;

use crate::session::Session;

/// Extracts the [`Session`] of a request. The store is not asked before the session is used.
///
/// ```
/// use axum::{Router, routing::get};
/// use sessctl::session::Session;
///
/// async fn greeting(session: Session) -> String {
///     match session.user().await {
///         Ok(Some(user)) => format!("Hello, {user}!"),
///         Ok(None) => "Hello, guest!".to_owned(),
///         Err(error) => error.to_string(),
///     }
/// }
///
/// let routes: Router = Router::new().route("/", get(greeting));
/// # drop(routes);
/// ```
impl<S: Send + Sync> FromRequestParts<S> for Session {
    type Rejection = MissingSessionLayer;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, MissingSessionLayer> {
        parts.extensions.get::<Session>().cloned().ok_or(MissingSessionLayer)
    }
}

/// The request has no session, because there is no [`SessionLayer`](super::SessionLayer) around the route. Status 500.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("this route has no session; add a `sessctl::web::SessionLayer` to the router, after the route")]
pub struct MissingSessionLayer;

impl IntoResponse for MissingSessionLayer {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, self.to_string()).into_response()
    }
}
