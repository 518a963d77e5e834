//! Sessions in warp filters.

use std::sync::Arc;

use warp::reject::{Reject, custom};
use warp::reply::{Reply, Response};
use warp::{Filter, Rejection};

use super::session_response::{UserRejection, advise, message};
use crate::session::{Session, SessionError};

/// Extracts the [`Session`] of a request. The store is not asked before the session is used.
///
/// Without a [`SessionLayer`](super::SessionLayer) around the routes, every request gets status 500.
///
/// ```
/// use sessctl::session::{Session, SessionError};
/// use warp::Filter;
///
/// let visits = warp::path::end().and(sessctl::web::session()).then(|session: Session| async move {
///     let count = session.increment("visits", 1).await?;
///     Ok::<_, SessionError>(format!("This is visit {count}."))
/// });
/// # drop(visits);
/// ```
pub fn session() -> impl Filter<Extract = (Session,), Error = Rejection> + Copy {
    warp::ext::get::<Session>()
}

/// Extracts the name of the logged-in user. An anonymous request is rejected with a [`UserRejection`], which
/// [`recover`] answers with 401.
///
/// ```
/// use std::sync::Arc;
///
/// use warp::Filter;
///
/// let account = warp::path("account")
///     .and(sessctl::web::user())
///     .map(|name: Arc<str>| format!("The account of {name}"))
///     .recover(sessctl::web::recover);
/// # drop(account);
/// ```
pub fn user() -> impl Filter<Extract = (Arc<str>,), Error = Rejection> + Copy {
    session().and_then(async |session: Session| {
        let user = session.user().await.map_err(|error| custom(UserRejection::Session(error)))?;
        user.ok_or_else(|| custom(UserRejection::LoginRequired))
    })
}

/// For [`Filter::recover`]: answers rejections with a [`UserRejection`] or a [`SessionError`], and passes on all others.
///
/// # Errors
/// A rejection of another kind.
pub async fn recover(rejection: Rejection) -> Result<Response, Rejection> {
    let status = rejection.find::<UserRejection>().map(UserRejection::status);
    match status.or_else(|| rejection.find::<SessionError>().map(SessionError::status)) {
        Some(status) => Ok(response(status)),
        None => Err(rejection),
    }
}

impl Reject for UserRejection {}

impl Reject for SessionError {}

/// The response has the error's [status](SessionError::status), and a text without details of the store.
impl Reply for SessionError {
    fn into_response(self) -> Response {
        response(self.status())
    }
}

fn response(status: http::StatusCode) -> Response {
    let mut response = warp::reply::with_status(message(status), status).into_response();
    advise(status, response.headers_mut());
    response
}
