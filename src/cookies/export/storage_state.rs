//! A storage state, as Playwright saves it and loads it into a browser.

use serde::Serialize;

use super::text::{dotted_domain, json_file, refuse_bytes};
use crate::cookies::same_site::SameSite;
use crate::cookies::stored_cookie::StoredCookie;

#[derive(Serialize)]
struct StorageState<'a> {
    cookies: Vec<StateCookie<'a>>,
    /// Local storage by origin.
    origins: [(); 0],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StateCookie<'a> {
    name: &'a str,
    value: &'a str,
    domain: String,
    path: &'a str,
    /// In seconds; -1 for a session cookie.
    expires: f64,
    http_only: bool,
    secure: bool,
    same_site: SameSite,
}

pub(super) fn refuse(cookie: &StoredCookie) -> Option<&'static str> {
    // The browsers' protocols take a cookie without a name for one without a value.
    if cookie.name.0.is_empty() { Some("has no name") } else { refuse_bytes(cookie) }
}

pub(super) fn write(cookies: &[&StoredCookie]) -> Vec<u8> {
    let state =
        StorageState { cookies: cookies.iter().map(|cookie| StateCookie::of(cookie)).collect(), origins: [] };
    json_file(&state)
}

impl<'a> StateCookie<'a> {
    #[allow(clippy::cast_precision_loss, reason = "a double has the milliseconds of all years up to 9999")]
    fn of(cookie: &'a StoredCookie) -> Self {
        let text = |bytes: &'a [u8]| std::str::from_utf8(bytes).unwrap_or_default();
        StateCookie {
            name: text(&cookie.name.0),
            value: text(&cookie.value.0),
            domain: dotted_domain(cookie),
            path: cookie.path(),
            expires: cookie.expires.map_or(-1.0, |expires| expires.as_millis() as f64 / 1e3),
            http_only: cookie.http_only,
            secure: cookie.secure,
            // Browsers and the jar treat a cookie without the attribute as `Lax` (RFC 6265bis §5.6.7).
            same_site: cookie.same_site.unwrap_or(SameSite::Lax),
        }
    }
}
