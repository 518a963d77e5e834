//! Logs in as the script of a page does: sends user name and password to an address of its own, as JSON or as fields.

use indexmap::IndexMap;
use url::Url;

use super::credentials::{Credentials, LoginMethod};
use super::error::LoginError;
use super::json_answer::{JsonAnswer, JsonStep};
use super::json_signs::AnswerVerdict;
use super::messages;
use super::report::{LoginOutcome, LoginReport, NoSession};
use super::verification::{Verification, Verified};
use crate::client::auth::csrf::may_be_session;
use crate::client::auth::evidence::Evidence;
use crate::client::auth::probe::UsedForm;
use crate::client::auth::snapshot::PageSnapshot;
use crate::client::html::blocker::Blocker;
use crate::client::html::page::HtmlPage;
use crate::client::http::agent::UserAgent;
use crate::client::http::error::ClientError;
use crate::client::http::exchange::Purpose;
use crate::client::http::fetch_metadata::Destination;
use crate::client::http::request::{Body, CookieSource, Request};
use crate::client::http::response::Response;
use crate::cookies::json::Json;
use crate::cookies::{ByteString, Jar, Reason, SetAction, StoredCookie};

/// The names of the fields, unless the caller gives others.
const USER: &str = "username";
const PASSWORD: &str = "password";

/// How many requests are sent from the login on, if its answer itself decides.
const USUAL_REQUESTS: usize = 5;

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
    };
    if let Some(text) = &credentials.expect_text {
        report.decide_by_text(text, &response);
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
    report.evidence.extend(answer.token_name().map(Evidence::TokenInBody));
    let accepted = AcceptedLogin { verdict, is_direct, before, asked_before, jar_before, messages };
    verify(agent, endpoint, credentials, accepted, report).await
}

/// An answer that does not refuse the credentials.
struct AcceptedLogin {
    verdict: AnswerVerdict,
    /// It came without a redirect.
    is_direct: bool,
    /// The number of exchanges before the login.
    before: usize,
    /// The start page of the application before the login.
    asked_before: Option<PageSnapshot>,
    jar_before: Jar,
    messages: Vec<String>,
}

/// Looks for a page that shows the session. Without such a page, the cookies and the answer decide.
async fn verify(
    agent: &mut UserAgent,
    endpoint: &Url,
    credentials: &Credentials<'_>,
    accepted: AcceptedLogin,
    mut report: LoginReport,
) -> Result<LoginReport, LoginError> {
    let AcceptedLogin { verdict, is_direct, before, asked_before, jar_before, messages } = accepted;
    let is_named = credentials.judge_by.is_some();
    let start = endpoint.join("/").unwrap_or_else(|_| report.page.clone());
    let has_token = report.evidence.iter().any(|it| matches!(it, Evidence::TokenInBody(_)));
    let has_session_cookie = agent.jar().sent_to(endpoint).iter().any(may_be_session);
    let is_certain = is_direct && verdict == AnswerVerdict::Affirms && (has_session_cookie || has_token);
    let usual_exchanges = before + USUAL_REQUESTS;
    let verification = Verification {
        evidence: &report.evidence,
        judge_by: credentials.judge_by.as_ref(),
        asked: &start,
        asked_before: asked_before.as_ref(),
        answer: None,
        places: vec![start.clone(), report.page.clone()],
        max_exchanges_of_accounts: if is_certain { usual_exchanges } else { usize::MAX },
        form: UsedForm { page: endpoint, signature: None },
        interstitial: None,
        before: jar_before,
        user: credentials.user.as_deref(),
    };
    let mut shows = NoSession::SamePage;
    match verification.verify(agent).await? {
        Verified::Session((place, differences)) => {
            report.evidence.push(Evidence::Differs(place.clone(), differences));
            report.page = place;
            report.outcome = LoginOutcome::LoggedIn;
            return Ok(report);
        }
        Verified::HeldUp(place) => {
            report.page = place;
            report.outcome = LoginOutcome::AnotherStep { messages };
            return Ok(report);
        }
        Verified::Nothing(Some((place, NoSession::LoginFormRemains))) => {
            report.page = place;
            shows = NoSession::LoginFormRemains;
        }
        Verified::Nothing(_) => {}
    }
    report.page = credentials.judge_by.clone().unwrap_or(report.page);
    if matches!(verdict, AnswerVerdict::Denies | AnswerVerdict::ProbablyDenies) {
        return Ok(report);
    }
    let is_undecided = is_named || !is_direct || shows == NoSession::LoginFormRemains;
    report.outcome = match rejected_cookie(agent, before) {
        Some((name, reason)) => LoginOutcome::CookieRejected { name, reason },
        None if is_undecided => LoginOutcome::NoEvidence { messages, shows },
        None => outcome_by_cookie(agent, endpoint, &report.evidence, verdict)
            .await?
            .unwrap_or(LoginOutcome::NoEvidence { messages, shows }),
    };
    Ok(report)
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

/// The outcome of an answer that no page confirms: whether the jar holds a cookie that may be the session. If the answer
/// says nothing, or has a token that may be the session, that is a cookie that an anonymous client is not given.
async fn outcome_by_cookie(
    agent: &mut UserAgent,
    endpoint: &Url,
    evidence: &[Evidence],
    verdict: AnswerVerdict,
) -> Result<Option<LoginOutcome>, LoginError> {
    let token = evidence.iter().find_map(|it| match it {
        Evidence::TokenInBody(name) => Some(name.clone()),
        _ => None,
    });
    let has_cookie = match (verdict, &token) {
        (AnswerVerdict::Affirms, None) => agent.jar().sent_to(endpoint).iter().any(may_be_session),
        (AnswerVerdict::Affirms, Some(_)) | (AnswerVerdict::Empty, _) => {
            has_cookie_of_user(agent, endpoint, evidence).await?
        }
        _ => false,
    };
    Ok(match token {
        _ if has_cookie => Some(LoginOutcome::LoggedIn),
        Some(name) => Some(LoginOutcome::TokenInBody { name }),
        None => None,
    })
}

/// Whether the login issued a cookie that an anonymous client is not given.
async fn has_cookie_of_user(
    agent: &mut UserAgent,
    endpoint: &Url,
    evidence: &[Evidence],
) -> Result<bool, LoginError> {
    let is_issued = |cookie: &StoredCookie| {
        evidence.iter().any(|it| matches!(it, Evidence::CookieIssued(name) if *name == cookie.name))
    };
    let mut issued = agent.jar().cookies();
    issued.retain(|cookie| is_issued(cookie) && may_be_session(cookie));
    if issued.is_empty() {
        return Ok(false);
    }
    let before = agent.flow().exchanges.len();
    let mut request = Request::page(endpoint.clone());
    request.cookies = CookieSource::Probe(agent.jar().empty());
    match agent.send(request).await {
        Err(error) if !error.is_bad_redirect() => return Err(error.into()),
        _ => {}
    }
    let given = agent.exchanges_since(before).iter().flat_map(|exchange| &exchange.set);
    let given: Vec<&ByteString> = given.map(|decision| &decision.name).collect();
    Ok(issued.iter().any(|cookie| !given.contains(&&cookie.name)))
}

/// The first cookie that the client rejected, if it stored none.
fn rejected_cookie(agent: &UserAgent, since: usize) -> Option<(ByteString, Reason)> {
    let steps = agent.exchanges_since(since).iter().filter(|exchange| exchange.purpose != Purpose::Probe);
    let mut rejected = None;
    for decision in steps.flat_map(|exchange| &exchange.set) {
        match decision.action {
            SetAction::Rejected(reason) => rejected = rejected.or(Some((decision.name.clone(), reason))),
            SetAction::Stored | SetAction::Replaced { changed: true } => return None,
            _ => {}
        }
    }
    rejected
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

/// The user name, the password and the fields of the caller.
fn body_of(
    agent: &mut UserAgent,
    endpoint: &Url,
    credentials: &mut Credentials<'_>,
) -> Result<Body, LoginError> {
    let name = |hint: &Option<String>, usual: &str| hint.clone().unwrap_or_else(|| usual.to_owned());
    let mut fields = Vec::new();
    if let Some(user) = &credentials.user {
        fields.push((name(&credentials.hints.user_field, USER), user.clone()));
    }
    let password = name(&credentials.hints.password_field, PASSWORD);
    let is_json = credentials.method == LoginMethod::Json;
    let is_given = |wanted: &str| {
        let plain =
            |name: &String| if is_json { name.trim_end_matches(':') == wanted } else { name == wanted };
        credentials.fields.iter().any(|(name, _)| plain(name))
    };
    if !is_given(&password) {
        let url = Box::new(agent.redactor.url(endpoint));
        let secret = agent.pause(|| (credentials.password)());
        let secret = secret.map_err(|why| LoginError::PasswordNeeded { url, why })?;
        agent.hide(&secret);
        fields.push((password, secret));
    }
    if is_json {
        return json_body(fields, &credentials.fields);
    }
    let mut body = form_urlencoded::Serializer::new(String::new());
    let is_replaced = |name: &str| credentials.fields.iter().any(|(other, _)| other == name);
    body.extend_pairs(fields.iter().filter(|(name, _)| !is_replaced(name)));
    body.extend_pairs(&credentials.fields);
    Ok(Body::new("application/x-www-form-urlencoded", body.finish().into_bytes()))
}

/// An object. The value of a further field whose name ends in a colon is JSON.
fn json_body(fields: Vec<(String, String)>, further: &[(String, String)]) -> Result<Body, LoginError> {
    let mut members = Json::Object(IndexMap::new());
    for (name, value) in fields {
        members.set(&name, value);
    }
    for (name, value) in further {
        match name.strip_suffix(':') {
            Some(name) => {
                let value: Json = serde_json::from_str(value).map_err(|error| {
                    ClientError::BadRequest(format!("the value of {name} is not JSON: {error}"))
                })?;
                members.set(name, value);
            }
            None => members.set(name, value),
        }
    }
    let body = serde_json::to_vec(&members);
    let body = body.map_err(|error| ClientError::BadRequest(error.to_string()))?;
    Ok(Body::new("application/json", body))
}
