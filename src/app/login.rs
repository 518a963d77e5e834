//! Logging in and out.

use std::net::IpAddr;
use std::sync::Arc;

use http::header::RETRY_AFTER;
use http::{HeaderValue, StatusCode};
use warp::reply::Response;

use sessctl::session::Session;

use super::accounts::{Accounts, LONGEST_NAME, Verdict};
use super::forms::{Form, NoForm};
use super::next::local_target;
use super::pages::LoginPage;
use super::{pages, reply};

/// Begins a session: where there are accounts, of whoever has the password of one; else of whoever names himself (see
/// the warning of `serve --bind`).
pub(super) async fn login(
    session: Session,
    form: Result<Form, NoForm>,
    accounts: Option<Arc<Accounts>>,
    from: Option<IpAddr>,
) -> Response {
    let page = LoginPage { asks_for_password: accounts.is_some(), ..LoginPage::default() };
    let form = match form {
        Ok(form) => form,
        Err((status, problem)) => return pages::login(status, &LoginPage { problem: Some(problem), ..page }),
    };
    let next = form.get("next").and_then(local_target);
    let page = LoginPage { next: next.as_deref(), ..page };
    let bad = |problem| pages::login(StatusCode::BAD_REQUEST, &LoginPage { problem: Some(problem), ..page });
    let name = match name_in(&form) {
        Ok(name) => name,
        Err(problem) => return bad(problem),
    };
    let mut credential = 0;
    if let Some(accounts) = accounts {
        let Some(password) = form.get("password").filter(|password| !password.is_empty()) else {
            return bad("Give a password: the field is called password.");
        };
        match accounts.check(name, password.to_owned(), from).await {
            Verdict::Right(version) => credential = version,
            Verdict::Wrong => {
                let problem = Some("The name or the password is wrong.");
                return pages::login(StatusCode::UNAUTHORIZED, &LoginPage { problem, ..page });
            }
            Verdict::Later(seconds) => {
                let problem = Some("Too many tries: wait a moment, then try again.");
                let mut response =
                    pages::login(StatusCode::TOO_MANY_REQUESTS, &LoginPage { problem, ..page });
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
                return response;
            }
        }
    }
    match session.login_with(name, credential).await {
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
