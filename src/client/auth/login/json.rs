//! Logs in as the script of a page does: sends user name and password to an address of its own, as JSON or as fields.

use url::Url;

use super::credentials::Credentials;
use super::error::LoginError;
use super::json_answer::{JsonAnswer, JsonStep};
use super::json_body::body_of;
use super::json_signs::AnswerVerdict;
use super::json_token::session_of;
use super::json_verification::AcceptedLogin;
use super::messages;
use super::report::{LoginOutcome, LoginReport};
use crate::client::auth::evidence::Evidence;
use crate::client::auth::snapshot::PageSnapshot;
use crate::client::html::blocker::Blocker;
use crate::client::html::page::HtmlPage;
use crate::client::http::agent::UserAgent;
use crate::client::http::fetch_metadata::Destination;
use crate::client::http::request::{Body, Request};
use crate::client::http::response::Response;

/// Sends the credentials to `endpoint`, without a decision about the answer.
pub(super) async fn submit(
    agent: &mut UserAgent,
    endpoint: &Url,
    credentials: &mut Credentials<'_>,
) -> Result<Response, LoginError> {
    let (page, ..) = page_of_application(agent, endpoint).await?;
    let body = body_of(agent, endpoint, credentials)?;
    Ok(agent.send(request(agent, endpoint, &page, body)).await?)
}

/// Logs in at `endpoint`.
pub(super) async fn login(
    agent: &mut UserAgent,
    endpoint: &Url,
    credentials: &mut Credentials<'_>,
) -> Result<LoginReport, LoginError> {
    let (page, asked_before, blockers) = page_of_application(agent, endpoint).await?;
    let body = body_of(agent, endpoint, credentials)?;
    let (before, jar_before) = (agent.flow().exchanges.len(), agent.jar().snapshot());
    let response = agent.send(request(agent, endpoint, &page, body)).await?;
    let is_direct = agent.exchanges_since(before).len() == 1;
    let answer = JsonAnswer::of(&response);
    let status = response.status.as_u16();
    let messages = messages::for_report(agent, answer.messages());
    let mut report = LoginReport {
        outcome: LoginOutcome::of_failure(status, &response, messages.clone(), agent.jar().now()),
        evidence: Evidence::of_cookies(agent, before),
        page: page.url.clone(),
        user: credentials.user.clone(),
        blockers,
        pending: None,
        #[cfg(feature = "browser")]
        storage: Vec::new(),
    };
    let token = session_of(&answer, &response.url, credentials, agent.jar().now());
    if let Some(text) = &credentials.expect_text {
        report.decide_by_text(text, &response);
        if let Some(token) = token.filter(|_| report.outcome == LoginOutcome::LoggedIn) {
            agent.use_token(token);
        }
        return Ok(report);
    }
    let (is_named, verdict) = (credentials.judge_by.is_some(), answer.verdict());
    let is_failure = !matches!(report.outcome, LoginOutcome::Refused { .. });
    if let Some(step) = step_outcome(&answer, &messages).filter(|_| !is_named && !is_failure) {
        report.outcome = step;
        return Ok(report);
    }
    if status >= 400 || (verdict == AnswerVerdict::Denies && !is_named) {
        return Ok(report);
    }
    let is_affirmed = is_direct && verdict == AnswerVerdict::Affirms;
    report.evidence.extend(is_affirmed.then_some(Evidence::Accepted(status)));
    report.evidence.extend(token.as_ref().map(|token| Evidence::TokenIssued(token.name.clone())));
    let accepted =
        AcceptedLogin { endpoint, verdict, is_direct, before, asked_before, jar_before, messages, token };
    Box::pin(accepted.verify(agent, credentials, report)).await
}

/// The outcome of an answer that asks for a further step.
fn step_outcome(answer: &JsonAnswer, messages: &[String]) -> Option<LoginOutcome> {
    match answer.step()? {
        JsonStep::SecondFactor => Some(LoginOutcome::SecondFactor),
        JsonStep::Other => Some(LoginOutcome::AnotherStep { messages: messages.to_vec() }),
        // The application may want a captcha with the next password, because this one is wrong.
        JsonStep::Captcha if answer.complains() || answer.verdict() == AnswerVerdict::Affirms => None,
        JsonStep::Captcha => Some(LoginOutcome::Captcha),
    }
}

fn request(agent: &UserAgent, endpoint: &Url, page: &HtmlPage, body: Body) -> Request {
    let mut request = Request::new(http::Method::POST, endpoint.clone());
    request.accept = "application/json, text/plain;q=0.9, */*;q=0.8";
    request.destination = Some(Destination::Script);
    request.from_page = Some(page.url.clone());
    request.body = Some(body);
    request.has_password = true;
    request.add_csrf_token(page, false, agent.jar());
    request
}

/// The start page of the application, for its cookies and its CSRF token. A page that redirects in a loop has neither.
async fn page_of_application(
    agent: &mut UserAgent,
    endpoint: &Url,
) -> Result<(HtmlPage, Option<PageSnapshot>, Vec<Blocker>), LoginError> {
    let mut root = endpoint.clone();
    root.set_path("/");
    root.set_query(None);
    root.set_fragment(None);
    match agent.load(Request::page(root.clone())).await {
        Ok((response, mut page)) => {
            let is_own = page.url.origin() == root.origin();
            let snapshot = PageSnapshot::of(&response, &page).filter(|_| is_own);
            if page.url.origin() != root.origin() {
                page.url = root;
            }
            let mut blockers = page.blockers.clone();
            blockers.retain(|blocker| *blocker != Blocker::Script);
            Ok((page, snapshot, blockers))
        }
        Err(error) if error.is_bad_redirect() => Ok((HtmlPage::blank(root), None, Vec::new())),
        Err(error) => Err(error.into()),
    }
}
