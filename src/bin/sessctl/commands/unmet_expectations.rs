//! What a response lacks of the expectations of `visit` and `submit`: each message says what was expected, and what came.

use std::borrow::Cow;

use serde_json::Value;
use url::{Position, Url};

use sessctl::client::{Response, UserAgent};
use sessctl::cookies::Jar;
use sessctl::internal::LoginPrompt;

use super::options::ResponseArgs;
use super::target;
use super::value_parsers::{ExpectedHeader, ExpectedJson};
use crate::output::Output;
use crate::texts::Message;

/// How much of a text an unmet expectation quotes.
const EXCERPT_LEN: usize = 80;

/// What a response lacks. `asked` is the URL of the first request.
pub(super) struct UnmetExpectations<'a> {
    pub(super) args: &'a ResponseArgs,
    pub(super) asked: &'a Url,
    pub(super) response: &'a Response,
    pub(super) agent: &'a UserAgent,
    pub(super) output: &'a Output,
}

impl UnmetExpectations<'_> {
    pub(super) fn messages(&self) -> Vec<Message> {
        let (args, response) = (self.args, self.response);
        let mut unmet = Vec::new();
        unmet.extend(unmet_status(&args.expect_status, response));
        unmet.extend(args.expect_url.as_deref().and_then(|wanted| self.other_url(wanted)));
        unmet.extend(args.expect_no_login.then(|| self.login()).flatten());
        unmet.extend(args.expect_header.iter().filter_map(|wanted| missing_header(wanted, response)));
        unmet.extend(unmet_texts(args, &response.text()));
        unmet.extend(unmet_json(&args.expect_json, response));
        let missing = |wanted: &String| missing_cookie(wanted, response, self.agent.jar(), self.output);
        unmet.extend(args.expect_cookie.iter().filter_map(missing));
        unmet
    }

    /// The address on which the request ended, if another one was expected.
    fn other_url(&self, wanted: &str) -> Option<Message> {
        let got = &self.response.url;
        let expected = target::resolve(Some(wanted), self.asked);
        let is_path = !wanted.contains("://");
        let is_same = expected.as_ref().is_ok_and(|expected| {
            let end = if expected.query().is_some() { Position::AfterQuery } else { Position::AfterPath };
            // A site may redirect to https first.
            let is_same_site = if is_path {
                expected.host_str() == got.host_str()
            } else {
                expected.origin() == got.origin()
            };
            is_same_site && expected[Position::BeforePath..end] == got[Position::BeforePath..end]
        });
        let expected = expected.map_or_else(|_| wanted.to_owned(), |expected| expected.to_string());
        let message = format!("expected to end at {expected}, ended at {got}");
        let message =
            Message::new("expected-url", message).with("wanted", expected).with("got", got.as_str());
        (!is_same).then_some(message)
    }

    /// How the response asks for a login.
    fn login(&self) -> Option<Message> {
        let prompt = LoginPrompt::of(self.response, self.asked, self.agent.deadline())?;
        let url = self.response.url.as_str();
        let new = |key: &'static str, got: &str| {
            let message = format!("expected no login, got one: {url} {got}");
            Some(Message::new(key, message).with("url", url))
        };
        match prompt {
            LoginPrompt::Form => new("expected-no-login-form", "has a login form"),
            LoginPrompt::Address => new("expected-no-login-address", "is the address of a login"),
            LoginPrompt::Redirect => new("expected-no-login-redirect", "redirects to a login"),
            LoginPrompt::Unauthorized => new("expected-no-login-401", "answered 401"),
        }
    }
}

fn unmet_status(expected: &[String], response: &Response) -> Option<Message> {
    let status = response.status;
    let is_met = |wanted: &String| status.as_str().starts_with(wanted.trim_end_matches('x'));
    if expected.is_empty() || expected.iter().any(is_met) {
        return None;
    }
    let message = format!("expected status {}, got {status}", expected.join(" or "));
    let message = Message::new("expected-status", message).with("wanted", expected.join(", "));
    Some(message.with("status", status.to_string()))
}

fn missing_header(wanted: &ExpectedHeader, response: &Response) -> Option<Message> {
    let ExpectedHeader { name, value } = wanted;
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let got: Vec<String> = response.headers.get_all(name).iter().map(text).collect();
    let wanted = match value {
        None if !got.is_empty() => return None,
        Some(value) if got.iter().any(|got| got == value) => return None,
        None => name.to_string(),
        Some(value) => format!("{name}: {value}"),
    };
    if got.is_empty() {
        let message = format!("expected the header {wanted}, got none with this name");
        return Some(Message::new("expected-header-none", message).with("wanted", wanted));
    }
    let got = excerpt(&got.join(", ")).into_owned();
    let message = format!("expected the header {wanted}, got {got}");
    Some(Message::new("expected-header", message).with("wanted", wanted).with("got", got))
}

fn unmet_json(expected: &[ExpectedJson], response: &Response) -> Vec<Message> {
    if expected.is_empty() {
        return Vec::new();
    }
    let body = match response.json::<Value>() {
        Ok(body) => body,
        Err(error) => {
            let message = format!("expected JSON in the body, which {}", described(&response.text()));
            let message = Message::new("expected-json-body", format!("{message} ({error})"));
            return vec![message.with("body", described(&response.text())).with("why", error.to_string())];
        }
    };
    let unmet = |wanted: &ExpectedJson| {
        let ExpectedJson { pointer, value } = wanted;
        match body.pointer(pointer) {
            Some(found) if is_equal(found, value) => None,
            Some(found) => {
                let (got, wanted) = (found.to_string(), quoted(value));
                let got = excerpt(&got).into_owned();
                let message = format!("expected {pointer} to be {wanted} in the body, got {got}");
                let message = Message::new("expected-json", message).with("pointer", pointer.as_str());
                Some(message.with("wanted", wanted).with("got", got))
            }
            None => {
                let wanted = quoted(value);
                let message =
                    format!("expected {pointer} to be {wanted} in the body, which has no {pointer}");
                let message = Message::new("expected-json-none", message).with("pointer", pointer.as_str());
                Some(message.with("wanted", wanted))
            }
        }
    };
    expected.iter().filter_map(unmet).collect()
}

/// Whether a value is the expected one: as JSON, or a string with this text.
fn is_equal(found: &Value, expected: &str) -> bool {
    let is_number =
        |expected: &Value| matches!((found.as_f64(), expected.as_f64()), (Some(a), Some(b)) if a == b);
    found.as_str() == Some(expected)
        || serde_json::from_str::<Value>(expected)
            .is_ok_and(|expected| expected == *found || is_number(&expected))
}

/// The expected value as JSON.
fn quoted(expected: &str) -> String {
    match serde_json::from_str::<Value>(expected) {
        Ok(value) => value.to_string(),
        Err(_) => Value::from(expected).to_string(),
    }
}

fn excerpt(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(EXCERPT_LEN) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

fn unmet_texts(args: &ResponseArgs, body: &str) -> Vec<Message> {
    let mut unmet = Vec::new();
    for text in args.expect_text.iter().filter(|text| !body.contains(text.as_str())) {
        let found = described(body);
        let message = format!("expected {text:?} in the body, which {found}");
        unmet.push(
            Message::new("expected-text", message).with("text", format!("{text:?}")).with("body", found),
        );
    }
    for text in &args.reject_text {
        if let Some((before, after)) = body.split_once(text.as_str()) {
            let start =
                before.char_indices().rev().take(EXCERPT_LEN / 4).last().map_or(before.len(), |(at, _)| at);
            let after: String = after.chars().take(EXCERPT_LEN / 4).collect();
            let around = format!("{}{text}{after}", &before[start..]);
            let found = format!("\"…{}…\"", around.trim());
            let message = format!("expected no {text:?} in the body, found {found}");
            unmet.push(
                Message::new("rejected-text", message).with("text", format!("{text:?}")).with("found", found),
            );
        }
    }
    unmet
}

fn described(body: &str) -> Message {
    let start: String = body.trim_start().chars().take(EXCERPT_LEN).collect();
    match (body.len(), start.len()) {
        (0, _) => Message::new("expected-body-empty", "is empty"),
        (all, shown) if all > shown => Message::new("expected-body-begins", format!("begins with {start:?}"))
            .with("start", format!("{start:?}")),
        _ => Message::new("expected-body-is", format!("is {start:?}")).with("start", format!("{start:?}")),
    }
}

/// A cookie is expected among those that the next request to this page would carry.
fn missing_cookie(wanted: &str, response: &Response, jar: &Jar, output: &Output) -> Option<Message> {
    let (name, value) = wanted.split_once('=').map_or((wanted, None), |(name, value)| (name, Some(value)));
    let sent = jar.sent_to(&response.url);
    let named: Vec<_> = sent.iter().filter(|cookie| cookie.name.0 == name.as_bytes()).collect();
    match (named.first(), value) {
        (None, _) => {
            let names: Vec<String> = sent.iter().map(|cookie| cookie.name.to_text().into_owned()).collect();
            let found = if names.is_empty() {
                Message::new(
                    "expected-cookie-none",
                    "the jar has no cookies for this URL; run `sessctl login` first",
                )
            } else {
                let names = names.join(", ");
                Message::new("expected-cookie-only", format!("the jar has only {names}")).with("names", names)
            };
            let message = format!("expected cookie {name} for {}: {found}", response.url);
            let message = Message::new("expected-cookie", message);
            Some(message.with("name", name).with("url", response.url.as_str()).with("found", found))
        }
        (Some(_), None) => None,
        (Some(_), Some(value)) if named.iter().any(|cookie| cookie.value.0 == value.as_bytes()) => None,
        (Some(found), Some(value)) => {
            let (wanted, found) = (output.shortened(value), found.value.to_text());
            let found = output.shortened(&found);
            let message = format!("expected cookie {name}={wanted}, its value is {found}");
            let message = Message::new("expected-cookie-value", message).with("name", name);
            Some(message.with("wanted", wanted.as_ref()).with("found", found.as_ref()))
        }
    }
}
