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
use super::pages::{self, Login};
use super::problem::Problem;
use super::reply;
use crate::texts::Language;

/// Begins a session: where there are accounts, of whoever has the password of one; else of whoever names himself (see
/// the warning of `serve --bind`).
pub(super) async fn login(
    session: Session,
    form: Result<Form, NoForm>,
    accounts: Option<Arc<Accounts>>,
    from: Option<IpAddr>,
    language: Language,
) -> Response {
    let page = Login { asks_for_password: accounts.is_some(), ..Login::default() };
    let form = match form {
        Ok(form) => form,
        Err((status, problem)) => {
            return pages::login(language, status, &Login { problem: Some(problem), ..page });
        }
    };
    let next = form.get("next").and_then(local_target);
    let page = Login { next: next.as_deref(), ..page };
    let again = |status, problem| pages::login(language, status, &Login { problem: Some(problem), ..page });
    let name = match name_in(&form) {
        Ok(name) => name,
        Err(problem) => return again(StatusCode::BAD_REQUEST, problem),
    };
    let mut credential = 0;
    if let Some(accounts) = accounts {
        let Some(password) = form.get("password").filter(|password| !password.is_empty()) else {
            return again(StatusCode::BAD_REQUEST, Problem::NoPassword);
        };
        match accounts.check(name, password.to_owned(), from).await {
            Verdict::Right(version) => credential = version,
            Verdict::Wrong => return again(StatusCode::UNAUTHORIZED, Problem::WrongPassword),
            Verdict::Later(seconds) => {
                let mut response = again(StatusCode::TOO_MANY_REQUESTS, Problem::TooManyTries);
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
                return response;
            }
        }
    }
    match session.login_with(name, credential).await {
        Ok(()) => reply::see_other(next.as_deref().unwrap_or("/")),
        Err(error) => pages::session_error(language, &error),
    }
}

/// Ends the session, if there is one.
pub(super) async fn logout(session: Session, language: Language) -> Response {
    match session.end().await {
        Ok(()) => reply::ended("/"),
        Err(error) => pages::session_error(language, &error),
    }
}

fn name_in(form: &Form) -> Result<&str, Problem> {
    let name = form.get("username").map(str::trim).filter(|name| !name.is_empty());
    let name = name.ok_or(Problem::NoName)?;
    if name.chars().any(char::is_control) {
        return Err(Problem::NameWithControls);
    }
    if name.chars().count() > LONGEST_NAME {
        return Err(Problem::LongName);
    }
    Ok(name)
}
