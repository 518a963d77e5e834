//! Sessions in axum handlers.

use std::sync::Arc;

use axum_core::extract::{FromRequestParts, OptionalFromRequestParts};
use axum_core::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;
use thiserror::Error;

use super::RealmSession;
use super::session_response::{UserRejection, advise, message};
use crate::session::{Session, SessionError};

/// Extracts the [`Session`] of a request. The store is not asked before the session is used.
///
/// ```
/// use axum::{Router, routing::get};
/// use sessctl::session::{Session, SessionError};
///
/// async fn visits(session: Session) -> Result<String, SessionError> {
///     Ok(format!("This is visit {}.", session.increment("visits", 1).await?))
/// }
///
/// let routes: Router = Router::new().route("/", get(visits));
/// # drop(routes);
/// ```
impl<S: Send + Sync> FromRequestParts<S> for Session {
    type Rejection = MissingSessionLayer;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, MissingSessionLayer> {
        parts.extensions.get::<Session>().cloned().ok_or(MissingSessionLayer)
    }
}

/// Extracts the session of a [`SessionLayer::for_realm`](super::SessionLayer::for_realm).
impl<S: Send + Sync, R: 'static> FromRequestParts<S> for RealmSession<R> {
    type Rejection = MissingSessionLayer;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, MissingSessionLayer> {
        parts.extensions.get::<RealmSession<R>>().cloned().ok_or(MissingSessionLayer)
    }
}

/// The request has no session, because there is no [`SessionLayer`](super::SessionLayer) around the route. Status 500.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("this route has no session; add a `sessctl::web::SessionLayer` to the router, after the route")]
pub struct MissingSessionLayer;

impl IntoResponse for MissingSessionLayer {
    fn into_response(self) -> Response {
        UserRejection::MissingLayer.into_response()
    }
}

/// Extracts the name of the logged-in user, from the layer without a realm. An anonymous request gets 401. `Option<User>` is `None` for it instead.
///
/// ```
/// use axum::{Router, routing::get};
/// use sessctl::web::User;
///
/// async fn account(User(name): User) -> String {
///     format!("The account of {name}")
/// }
///
/// async fn start(user: Option<User>) -> String {
///     user.map_or("Hello, guest!".to_owned(), |User(name)| format!("Hello, {name}!"))
/// }
///
/// let routes: Router = Router::new().route("/", get(start)).route("/account", get(account));
/// # drop(routes);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User(pub Arc<str>);

impl<S: Send + Sync> FromRequestParts<S> for User {
    type Rejection = UserRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, UserRejection> {
        user_of(parts).await?.ok_or(UserRejection::LoginRequired)
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for User {
    type Rejection = UserRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, UserRejection> {
        user_of(parts).await
    }
}

async fn user_of(parts: &Parts) -> Result<Option<User>, UserRejection> {
    let session = parts.extensions.get::<Session>().ok_or(UserRejection::MissingLayer)?;
    Ok(session.user().await?.map(User))
}

/// The response has the error's [status](SessionError::status), and a text without details of the store.
impl IntoResponse for SessionError {
    fn into_response(self) -> Response {
        response(self.status(), message(&self))
    }
}

impl IntoResponse for UserRejection {
    fn into_response(self) -> Response {
        response(self.status(), self.message())
    }
}

fn response(status: StatusCode, message: &'static str) -> Response {
    let mut response = (status, message).into_response();
    advise(status, response.headers_mut());
    response
}
