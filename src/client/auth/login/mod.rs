//! [`login`]: finds the login form as a person would, fills it in, submits it, and judges by evidence.

mod attempt;
mod fill;
mod json;
mod messages;
mod outcome;
pub(crate) mod report;
mod search;

use url::Url;

use super::logout;
use crate::client::auth::classify::{self, Hints};
use crate::client::auth::logout_controls::{logout_controls, name_of};
use crate::client::auth::probe::{Evidence, SessionProbe};
use crate::client::auth::trace::TraceStep;
use crate::client::html::page::Page;
use crate::client::http::agent::UserAgent;
use crate::client::http::error::ClientError;
use crate::client::http::request::{CookieSource, Request};
use report::{Credentials, LoginError, LoginOutcome, LoginReport, Method};

/// Logs in, beginning at `start`: a page with a login form, or one that leads to it. What was looked at is added to
/// `seen`, also where the login cannot be tried.
///
/// A client that the site knows already does so as somebody new, with an empty jar: so no earlier session is
/// taken for the new one, and a refused password costs nothing. Then it logs out of the earlier session, if there
/// was one, and takes over the new one.
///
/// # Errors
/// [`LoginError`], when it could not be tried. A login that the application refused is no error.
pub async fn login(
    agent: &mut UserAgent,
    start: &Url,
    mut credentials: Credentials<'_>,
    seen: &mut Vec<TraceStep>,
) -> Result<LoginReport, LoginError> {
    if agent.jar().sent_to(start).is_empty() {
        return attempt_anew(agent, start, &mut credentials, seen).await;
    }
    let earlier = earlier_session(agent, start).await?;
    let attempt = async |agent: &mut UserAgent| attempt_anew(agent, start, &mut credentials, seen).await;
    let (attempted, fresh) = agent.with_fresh_jar(attempt).await;
    let mut report = attempted?;
    if report.outcome == LoginOutcome::LoggedIn {
        let Some(earlier) = earlier else {
            agent.jar().merge(fresh.cookies());
            return Ok(report);
        };
        report.evidence.extend(leave(agent, &earlier).await?);
        agent.jar().merge(fresh.cookies());
        // An application may end all sessions of a user with one.
        let nobody = agent.jar().empty();
        let now = SessionProbe::of(agent, &report.page, &nobody, credentials.user.as_deref()).await?;
        if !now.is_some_and(|now| now.is_clear()) {
            report.outcome = LoginOutcome::NoEvidence { messages: Vec::new() };
        }
    }
    Ok(report)
}

async fn attempt_anew(
    agent: &mut UserAgent,
    start: &Url,
    credentials: &mut Credentials<'_>,
    seen: &mut Vec<TraceStep>,
) -> Result<LoginReport, LoginError> {
    match credentials.method {
        Method::Form => {
            let attempt = attempt::by_form(agent, start, credentials, seen).await?;
            outcome::judge(agent, attempt, credentials).await
        }
        Method::Json => json::login(agent, start, credentials).await,
    }
}

/// Logs out of an earlier session as its owner would, and forgets its site's cookies.
async fn leave(agent: &mut UserAgent, earlier: &Page) -> Result<Option<Evidence>, LoginError> {
    let Some(control) = logout_controls(earlier).into_iter().next() else { return Ok(None) };
    let request = logout::request(earlier, &control, agent.jar())?;
    // The new session counts, whatever becomes of the old one.
    let left = agent.send(request).await.is_ok_and(|response| response.status.as_u16() < 400);
    let of_site = agent.jar().sent_to(&earlier.url);
    agent.jar().remove(|cookie| of_site.iter().any(|other| other.is_same_as(cookie)));
    let used = name_of(&control, earlier);
    Ok(Some(if left { Evidence::EarlierSessionLeft(used) } else { Evidence::EarlierSessionMayLive(used) }))
}

/// A page that shows that this client is logged in already: the one to begin at, or the start page of its site.
async fn earlier_session(agent: &mut UserAgent, start: &Url) -> Result<Option<Page>, LoginError> {
    let root = start.join("/").ok().filter(|root| root != start);
    for place in [Some(start.clone()), root].into_iter().flatten() {
        let mut request = Request::page(place);
        request.cookies = CookieSource::Probe(agent.jar().snapshot());
        match agent.send(request).await {
            Ok(response) => {
                let page = agent.parse(&response).await?;
                if !logout_controls(&page).is_empty() {
                    return Ok(Some(page));
                }
            }
            // A page that cannot be had shows nothing.
            Err(ClientError::TooManyRedirects { .. } | ClientError::BadRedirect { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(None)
}

/// Whether a page has a form that logs in.
pub(super) fn has_login_form(page: &Page) -> bool {
    classify::login_form(page, &Hints::default()).is_some()
}
