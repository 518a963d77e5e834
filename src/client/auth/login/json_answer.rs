//! [`JsonAnswer`]: what the JSON body of an answer to a login says.

use serde_json::Value;

use super::messages::MAX_MESSAGES;
use crate::client::auth::snapshot::has_value;
use crate::client::http::agent::Response;

/// Members that contain a message.
const MESSAGES: [&str; 7] = ["message", "msg", "error_description", "error", "detail", "errors", "reason"];

/// Members that say whether the login succeeded.
const VERDICTS: &str =
    "success ok authenticated isauthenticated loggedin isloggedin valid status code result statuscode";

/// Parts of names and values that mention a further step.
const STEPS: [&str; 7] = ["2fa", "mfa", "otp", "twofactor", "challenge", "verification", "secondfactor"];

/// How deep nested objects are read.
const MAX_DEPTH: usize = 4;

/// A longer value is not the name of a step.
const MAX_STEP_LEN: usize = 64;

/// The JSON body of an answer; `null` if the body is not JSON.
pub(super) struct JsonAnswer(Value);

impl JsonAnswer {
    pub(super) fn of(response: &Response) -> Self {
        JsonAnswer(serde_json::from_slice(&response.body).unwrap_or(Value::Null))
    }

    /// Whether an answer with a status of success says that the login failed.
    pub(super) fn refuses(&self) -> bool {
        refuses(&self.0, 0)
    }

    /// Whether the answer asks for a further step: `{"mfa_required": true}`, `{"challengeName": "SMS_MFA"}`.
    pub(super) fn asks_for_code(&self) -> bool {
        asks_for_code(&self.0)
    }

    /// The messages in the answer, else a body that is neither JSON nor HTML.
    pub(super) fn messages(&self, response: &Response) -> Vec<String> {
        let mut messages = Vec::new();
        for value in MESSAGES.iter().filter_map(|name| self.0.get(*name)) {
            collect_texts(value, &mut messages);
        }
        if messages.is_empty() && self.0.is_null() {
            let text = response.text().trim().to_owned();
            messages.extend(Some(text).filter(|text| !text.is_empty() && !text.starts_with('<')));
        }
        messages.dedup();
        messages.truncate(MAX_MESSAGES);
        messages
    }

    /// The name of a member with a token for the `Authorization` header, which the jar cannot store.
    pub(super) fn token_name(&self) -> Option<String> {
        let nested = ["data", "result"].iter().filter_map(|name| self.0.get(*name));
        let objects = std::iter::once(&self.0).chain(nested).filter_map(Value::as_object);
        let is_token = |(name, value): &(&String, &Value)| {
            let name = name.to_ascii_lowercase();
            (name.contains("token") || name.contains("jwt")) && !name.contains("csrf") && value.is_string()
        };
        objects.flatten().find(is_token).map(|(name, _)| name.clone())
    }
}

fn refuses(answer: &Value, depth: usize) -> bool {
    let Some(members) = answer.as_object().filter(|_| depth < MAX_DEPTH) else { return false };
    members.iter().any(|(name, value)| match letters_and_digits(name).as_str() {
        "error" | "errors" => has_value(value),
        "user" => depth == 0 && value.is_null(),
        name if VERDICTS.split(' ').any(|it| it == name) => is_no(value),
        _ => refuses(value, depth + 1),
    })
}

fn asks_for_code(answer: &Value) -> bool {
    let Some(members) = answer.as_object() else { return false };
    let mentions_step = |text: &str| {
        let text = letters_and_digits(text);
        STEPS.iter().any(|word| text.contains(word))
    };
    members.iter().any(|(name, value)| {
        let names_step = value.as_str().is_some_and(|text| text.len() < MAX_STEP_LEN && mentions_step(text));
        (mentions_step(name) && has_value(value) && !is_no(value)) || names_step || asks_for_code(value)
    })
}

fn letters_and_digits(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase()
}

/// `false`, `0`, `"error"`, `"fail"`, or the status of an error.
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

/// The texts of a message: the message itself, the items of a list, or the members of an object.
fn collect_texts(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::String(text) if !text.is_empty() => texts.push(text.clone()),
        Value::Array(items) => {
            texts.extend(
                items.iter().filter_map(Value::as_str).filter(|it| !it.is_empty()).map(str::to_owned),
            );
            // A list of errors, each an object with a message.
            for item in items.iter().filter(|item| item.is_object()) {
                let message = ["msg", "message", "detail"].iter().find_map(|name| item.get(*name)?.as_str());
                texts.extend(message.map(str::to_owned));
            }
        }
        Value::Object(members) => {
            let items = |value| Value::as_array(value).map_or(std::slice::from_ref(value), Vec::as_slice);
            texts.extend(members.values().flat_map(items).filter_map(Value::as_str).map(str::to_owned));
        }
        _ => {}
    }
}
