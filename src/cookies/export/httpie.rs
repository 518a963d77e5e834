//! A session of HTTPie, which xh reads too.

use serde::Serialize;

use super::text::{json_file, python_host, refuse_bytes};
use crate::cookies::stored_cookie::StoredCookie;

#[derive(Serialize)]
struct HttpieSession<'a> {
    #[serde(rename = "__meta__")]
    meta: Meta,
    auth: Auth,
    cookies: Vec<HttpieCookie<'a>>,
    headers: [(); 0],
}

/// The version of HTTPie that introduced this form.
#[derive(Serialize)]
struct Meta {
    about: &'static str,
    help: &'static str,
    httpie: &'static str,
}

#[derive(Serialize)]
struct Auth {
    #[serde(rename = "type")]
    kind: Option<&'static str>,
    raw_auth: Option<&'static str>,
}

#[derive(Serialize)]
struct HttpieCookie<'a> {
    domain: String,
    expires: Option<i64>,
    name: &'a str,
    path: &'a str,
    secure: bool,
    value: &'a str,
}

pub(super) fn refuse(cookie: &StoredCookie) -> Option<&'static str> {
    if cookie.name.0.is_empty() { Some("has no name") } else { refuse_bytes(cookie) }
}

pub(super) fn write(cookies: &[&StoredCookie]) -> Vec<u8> {
    json_file(&HttpieSession {
        meta: Meta { about: "HTTPie session file", help: "https://httpie.io/docs#sessions", httpie: "3.1.0" },
        auth: Auth { kind: None, raw_auth: None },
        cookies: cookies.iter().map(|cookie| HttpieCookie::of(cookie)).collect(),
        headers: [],
    })
}

impl<'a> HttpieCookie<'a> {
    fn of(cookie: &'a StoredCookie) -> Self {
        let text = |bytes: &'a [u8]| std::str::from_utf8(bytes).unwrap_or_default();
        let dot = if cookie.is_host_only() { "" } else { "." };
        HttpieCookie {
            domain: format!("{dot}{}", python_host(cookie.domain_name())),
            expires: cookie.expires.map(|expires| expires.as_seconds()),
            name: text(&cookie.name.0),
            path: cookie.path(),
            secure: cookie.secure,
            value: text(&cookie.value.0),
        }
    }
}
