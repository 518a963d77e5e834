//! Login and logout.

use std::net::IpAddr;
use std::sync::Arc;

use http::HeaderValue;
use http::header::RETRY_AFTER;
use warp::reply::Response;

use sessctl::session::Session;

use super::accounts::{Accounts, MAX_NAME_LEN, PasswordCheck};
use super::form_fields::FormFields;
use super::local_target::local_target;
use super::pages::{self, LoginPrompt};
use super::problem::Problem;
use super::reply;
use crate::texts::Language;

/// `POST /login`. Without accounts, any name logs in (`serve` then refuses to bind to a non-loopback address).
pub(super) async fn login(
    session: Session,
    form: Result<FormFields, Problem>,
    accounts: Option<Arc<Accounts>>,
    from: Option<IpAddr>,
    language: Language,
) -> Response {
    let asks_for_password = accounts.is_some();
    let rejected = |problem, next: Option<&str>| {
        pages::login(language, &LoginPrompt { problem: Some(problem), next, asks_for_password })
    };
    let form = match form {
        Ok(form) => form,
        Err(problem) => return rejected(problem, None),
    };
    let next = form.get("next").and_then(local_target);
    let rejected = |problem| rejected(problem, next.as_deref());
    let name = match name_in(&form) {
        Ok(name) => name,
        Err(problem) => return rejected(problem),
    };
    let mut credential = 0;
    if let Some(accounts) = accounts {
        let Some(password) = form.get("password").filter(|password| !password.is_empty()) else {
            return rejected(Problem::NoPassword);
        };
        match accounts.check(name, password.to_owned(), from).await {
            PasswordCheck::Right(version) => credential = version,
            PasswordCheck::Wrong => return rejected(Problem::WrongPassword),
            PasswordCheck::RetryAfter(seconds) => {
                let mut response = rejected(Problem::TooManyAttempts);
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
                return response;
            }
        }
    }
    match session.login_with(name, credential).await {
        Ok(()) => reply::see_other(next.as_deref().unwrap_or("/")),
        Err(error) => pages::error(language, &error),
    }
}

/// `POST /logout`
pub(super) async fn logout(session: Session, language: Language) -> Response {
    match session.end().await {
        Ok(()) => reply::session_ended("/"),
        Err(error) => pages::error(language, &error),
    }
}

fn name_in(form: &FormFields) -> Result<&str, Problem> {
    let name = form.get("username").map(str::trim).filter(|name| !name.is_empty());
    let name = name.ok_or(Problem::NoName)?;
    if name.chars().any(char::is_control) {
        return Err(Problem::NameWithControls);
    }
    if name.chars().count() > MAX_NAME_LEN {
        return Err(Problem::LongName);
    }
    Ok(name)
}
