//! HTTP archives: what a browser received is received again, each response at its time; cookies that it only sent are
//! taken as it says they are.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::{Candidate, ImportError, ImportFormat, Imported, RejectionCause};
use crate::clock::{ManualClock, Timestamp};
use crate::cookies::jar::Jar;
use crate::cookies::stored_cookie::{ByteString, SameSite, StoredCookie};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    started_date_time: Timestamp,
    request: Request,
    #[serde(default)]
    response: Response,
}

#[derive(Deserialize)]
struct Request {
    url: Url,
    #[serde(default)]
    headers: Vec<Pair>,
    #[serde(default)]
    cookies: Vec<Cookie>,
}

#[derive(Default, Deserialize)]
struct Response {
    #[serde(default)]
    headers: Vec<Pair>,
}

#[derive(Deserialize)]
struct Pair {
    name: String,
    value: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cookie {
    name: String,
    value: String,
    path: Option<String>,
    domain: Option<String>,
    expires: Option<String>,
    #[serde(default)]
    http_only: bool,
    secure: Option<bool>,
    same_site: Option<String>,
}

pub(super) fn read(mut document: Value) -> Result<Imported, ImportError> {
    let format = ImportFormat::Har;
    let Some(Value::Array(values)) = document.pointer_mut("/log/entries").map(Value::take) else {
        return Err(ImportError::Broken { format, why: "its log has no entries".to_owned() });
    };
    let mut imported = Imported { format, cookies: Vec::new(), rejected: Vec::new() };
    let mut entries: Vec<(usize, Entry)> = Vec::new();
    for (number, value) in (1..).zip(values) {
        match serde_json::from_value(value) {
            Ok(entry) => entries.push((number, entry)),
            Err(error) => imported.refuse(format!("entry {number}"), RejectionCause::unreadable(&error)),
        }
    }
    entries.sort_by_key(|(_, entry)| entry.started_date_time);
    let clock = Arc::new(ManualClock::new(Timestamp::default()));
    let jar = Jar::with_clock(Arc::clone(&clock));
    for (number, entry) in entries {
        clock.set(entry.started_date_time);
        let url = as_page(entry.request.url);
        for cookie in entry.request.cookies {
            let name = cookie.name.clone();
            match cookie.candidate(&url, entry.started_date_time).admit(entry.started_date_time) {
                Ok(cookie) => jar.merge([cookie]),
                Err(reason) => {
                    imported.refuse(format!("entry {number}, cookie {name}"), RejectionCause::Rule(reason))
                }
            }
        }
        for (name, value) in pairs_of(&entry.request.headers) {
            take_pair(&jar, &url, name, value, entry.started_date_time);
        }
        let of_cookies = |pair: &&Pair| pair.name.eq_ignore_ascii_case("set-cookie");
        // Chrome writes several lines as one.
        let lines = entry.response.headers.iter().filter(of_cookies).flat_map(|pair| pair.value.split('\n'));
        for decision in jar.receive(&url, lines.map(str::as_bytes)) {
            if let Some(reason) = decision.action.reason() {
                let place = format!("entry {number}, cookie {}", decision.name.to_text());
                imported.refuse(place, RejectionCause::Rule(reason));
            }
        }
    }
    imported.cookies = jar.cookies();
    Ok(imported)
}

/// Web sockets carry the cookies of pages.
fn as_page(mut url: Url) -> Url {
    let scheme = match url.scheme() {
        "ws" => "http",
        "wss" => "https",
        _ => return url,
    };
    // It fails only between special and other schemes, and these are all special.
    let _ = url.set_scheme(scheme);
    url
}

/// A pair of a `Cookie` line says nothing of its cookie but the value, which a script may have changed.
fn take_pair(jar: &Jar, url: &Url, name: &str, value: &str, now: Timestamp) {
    let known = jar.sent_to(url).into_iter().filter(|cookie| cookie.name == name.into());
    let known: Vec<StoredCookie> = known.collect();
    match &known[..] {
        [] => {
            let cookie = Cookie { name: name.to_owned(), value: value.to_owned(), ..Cookie::default() };
            if let Ok(cookie) = cookie.candidate(url, now).admit(now) {
                jar.merge([cookie]);
            }
        }
        [one] if one.value != value.into() => {
            jar.merge([StoredCookie { value: value.into(), ..one.clone() }])
        }
        // Of several with one name nobody can say which has changed.
        _ => {}
    }
}

/// The pairs of `Cookie` header lines.
fn pairs_of(headers: &[Pair]) -> impl Iterator<Item = (&str, &str)> {
    let lines = headers.iter().filter(|pair| pair.name.eq_ignore_ascii_case("cookie"));
    lines.flat_map(|pair| pair.value.split("; ")).map(|pair| pair.split_once('=').unwrap_or(("", pair)))
}

impl Cookie {
    /// A request tells less of a cookie than a response: where it is silent, the cookie is for that host.
    fn candidate(self, url: &Url, now: Timestamp) -> Candidate {
        let given = self.domain.filter(|domain| !domain.is_empty());
        let expires = self.expires.and_then(|date| date.parse::<jiff::Timestamp>().ok());
        let expires = expires.map(|moment| Timestamp::from_millis(moment.as_millisecond()));
        Candidate {
            name: ByteString::from(self.name.as_str()),
            value: ByteString::from(self.value.as_str()),
            host_only: !given.as_deref().is_some_and(|domain| domain.starts_with('.')),
            domain: given.unwrap_or_else(|| url.host_str().unwrap_or_default().to_owned()),
            path: self.path.unwrap_or_else(|| "/".to_owned()),
            // It was sent, so it had not ended: Chrome writes the second before 1970 for a cookie without an end.
            expires: expires.filter(|end| *end > now),
            // Without a word of it, a cookie of a secure page does not become one for all.
            secure: self.secure.unwrap_or(url.scheme() == "https"),
            http_only: self.http_only,
            same_site: self.same_site.as_deref().and_then(SameSite::named),
        }
    }
}
