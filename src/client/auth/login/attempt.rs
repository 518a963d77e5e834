//! Submits the login form, and the form for the password on the next page if there is one.

use http::Method;
use url::Url;

use super::basic::BasicAnswer;
use super::credentials::Credentials;
use super::error::LoginError;
use super::fill::{FilledForm, fill_in};
use super::search::Search;
use super::trace_step::trace_step;
use super::verification::MAX_REQUESTS;
use crate::client::auth::classify::{LoginForm, login_form};
use crate::client::auth::form_hints::FormHints;
use crate::client::auth::snapshot::PageSnapshot;
use crate::client::auth::trace::{DiscoveredBy, TraceStep};
use crate::client::html::blocker::Blocker;
use crate::client::html::form::Filling;
use crate::client::html::page::HtmlPage;
use crate::client::http::agent::{Response, UserAgent};
use crate::client::http::error::ClientError;
use crate::client::http::request::Request;
use crate::cookies::Jar;

/// How many refreshes are followed after a login.
const MAX_REFRESHES: usize = 3;

/// A login that was tried, with everything that its outcome depends on.
pub(super) struct Attempt {
    /// The page that was asked for.
    pub(super) asked: Url,
    /// That page as it was before the login.
    pub(super) asked_before: Option<PageSnapshot>,
    /// The page of the first form.
    pub(super) first_page: Url,
    /// The page of the form that was submitted last.
    pub(super) form_page: HtmlPage,
    /// The cookies before the first submission.
    pub(super) jar_before: Jar,
    /// The number of exchanges before it.
    pub(super) exchanges_before: usize,
    /// The number of exchanges before the login.
    pub(super) exchanges_at_start: usize,
    /// The number of exchanges after which no further page is requested.
    pub(super) max_exchanges: usize,
    pub(super) answer: Answer,
    /// What on the pages needs a person with a browser.
    pub(super) blockers: Vec<Blocker>,
}

/// The answer to a submission.
pub(super) struct Answer {
    /// The response after all redirects.
    pub(super) response: Response,
    pub(super) page: HtmlPage,
    /// The status of the response to the submission itself.
    pub(super) status: u16,
    /// The user name that was sent, if the form has a field for it.
    pub(super) user: Option<String>,
}

/// Finds the login form, submits it, and then the form of the next page if that asks for the password.
/// `exchanges_at_start` is the number of exchanges before the login. If there is no form, `basic` is the page that HTTP
/// Basic authentication opened.
pub(super) async fn submit_forms(
    agent: &mut UserAgent,
    asked: &Url,
    credentials: &mut Credentials<'_>,
    trace: &mut Vec<TraceStep>,
    exchanges_at_start: usize,
    basic: &mut Option<BasicAnswer>,
) -> Result<Attempt, LoginError> {
    let mut search = Search::new(agent, credentials, trace);
    let found = search.find_login_form(asked).await;
    *basic = search.basic.take();
    let (asked_before, secret) = (search.asked_before.take(), search.secret.take());
    let (mut page, form) = found?;
    if let Some(secret) = secret {
        // The source may be read only once.
        credentials.password = Box::new(move || Ok(secret.clone()));
    }
    let (first_page, exchanges_before) = (page.url.clone(), agent.flow().exchanges.len());
    let jar_before = agent.jar().snapshot();
    let mut blockers = page.blockers.clone();
    let mut answer = submit(agent, &page, form, credentials).await?;
    // If the next page asks for the user name only again, the application refused it.
    let next = login_form(&answer.page, &credentials.hints.for_other_pages())
        .or_else(|| login_form(&answer.page, &FormHints::default()))
        .filter(|next| form.password.is_none() && next.password.is_some() && answer.status < 400);
    if let Some(next) = next {
        trace.push(trace_step(&answer.page, answer.status, DiscoveredBy::NextStep, &credentials.hints));
        let user = answer.user.take();
        page = answer.page;
        blockers.extend(&page.blockers);
        answer = submit(agent, &page, next, credentials).await?;
        answer.user = answer.user.or(user);
    }
    blockers.extend(&answer.page.blockers);
    blockers.retain(|blocker| matches!(blocker, Blocker::Captcha | Blocker::Passkey));
    blockers.sort_by_key(|blocker| *blocker != Blocker::Captcha);
    blockers.dedup();
    Ok(Attempt {
        asked: without_fragment(asked),
        asked_before,
        first_page,
        form_page: page,
        jar_before,
        exchanges_before,
        exchanges_at_start,
        max_exchanges: exchanges_at_start + MAX_REQUESTS,
        answer,
        blockers,
    })
}

/// The URL without its fragment: the address of the page.
fn without_fragment(url: &Url) -> Url {
    let mut url = url.clone();
    url.set_fragment(None);
    url
}

/// Fills in a login form and submits it.
async fn submit(
    agent: &mut UserAgent,
    page: &HtmlPage,
    found: LoginForm,
    credentials: &mut Credentials<'_>,
) -> Result<Answer, LoginError> {
    let FilledForm { filling, user } = fill_in(agent, page, found, credentials)?;
    let before = agent.flow().exchanges.len();
    let mut request = page.forms[found.form].request(&filling, page, agent.jar())?;
    request.has_password |= found.password.is_some();
    let (method, sent_to) = (request.method.clone(), request.url.clone());
    let mut response = match agent.send(request).await {
        Ok(response) => response,
        Err(error) => answer_before_failure(agent, error, before, sent_to)?,
    };
    // The status of the last response to the submission itself: some redirects repeat a POST.
    let last = agent.exchanges_since(before).iter().enumerate().rfind(|(index, exchange)| {
        *index == 0 || (method == Method::POST && exchange.request.method == method)
    });
    let answered = last.and_then(|(_, exchange)| exchange.response.as_ref());
    let status = answered.map_or(response.status, |response| response.status).as_u16();
    let mut page = agent.parse(&response).await?;
    for _ in 0..MAX_REFRESHES {
        let request = match (page.self_submitting_form, page.refresh.clone()) {
            _ if status >= 400 => break,
            (Some(form), _) => page.forms[form].submission(&Filling::of(Vec::new(), None))?,
            (None, Some(target)) if target != page.url => Request::link(target, &page.url),
            _ => break,
        };
        (response, page) = agent.load(request).await?;
    }
    Ok(Answer { response, page, status, user })
}

/// The response to a submission that redirected to a server that does not answer. Other pages then decide the login.
fn answer_before_failure(
    agent: &UserAgent,
    error: ClientError,
    before: usize,
    sent_to: Url,
) -> Result<Response, ClientError> {
    let steps = agent.exchanges_since(before);
    let first = steps.first().and_then(|exchange| exchange.response.as_ref()).filter(|_| steps.len() > 1);
    let is_redirected = steps.last().is_some_and(|last| last.response.is_none());
    match (first, error) {
        (_, error @ ClientError::TimedOut { .. }) => Err(error),
        (Some(response), _) if is_redirected => Ok(Response {
            url: sent_to,
            method: Method::POST,
            version: response.version,
            status: response.status,
            headers: response.headers.clone(),
            body: Vec::new(),
        }),
        (_, error) => Err(error),
    }
}
