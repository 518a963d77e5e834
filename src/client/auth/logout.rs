//! [`logout`]: uses the logout control of a page, then replays the old cookies: did the server end the
//! session, or did only the cookie go?

use http::Method;
use thiserror::Error;
use url::Url;

use super::login::has_login_form;
use super::logout_controls::{LogoutControl, logout_controls, name_of};
use super::probe::{PageSnapshot, SessionProbe};
use super::well_known;
use crate::client::html::form::Filling;
use crate::client::html::form::{Control, Form, FormMethod};
use crate::client::html::page::Page;
use crate::client::http::agent::UserAgent;
use crate::client::http::error::ClientError;
use crate::client::http::request::Body;
use crate::client::http::request::Request;
use crate::cookies::{ByteString, Jar, StoredCookie};

/// How a logout went.
#[derive(Debug, Clone)]
pub struct LogoutReport {
    /// Whether the session ended.
    pub outcome: LogoutOutcome,
    /// What was used to log out.
    pub control: String,
    /// It worked by a mere `GET`: so any link or image of any site can log this user out.
    pub by_get: bool,
    /// The names of cookies that left the jar.
    pub gone: Vec<ByteString>,
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

/// What was used to log out.
struct Used {
    control: String,
    by_get: bool,
}

/// Logs out from `page`; where it has no logout control, from the start page of its site; where that has none either
/// and there is a session to end, at a usual place.
///
/// # Errors
/// [`LogoutError`], when it could not be tried. A session that lives on is no error.
pub async fn logout(agent: &mut UserAgent, page: &Url) -> Result<LogoutReport, LogoutError> {
    let shown = page_with_control(agent, page).await?;
    let controls = logout_controls(&shown);
    let (place, probe) = place_with_session(agent, page, &shown.url).await?;
    let old = agent.jar().snapshot();
    let session = probe.as_ref().map(|probe| (&place, probe));
    let used = match (controls.is_empty(), session) {
        (false, _) => Some(use_controls(agent, &shown, &controls, session).await?),
        (true, Some(session)) => at_usual_place(agent, &shown, session).await?,
        (true, None) => None,
    };
    let Some(Used { control, by_get }) = used else {
        let login_form = has_login_form(&shown);
        return Err(LogoutError::NoControl { url: Box::new(shown.url), login_form });
    };
    let replayed = PageSnapshot::at(agent, &place, &old).await?;
    let now = agent.jar().snapshot();
    let ours = PageSnapshot::at(agent, &place, &now).await?;
    let over = |look: &Option<PageSnapshot>| probe.as_ref()?.is_over(look.as_ref()?);
    let outcome = match (over(&replayed), over(&ours)) {
        (Some(true), Some(true)) => LogoutOutcome::EndedOnServer,
        (Some(false), Some(true)) => LogoutOutcome::OnlyCookieGone,
        (_, Some(false)) => LogoutOutcome::StillLoggedIn,
        _ => LogoutOutcome::NoEvidence,
    };
    let still_sent = now.sent_to(&place);
    let is_gone = |cookie: &StoredCookie| !still_sent.iter().any(|other| other.is_same_as(cookie));
    let gone = old.sent_to(&place).into_iter().filter(is_gone).map(|cookie| cookie.name).collect();
    Ok(LogoutReport { outcome, control, by_get, gone, page: place })
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
    shown: &Url,
) -> Result<(Url, Option<SessionProbe>), ClientError> {
    let stranger = agent.jar().empty();
    let mut places = vec![shown.clone()];
    for place in [Some(page.clone()), shown.join("/").ok()].into_iter().flatten() {
        if !places.contains(&place) {
            places.push(place);
        }
    }
    for place in places {
        let probe = SessionProbe::of(agent, &place, &stranger, None).await?;
        if let Some(probe) = probe.filter(|it| it.is_clear() || it.shows_a_session(None)) {
            return Ok((place, Some(probe)));
        }
    }
    Ok((shown.clone(), None))
}

/// A page that shows that there is a session, and how.
type Session<'a> = (&'a Url, &'a SessionProbe);

/// Whether the session is over for this client.
async fn is_over(agent: &mut UserAgent, (place, probe): Session<'_>) -> Result<bool, ClientError> {
    let now = agent.jar().snapshot();
    let look = PageSnapshot::at(agent, place, &now).await?;
    Ok(look.is_some_and(|look| probe.is_over(&look) == Some(true)))
}

/// How many controls of a page are tried.
const MOST_CONTROLS: usize = 3;

/// Uses the first control, and says yes where that asks whether it is meant; and another where it changed nothing.
async fn use_controls(
    agent: &mut UserAgent,
    page: &Page,
    controls: &[LogoutControl],
    session: Option<Session<'_>>,
) -> Result<Used, ClientError> {
    let mut first = None;
    for control in controls.iter().take(MOST_CONTROLS) {
        let response = agent.send(request(page, control, agent.jar())?).await?;
        let mut used = Used { control: name_of(control, page), by_get: control.is_get(page) };
        let asked = agent.parse(&response).await?;
        let is_done = match session {
            Some(session) => is_over(agent, session).await?,
            None => asked.url.path() != target_of(control, page).path(),
        };
        if is_done {
            return Ok(used);
        }
        if confirm(agent, &asked).await? {
            used.by_get = false;
            match session {
                Some(session) if !is_over(agent, session).await? => {}
                _ => return Ok(used),
            }
        }
        first.get_or_insert(used);
        if session.is_none() {
            break;
        }
    }
    // There was at least one.
    Ok(first.unwrap_or(Used { control: "nothing".to_owned(), by_get: false }))
}

fn target_of<'a>(control: &'a LogoutControl, page: &'a Page) -> &'a Url {
    match control {
        LogoutControl::Form(form, _) => &page.forms[*form].action,
        LogoutControl::Link(link) => &link.target,
    }
}

/// Says yes to a page that asks whether logging out is meant: by a form that says so, or the only one that posts; by a
/// link. `false`: it does not ask.
async fn confirm(agent: &mut UserAgent, asked: &Page) -> Result<bool, ClientError> {
    let controls = logout_controls(asked);
    let is_form = |control: &&LogoutControl| matches!(control, LogoutControl::Form(..));
    let posts = |form: &&Form| form.method == FormMethod::Post && !form.controls.iter().any(Control::is_text);
    let mut posting = asked.forms.iter().filter(posts);
    let by_control = controls.iter().find(is_form).or(controls.first());
    let request = match (by_control, posting.next(), posting.next()) {
        (Some(control), ..) => request(asked, control, agent.jar())?,
        (None, Some(only), None) => {
            let mut request = only.submission(&Filling::of(Vec::new(), only.default_button()))?;
            request.carry_csrf_token(asked, only.has_csrf_token(), agent.jar());
            request
        }
        _ => return Ok(false),
    };
    agent.send(request).await?;
    Ok(true)
}

/// Tries the places where applications usually log out, by GET and by POST, until the session is over here.
async fn at_usual_place(
    agent: &mut UserAgent,
    page: &Page,
    session: Session<'_>,
) -> Result<Option<Used>, ClientError> {
    for target in well_known::below(&page.url, well_known::LOGOUTS) {
        for method in [Method::GET, Method::POST] {
            let mut request = Request::link(target.clone(), &page.url);
            request.method = method.clone();
            request.carry_csrf_token(page, false, agent.jar());
            let response = agent.send(request).await?;
            // Where a path is for another method only, many applications say that there is none.
            if response.status == 404 || response.status == 405 {
                continue;
            }
            let asked = agent.parse(&response).await?;
            let control = format!("{method} {}, where logouts often are", target.path());
            if is_over(agent, session).await? {
                return Ok(Some(Used { control, by_get: method == Method::GET }));
            }
            if asked.url == target && confirm(agent, &asked).await? && is_over(agent, session).await? {
                return Ok(Some(Used { control, by_get: false }));
            }
        }
    }
    Ok(None)
}

/// The request that a logout control stands for.
pub(crate) fn request(page: &Page, control: &LogoutControl, jar: &Jar) -> Result<Request, ClientError> {
    match control {
        LogoutControl::Form(form, button) => {
            let form = &page.forms[*form];
            let mut request = form.submission(&Filling::of(Vec::new(), *button))?;
            request.carry_csrf_token(page, form.has_csrf_token(), jar);
            Ok(request)
        }
        LogoutControl::Link(link) => {
            let mut request = Request::link(link.target.clone(), &page.url);
            if let Some(method) = &link.method {
                // What scripts make of such a link: a form, since forms know no other method than POST.
                let body = format!("_method={}", method.as_str().to_ascii_lowercase());
                request.method = Method::POST;
                request.body = Some(Body {
                    content_type: Some("application/x-www-form-urlencoded".to_owned()),
                    bytes: body.into_bytes(),
                });
                request.carry_csrf_token(page, false, jar);
            }
            Ok(request)
        }
    }
}
