//! HTTP archives: what a browser received is received again, each response at its time; cookies that it only sent are
//! taken as it says they are.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::{Candidate, ImportError, ImportFormat, Imported};
use crate::client::jar::Jar;
use crate::client::jar::cookie::{Octets, SameSite};
use crate::clock::{ManualClock, Timestamp};

#[derive(Deserialize)]
struct Archive {
    log: Log,
}

#[derive(Deserialize)]
struct Log {
    #[serde(default)]
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    started_date_time: Timestamp,
    request: Message,
    response: Message,
}

#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    url: Option<Url>,
    #[serde(default)]
    headers: Vec<Pair>,
    #[serde(default)]
    cookies: Vec<Cookie>,
}

#[derive(Deserialize)]
struct Pair {
    name: String,
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cookie {
    name: String,
    value: String,
    path: Option<String>,
    domain: Option<String>,
    expires: Option<String>,
    #[serde(default)]
    http_only: bool,
    #[serde(default)]
    secure: bool,
    same_site: Option<String>,
}

pub(super) fn read(document: Value) -> Result<Imported, ImportError> {
    let format = ImportFormat::Har;
    let archive: Archive = serde_json::from_value(document)
        .map_err(|error| ImportError::Broken { format, why: error.to_string() })?;
    let mut entries = archive.log.entries;
    entries.sort_by_key(|entry| entry.started_date_time);
    let clock = Arc::new(ManualClock::new(Timestamp::default()));
    let jar = Jar::with_clock(Arc::clone(&clock));
    let mut imported = Imported { format, cookies: Vec::new(), refused: Vec::new() };
    for (index, entry) in entries.into_iter().enumerate() {
        let Some(url) = entry.request.url else { continue };
        let now = entry.started_date_time;
        clock.set(now);
        let known = jar.sent_to(&url);
        let only_sent = entry.request.cookies.into_iter().chain(pairs_of(&entry.request.headers));
        for cookie in
            only_sent.filter(|cookie| known.iter().all(|known| known.name != cookie.name.as_str().into()))
        {
            match cookie.candidate(&url).admit(now) {
                // The header line after it says less of the same cookie.
                Ok(cookie) if jar.sent_to(&url).iter().all(|sent| sent.name != cookie.name) => {
                    jar.take_in([cookie])
                }
                Ok(_) => {}
                Err(reason) => imported.take(index, Err(reason)),
            }
        }
        let of_cookies = |pair: &&Pair| pair.name.eq_ignore_ascii_case("set-cookie");
        // Chrome writes several lines as one.
        let lines = entry.response.headers.iter().filter(of_cookies).flat_map(|pair| pair.value.split('\n'));
        jar.receive(&url, lines.map(str::as_bytes));
    }
    imported.cookies = jar.cookies();
    Ok(imported)
}

/// The pairs of `Cookie` header lines.
fn pairs_of(headers: &[Pair]) -> impl Iterator<Item = Cookie> {
    let lines = headers.iter().filter(|pair| pair.name.eq_ignore_ascii_case("cookie"));
    lines.flat_map(|pair| pair.value.split("; ")).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or(("", pair));
        Cookie {
            name: name.to_owned(),
            value: value.to_owned(),
            path: None,
            domain: None,
            expires: None,
            http_only: false,
            secure: false,
            same_site: None,
        }
    })
}

impl Cookie {
    /// A request tells less of a cookie than a response: where it is silent, the cookie is for that host.
    fn candidate(self, url: &Url) -> Candidate {
        let given = self.domain.filter(|domain| !domain.is_empty());
        let expires = self.expires.and_then(|date| date.parse::<jiff::Timestamp>().ok());
        Candidate {
            name: Octets::from(self.name.as_str()),
            value: Octets::from(self.value.as_str()),
            host_only: !given.as_deref().is_some_and(|domain| domain.starts_with('.')),
            domain: given.unwrap_or_else(|| url.host_str().unwrap_or_default().to_owned()),
            path: self.path.unwrap_or_else(|| "/".to_owned()),
            expires: expires.map(|moment| Timestamp::from_millis(moment.as_millisecond())),
            // Without a word of it, a cookie of a secure page does not become one for all.
            secure: self.secure || url.scheme() == "https",
            http_only: self.http_only,
            same_site: self.same_site.as_deref().and_then(SameSite::named),
        }
    }
}
