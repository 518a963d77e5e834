//! [`logout`]: uses the logout control of a page, then replays the old cookies: did the server end the
//! session, or did only the cookie go?

use thiserror::Error;
use url::Url;

use super::form::Filling;
use super::html::Page;
use super::jar::{Jar, Octets, StoredCookie};
use super::login::{Comparison, LogoutControl, Look, has_login_form, logout_controls, name_of};
use super::{ClientError, Request, UserAgent};

/// How a logout went.
#[derive(Debug, Clone)]
pub struct LogoutReport {
    /// Whether the session ended.
    pub outcome: LogoutOutcome,
    /// What was used to log out.
    pub control: String,
    /// The names of cookies that left the jar.
    pub gone: Vec<Octets>,
    /// The page that was looked at.
    pub page: Url,
}

/// Whether the session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LogoutOutcome {
    /// This client is logged out, and so is who still has the old cookies.
    EndedOnServer,
    /// This client is logged out, but who still has the old cookies is logged in.
    OnlyCookieGone,
    /// This client is still logged in.
    StillLoggedIn,
    /// The page tells nobody who is logged in from somebody who is not.
    NoEvidence,
}

/// Why a logout could not be tried.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LogoutError {
    /// An exchange failed.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The page has no way to log out.
    #[error("there is no logout form or link on {url}: {}", if *.login_form { "nobody is logged in there" } else { "name a page that has one" })]
    NoControl {
        /// The page.
        url: Box<Url>,
        /// It has a login form instead.
        login_form: bool,
    },
}

/// Logs out from `page`; where it has no logout control, from the start page of its site.
///
/// # Errors
/// [`LogoutError`], when it could not be tried. A session that lives on is no error.
pub async fn logout(agent: &mut UserAgent, page: &Url) -> Result<LogoutReport, LogoutError> {
    let shown = page_with_control(agent, page).await?;
    let Some(control) = logout_controls(&shown).into_iter().next() else {
        let login_form = has_login_form(&shown);
        return Err(LogoutError::NoControl { url: Box::new(shown.url), login_form });
    };
    let (place, comparison) = place_with_session(agent, &shown.url).await?;
    let old = agent.jar().snapshot();
    use_control(agent, &shown, &control).await?;
    let replayed = Look::at(agent, &place, &old).await?;
    let now = agent.jar().snapshot();
    let ours = Look::at(agent, &place, &now).await?;
    let over = |look: &Option<Look>| comparison.as_ref()?.is_over(look.as_ref()?);
    let outcome = match (over(&replayed), over(&ours)) {
        (Some(true), Some(true)) => LogoutOutcome::EndedOnServer,
        (Some(false), Some(true)) => LogoutOutcome::OnlyCookieGone,
        (_, Some(false)) => LogoutOutcome::StillLoggedIn,
        _ => LogoutOutcome::NoEvidence,
    };
    let still_sent = now.sent_to(&place);
    let is_gone = |cookie: &StoredCookie| !still_sent.iter().any(|other| other.is_same_as(cookie));
    let gone = old.sent_to(&place).into_iter().filter(is_gone).map(|cookie| cookie.name).collect();
    Ok(LogoutReport { outcome, control: name_of(&control, &shown), gone, page: place })
}

async fn page_with_control(agent: &mut UserAgent, page: &Url) -> Result<Page, ClientError> {
    let response = agent.send(Request::page(page.clone())).await?;
    let shown = agent.parse(&response).await?;
    let root = shown.url.join("/").ok().filter(|root| *root != shown.url);
    if let (true, Some(root)) = (logout_controls(&shown).is_empty(), root) {
        let response = agent.send(Request::page(root)).await?;
        let start = agent.parse(&response).await?;
        if !logout_controls(&start).is_empty() {
            return Ok(start);
        }
    }
    Ok(shown)
}

/// The page by which the end of the session will be judged: one that shows that there is one.
async fn place_with_session(
    agent: &mut UserAgent,
    page: &Url,
) -> Result<(Url, Option<Comparison>), ClientError> {
    let stranger = agent.jar().empty();
    for place in [Some(page.clone()), page.join("/").ok().filter(|root| root != page)].into_iter().flatten() {
        let comparison = Comparison::of(agent, &place, &stranger).await?;
        if let Some(comparison) = comparison.filter(Comparison::shows_a_session) {
            return Ok((place, Some(comparison)));
        }
    }
    Ok((page.clone(), None))
}

/// Submits the form, or follows the link; and where that asks whether it is meant, says yes.
async fn use_control(agent: &mut UserAgent, page: &Page, control: &LogoutControl) -> Result<(), ClientError> {
    let response = agent.send(request(page, control, agent.jar())?).await?;
    if let LogoutControl::Link(target) = control {
        let asked = agent.parse(&response).await?;
        let is_form = |control: &LogoutControl| matches!(control, LogoutControl::Form(..));
        let form = logout_controls(&asked).into_iter().find(is_form);
        if let Some(form) = form.filter(|_| asked.url.path() == target.path()) {
            agent.send(request(&asked, &form, agent.jar())?).await?;
        }
    }
    Ok(())
}

/// The request that a logout control stands for.
pub(super) fn request(page: &Page, control: &LogoutControl, jar: &Jar) -> Result<Request, ClientError> {
    match control {
        LogoutControl::Form(form, button) => {
            let form = &page.forms[*form];
            let mut request = form.submission(&Filling::of(Vec::new(), *button))?;
            request.carry_csrf_token(page, form, jar);
            Ok(request)
        }
        LogoutControl::Link(target) => {
            let mut request = Request::page(target.clone());
            request.from_page = Some(page.url.clone());
            Ok(request)
        }
    }
}
