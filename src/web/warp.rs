//! Sessions in warp filters.

use warp::{Filter, Rejection};

use crate::session::Session;

/// Extracts the [`Session`] of a request. The store is not asked before the session is used.
///
/// Without a [`SessionLayer`](super::SessionLayer) around the routes, every request gets status 500.
///
/// ```
/// use sessctl::session::Session;
/// use warp::Filter;
///
/// let greeting = warp::path::end().and(sessctl::web::session()).then(|session: Session| async move {
///     match session.user().await {
///         Ok(Some(user)) => format!("Hello, {user}!"),
///         Ok(None) => "Hello, guest!".to_owned(),
///         Err(error) => error.to_string(),
///     }
/// });
/// # drop(greeting);
/// ```
pub fn session() -> impl Filter<Extract = (Session,), Error = Rejection> + Copy {
    warp::ext::get::<Session>()
}
