//! [`JsonAnswer`]: what the JSON body of an answer to a login says.

use serde_json::Value;

use super::json_signs::{AnswerVerdict, MAX_DEPTH, MESSAGES, Signs, collect_texts, flag, is_in};
use super::messages::MAX_MESSAGES;
use crate::client::auth::snapshot::has_value;
use crate::client::auth::token_answer::{TokenAnswer, letters_and_digits};
use crate::client::auth::vocabulary::{SECOND_FACTOR, mentions, says_success};
use crate::client::http::response::Response;

/// Parts of names and of single words that mention a second factor.
const SECOND_FACTORS: [&str; 7] =
    ["2fa", "mfa", "otp", "twofactor", "challenge", "verification", "secondfactor"];

/// Parts of names and of single words that mention another step.
const OTHER_STEPS: [&str; 6] =
    ["passwordexpired", "expiredpassword", "mustchange", "changepassword", "passwordchange", "passwordreset"];

/// Ends of names that say that a step was taken, or can be taken at another time.
const SETTLED: [&str; 6] = ["enabled", "disabled", "verified", "passed", "configured", "supported"];

/// A longer value is not the name of a step.
const MAX_STEP_LEN: usize = 64;

/// The body of an answer: JSON, plain text as a string, or `null` for a page.
pub(super) struct JsonAnswer {
    value: Value,
    signs: Signs,
    is_page: bool,
}

/// A further step that an answer asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum JsonStep {
    SecondFactor,
    Captcha,
    Other,
}

impl JsonAnswer {
    pub(super) fn of(response: &Response) -> Self {
        // Some servers send a prefix that keeps other sites from running the answer as a script.
        let body = response.body.strip_prefix(b")]}'").unwrap_or(&response.body);
        let body = body.strip_prefix(b",").unwrap_or(body);
        let value = serde_json::from_slice(body).unwrap_or_else(|_| {
            let text = response.text().trim().to_owned();
            if text.starts_with('<') { Value::Null } else { Value::String(text) }
        });
        let is_page = value.is_null() && body != b"null";
        JsonAnswer { signs: Signs::of(&value), value, is_page }
    }

    /// What the answer says about the login.
    pub(super) fn verdict(&self) -> AnswerVerdict {
        match has_value(&self.value) || self.value == Value::Bool(false) {
            true => self.signs.verdict(),
            false if self.is_page => AnswerVerdict::Open,
            false => AnswerVerdict::Empty,
        }
    }

    /// Whether a message says that the login failed.
    pub(super) fn complains(&self) -> bool {
        self.signs.complains()
    }

    /// The step that the answer asks for: `{"mfa_required": true}`, `{"challengeName": "SMS_MFA"}`.
    pub(super) fn step(&self) -> Option<JsonStep> {
        step(&self.value, 0)
    }

    /// The messages in the answer, else the members that say that the login failed.
    pub(super) fn messages(&self) -> Vec<String> {
        let mut messages = Vec::new();
        match &self.value {
            Value::Object(_) => collect_messages(&self.value, 0, &mut messages),
            other => {
                collect_texts(other, &mut messages);
                collect_messages(other, 0, &mut messages);
            }
        }
        if messages.is_empty() {
            messages.extend(self.signs.failures.iter().cloned());
        }
        messages.dedup();
        messages.truncate(MAX_MESSAGES);
        messages
    }

    /// The token in the answer: the one at `pointer`, or the one that its name shows.
    pub(super) fn token<'a>(&'a self, pointer: Option<&'a str>) -> Option<TokenAnswer<'a>> {
        match pointer {
            Some(pointer) => TokenAnswer::at(&self.value, pointer),
            None => TokenAnswer::find(&self.value),
        }
    }
}

fn step(answer: &Value, depth: usize) -> Option<JsonStep> {
    let members: Vec<(String, &Value)> = match answer {
        _ if depth > MAX_DEPTH => return None,
        Value::Array(items) => items.iter().map(|item| (String::new(), item)).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (letters_and_digits(name), value)).collect()
        }
        _ => return None,
    };
    // The settings of a user are not steps.
    let members = members.iter().filter(|(name, _)| !matches!(name.as_str(), "user" | "profile" | "account"));
    let found = members.filter_map(|(name, value)| {
        let is_settled = SETTLED.iter().any(|end| name.ends_with(end));
        let is_asked = has_value(value) && flag(value) != Some(false) && !is_settled;
        let named = if is_asked { step_named(name) } else { None };
        let valued = value.as_str().and_then(step_in_text);
        named.or(valued).or_else(|| step(value, depth + 1))
    });
    found.min()
}

/// The step that a name in lower case mentions.
fn step_named(name: &str) -> Option<JsonStep> {
    let mentions = |words: &[&str]| words.iter().any(|word| name.contains(word));
    match () {
        () if name.contains("captcha") => Some(JsonStep::Captcha),
        () if mentions(&SECOND_FACTORS) => Some(JsonStep::SecondFactor),
        () if mentions(&OTHER_STEPS) => Some(JsonStep::Other),
        () => None,
    }
}

/// The step that a word or a sentence mentions. A sentence about a failure does not ask for a step.
fn step_in_text(text: &str) -> Option<JsonStep> {
    if text.len() > MAX_STEP_LEN || says_success(text) == Some(false) {
        return None;
    }
    let is_sentence = text.contains(char::is_whitespace);
    match () {
        () if is_sentence && says_success(text).is_some() => None,
        () if mentions(text, SECOND_FACTOR) => Some(JsonStep::SecondFactor),
        () if is_sentence => None,
        () if mentions(text, "verification") => Some(JsonStep::SecondFactor),
        // A part of a longer word, such as a token, is not the name of a second factor.
        () => step_named(&letters_and_digits(text)).filter(|step| *step != JsonStep::SecondFactor),
    }
}

/// The messages of an object, and then those of the objects in it.
fn collect_messages(value: &Value, depth: usize, messages: &mut Vec<String>) {
    match value {
        _ if depth > MAX_DEPTH => {}
        Value::Array(items) => {
            items.iter().for_each(|item| collect_messages(item, depth + 1, messages));
        }
        Value::Object(members) => {
            let is_message = |name: &str| is_in(MESSAGES, &letters_and_digits(name));
            let (own, others): (Vec<_>, Vec<_>) = members.iter().partition(|(name, _)| is_message(name));
            for (_, value) in own {
                let before = messages.len();
                collect_texts(value, messages);
                if messages.len() == before {
                    collect_messages(value, depth + 1, messages);
                }
            }
            others.iter().for_each(|(_, value)| collect_messages(value, depth + 1, messages));
        }
        _ => {}
    }
}
