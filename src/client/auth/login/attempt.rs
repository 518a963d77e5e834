//! One try to log in: the form found, filled in and sent, and the password on a second page where that asks for it.

use http::Method;
use url::Url;

use super::fill::{FilledIn, fill_in};
use super::report::{Credentials, LoginError};
use super::search::Search;
use crate::client::auth::classify;
use crate::client::auth::classify::{Hints, LoginForm};
use crate::client::auth::trace::{DiscoveredBy, TraceStep};
use crate::client::html::blocker::Blocker;
use crate::client::html::form::Filling;
use crate::client::html::page::Page;
use crate::client::{ClientError, Request, Response, UserAgent};
use crate::cookies::Jar;

/// How many pages that lead on by themselves are followed after a login.
const MOST_REFRESHES: usize = 3;

/// What was done, for judging it.
pub(super) struct Attempt {
    /// Where the form was, or the first of two.
    pub(super) first_page: Url,
    /// The page with the form that was sent last.
    pub(super) form_page: Page,
    /// The cookies before the first submission.
    pub(super) jar_before: Jar,
    /// How many exchanges there were before it.
    pub(super) before: usize,
    pub(super) answer: Answer,
    /// What on the pages only a person with a browser gets past.
    pub(super) blockers: Vec<Blocker>,
}

/// What became of a submission.
pub(super) struct Answer {
    /// The response on which its redirects ended.
    pub(super) response: Response,
    pub(super) page: Page,
    /// The status of the answer to the submission itself.
    pub(super) status: u16,
    /// The name that was sent, if the form asked for one.
    pub(super) user: Option<String>,
}

/// Finds a form from `start` on, and sends it.
pub(super) async fn by_form(
    agent: &mut UserAgent,
    start: &Url,
    credentials: &mut Credentials<'_>,
    seen: &mut Vec<TraceStep>,
) -> Result<Attempt, LoginError> {
    let first = agent.send(Request::page(start.clone())).await?;
    let page = agent.parse(&first).await?;
    let hints = credentials.hints.clone();
    let mut search = Search { agent, hints: &hints, seen };
    let (mut page, form) = search.from(&first, page).await?;
    let (first_page, before) = (page.url.clone(), agent.flow().exchanges.len());
    let jar_before = agent.jar().snapshot();
    let mut blockers = page.blockers.clone();
    let mut answer = submit(agent, &page, form, credentials).await?;
    // A name that was accepted leads to a page that asks for the password. One that asks for the same again has
    // refused.
    let next = classify::login_form(&answer.page, &hints.elsewhere())
        .or_else(|| classify::login_form(&answer.page, &Hints::default()))
        .filter(|next| form.password.is_none() && next.password.is_some() && answer.status < 400);
    if let Some(next) = next {
        seen.push(TraceStep::of(&answer.page, answer.status, DiscoveredBy::NextStep, &hints));
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
    Ok(Attempt { first_page, form_page: page, jar_before, before, answer, blockers })
}

/// Fills in a login form and submits it.
async fn submit(
    agent: &mut UserAgent,
    page: &Page,
    found: LoginForm,
    credentials: &mut Credentials<'_>,
) -> Result<Answer, LoginError> {
    let form = &page.forms[found.form];
    let FilledIn { filling, user } = fill_in(agent, page, found, credentials)?;
    let before = agent.flow().exchanges.len();
    let mut request = form.submission(&filling)?;
    request.carry_csrf_token(page, form.has_csrf_token(), agent.jar());
    let method = request.method.clone();
    let sent_to = request.url.clone();
    let mut response = match agent.send(request).await {
        Ok(response) => response,
        Err(error) => agent.answered_before(error, before, sent_to)?,
    };
    // The last hop that still was the submission: a redirect may have kept its method.
    let steps = agent.flow().exchanges.get(before..).unwrap_or_default();
    let last = steps.iter().enumerate().rfind(|(index, exchange)| {
        *index == 0 || (method == Method::POST && exchange.request.method == method)
    });
    let answered = last.and_then(|(_, exchange)| exchange.response.as_ref());
    let status = answered.map_or(response.status, |response| response.status).as_u16();
    let mut page = agent.parse(&response).await?;
    for _ in 0..MOST_REFRESHES {
        let request = match (page.self_submitting_form, page.refresh.clone()) {
            _ if status >= 400 => break,
            (Some(form), _) => page.forms[form].submission(&Filling::of(Vec::new(), None))?,
            (None, Some(target)) if target != page.url => Request::link(target, &page.url),
            _ => break,
        };
        response = agent.send(request).await?;
        page = agent.parse(&response).await?;
    }
    Ok(Answer { response, page, status, user })
}

impl UserAgent {
    /// A login that was answered by a redirect to where nobody answers was answered all the same: it is judged by other
    /// pages.
    fn answered_before(
        &self,
        error: ClientError,
        before: usize,
        sent_to: Url,
    ) -> Result<Response, ClientError> {
        let steps = self.flow().exchanges.get(before..).unwrap_or_default();
        let first = steps.first().and_then(|exchange| exchange.response.as_ref()).filter(|_| steps.len() > 1);
        let is_elsewhere = steps.last().is_some_and(|last| last.response.is_none());
        match (first, error) {
            (_, error @ ClientError::TimedOut { .. }) => Err(error),
            (Some(response), _) if is_elsewhere => Ok(Response {
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
}
