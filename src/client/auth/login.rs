//! [`login`]: finds the login form, fills it in, submits it, and decides by evidence whether a session began.

mod attempt;
pub(super) mod credentials;
pub(super) mod error;
mod fill;
mod json;
mod json_answer;
mod json_signs;
mod messages;
mod outcome;
pub(super) mod report;
mod search;
mod trace_step;
mod verification;

use url::Url;

use super::evidence::Evidence;
use super::logout_controls::logout_controls;
use super::probe::SessionProbe;
use super::trace::TraceStep;
use crate::client::html::page::HtmlPage;
use crate::client::http::agent::UserAgent;
use crate::client::http::request::{CookieSource, Request};
use credentials::{Credentials, LoginMethod};
use error::LoginError;
use report::{LoginOutcome, LoginReport};

/// Logs in, starting at `start`: a page with a login form, or a page that leads to one.
///
/// If the jar has cookies for the site, the login runs with an empty jar, so an earlier session is not mistaken for the
/// new one, and a refused password changes nothing. After a successful login, the client logs out of the earlier session
/// and stores the new cookies.
///
/// # Errors
/// [`LoginError`], if no login was tried. A login that the application refused is not an error.
///
/// ```no_run
/// use sessctl::client::auth::LoginOutcome;
/// use sessctl::client::{AgentConfig, Credentials, UserAgent, login};
/// use sessctl::cookies::Jar;
///
/// # async fn run(jar: Jar) -> Result<(), Box<dyn std::error::Error>> {
/// let mut agent = UserAgent::new(AgentConfig::default(), jar);
/// let report = login(&mut agent, &"https://example.com/".parse()?, Credentials::new("alice", "secret")).await?;
/// assert_eq!(report.outcome, LoginOutcome::LoggedIn);
/// for evidence in &report.evidence {
///     println!("{evidence}");
/// }
/// # Ok(())
/// # }
/// ```
pub async fn login(
    agent: &mut UserAgent,
    start: &Url,
    credentials: Credentials<'_>,
) -> Result<LoginReport, LoginError> {
    login_with_trace(agent, start, credentials, &mut Vec::new()).await
}

/// Logs in like [`login`], and adds the pages that the search looked at to `trace`, also if the login fails.
///
/// # Errors
/// Those of [`login`].
pub async fn login_with_trace(
    agent: &mut UserAgent,
    start: &Url,
    mut credentials: Credentials<'_>,
    trace: &mut Vec<TraceStep>,
) -> Result<LoginReport, LoginError> {
    credentials.hints.given = credentials.fields.iter().map(|(name, _)| name.clone()).collect();
    let named = [start].into_iter().chain(&credentials.judge_by).cloned().collect();
    agent.navigate(named, async |agent| login_from(agent, start, credentials, trace).await).await
}

/// Logs in, starting at a page that the user named.
async fn login_from(
    agent: &mut UserAgent,
    start: &Url,
    mut credentials: Credentials<'_>,
    trace: &mut Vec<TraceStep>,
) -> Result<LoginReport, LoginError> {
    if agent.jar().sent_to(start).is_empty() {
        return attempt_login(agent, start, &mut credentials, trace).await;
    }
    let earlier = page_of_earlier_session(agent, start).await?;
    let attempt = async |agent: &mut UserAgent| attempt_login(agent, start, &mut credentials, trace).await;
    let (report, fresh) = agent.with_fresh_jar(attempt).await;
    let mut report = report?;
    if report.outcome != LoginOutcome::LoggedIn {
        return Ok(report);
    }
    if let Some(earlier) = &earlier {
        report.evidence.extend(end_earlier_session(agent, earlier).await?);
    }
    agent.jar().merge(fresh.cookies());
    if earlier.is_some() {
        // Some applications end all sessions of a user with one of them.
        let anonymous = agent.jar().empty();
        let user = credentials.user.as_deref();
        let probe = SessionProbe::of(agent, &report.page, &anonymous, user).await?;
        if !probe.is_some_and(|probe| probe.is_certain()) {
            report.outcome = LoginOutcome::NoEvidence { messages: Vec::new() };
        }
    }
    Ok(report)
}

async fn attempt_login(
    agent: &mut UserAgent,
    start: &Url,
    credentials: &mut Credentials<'_>,
    trace: &mut Vec<TraceStep>,
) -> Result<LoginReport, LoginError> {
    if credentials.method == LoginMethod::Json {
        return json::login(agent, start, credentials).await;
    }
    let found = search::find_login_form(agent, start, &credentials.hints, trace).await?;
    let attempt = attempt::submit_forms(agent, found, credentials, trace).await?;
    outcome::of_attempt(agent, attempt, credentials).await
}

/// The page that shows that this client is logged in already: the start of the login, or the start page of its site.
async fn page_of_earlier_session(agent: &mut UserAgent, start: &Url) -> Result<Option<HtmlPage>, LoginError> {
    let root = start.join("/").ok().filter(|root| root != start);
    for place in [Some(start.clone()), root].into_iter().flatten() {
        let mut request = Request::page(place);
        request.cookies = CookieSource::Probe(agent.jar().snapshot());
        match agent.load(request).await {
            Ok((_, page)) if !logout_controls(&page).is_empty() => return Ok(Some(page)),
            Ok(_) => {}
            Err(error) if error.is_bad_redirect() => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(None)
}

/// Logs out of an earlier session, and removes the cookies of its site from the jar.
async fn end_earlier_session(agent: &mut UserAgent, page: &HtmlPage) -> Result<Option<Evidence>, LoginError> {
    let Some(control) = logout_controls(page).into_iter().next() else { return Ok(None) };
    let request = control.request(page, agent.jar())?;
    // A failure does not affect the new session.
    let is_ended = agent.send(request).await.is_ok_and(|response| response.status.as_u16() < 400);
    let of_site = agent.jar().sent_to(&page.url);
    agent.jar().remove(|cookie| of_site.iter().any(|other| other.is_same_as(cookie)));
    let control = control.seen(page);
    let evidence = if is_ended { Evidence::EarlierSessionEnded } else { Evidence::EarlierSessionMayRemain };
    Ok(Some(evidence(control)))
}
