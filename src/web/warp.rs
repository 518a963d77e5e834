//! Filters for warp.

use warp::{Filter, Rejection};

use crate::session::Session;

/// Hands a handler the [`Session`] of its request. Asking for it reads nothing yet.
///
/// Without a [`SessionLayer`](super::SessionLayer) around the routes every request is answered with 500:
/// loudly, at the first try.
///
/// ```
/// use sessctl::session::Session;
/// use warp::Filter;
///
/// let greeting = warp::path::end().and(sessctl::web::session()).then(|session: Session| async move {
///     match session.user().await {
///         Ok(Some(user)) => format!("Hello, {user}!"),
///         Ok(None) => "Hello, stranger!".to_owned(),
///         Err(error) => error.to_string(),
///     }
/// });
/// # drop(greeting);
/// ```
pub fn session() -> impl Filter<Extract = (Session,), Error = Rejection> + Copy {
    warp::ext::get::<Session>()
}
