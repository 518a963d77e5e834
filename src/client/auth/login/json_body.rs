//! The body of a login without a form: the user name, the password and the fields of the caller.

use indexmap::IndexMap;
use url::Url;

use super::credentials::{Credentials, LoginMethod};
use super::error::LoginError;
use crate::client::http::agent::UserAgent;
use crate::client::http::error::ClientError;
use crate::client::http::request::Body;
use crate::cookies::json::Json;

/// The names of the fields, unless the caller gives others.
const USER: &str = "username";
const PASSWORD: &str = "password";

/// The user name, the password and the fields of the caller.
pub(super) fn body_of(
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

/// An object. The value of a further field whose name ends in a colon is JSON. A name that starts with a slash is the place in
/// a nested object (RFC 6901), which the further fields may begin.
fn json_body(fields: Vec<(String, String)>, further: &[(String, String)]) -> Result<Body, LoginError> {
    let mut members = Json::Object(IndexMap::new());
    let (nested, plain): (Vec<_>, Vec<_>) = fields.into_iter().partition(|(name, _)| name.starts_with('/'));
    for (name, value) in plain {
        members.set(&name, value);
    }
    for (name, value) in further {
        let (name, value) = match name.strip_suffix(':') {
            Some(name) => (name, json_value(name, value)?),
            None => (name.as_str(), Json::of(value)),
        };
        match name.strip_prefix('/') {
            Some(path) => set_nested(&mut members, path, value),
            None => members.set(name, value),
        }
    }
    for (name, value) in nested {
        set_nested(&mut members, &name[1..], Json::of(&value));
    }
    let body = serde_json::to_vec(&members);
    let body = body.map_err(|error| ClientError::BadRequest(error.to_string()))?;
    Ok(Body::new("application/json", body))
}

fn json_value(name: &str, value: &str) -> Result<Json, ClientError> {
    serde_json::from_str(value)
        .map_err(|error| ClientError::BadRequest(format!("the value of {name} is not JSON: {error}")))
}

/// Sets the member at this path. Objects on the way are created.
fn set_nested(object: &mut Json, path: &str, value: Json) {
    let (name, rest) = path.split_once('/').map_or((path, None), |(name, rest)| (name, Some(rest)));
    let name = name.replace("~1", "/").replace("~0", "~");
    let value = match rest {
        Some(rest) => {
            let mut inner = object.get(&name).cloned().unwrap_or(Json::NULL);
            set_nested(&mut inner, rest, value);
            inner
        }
        None => value,
    };
    object.set(&name, value);
}
