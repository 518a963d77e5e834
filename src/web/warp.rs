//! Sessions in warp filters.

use std::sync::Arc;

use http::header::LOCATION;
use http::{HeaderValue, Method, StatusCode};
use warp::path::FullPath;
use warp::reject::{Reject, custom};
use warp::reply::{Reply, Response};
use warp::{Filter, Rejection};

use super::RealmSession;
use super::require_login::login_page_for;
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
    session().and_then(|session: Session| async move {
        user_of(&session).await?.ok_or_else(|| custom(UserRejection::LoginRequired))
    })
}

/// Extracts the session of a [`SessionLayer::for_realm`](super::SessionLayer::for_realm).
pub fn realm_session<R: 'static>() -> impl Filter<Extract = (RealmSession<R>,), Error = Rejection> + Copy {
    warp::ext::get::<RealmSession<R>>()
}

/// Extracts the name of the logged-in user, like [`user`]. An anonymous `GET` is redirected to this login page, if
/// [`recover`] follows, with its own path in `next`: pass that to [`local_target`](super::local_target) after the login.
///
/// ```
/// use std::sync::Arc;
///
/// use sessctl::web::{recover, require_login};
/// use warp::Filter;
///
/// let account = warp::path("account")
///     .and(require_login("/login"))
///     .map(|name: Arc<str>| format!("The account of {name}"))
///     .recover(recover);
/// # drop(account);
/// ```
pub fn require_login(
    login_page: &'static str,
) -> impl Filter<Extract = (Arc<str>,), Error = Rejection> + Copy {
    logged_in(session(), login_page)
}

/// Like [`require_login`], for the session of a [`SessionLayer::for_realm`](super::SessionLayer::for_realm).
pub fn require_realm_login<R: 'static>(
    login_page: &'static str,
) -> impl Filter<Extract = (Arc<str>,), Error = Rejection> + Copy {
    logged_in(realm_session::<R>().map(RealmSession::into_session), login_page)
}

fn logged_in(
    session: impl Filter<Extract = (Session,), Error = Rejection> + Copy,
    login_page: &'static str,
) -> impl Filter<Extract = (Arc<str>,), Error = Rejection> + Copy {
    let query = warp::query::raw().map(|query| format!("?{query}")).or(warp::any().map(String::new)).unify();
    session.and(warp::method()).and(warp::path::full()).and(query).and_then(
        move |session: Session, method: Method, path: FullPath, query: String| async move {
            let target = format!("{}{query}", path.as_str());
            let redirect = || match login_page_for(&method, &target, login_page) {
                Some(page) => custom(LoginRedirect(page)),
                None => custom(UserRejection::LoginRequired),
            };
            user_of(&session).await?.ok_or_else(redirect)
        },
    )
}

async fn user_of(session: &Session) -> Result<Option<Arc<str>>, Rejection> {
    session.user().await.map_err(|error| custom(UserRejection::Session(error)))
}

/// The login page to which [`recover`] redirects.
#[derive(Debug)]
struct LoginRedirect(HeaderValue);

impl Reject for LoginRedirect {}

/// For [`Filter::recover`]: answers rejections with a [`UserRejection`] or a [`SessionError`], and passes on all others.
///
/// # Errors
/// A rejection of another kind.
pub async fn recover(rejection: Rejection) -> Result<Response, Rejection> {
    if let Some(LoginRedirect(page)) = rejection.find() {
        let response = warp::reply::with_header(StatusCode::SEE_OTHER, LOCATION, page);
        return Ok(response.into_response());
    }
    let rejected = rejection.find::<UserRejection>().map(|it| response(it.status(), it.message()));
    let failed = || rejection.find::<SessionError>().map(|it| response(it.status(), message(it)));
    rejected.or_else(failed).ok_or(rejection)
}

impl Reject for UserRejection {}

impl Reject for SessionError {}

/// The response has the error's [status](SessionError::status), and a text without details of the store.
impl Reply for SessionError {
    fn into_response(self) -> Response {
        response(self.status(), message(&self))
    }
}

fn response(status: StatusCode, message: &'static str) -> Response {
    let mut response = warp::reply::with_status(message, status).into_response();
    advise(status, response.headers_mut());
    response
}
