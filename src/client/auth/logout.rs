//! [`logout`]: uses the logout control of a page, then looks whether this client is logged out, and last replays the old
//! cookies to see whether the server ended the session.
//!
//! The usual logout sends at most six requests: the page with the control, the control and its redirect, the page again
//! with this client's cookies, and the page with the old cookies, which may be redirected to the login. Two more show the
//! page of an anonymous client, if the others do not decide. The replay is the last request, because it may revive the
//! session: a cookie that remembers the user logs in again. Then the control is used once more.

mod attempt;
mod guess;
mod report;
mod requests;
mod session;
mod token;

use url::Url;

use super::classify::has_login_form;
use super::evidence::ControlSeen;
use super::logout_controls::{LogoutControl, is_logout_address, logout_controls, scripted_control};
use crate::client::html::page::HtmlPage;
use crate::client::http::agent::UserAgent;
use crate::client::http::error::ClientError;
use crate::client::http::request::Request;
use crate::cookies::StoredCookie;
use attempt::{LogoutAttempt, State, state_after_redirects};
use guess::{Guess, Way};
pub use report::{LogoutError, LogoutOutcome, LogoutReport};
pub(super) use requests::{LoadedPage, Requests};
use session::{SessionPage, is_same_page};

/// How many requests a logout sends at most, redirects included.
const MAX_REQUESTS: usize = 20;

/// How many controls of a page are tried.
const MAX_CONTROLS: usize = 3;

/// Ends the session of the token for `page`, if the jar has one. Else logs out with the logout control of `page`, else of the start page of its site, else at an address in a script or at a
/// common logout path if there is a session. If `page` itself is the address of a logout, it is requested.
///
/// # Errors
/// [`LogoutError`], if no logout was tried. A session that did not end is not an error.
///
/// ```no_run
/// use sessctl::client::auth::LogoutOutcome;
/// use sessctl::client::{AgentConfig, UserAgent, logout};
/// use sessctl::cookies::Jar;
///
/// # async fn run(jar: Jar) -> Result<(), Box<dyn std::error::Error>> {
/// let mut agent = UserAgent::new(AgentConfig::default(), jar);
/// let report = logout(&mut agent, &"https://example.com/account".parse()?).await?;
/// assert_eq!(report.outcome, LogoutOutcome::EndedOnServer);
/// # Ok(())
/// # }
/// ```
pub async fn logout(agent: &mut UserAgent, page: &Url) -> Result<LogoutReport, LogoutError> {
    logout_after_login(agent, page, None).await
}

/// Logs out like [`logout`]. `last_page` is the page on which the last login ended: it may show the session if `page` does
/// not, and the common paths are tried in its folder too.
///
/// # Errors
/// Those of [`logout`].
pub async fn logout_after_login(
    agent: &mut UserAgent,
    page: &Url,
    last_page: Option<&Url>,
) -> Result<LogoutReport, LogoutError> {
    let page = &agent.take_credentials(page)?;
    let mut named = vec![page.clone()];
    named.extend(last_page.cloned());
    let session = agent.jar().tokens().into_iter().find(|token| token.is_for(page));
    let work = async |agent: &mut UserAgent| match session {
        Some(session) => Box::pin(token::logout(agent, page, last_page, session)).await,
        None => logout_from(agent, page, last_page).await,
    };
    agent.navigate(named, async |agent| agent.with_at_most(MAX_REQUESTS, work).await).await
}

/// Logs out like [`logout`], but only with the controls of a page that was loaded. `None` if the page shows no session, or
/// if no request is left.
pub(super) async fn end_session(
    requests: &mut Requests<'_>,
    shown: LoadedPage,
) -> Result<Option<LogoutReport>, LogoutError> {
    let pages = [shown];
    let Some(session) = SessionPage::shown_by(requests, &pages).await? else { return Ok(None) };
    let (mut session, [shown]) = (Some(session), pages);
    let Some(attempt) = use_controls(requests, &shown.page, &mut session).await? else { return Ok(None) };
    report(requests, &shown.page, session, attempt).await.map(Some)
}

/// Logs out, starting at pages that the user named.
async fn logout_from(
    agent: &mut UserAgent,
    page: &Url,
    last_page: Option<&Url>,
) -> Result<LogoutReport, LogoutError> {
    let is_last = last_page == Some(page);
    let last_page = last_page.filter(|last| last.origin() == page.origin() && !is_last);
    let mut requests = Requests::of(agent);
    if is_logout_address(page)
        && !is_last
        && let Some(report) = at_named_address(&mut requests, page, last_page).await?
    {
        return Ok(report);
    }
    let mut pages = pages_with_control(&mut requests, page).await?;
    let has_control = |answer: &LoadedPage| !logout_controls(&answer.page).is_empty();
    if !pages.iter().any(has_control)
        && let Some(last) = last_page
    {
        pages.extend(loaded(&mut requests, last).await?);
    }
    let first = pages.first().map(|answer| answer.page.clone());
    let Some(shown) = pages.iter().find(|answer| has_control(answer)).map(|it| it.page.clone()).or(first)
    else {
        return Err(LogoutError::NoControl { url: Box::new(page.clone()), login_form: false });
    };
    pages.sort_by_key(|answer| !has_control(answer));
    let mut session = SessionPage::shown_by(&mut requests, &pages).await?;
    let attempt = match &mut session {
        _ if has_controls(&shown) => use_controls(&mut requests, &shown, &mut session).await?,
        Some(session) => {
            let mut folders = vec![shown.url.clone(), page.clone()];
            folders.extend(last_page.cloned());
            let mut guesses: Vec<Guess> =
                pages.iter().flat_map(|answer| Guess::in_scripts(&answer.page)).collect();
            guesses.extend(Guess::common(&shown, &folders));
            guess(&mut requests, &shown, session, &guesses).await?
        }
        None => None,
    };
    let Some(attempt) = attempt else { return Err(nothing_used(&shown, session.is_some())) };
    report(&mut requests, &shown, session, attempt).await
}

fn has_controls(page: &HtmlPage) -> bool {
    !logout_controls(page).is_empty()
}

/// Why nothing was used.
fn nothing_used(shown: &HtmlPage, has_session: bool) -> LogoutError {
    let url = Box::new(shown.url.clone());
    let login_form = !has_session && has_login_form(shown);
    match scripted_control(shown).filter(|_| !login_form) {
        Some(control) => LogoutError::ScriptedControl { url, control },
        None => LogoutError::NoControl { url, login_form },
    }
}

/// A page with its answer. `None` if a redirect cannot be followed.
async fn loaded(requests: &mut Requests<'_>, url: &Url) -> Result<Option<LoadedPage>, ClientError> {
    match requests.load(Request::page(url.clone())).await {
        Err(error) if error.is_bad_redirect() => Ok(None),
        loaded => loaded,
    }
}

/// The page, and the start page of its site if the page has no logout control.
async fn pages_with_control(requests: &mut Requests<'_>, page: &Url) -> Result<Vec<LoadedPage>, ClientError> {
    let mut pages = Vec::new();
    pages.extend(requests.load(Request::page(page.clone())).await?);
    if let Some(shown) = pages.first().map(|answer| &answer.page)
        && !has_controls(shown)
        && let Some(root) = shown.url.join("/").ok().filter(|root| *root != shown.url)
    {
        pages.extend(requests.load(Request::page(root)).await?);
    }
    Ok(pages)
}

/// Requests the address that the user named, which logs out itself. `None` if no other page shows a session: then the
/// address is a page like any other.
async fn at_named_address(
    requests: &mut Requests<'_>,
    named: &Url,
    last_page: Option<&Url>,
) -> Result<Option<LogoutReport>, LogoutError> {
    let mut session = None;
    let mut shown = None;
    for place in [last_page.cloned(), named.join("/").ok()].into_iter().flatten() {
        let pages: Vec<LoadedPage> = loaded(requests, &place).await?.into_iter().collect();
        session = SessionPage::shown_by(requests, &pages).await?;
        shown = pages.into_iter().next().map(|answer| answer.page);
        if session.is_some() {
            break;
        }
    }
    let (Some(mut session), Some(shown)) = (session, shown) else { return Ok(None) };
    let guess = Guess::named(named.clone(), &[Way::Get, Way::Post]);
    let attempt = guess.attempt(requests, &shown, &mut session).await?;
    match attempt {
        Some(attempt) => Ok(Some(report(requests, &shown, Some(session), attempt).await?)),
        None => Ok(None),
    }
}

/// Uses the first control, and then the next ones while the session continues, and then what a script may send instead.
/// Returns the attempt that ended the session, else the first.
async fn use_controls(
    requests: &mut Requests<'_>,
    page: &HtmlPage,
    session: &mut Option<SessionPage>,
) -> Result<Option<LogoutAttempt>, ClientError> {
    let controls = logout_controls(page);
    let mut first = None;
    for control in controls.iter().take(MAX_CONTROLS) {
        let request = control.request(page, requests.agent.jar())?;
        let seen = control.seen(page);
        let Some(mut attempt) = LogoutAttempt::with(requests, session.as_mut(), seen, request).await? else {
            break;
        };
        attempt.by_get &= control.is_get(page);
        if attempt.state != State::LoggedIn {
            return Ok(Some(attempt));
        }
        first.get_or_insert(attempt);
    }
    if let Some(session) = session {
        // A script may send the address of a link with another method, and with a token.
        let is_plain =
            |control: &&LogoutControl| control.is_get(page) && is_logout_address(control.target(page));
        let links = controls
            .iter()
            .filter(is_plain)
            .map(|control| Guess::named(control.target(page).clone(), &[Way::Post]));
        let guesses: Vec<Guess> = links.chain(Guess::in_scripts(page)).collect();
        if let Some(attempt) = guess(requests, page, session, &guesses).await? {
            return Ok(Some(attempt));
        }
    }
    Ok(first)
}

/// Tries the guesses until the session is over for this client.
async fn guess(
    requests: &mut Requests<'_>,
    page: &HtmlPage,
    session: &mut SessionPage,
    guesses: &[Guess],
) -> Result<Option<LogoutAttempt>, ClientError> {
    for guess in guesses.iter().filter(|guess| guess.target.origin() == page.url.origin()) {
        if let Some(attempt) = guess.attempt(requests, page, session).await? {
            return Ok(Some(attempt));
        }
    }
    Ok(None)
}

/// Replays the old cookies, and decides the outcome.
async fn report(
    requests: &mut Requests<'_>,
    shown: &HtmlPage,
    session: Option<SessionPage>,
    mut attempt: LogoutAttempt,
) -> Result<LogoutReport, LogoutError> {
    let place = session.as_ref().map_or(&shown.url, |session| &session.place).clone();
    let mut revived = false;
    let mut is_over = None;
    if let (State::LoggedOut | State::Redirected(_), Some(mut session)) = (&attempt.state, session) {
        let replayed = requests.look(&place, &attempt.old).await?;
        if let Some(look) = &replayed {
            is_over = session.is_over(requests, look).await?;
        }
        if let State::Redirected(target) = &attempt.state {
            // The old cookies, which are at least as many, lead to the same address and open nothing.
            let is_known = is_over == Some(true)
                && replayed.is_some_and(|look| look.hops.get(1).is_some_and(|hop| is_same_page(hop, target)));
            let state = match is_known {
                true => State::LoggedOut,
                false => state_after_redirects(requests, &mut session, &attempt.end).await?,
            };
            // The page that redirected before the replay is open now: the replay revived the session.
            attempt.state = if state == State::LoggedIn { State::LoggedOut } else { state };
        }
        revived = is_over == Some(false)
            && attempt.state == State::LoggedOut
            && is_revived(requests, &mut session, &mut attempt).await?;
    }
    let outcome = match (&attempt.state, is_over) {
        (State::LoggedOut, Some(true)) => LogoutOutcome::EndedOnServer,
        (State::LoggedOut, Some(false)) => LogoutOutcome::OnlyCookieGone,
        (State::LoggedIn | State::LoggedInAgain, _) => LogoutOutcome::StillLoggedIn,
        (State::SignedOn { host, logs_in_again }, _) => {
            LogoutOutcome::SignOnAlive { host: host.clone(), logs_in_again: *logs_in_again }
        }
        _ => match requests.unavailable {
            Some(status) => LogoutOutcome::Unavailable { status },
            None => LogoutOutcome::NoEvidence,
        },
    };
    let logged_in_again = attempt.state == State::LoggedInAgain;
    let LogoutAttempt { control, confirmed, by_get, old, .. } = attempt;
    let still_sent = requests.agent.jar().sent_to(&place);
    let is_removed = |cookie: &StoredCookie| !still_sent.iter().any(|other| other.is_same_as(cookie));
    let removed = old.sent_to(&place).into_iter().filter(is_removed).map(|cookie| cookie.name).collect();
    Ok(LogoutReport {
        outcome,
        control,
        confirmed,
        by_get,
        removed,
        forgotten: None,
        page: place,
        revived,
        logged_in_again,
    })
}

/// Whether the replay of the old cookies logged this client in again: a cookie that remembers the user may revive a session
/// whose cookie is still in the jar. If so, the control is used again.
async fn is_revived(
    requests: &mut Requests<'_>,
    session: &mut SessionPage,
    attempt: &mut LogoutAttempt,
) -> Result<bool, ClientError> {
    let old = attempt.old.cookies();
    let is_old = |cookie: &StoredCookie| {
        old.iter().any(|other| other.is_same_as(cookie) && other.value == cookie.value)
    };
    if !requests.agent.jar().cookies().iter().any(is_old) {
        return Ok(false);
    }
    let Some(answer) = loaded(requests, &session.place).await? else { return Ok(false) };
    let Some(look) = answer.look() else { return Ok(false) };
    if session.is_over(requests, &look).await? != Some(false) {
        return Ok(false);
    }
    let controls = logout_controls(&answer.page);
    let same = controls.iter().find(|control| control.seen(&answer.page) == attempt.control);
    let request = match same {
        Some(control) => control.request(&answer.page, requests.agent.jar())?,
        None => attempt.request.clone(),
    };
    let seen: ControlSeen = attempt.control.clone();
    if let Some(again) = LogoutAttempt::with(requests, Some(session), seen, request).await? {
        attempt.state = match again.state {
            State::Redirected(_) => state_after_redirects(requests, session, &again.end).await?,
            state => state,
        };
    }
    Ok(true)
}
