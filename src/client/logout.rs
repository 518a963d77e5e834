//! [`logout`]: uses the logout control of a page, then replays the old cookies: did the server end the
//! session, or did only the cookie go?

use thiserror::Error;
use url::Url;

use super::html::Page;
use super::jar::Octets;
use super::login::{Comparison, LogoutControl, Look, logout_control, name_of};
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
    /// Who still has the old cookies is a stranger.
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
        url: Url,
        /// It has a login form instead.
        login_form: bool,
    },
}

/// Logs out from `page`.
///
/// # Errors
/// [`LogoutError`], when it could not be tried. A session that lives on is no error.
pub async fn logout(agent: &mut UserAgent, page: &Url) -> Result<LogoutReport, LogoutError> {
    let response = agent.send(Request::page(page.clone())).await?;
    let shown = Page::of(&response);
    let Some(control) = logout_control(&shown) else {
        let login_form = super::login::has_login_form(&shown);
        return Err(LogoutError::NoControl { url: response.url, login_form });
    };
    let place = response.url;
    let stranger = agent.jar().empty();
    let comparison = Comparison::of(agent, &place, &stranger).await?;
    let old = agent.jar().snapshot();
    let request = match &control {
        LogoutControl::Form(form, button) => shown.forms[*form].submission(&[], *button)?,
        LogoutControl::Link(target) => {
            let mut request = Request::page(target.clone());
            request.from_page = Some(place.clone());
            request
        }
    };
    agent.send(request).await?;
    let replayed = Look::at(agent, &place, &old).await?;
    let now = agent.jar().snapshot();
    let ours = Look::at(agent, &place, &now).await?;
    let outcome = match (comparison.is_strangers(&replayed), comparison.is_strangers(&ours)) {
        _ if !comparison.shows_a_session() => LogoutOutcome::NoEvidence,
        (Some(true), _) => LogoutOutcome::EndedOnServer,
        (Some(false), Some(false)) => LogoutOutcome::StillLoggedIn,
        (Some(false), _) => LogoutOutcome::OnlyCookieGone,
        (None, _) => LogoutOutcome::NoEvidence,
    };
    let still_there = now.cookies();
    let is_there = |name: &Octets| still_there.iter().any(|cookie| cookie.name == *name);
    let gone = old.cookies().into_iter().map(|cookie| cookie.name).filter(|name| !is_there(name)).collect();
    Ok(LogoutReport { outcome, control: name_of(&control, &shown), gone, page: place })
}
