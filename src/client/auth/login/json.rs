//! Logs in as the script of a single-page application does: user name and password as JSON.

use serde_json::{Map, Value};
use url::Url;

use super::credentials::Credentials;
use super::error::LoginError;
use super::json_answer::JsonAnswer;
use super::messages;
use super::report::{LoginOutcome, LoginReport};
use super::verification::Verification;
use crate::client::auth::evidence::Evidence;
use crate::client::html::blocker::Blocker;
use crate::client::html::page::HtmlPage;
use crate::client::http::agent::UserAgent;
use crate::client::http::error::ClientError;
use crate::client::http::fetch_metadata::Destination;
use crate::client::http::request::{Body, Request};

/// The names of the fields, unless the caller gives others.
const USER: &str = "username";
const PASSWORD: &str = "password";

/// Logs in at `endpoint`.
pub(super) async fn login(
    agent: &mut UserAgent,
    endpoint: &Url,
    credentials: &mut Credentials<'_>,
) -> Result<LoginReport, LoginError> {
    let (page, blockers) = page_of_application(agent, endpoint).await?;
    let body = body_of(agent, endpoint, credentials)?;
    let (before, jar_before) = (agent.flow().exchanges.len(), agent.jar().snapshot());
    let response = agent.send(request(agent, endpoint, &page, body)).await?;
    let is_direct = agent.exchanges_since(before).len() == 1;
    let is_json =
        response.body.is_empty() || response.content_type().is_some_and(|kind| kind.contains("json"));
    let is_accepted = is_json && is_direct;
    let answer = JsonAnswer::of(&response);
    let status = response.status.as_u16();
    let messages = messages::for_report(agent, answer.messages(&response));
    let mut report = LoginReport {
        outcome: LoginOutcome::of_failure(status, &response, messages.clone()),
        evidence: Evidence::of_cookies(agent, before),
        page: page.url.clone(),
        user: credentials.user.clone(),
        blockers,
    };
    if let Some(text) = &credentials.expect_text {
        report.decide_by_text(text, &response);
        return Ok(report);
    }
    if status >= 400 || answer.refuses() {
        return Ok(report);
    }
    report.evidence.extend(is_accepted.then_some(Evidence::Accepted(status)));
    report.evidence.extend(answer.token_name().map(Evidence::TokenInBody));
    if answer.asks_for_code() {
        report.outcome = LoginOutcome::SecondFactor;
        return Ok(report);
    }
    let verification = Verification {
        evidence: &report.evidence,
        judge_by: credentials.judge_by.as_ref(),
        places: vec![page.url],
        login_page: endpoint,
        interstitial: None,
        before: jar_before,
        user: credentials.user.as_deref(),
    };
    let has_cookie = report.evidence.iter().any(|it| matches!(it, Evidence::CookieIssued(_)));
    report.outcome = match verification.page_with_session(agent).await? {
        Some((place, differences)) => {
            report.evidence.push(Evidence::Differs(place.clone(), differences));
            report.page = place;
            LoginOutcome::LoggedIn
        }
        // The status of an endpoint says whether it accepted the password. If it issued a cookie too, that is the session,
        // even if no known page shows it.
        None if is_accepted && has_cookie && credentials.judge_by.is_none() => LoginOutcome::LoggedIn,
        None => LoginOutcome::NoEvidence { messages },
    };
    Ok(report)
}

fn request(agent: &UserAgent, endpoint: &Url, page: &HtmlPage, body: Vec<u8>) -> Request {
    let mut request = Request::new(http::Method::POST, endpoint.clone());
    request.accept = "application/json, text/plain;q=0.9, */*;q=0.8";
    request.destination = Some(Destination::Script);
    request.from_page = Some(page.url.clone());
    request.body = Some(Body::new("application/json", body));
    request.has_password = true;
    request.add_csrf_token(page, false, agent.jar());
    request
}

/// The start page of the application, for its cookies and its CSRF token. A page that redirects in a loop has neither.
async fn page_of_application(
    agent: &mut UserAgent,
    endpoint: &Url,
) -> Result<(HtmlPage, Vec<Blocker>), LoginError> {
    let mut root = endpoint.clone();
    root.set_path("/");
    root.set_query(None);
    root.set_fragment(None);
    match agent.load(Request::page(root.clone())).await {
        Ok((_, mut page)) => {
            if page.url.origin() != root.origin() {
                page.url = root;
            }
            let mut blockers = page.blockers.clone();
            blockers.retain(|blocker| *blocker != Blocker::Script);
            Ok((page, blockers))
        }
        Err(error) if error.is_bad_redirect() => Ok((HtmlPage::blank(root), Vec::new())),
        Err(error) => Err(error.into()),
    }
}

/// `{"username": …, "password": …}` and the fields of the caller. The value of a field whose name ends in a colon is JSON.
fn body_of(
    agent: &mut UserAgent,
    endpoint: &Url,
    credentials: &mut Credentials<'_>,
) -> Result<Vec<u8>, LoginError> {
    let name = |hint: &Option<String>, usual: &str| hint.clone().unwrap_or_else(|| usual.to_owned());
    let mut members = Map::new();
    if let Some(user) = &credentials.user {
        members.insert(name(&credentials.hints.user_field, USER), user.clone().into());
    }
    let password = name(&credentials.hints.password_field, PASSWORD);
    let is_given =
        |wanted: &str| credentials.fields.iter().any(|(name, _)| name.trim_end_matches(':') == wanted);
    if !is_given(&password) {
        let url = Box::new(agent.redactor.url(endpoint));
        let secret = agent.pause(|| (credentials.password)());
        let secret = secret.map_err(|why| LoginError::PasswordNeeded { url, why })?;
        agent.hide(&secret);
        members.insert(password, secret.into());
    }
    for (name, value) in &credentials.fields {
        let member = match name.strip_suffix(':') {
            Some(name) => {
                let value = serde_json::from_str(value).map_err(|error| {
                    ClientError::BadRequest(format!("the value of {name} is not JSON: {error}"))
                })?;
                (name.to_owned(), value)
            }
            None => (name.clone(), Value::String(value.clone())),
        };
        members.insert(member.0, member.1);
    }
    let body = serde_json::to_vec(&Value::Object(members));
    body.map_err(|error| ClientError::BadRequest(error.to_string()).into())
}
