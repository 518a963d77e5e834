//! [`logout`]: uses the logout control of a page, then replays the old cookies to see whether the server ended the
//! session.

use std::collections::HashSet;

use http::Method;
use thiserror::Error;
use url::Url;

use super::classify::has_login_form;
use super::evidence::ControlSeen;
use super::logout_controls::{LogoutControl, logout_controls};
use super::probe::SessionProbe;
use super::snapshot::PageSnapshot;
use super::well_known;
use crate::client::html::form::{Control, Filling, Form, FormMethod};
use crate::client::html::page::HtmlPage;
use crate::client::http::agent::UserAgent;
use crate::client::http::error::ClientError;
use crate::client::http::request::Request;
use crate::cookies::{ByteString, StoredCookie, is_cross_site};

/// How many controls of a page are tried.
const MAX_CONTROLS: usize = 3;

/// The result of a logout.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct LogoutReport {
    /// Whether the session ended.
    pub outcome: LogoutOutcome,
    /// The form or link that was used.
    pub control: ControlSeen,
    /// A plain `GET` logged out, so any link or image of any site can log this user out.
    pub by_get: bool,
    /// The names of the cookies that are no longer sent to the page.
    pub removed: Vec<ByteString>,
    /// The page that shows whether there is a session.
    pub page: Url,
}

/// Whether the session ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LogoutOutcome {
    /// The server ended the session: the old cookies are useless.
    EndedOnServer,
    /// Only the cookie was deleted: anyone who has the old cookies is still logged in.
    OnlyCookieGone,
    /// This client is still logged in.
    StillLoggedIn,
    /// The application may have ended its session, but the single sign-on has not.
    SignOnAlive {
        /// The host of the single sign-on.
        host: String,
        /// It has already logged this client in again.
        logs_in_again: bool,
    },
    /// The page does not show whether a client is logged in.
    NoEvidence,
}

/// Why a logout was not tried.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LogoutError {
    /// A request failed.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The page has no logout control.
    #[error("no logout form or link on {url}: {}", if *.login_form { "the page shows a login form, so this client is not logged in" } else { "name a page that has one" })]
    NoControl {
        /// The page.
        url: Box<Url>,
        /// It has a login form instead.
        login_form: bool,
    },
}

/// What was used to log out.
struct Used {
    control: ControlSeen,
    by_get: bool,
}

/// Logs out with the logout control of `page`, else of the start page of its site, else at a common logout path if there
/// is a session.
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
    agent.navigate(vec![page.clone()], async |agent| logout_from(agent, page).await).await
}

/// Logs out, starting at a page that the user named.
async fn logout_from(agent: &mut UserAgent, page: &Url) -> Result<LogoutReport, LogoutError> {
    let shown = page_with_control(agent, page).await?;
    let controls = logout_controls(&shown);
    let session = page_with_session(agent, page, &shown.url).await?;
    let session = session.as_ref();
    let place = session.map_or(&shown.url, |probe| &probe.place).clone();
    let old = agent.jar().snapshot();
    let used = match (controls.is_empty(), session) {
        (false, _) => use_controls(agent, &shown, &controls, session).await?,
        (true, Some(session)) => use_well_known_path(agent, &shown, session).await?,
        (true, None) => None,
    };
    let Some(Used { control, by_get }) = used else {
        let login_form = has_login_form(&shown);
        return Err(LogoutError::NoControl { url: Box::new(shown.url), login_form });
    };
    let replayed = PageSnapshot::with_jar(agent, &place, &old).await?;
    let now = agent.jar().snapshot();
    let ours = PageSnapshot::with_jar(agent, &place, &now).await?;
    let is_over = |later: &Option<PageSnapshot>| session?.is_over(later.as_ref()?);
    let outcome = match (is_over(&replayed), is_over(&ours)) {
        (Some(true), Some(true)) => LogoutOutcome::EndedOnServer,
        (Some(false), Some(true)) => LogoutOutcome::OnlyCookieGone,
        (_, Some(false)) => LogoutOutcome::StillLoggedIn,
        _ => LogoutOutcome::NoEvidence,
    };
    let still_sent = now.sent_to(&place);
    let is_removed = |cookie: &StoredCookie| !still_sent.iter().any(|other| other.is_same_as(cookie));
    let removed = old.sent_to(&place).into_iter().filter(is_removed).map(|cookie| cookie.name).collect();
    Ok(LogoutReport { outcome, control, by_get, removed, page: place })
}

/// The page, or the start page of its site if only that has a logout control.
async fn page_with_control(agent: &mut UserAgent, page: &Url) -> Result<HtmlPage, ClientError> {
    let (_, shown) = agent.load(Request::page(page.clone())).await?;
    let root = shown.url.join("/").ok().filter(|root| *root != shown.url);
    if let (true, Some(root)) = (logout_controls(&shown).is_empty(), root) {
        let (_, start) = agent.load(Request::page(root)).await?;
        if !logout_controls(&start).is_empty() {
            return Ok(start);
        }
    }
    Ok(shown)
}

/// The page that will show whether the session ended: the first that shows now that there is one.
async fn page_with_session(
    agent: &mut UserAgent,
    page: &Url,
    shown: &Url,
) -> Result<Option<SessionProbe>, ClientError> {
    let anonymous = agent.jar().empty();
    let mut known = HashSet::new();
    let places = [Some(shown.clone()), Some(page.clone()), shown.join("/").ok()].into_iter().flatten();
    for place in places.filter(|place| known.insert(place.clone())) {
        let probe = SessionProbe::of(agent, &place, &anonymous, None).await?;
        if let Some(probe) = probe.filter(|it| it.is_certain() || it.shows_a_session(None)) {
            return Ok(Some(probe));
        }
    }
    Ok(None)
}

/// Whether the session is over for this client.
async fn is_over(agent: &mut UserAgent, session: &SessionProbe) -> Result<bool, ClientError> {
    let now = agent.jar().snapshot();
    let later = PageSnapshot::with_jar(agent, &session.place, &now).await?;
    Ok(later.is_some_and(|later| session.is_over(&later) == Some(true)))
}

/// Uses the first control and confirms it if asked, and then the next ones while the session continues. Returns the one
/// that ended the session, else the first.
async fn use_controls(
    agent: &mut UserAgent,
    page: &HtmlPage,
    controls: &[LogoutControl],
    session: Option<&SessionProbe>,
) -> Result<Option<Used>, ClientError> {
    let mut first = None;
    for control in controls.iter().take(MAX_CONTROLS) {
        let (_, answer) = agent.load(control.request(page, agent.jar())?).await?;
        let mut used = Used { control: control.seen(page), by_get: control.is_get(page) };
        let is_done = match session {
            Some(session) => is_over(agent, session).await?,
            None => answer.url.path() != control.target(page).path(),
        };
        if is_done {
            return Ok(Some(used));
        }
        if confirm(agent, &answer).await? {
            used.by_get = false;
            match session {
                Some(session) if !is_over(agent, session).await? => {}
                _ => return Ok(Some(used)),
            }
        }
        first.get_or_insert(used);
        if session.is_none() {
            break;
        }
    }
    Ok(first)
}

/// Confirms the logout on a page that asks for it: with its logout form or link, else with its only POST form. Returns
/// `false` if the page does not ask.
async fn confirm(agent: &mut UserAgent, page: &HtmlPage) -> Result<bool, ClientError> {
    if !agent.navigation.is_named(&page.url) {
        return Ok(false); // a hostile page may have led here
    }
    let controls = logout_controls(page);
    let is_form = |control: &&LogoutControl| matches!(control, LogoutControl::Form(..));
    let is_post =
        |form: &&Form| form.method == FormMethod::Post && !form.controls.iter().any(Control::is_text);
    let mut post_forms = page.forms.iter().filter(is_post);
    let control = controls.iter().find(is_form).or(controls.first());
    let request = match (control, post_forms.next(), post_forms.next()) {
        (Some(control), ..) => control.request(page, agent.jar())?,
        (None, Some(only), None) if !is_cross_site(&only.page, &only.action) => {
            only.request(&Filling::of(Vec::new(), only.default_button()), page, agent.jar())?
        }
        _ => return Ok(false),
    };
    agent.send(request).await?;
    Ok(true)
}

/// Tries the common logout paths, with GET and with POST, until the session is over for this client.
async fn use_well_known_path(
    agent: &mut UserAgent,
    page: &HtmlPage,
    session: &SessionProbe,
) -> Result<Option<Used>, ClientError> {
    for target in well_known::below(&page.url, well_known::LOGOUTS) {
        for method in [Method::GET, Method::POST] {
            let mut request = Request::link(target.clone(), &page.url);
            request.method = method.clone();
            request.add_csrf_token(page, false, agent.jar());
            let response = agent.send(request).await?;
            // Many applications answer the wrong method with 404.
            if response.status == 404 || response.status == 405 {
                continue;
            }
            let answer = agent.parse(&response).await?;
            let control = ControlSeen::WellKnown(method.clone(), target.path().to_owned());
            if is_over(agent, session).await? {
                return Ok(Some(Used { control, by_get: method == Method::GET }));
            }
            if answer.url == target && confirm(agent, &answer).await? && is_over(agent, session).await? {
                return Ok(Some(Used { control, by_get: false }));
            }
        }
    }
    Ok(None)
}
