//! Submits the login form, the form for the password on the next page if there is one, and the form of a further step if
//! the caller gave what it asks for.

use url::Url;

use super::basic::BasicAnswer;
use super::credentials::Credentials;
use super::error::LoginError;
use super::fill::{FilledForm, fill_in};
use super::pending::{KeptPage, PendingLogin, SentLoginForm};
use super::search::{Found, Search};
use super::step::{self, FurtherStep};
use super::submission::{self, Answer};
use super::trace_step::trace_step;
use crate::client::auth::classify::{LoginForm, login_form, login_signature};
use crate::client::auth::form_hints::FormHints;
use crate::client::auth::snapshot::PageSnapshot;
use crate::client::auth::trace::{DiscoveredBy, TraceStep};
use crate::client::html::blocker::Blocker;
use crate::client::html::page::HtmlPage;
use crate::client::http::agent::UserAgent;
use crate::cookies::Jar;

/// A login that was tried, with everything that its outcome depends on.
pub(super) struct Attempt {
    /// The page that was asked for.
    pub(super) asked: Url,
    /// That page as it was before the login.
    pub(super) asked_before: Option<PageSnapshot>,
    /// The page of the first form.
    pub(super) first_page: Url,
    /// The login form that was submitted last.
    pub(super) login_form: SentLoginForm,
    /// The page of the form that was submitted last.
    pub(super) form_page: HtmlPage,
    /// The further step that this form answered, if it is not the login form.
    pub(super) step: Option<FurtherStep>,
    /// The cookies before the first submission.
    pub(super) jar_before: Jar,
    /// The number of exchanges before it.
    pub(super) exchanges_before: usize,
    /// The number of exchanges before the login.
    pub(super) exchanges_at_start: usize,
    pub(super) answer: Answer,
    /// What on the pages needs a person with a browser.
    pub(super) blockers: Vec<Blocker>,
}

/// Finds the login form, submits it, and then the forms of the next pages. `exchanges_at_start` is the number of exchanges
/// before the login. If there is no form, `basic` is the page that HTTP Basic authentication opened.
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
    let found = found?;
    if let Some(secret) = secret {
        // The source may be read only once.
        credentials.password = Box::new(move || Ok(secret.clone()));
    }
    let attempt = submit_found(agent, asked, found, credentials, trace).await?;
    Ok(Attempt { asked_before, exchanges_at_start, ..attempt })
}

/// Submits a login form that was found, and then the forms of the next pages.
pub(super) async fn submit_found(
    agent: &mut UserAgent,
    asked: &Url,
    (mut page, form): Found,
    credentials: &mut Credentials<'_>,
    trace: &mut Vec<TraceStep>,
) -> Result<Attempt, LoginError> {
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
    let login_form = SentLoginForm { page: page.url.clone(), signature: login_signature(&page) };
    blockers.extend(&answer.page.blockers);
    let mut attempt = Attempt {
        asked: without_fragment(asked),
        asked_before: None,
        first_page,
        login_form,
        form_page: page,
        step: None,
        jar_before,
        exchanges_before,
        exchanges_at_start: exchanges_before,
        answer,
        blockers,
    };
    if let Some(step) = step::to_answer_at_once(&attempt.answer, credentials) {
        attempt.answer_step(agent, step, credentials, trace).await?;
    }
    attempt.summarize_blockers();
    Ok(attempt)
}

/// Answers the step at which an earlier login stopped.
pub(super) async fn continue_from(
    agent: &mut UserAgent,
    pending: &PendingLogin,
    credentials: &mut Credentials<'_>,
    trace: &mut Vec<TraceStep>,
) -> Result<Attempt, LoginError> {
    let response = pending.page.response();
    let page = agent.parse(&response).await?;
    let step = FurtherStep::of(&page, credentials)?;
    let jar_before = agent.jar().empty();
    jar_before.merge(pending.cookies_before.iter().cloned());
    let exchanges = agent.flow().exchanges.len();
    agent.navigation.arrived(&page.url, pending.trail);
    let mut attempt = Attempt {
        asked: pending.asked.clone(),
        asked_before: None,
        first_page: pending.login_form.page.clone(),
        login_form: pending.login_form.clone(),
        form_page: page.clone(),
        step: None,
        jar_before,
        exchanges_before: exchanges,
        exchanges_at_start: exchanges,
        blockers: page.blockers.clone(),
        answer: Answer { status: response.status.as_u16(), response, page, user: pending.user.clone() },
    };
    attempt.answer_step(agent, step, credentials, trace).await?;
    attempt.summarize_blockers();
    Ok(attempt)
}

impl Attempt {
    /// Answers the step that the page asks for.
    async fn answer_step(
        &mut self,
        agent: &mut UserAgent,
        step: FurtherStep,
        credentials: &mut Credentials<'_>,
        trace: &mut Vec<TraceStep>,
    ) -> Result<(), LoginError> {
        let Answer { page, status, user, .. } = &self.answer;
        trace.push(trace_step(
            page,
            *status,
            DiscoveredBy::FurtherStep,
            &credentials.hints.for_other_pages(),
        ));
        let request = step.request(agent, page, credentials).await?;
        let answer = submission::send(agent, request, user.clone()).await?;
        self.form_page = std::mem::replace(&mut self.answer, answer).page;
        self.step = Some(step);
        self.blockers.extend(&self.answer.page.blockers);
        Ok(())
    }

    /// Whether the page asks for the step again that was just answered: the application refused the answer.
    pub(super) fn repeats_step(&self) -> bool {
        self.step.as_ref().is_some_and(|step| step.is_asked_again(&self.form_page, &self.answer.page))
    }

    /// The login as it is now, if the page has a form with which it can go on.
    pub(super) fn pending(&self, agent: &UserAgent) -> Option<PendingLogin> {
        let Answer { response, page, user, .. } = &self.answer;
        if page.forms.is_empty() || repeats_password(agent, page) {
            return None;
        }
        Some(PendingLogin {
            at: agent.jar().now(),
            asked: self.asked.clone(),
            user: user.clone(),
            login_form: self.login_form.clone(),
            page: KeptPage::of(response)?,
            trail: agent.navigation.trail_to(&page.url),
            cookies: agent.jar().cookies(),
            cookies_before: self.jar_before.cookies(),
        })
    }

    /// Keeps only what the user can do nothing about without a browser.
    pub(super) fn summarize_blockers(&mut self) {
        let blockers = &mut self.blockers;
        blockers.retain(|blocker| matches!(blocker, Blocker::Captcha | Blocker::Passkey));
        blockers.sort_by_key(|blocker| *blocker != Blocker::Captcha);
        blockers.dedup();
    }
}

/// Whether a page repeats the password that was sent, in a field or in an address. Such a page is not kept.
fn repeats_password(agent: &UserAgent, page: &HtmlPage) -> bool {
    let values = page.forms.iter().flat_map(|form| &form.controls).map(|control| control.value.as_str());
    let actions = page.forms.iter().map(|form| form.action.as_str());
    values.chain(actions).chain([page.url.as_str()]).any(|text| agent.redactor.text(text) != text)
}

/// The URL without its fragment: the address of the page.
pub(super) fn without_fragment(url: &Url) -> Url {
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
    let mut request = page.forms[found.form].request(&filling, page, agent.jar())?;
    request.has_password |= found.password.is_some();
    submission::send(agent, request, user).await
}
