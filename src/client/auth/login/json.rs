//! Logging in as the script of a single-page application does: name and password as JSON.

use http::header::CONTENT_TYPE;
use serde_json::{Map, Value};
use url::Url;

use super::messages;
use super::outcome::{Verification, cookies_since};
use super::report::{Credentials, LoginError, LoginOutcome, LoginReport};
use crate::client::auth::probe::Evidence;
use crate::client::html::page::Page;
use crate::client::http::fetch_metadata::Destination;
use crate::client::{Blocker, Body, ClientError, Request, Response, UserAgent};

/// What the fields are called where nobody says.
const USER: &str = "username";
const PASSWORD: &str = "password";

/// Members of an answer that say what went wrong, and those that say whether.
const MESSAGES: [&str; 7] = ["message", "msg", "error_description", "error", "detail", "errors", "reason"];
const VERDICTS: [&str; 11] = [
    "success",
    "ok",
    "authenticated",
    "isauthenticated",
    "loggedin",
    "isloggedin",
    "valid",
    "status",
    "code",
    "result",
    "statuscode",
];

/// How deep an answer is looked into.
const MAX_DEPTH: usize = 4;

/// How many messages are told.
const MOST_MESSAGES: usize = 3;

/// Logs in at `endpoint`.
pub(super) async fn login(
    agent: &mut UserAgent,
    endpoint: &Url,
    credentials: &mut Credentials<'_>,
) -> Result<LoginReport, LoginError> {
    let (page, blockers) = application_of(agent, endpoint).await?;
    let body = body(agent, endpoint, credentials)?;
    let user = credentials.user.clone();
    let (before, jar_before) = (agent.flow().exchanges.len(), agent.jar().snapshot());
    let mut request = Request::new(http::Method::POST, endpoint.clone());
    request.accept = "application/json, text/plain;q=0.9, */*;q=0.8";
    request.destination = Some(Destination::Script);
    request.from_page = Some(page.url.clone());
    request.body = Some(Body { content_type: Some("application/json".to_owned()), bytes: body });
    request.carry_csrf_token(&page, false, agent.jar());
    let response = agent.send(request).await?;
    let steps = agent.flow().exchanges.get(before..).unwrap_or_default();
    let is_direct = steps.len() == 1;
    let mut evidence = cookies_since(agent, before);
    let kind = response.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let is_json = kind.contains("json") || response.body.is_empty();
    let answer: Value = serde_json::from_slice(&response.body).unwrap_or(Value::Null);
    let status = response.status.as_u16();
    let messages = said_in(&answer, &response);
    let messages = messages::shortened(messages.iter().map(|text| agent.hidden_in_text(text)));
    let report = |outcome, evidence, page| Ok(LoginReport { outcome, evidence, page, user, blockers });
    if let Some(text) = &credentials.expect_text {
        if response.text().contains(text.as_str()) {
            evidence.push(Evidence::ExpectedText(text.clone()));
            return report(LoginOutcome::LoggedIn, evidence, page.url);
        }
        return report(LoginOutcome::Refused { status, messages }, evidence, page.url);
    }
    if status >= 400 || refuses(&answer) {
        return report(LoginOutcome::Refused { status, messages }, evidence, page.url);
    }
    let is_taken = is_json && is_direct;
    evidence.extend(is_taken.then_some(Evidence::Accepted(status)));
    evidence.extend(token_in(&answer).map(Evidence::TokenInBody));
    if asks_for_code(&answer) {
        return report(LoginOutcome::CodeNeeded, evidence, page.url);
    }
    let verification = Verification {
        evidence: &evidence,
        judge_by: credentials.judge_by.as_ref(),
        places: vec![page.url.clone()],
        login_page: endpoint,
        interstitial: None,
        before: jar_before,
        user: credentials.user.as_deref(),
    };
    if let Some((place, differences)) = verification.place_with_session(agent).await? {
        evidence.push(Evidence::Differs(place.clone(), differences));
        return report(LoginOutcome::LoggedIn, evidence, place);
    }
    // An interface for programs says by its status whether it took the password. Where that answer, and no page
    // before, gave out a cookie, that is the session, though no page that is known shows it.
    let has_cookie = evidence.iter().any(|it| matches!(it, Evidence::CookieIssued(_)));
    let is_session = is_taken && has_cookie && credentials.judge_by.is_none();
    let outcome = if is_session { LoginOutcome::LoggedIn } else { LoginOutcome::NoEvidence { messages } };
    report(outcome, evidence, page.url)
}

/// The page whose script this would be: for its cookies and its token. One that cannot be had has none.
async fn application_of(agent: &mut UserAgent, endpoint: &Url) -> Result<(Page, Vec<Blocker>), LoginError> {
    let mut root = endpoint.clone();
    root.set_path("/");
    root.set_query(None);
    root.set_fragment(None);
    match agent.send(Request::page(root.clone())).await {
        Ok(response) => {
            let mut page = agent.parse(&response).await?;
            if page.url.origin() != root.origin() {
                page.url = root;
            }
            let mut blockers = page.blockers.clone();
            blockers.retain(|blocker| *blocker != Blocker::Script);
            Ok((page, blockers))
        }
        Err(ClientError::TooManyRedirects { .. } | ClientError::BadRedirect { .. }) => {
            Ok((Page::blank(root), Vec::new()))
        }
        Err(error) => Err(error.into()),
    }
}

/// `{"username": …, "password": …}`, and what the caller adds; a name that ends in a colon has JSON for its value.
fn body(
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
        let url = Box::new(agent.hidden_in_url(endpoint));
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

/// Whether an answer that came as if all went well says otherwise, at any depth that answers have.
fn refuses(answer: &Value) -> bool {
    refuses_within(answer, 0)
}

fn refuses_within(answer: &Value, depth: usize) -> bool {
    let Some(members) = answer.as_object().filter(|_| depth < MAX_DEPTH) else { return false };
    members.iter().any(|(name, value)| {
        let name: String = name.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
        match name.as_str() {
            "error" | "errors" => says_something(value),
            "user" => depth == 0 && value.is_null(),
            name if VERDICTS.contains(&name) => is_no(value),
            _ => refuses_within(value, depth + 1),
        }
    })
}

/// `false`, `0`, `"error"`, `"fail"`, a code of an error.
fn is_no(value: &Value) -> bool {
    match value {
        Value::Bool(yes) => !yes,
        Value::Number(number) => number
            .as_f64()
            .is_some_and(|number| number == 0.0 && !number.is_sign_negative() || number >= 400.0),
        Value::String(text) => {
            let text = text.to_lowercase();
            ["false", "fail", "error", "invalid", "denied", "unauthorized", "0"]
                .iter()
                .any(|no| text.starts_with(no))
                || text.parse::<u32>().is_ok_and(|code| code >= 400)
        }
        _ => false,
    }
}

fn says_something(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
        Value::Bool(true) | Value::Number(_) => true,
    }
}

fn said_in(answer: &Value, response: &Response) -> Vec<String> {
    let mut said = Vec::new();
    for value in MESSAGES.iter().filter_map(|name| answer.get(*name)) {
        collect_texts(value, &mut said);
    }
    if said.is_empty() && answer.is_null() {
        let text = response.text();
        let text = text.trim().to_owned();
        said.extend(Some(text).filter(|text| !text.is_empty() && !text.starts_with('<')));
    }
    said.dedup();
    said.truncate(MOST_MESSAGES);
    said
}

/// The texts in a message: itself, or those of a list or of an object's members.
fn collect_texts(value: &Value, said: &mut Vec<String>) {
    match value {
        Value::String(text) if !text.is_empty() => said.push(text.clone()),
        Value::Array(items) => {
            said.extend(
                items.iter().filter_map(Value::as_str).filter(|it| !it.is_empty()).map(str::to_owned),
            );
            // Lists of what is wrong, each with its message.
            for item in items.iter().filter(|item| item.is_object()) {
                let message = ["msg", "message", "detail"].iter().find_map(|name| item.get(*name)?.as_str());
                said.extend(message.map(str::to_owned));
            }
        }
        Value::Object(members) => {
            let texts = members.values().flat_map(|value| match value {
                Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
                other => other.as_str().into_iter().collect::<Vec<&str>>(),
            });
            said.extend(texts.map(str::to_owned));
        }
        _ => {}
    }
}

/// The name of a member that is a token for headers: no cookie, and so none of ours.
fn token_in(answer: &Value) -> Option<String> {
    let within = ["data", "result"].iter().filter_map(|name| answer.get(*name));
    let objects = std::iter::once(answer).chain(within).filter_map(Value::as_object);
    let is_token = |(name, value): &(&String, &Value)| {
        let name = name.to_ascii_lowercase();
        (name.contains("token") || name.contains("jwt")) && !name.contains("csrf") && value.is_string()
    };
    objects.flatten().find(is_token).map(|(name, _)| name.clone())
}

/// Whether an answer wants something more: `{"mfa_required": true}`, `{"challengeName": "SMS_MFA"}`.
fn asks_for_code(answer: &Value) -> bool {
    let Some(members) = answer.as_object() else { return false };
    members.iter().any(|(name, value)| {
        let about = |text: &str| {
            let text: String =
                text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
            ["2fa", "mfa", "otp", "twofactor", "challenge", "verification", "secondfactor"]
                .iter()
                .any(|word| text.contains(word))
        };
        let says = value.as_str().is_some_and(|text| text.len() < 64 && about(text));
        (about(name) && says_something(value) && !is_no(value)) || says || asks_for_code(value)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_may_refuse_with_a_status_of_success() {
        for answer in [
            json!({ "success": false }),
            json!({ "error": "bad password" }),
            json!({ "errors": ["x"] }),
            json!({ "ok": false, "error": null }),
            json!({ "code": 500, "msg": "no" }),
            json!({ "status": "error" }),
            json!({ "data": { "isAuthenticated": false } }),
            json!({ "success": 0 }),
            json!({ "user": null }),
        ] {
            assert!(refuses(&answer), "{answer}");
        }
        for answer in [
            json!({ "success": true, "error": null, "errors": [] }),
            json!({}),
            json!("ok"),
            json!({ "status": "ok", "code": 200 }),
            json!({ "user": { "id": 1, "code": "x" } }),
        ] {
            assert!(!refuses(&answer), "{answer}");
        }
    }

    #[test]
    fn an_answer_may_want_more() {
        for answer in [
            json!({ "requires2FA": true }),
            json!({ "status": "MFA_REQUIRED" }),
            json!({ "data": { "challengeName": "SMS" } }),
        ] {
            assert!(asks_for_code(&answer), "{answer}");
        }
        for answer in [json!({ "mfa_enabled": false }), json!({ "user": { "name": "x" } })] {
            assert!(!asks_for_code(&answer), "{answer}");
        }
    }

    #[test]
    fn a_token_in_the_body_is_noticed() {
        assert_eq!(token_in(&json!({ "data": { "accessToken": "x" } })), Some("accessToken".to_owned()));
        assert_eq!(token_in(&json!({ "csrf_token": "x", "tokens": 3 })), None);
    }
}
