//! [`TokenAnswer`]: the token in the JSON answer to a login or to a renewal.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::{Map, Value};
use url::Url;

use crate::clock::Timestamp;
use crate::cookies::value::jwt_claims;
use crate::cookies::{TokenHeader, TokenRefresh, TokenSession};

/// How deep nested objects are read.
const MAX_DEPTH: usize = 4;

/// Members with an address at which the token is renewed.
const REFRESH_URLS: [&str; 5] = ["refreshurl", "refreshuri", "refreshendpoint", "tokenendpoint", "tokenurl"];

/// A larger number of seconds is a date, and not a duration: 30 years.
const MAX_LIFETIME: f64 = 1e9;

/// A larger number is a date in milliseconds: the year 5138.
const MAX_SECONDS: f64 = 1e11;

/// Parts of the names of tokens that are not for the `Authorization` header.
const OTHER_TOKENS: [&str; 10] =
    ["csrf", "xsrf", "reset", "verif", "captcha", "request", "page", "challenge", "mfa", "device"];

/// The token in an answer, and what the answer says about it.
#[derive(Debug)]
pub(crate) struct TokenAnswer<'a> {
    /// The name of its member.
    pub(crate) name: &'a str,
    token: &'a str,
    /// The objects that may describe it: the one that contains it, and the whole answer.
    around: [Option<&'a Map<String, Value>>; 2],
}

impl<'a> TokenAnswer<'a> {
    /// The token in the object that is nested least. An access token is preferred to an identity token.
    pub(crate) fn find(answer: &'a Value) -> Option<Self> {
        let mut objects: VecDeque<(&'a Map<String, Value>, usize)> =
            answer.as_object().into_iter().map(|object| (object, 0)).collect();
        while let Some((object, depth)) = objects.pop_front() {
            let tokens = object.iter().filter_map(|(name, value)| {
                let rank = rank(&letters_and_digits(name), value)?;
                Some((rank, name, value.as_str()?))
            });
            if let Some((_, name, token)) = tokens.min_by_key(|(rank, ..)| *rank) {
                return Some(TokenAnswer { name, token, around: [Some(object), answer.as_object()] });
            }
            if depth < MAX_DEPTH {
                objects
                    .extend(object.values().filter_map(Value::as_object).map(|nested| (nested, depth + 1)));
            }
        }
        None
    }

    /// The token at this JSON pointer (RFC 6901). A pointer without a slash is the name of a member.
    pub(crate) fn at(answer: &'a Value, pointer: &'a str) -> Option<Self> {
        let (around, name, token) = match pointer.rsplit_once('/') {
            Some((parent, name)) => (answer.pointer(parent)?, name, answer.pointer(pointer)?),
            None => (answer, pointer, answer.get(pointer)?),
        };
        let token = token.as_str().filter(|token| !token.is_empty())?;
        Some(TokenAnswer { name, token, around: [around.as_object(), answer.as_object()] })
    }

    /// The session, for an endpoint that issued the token.
    pub(crate) fn session(
        &self,
        endpoint: &Url,
        header: Option<&TokenHeader>,
        now: Timestamp,
    ) -> TokenSession {
        let mut session = TokenSession::new(endpoint, self.name, self.token, now);
        session.header = header.cloned().or_else(|| self.scheme()).unwrap_or_default();
        session.expires = self.expires(now);
        session.issued_by = Some(endpoint.clone());
        session.refresh = self.refresh().map(|(name, token)| TokenRefresh {
            name: name.to_owned(),
            url: self.refresh_url(endpoint),
            ..TokenRefresh::new(token)
        });
        session
    }

    /// The session with this token and, if the answer has one, the new refresh token.
    pub(crate) fn renewed(&self, session: &TokenSession, now: Timestamp) -> TokenSession {
        let mut session = session.clone();
        self.token.clone_into(&mut session.access_token);
        session.issued = now;
        session.expires = self.expires(now);
        if let (Some(refresh), Some((_, token))) = (&mut session.refresh, self.refresh()) {
            token.clone_into(&mut refresh.token);
        }
        session
    }

    /// The members with a value that `read` accepts.
    fn member<T>(&self, read: impl Fn(&'a str, &str, &'a Value) -> Option<T>) -> Option<T> {
        let members = self.around.iter().flatten().flat_map(|object| object.iter());
        members.into_iter().find_map(|(name, value)| read(name, &letters_and_digits(name), value))
    }

    fn refresh(&self) -> Option<(&'a str, &'a str)> {
        self.member(|name, plain, value| {
            let is_refresh = plain.contains("refreshtoken") || plain == "refresh";
            let token = value.as_str().filter(|token| is_refresh && !token.is_empty())?;
            Some((name, token))
        })
    }

    fn refresh_url(&self, endpoint: &Url) -> Option<Url> {
        let named = self.member(|_, plain, value| {
            value.as_str().filter(|_| REFRESH_URLS.contains(&plain)).and_then(|url| endpoint.join(url).ok())
        });
        named.filter(|url| url.origin() == endpoint.origin())
    }

    /// The scheme that `token_type` names (RFC 6749 §7.1). Its case does not matter, but most servers expect `Bearer`.
    fn scheme(&self) -> Option<TokenHeader> {
        let scheme = self.member(|_, plain, value| value.as_str().filter(|_| plain == "tokentype"))?;
        let is_plain = !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let scheme = if scheme.eq_ignore_ascii_case("bearer") { "Bearer" } else { scheme };
        TokenHeader::authorization(scheme).filter(|_| is_plain)
    }

    /// When it expires: as the answer says, else as the token itself says.
    fn expires(&self, now: Timestamp) -> Option<Timestamp> {
        let said = self.member(|_, plain, value| {
            let is_expiry = plain.contains("expire") && !plain.contains("refresh");
            if is_expiry { time(plain, value, now) } else { None }
        });
        let claimed = || jwt_claims(self.token)?.get("exp")?.as_f64().map(Timestamp::from_seconds);
        said.or_else(claimed)
    }
}

/// A date, or a duration from now on.
fn time(plain: &str, value: &Value, now: Timestamp) -> Option<Timestamp> {
    if let Some(date) = value.as_str().and_then(|_| serde_json::from_value(value.clone()).ok()) {
        return Some(date);
    }
    let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    let is_milliseconds = number > MAX_SECONDS || plain.ends_with("ms") || plain.ends_with("millis");
    let seconds = if is_milliseconds { number / 1e3 } else { number };
    match seconds {
        ..0.0 => None,
        MAX_LIFETIME.. => Some(Timestamp::from_seconds(seconds)),
        _ => Duration::try_from_secs_f64(seconds).ok().map(|lifetime| now.plus(lifetime)),
    }
}

/// How likely a member has the token of a session: the lowest is the most likely.
fn rank(plain: &str, value: &Value) -> Option<u8> {
    match plain {
        _ if !is_token(plain, value) || plain.contains("refresh") => None,
        "accesstoken" | "access" => Some(0),
        "token" | "authtoken" | "sessiontoken" | "bearertoken" => Some(1),
        "jwt" | "jwttoken" => Some(2),
        _ if plain.contains("idtoken") => Some(4),
        _ => Some(3),
    }
}

/// Whether a member has a token for the `Authorization` header. `plain` is its name without punctuation.
pub(crate) fn is_token(plain: &str, value: &Value) -> bool {
    let is_other = OTHER_TOKENS.iter().any(|use_| plain.contains(use_)) || plain == "tokentype";
    let is_plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    let is_named = plain.contains("token") || plain.contains("jwt");
    let text = value.as_str().filter(|text| !is_other && is_plain(text));
    text.is_some_and(|text| is_named || plain == "access" && jwt_claims(text).is_some())
}

pub(crate) fn letters_and_digits(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase()
}
