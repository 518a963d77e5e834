//! Login and logout.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

use http::HeaderValue;
use http::header::RETRY_AFTER;
use warp::reply::Response;

use sessctl::session::{Login, Session};
use sessctl::web::local_target;

use super::accounts::{Accounts, MAX_NAME_LEN, PasswordCheck, canonical_name};
use super::device;
use super::form_fields::FormFields;
use super::pages;
use super::problem::Problem;
use super::reply;
use crate::texts::{Language, is_misleading};

/// The key under which a session has a description of the client that logged in.
pub(super) const LOGGED_IN_FROM: &str = "logged_in_from";

/// The client that sends a login.
#[derive(Debug)]
pub(super) struct LoginClient {
    pub(super) address: Option<IpAddr>,
    pub(super) user_agent: String,
}

/// `POST /login`. Without accounts, any name logs in (`serve` then refuses to bind to a non-loopback address).
pub(super) async fn login(
    session: Session,
    form: Result<FormFields, Problem>,
    accounts: Option<Arc<Accounts>>,
    client: LoginClient,
    language: Language,
) -> Result<Response, Problem> {
    let next = form.as_ref().ok().and_then(|form| local_target(form.get("next")?));
    let rejected = |problem| Ok(pages::login(language, Some(problem), next.as_deref(), accounts.is_some()));
    let (name, password) = match form.as_ref().map_err(|problem| *problem).and_then(credentials) {
        Ok(credentials) => credentials,
        Err(problem) => return rejected(problem),
    };
    let mut credential = 0;
    if let Some(accounts) = &accounts {
        let Some(password) = password else { return rejected(Problem::NO_PASSWORD) };
        match accounts.check(&name, password.to_owned(), client.address).await {
            PasswordCheck::Right(version) => credential = version,
            PasswordCheck::Wrong => return rejected(Problem::WRONG_PASSWORD),
            PasswordCheck::RetryAfter(seconds) => {
                let mut response = rejected(Problem::TOO_MANY_ATTEMPTS)?;
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
                return Ok(response);
            }
        }
    }
    session.login(Login::new(&*name).credential_version(credential)).await?;
    let description = device::description(&client.user_agent, client.address);
    if accounts.is_some() && !description.is_empty() {
        // The session exists: if this fails, its owner cannot tell where it began.
        let _ = session.set(LOGGED_IN_FROM, description).await;
    }
    Ok(reply::see_other(next.as_deref().unwrap_or("/")))
}

/// `POST /logout`
pub(super) async fn logout(session: Session) -> Result<Response, Problem> {
    session.end().await?;
    Ok(reply::session_ended("/"))
}

/// The name, and the password if there is one.
fn credentials(form: &FormFields) -> Result<(Cow<'_, str>, Option<&str>), Problem> {
    let name = form.get("username").map(str::trim).filter(|name| !name.is_empty());
    let name = name.ok_or(Problem::NO_NAME)?;
    let name = canonical_name(name);
    if name.chars().any(|c| c.is_control() || is_misleading(c)) {
        return Err(Problem::NAME_WITH_CONTROLS);
    }
    if name.chars().count() > MAX_NAME_LEN {
        return Err(Problem::LONG_NAME);
    }
    Ok((name, form.get("password").filter(|password| !password.is_empty())))
}
