//! [`logout`]: uses the logout control of a page, then replays the old cookies: did the server end the
//! session, or did only the cookie go?

use http::Method;
use thiserror::Error;
use url::Url;

use super::form::Filling;
use super::html::Page;
use super::jar::{Jar, Octets, StoredCookie};
use super::login::{Comparison, LogoutControl, Look, has_login_form, logout_controls, name_of};
use super::request::Body;
use super::{ClientError, Request, UserAgent, well_known};

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
    let control = logout_controls(&shown).into_iter().next();
    let (place, comparison) = place_with_session(agent, page, &shown.url).await?;
    let old = agent.jar().snapshot();
    let used = match (control, &comparison) {
        (Some(control), _) => Some(use_control(agent, &shown, &control).await?),
        (None, Some(comparison)) => at_usual_place(agent, &shown, &place, comparison).await?,
        (None, None) => None,
    };
    let Some(Used { control, by_get }) = used else {
        let login_form = has_login_form(&shown);
        return Err(LogoutError::NoControl { url: Box::new(shown.url), login_form });
    };
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
) -> Result<(Url, Option<Comparison>), ClientError> {
    let stranger = agent.jar().empty();
    let mut places = vec![shown.clone()];
    for place in [Some(page.clone()), shown.join("/").ok()].into_iter().flatten() {
        if !places.contains(&place) {
            places.push(place);
        }
    }
    for place in places {
        let comparison = Comparison::of(agent, &place, &stranger, None).await?;
        if let Some(comparison) = comparison.filter(|it| it.is_clear() || it.shows_a_session(None)) {
            return Ok((place, Some(comparison)));
        }
    }
    Ok((shown.clone(), None))
}

/// Submits the form, or follows the link; and where that asks whether it is meant, says yes.
async fn use_control(
    agent: &mut UserAgent,
    page: &Page,
    control: &LogoutControl,
) -> Result<Used, ClientError> {
    let response = agent.send(request(page, control, agent.jar())?).await?;
    let mut by_get = control.is_get(page);
    if let LogoutControl::Link(link) = control {
        let asked = agent.parse(&response).await?;
        if asked.url.path() == link.target.path() && confirm(agent, &asked).await? {
            by_get = false;
        }
    }
    Ok(Used { control: name_of(control, page), by_get })
}

/// Says yes to a page that asks whether logging out is meant. `false`: it does not ask.
async fn confirm(agent: &mut UserAgent, asked: &Page) -> Result<bool, ClientError> {
    let is_form = |control: &LogoutControl| matches!(control, LogoutControl::Form(..));
    let Some(form) = logout_controls(asked).into_iter().find(is_form) else { return Ok(false) };
    agent.send(request(asked, &form, agent.jar())?).await?;
    Ok(true)
}

/// Tries the places where applications usually log out, by GET and by POST, until the session is over here.
async fn at_usual_place(
    agent: &mut UserAgent,
    page: &Page,
    place: &Url,
    comparison: &Comparison,
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
            let confirmed = method == Method::GET && asked.url == target && confirm(agent, &asked).await?;
            let now = agent.jar().snapshot();
            let look = Look::at(agent, place, &now).await?;
            if look.is_some_and(|look| comparison.is_over(&look) == Some(true)) {
                let control = format!("{method} {}, where logouts often are", target.path());
                return Ok(Some(Used { control, by_get: method == Method::GET && !confirmed }));
            }
        }
    }
    Ok(None)
}

/// The request that a logout control stands for.
pub(super) fn request(page: &Page, control: &LogoutControl, jar: &Jar) -> Result<Request, ClientError> {
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
                    octets: body.into_bytes(),
                });
                request.carry_csrf_token(page, false, jar);
            }
            Ok(request)
        }
    }
}
