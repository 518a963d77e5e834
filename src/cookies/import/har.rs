//! HTTP archives (HAR). The responses are replayed into a jar, each at its time. Cookies that the browser only sent are
//! taken as the archive describes them.

use std::sync::Arc;

use serde::{Deserialize, Deserializer};
use serde_json::Value;
use url::Url;

use super::candidate::Candidate;
use super::imported::{ImportError, ImportFormat, ImportRejection, Imported, RejectionCause};
use crate::clock::{ManualClock, Timestamp};
use crate::cookies::byte_string::ByteString;
use crate::cookies::jar::Jar;
use crate::cookies::same_site::SameSite;
use crate::cookies::stored_cookie::StoredCookie;
use crate::redact::is_masked;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HarEntry {
    /// Some exporters leave it empty. The entry then has the time of the one before.
    #[serde(default, deserialize_with = "time_if_any")]
    started_date_time: Option<Timestamp>,
    request: HarRequest,
    #[serde(default)]
    response: HarResponse,
}

#[derive(Deserialize)]
struct HarRequest {
    url: Url,
    #[serde(default)]
    headers: Vec<HarHeader>,
    #[serde(default)]
    cookies: Vec<HarCookie>,
}

#[derive(Default, Deserialize)]
struct HarResponse {
    #[serde(default)]
    headers: Vec<HarHeader>,
    #[serde(default)]
    cookies: Vec<HarCookie>,
}

#[derive(Deserialize)]
struct HarHeader {
    name: String,
    value: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct HarCookie {
    name: String,
    value: String,
    path: Option<String>,
    domain: Option<String>,
    expires: Option<String>,
    http_only: Option<bool>,
    secure: Option<bool>,
    same_site: Option<String>,
}

pub(super) fn read(mut document: Value) -> Result<Imported, ImportError> {
    let format = ImportFormat::Har;
    let Some(Value::Array(values)) = document.pointer_mut("/log/entries").map(Value::take) else {
        return Err(ImportError::Broken { format, why: "its log has no entries".to_owned() });
    };
    let mut imported = Imported::new(format);
    let mut entries: Vec<(Timestamp, usize, HarEntry)> = Vec::new();
    for (number, value) in (1..).zip(values) {
        match serde_json::from_value::<HarEntry>(value) {
            Ok(entry) => {
                let before = entries.last().map(|(time, ..)| *time).unwrap_or_default();
                entries.push((entry.started_date_time.unwrap_or(before), number, entry));
            }
            Err(error) => imported.reject(format!("entry {number}"), error),
        }
    }
    entries.sort_by_key(|(time, ..)| *time);
    let clock = Arc::new(ManualClock::new(Timestamp::default()));
    let jar = Jar::with_clock(Arc::clone(&clock));
    for (time, number, entry) in entries {
        clock.set(time);
        replay(entry, number, &jar, &mut imported);
    }
    imported.cookies = jar.cookies();
    Ok(imported)
}

fn time_if_any<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    Ok(Timestamp::deserialize(Value::deserialize(deserializer)?).ok())
}

fn replay(entry: HarEntry, number: usize, jar: &Jar, imported: &mut Imported) {
    let now = jar.now();
    let url = as_page(entry.request.url);
    // The pages of browser extensions have no cookies.
    if !matches!(url.scheme(), "http" | "https") {
        return;
    }
    let place = |name: &str| format!("entry {number}, cookie {name}");
    let add = |cookie: HarCookie, imported: &mut Imported| {
        let name = cookie.name.clone();
        match cookie.candidate(&url, now).validate(now) {
            Ok(cookie) => jar.merge([cookie]),
            Err(RejectionCause::Masked) => reject_masked(&name, imported),
            Err(cause) => imported.reject(place(&name), cause),
        }
    };
    for cookie in entry.request.cookies {
        add(cookie, imported);
    }
    for (name, value) in pairs_of(&entry.request.headers) {
        if is_masked(value) {
            reject_masked(name, imported);
        } else {
            update_from_pair(jar, &url, name, value, now);
        }
    }
    let is_set_cookie = |header: &&HarHeader| header.name.eq_ignore_ascii_case("set-cookie");
    // Chromium joins several lines with line feeds.
    let lines = entry.response.headers.iter().filter(is_set_cookie).flat_map(|it| it.value.split('\n'));
    let lines: Vec<&str> = lines.collect();
    // If there are fewer lines, the archive has none, or WebKit has joined them with commas, which dates contain too.
    if entry.response.cookies.len() > lines.len() {
        for cookie in entry.response.cookies {
            if cookie.expiry().is_some_and(|expires| expires <= now) {
                let name = ByteString::from(cookie.name.as_str());
                jar.remove(|stored| {
                    stored.name == name && stored.domain_name() == url.host_str().unwrap_or_default()
                });
            } else {
                add(cookie, imported);
            }
        }
        return;
    }
    for line in lines {
        let pair = line.split(';').next().unwrap_or_default();
        let (name, value) = pair.split_once('=').unwrap_or(("", pair));
        if is_masked(value.trim()) {
            reject_masked(name.trim(), imported);
            continue;
        }
        for decision in jar.receive(&url, [line.as_bytes()]) {
            if let Some(reason) = decision.action.reason() {
                imported.reject(place(&decision.name.to_text()), reason);
            }
        }
    }
}

/// Names a masked cookie once, though each of its requests has it.
fn reject_masked(name: &str, imported: &mut Imported) {
    let rejection = ImportRejection { place: format!("cookie {name}"), cause: RejectionCause::Masked };
    if !imported.rejected.contains(&rejection) {
        imported.rejected.push(rejection);
    }
}

/// A WebSocket request carries the cookies of the page with the same URL over http or https.
fn as_page(mut url: Url) -> Url {
    let scheme = match url.scheme() {
        "ws" => "http",
        "wss" => "https",
        _ => return url,
    };
    // It only fails for a scheme of another kind (WHATWG URL: special schemes), and all of these are special.
    let _ = url.set_scheme(scheme);
    url
}

/// A pair of a `Cookie` header has only the value of a cookie, which a script may have changed.
fn update_from_pair(jar: &Jar, url: &Url, name: &str, value: &str, now: Timestamp) {
    let known = jar.sent_to(url).into_iter().filter(|cookie| cookie.name == name.into());
    let known: Vec<StoredCookie> = known.collect();
    match &known[..] {
        [] => {
            let cookie = HarCookie { name: name.to_owned(), value: value.to_owned(), ..HarCookie::default() };
            jar.merge(cookie.candidate(url, now).validate(now).ok());
        }
        [one] if one.value != value.into() => {
            jar.merge([StoredCookie { value: value.into(), ..one.clone() }]);
        }
        // If several cookies have this name, it is unknown which one has changed.
        _ => {}
    }
}

/// The pairs in the `Cookie` headers.
fn pairs_of(headers: &[HarHeader]) -> impl Iterator<Item = (&str, &str)> {
    let headers = headers.iter().filter(|header| header.name.eq_ignore_ascii_case("cookie"));
    headers.flat_map(|it| it.value.split("; ")).map(|pair| pair.split_once('=').unwrap_or(("", pair)))
}

impl HarCookie {
    fn expiry(&self) -> Option<Timestamp> {
        let date: jiff::Timestamp = self.expires.as_deref()?.parse().ok()?;
        Some(Timestamp::from_millis(date.as_millisecond()))
    }

    /// Fills in what the archive does not say about a sent cookie: it is a cookie of the request's host.
    fn candidate(self, url: &Url, now: Timestamp) -> Candidate {
        let expires = self.expiry();
        let given = self.domain.filter(|domain| !domain.is_empty());
        Candidate {
            name: ByteString::from(self.name.as_str()),
            value: ByteString::from(self.value.as_str()),
            host_only: !given.as_deref().is_some_and(|domain| domain.starts_with('.')),
            domain: given.unwrap_or_else(|| url.host_str().unwrap_or_default().to_owned()),
            path: self.path.unwrap_or_else(|| "/".to_owned()),
            // It was sent, so it had not expired: Chrome writes the last second of 1969 for a session cookie.
            expires: expires.filter(|expires| *expires > now),
            // Never widen a cookie of a secure page.
            secure: self.secure.unwrap_or(url.scheme() == "https"),
            http_only: self.http_only.unwrap_or_default(),
            same_site: self.same_site.as_deref().and_then(|text| SameSite::parse(text.as_bytes())),
        }
    }
}
