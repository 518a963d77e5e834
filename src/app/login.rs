//! Logging in and out.

use http::StatusCode;
use warp::reply::Response;

use sessctl::session::Session;

use super::forms::{Form, NoForm};
use super::next::local_target;
use super::{pages, reply};

/// Longest name that may log in, in characters.
pub(super) const LONGEST_NAME: usize = 100;

/// Begins a session for whoever names himself. There are no accounts: see the warning of `serve --bind`.
pub(super) async fn login(session: Session, form: Result<Form, NoForm>) -> Response {
    let form = match form {
        Ok(form) => form,
        Err((status, problem)) => return pages::login(status, Some(problem), None),
    };
    let next = form.get("next").and_then(local_target);
    let name = match name_in(&form) {
        Ok(name) => name,
        Err(problem) => return pages::login(StatusCode::BAD_REQUEST, Some(problem), next.as_deref()),
    };
    match session.login(name).await {
        Ok(()) => reply::see_other(next.as_deref().unwrap_or("/")),
        Err(error) => pages::session_error(&error),
    }
}

/// Ends the session, if there is one.
pub(super) async fn logout(session: Session) -> Response {
    match session.end().await {
        Ok(()) => reply::see_other("/"),
        Err(error) => pages::session_error(&error),
    }
}

fn name_in(form: &Form) -> Result<&str, &'static str> {
    let name = form.get("username").map(str::trim).filter(|name| !name.is_empty());
    let name = name.ok_or("Give a name: the field is called username.")?;
    if name.chars().any(char::is_control) {
        return Err("A name holds no control characters.");
    }
    if name.chars().count() > LONGEST_NAME {
        return Err("That name is too long.");
    }
    Ok(name)
}
