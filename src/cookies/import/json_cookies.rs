//! Cookies as JSON objects: sessions of HTTPie and xh, storage states of Playwright, and the exports of browser
//! extensions, WebDriver clients and developer tools. They differ in the names of a few members.

use serde_json::Value;
use url::Url;

use super::candidate::Candidate;
use super::imported::{ImportError, ImportFormat, ImportNote, Imported, RejectionCause};
use crate::clock::Timestamp;
use crate::cookies::byte_string::ByteString;
use crate::cookies::date;
use crate::cookies::same_site::SameSite;
use crate::cookies::site;

/// Reads the cookies of a document. `url` is the page of cookies for which the document names no host.
pub(super) fn read(
    document: &Value,
    format: ImportFormat,
    url: Option<&Url>,
    now: Timestamp,
) -> Result<Imported, ImportError> {
    let mut imported = Imported::new(format);
    let of_document = host_of(&document["url"]);
    let host = of_document.as_deref().or(url.and_then(Url::host_str));
    for (number, (name, cookie)) in (1..).zip(cookies_of(document)) {
        let place = format!("cookie {number}");
        match candidate(name, cookie, host, format).and_then(|candidate| candidate.validate(now)) {
            Ok(valid) => {
                if !cookie["partitionKey"].is_null() {
                    imported.note(&place, ImportNote::Partitioned);
                }
                imported.cookies.push(valid);
            }
            Err(cause) => imported.reject(place, cause),
        }
    }
    note_other_content(document, &mut imported);
    Ok(imported)
}

/// Notes what a document has besides cookies.
fn note_other_content(document: &Value, imported: &mut Imported) {
    let storage = document["origins"].as_array().into_iter().flatten();
    for origin in
        storage.filter(|it| it["localStorage"].as_array().is_some_and(|entries| !entries.is_empty()))
    {
        let name = origin["origin"].as_str().unwrap_or("an origin");
        imported.note(&format!("local storage of {name}"), ImportNote::NotACookie);
    }
    if !document["auth"]["type"].is_null() {
        imported.note("auth", ImportNote::NotACookie);
    }
    let headers = &document["headers"];
    let has_headers = headers.as_array().is_some_and(|list| !list.is_empty())
        || headers.as_object().is_some_and(|by_name| !by_name.is_empty());
    if has_headers {
        imported.note("headers", ImportNote::NotACookie);
    }
}

/// The cookies of a document and their names, if it is an object by name, as older versions of HTTPie write it.
pub(super) fn cookies_of(document: &Value) -> Vec<(Option<&str>, &Value)> {
    let answer = &document["result"]["cookies"];
    let list = if document.is_array() { document } else { &document["cookies"] };
    match if list.is_null() { answer } else { list } {
        Value::Array(list) => list.iter().map(|cookie| (None, cookie)).collect(),
        Value::Object(by_name) => {
            by_name.iter().map(|(name, cookie)| (Some(name.as_str()), cookie)).collect()
        }
        _ => Vec::new(),
    }
}

fn candidate(
    name: Option<&str>,
    cookie: &Value,
    host: Option<&str>,
    format: ImportFormat,
) -> Result<Candidate, RejectionCause> {
    let text = |keys: &[&str]| keys.iter().find_map(|key| cookie[*key].as_str().filter(|it| !it.is_empty()));
    let is = |keys: &[&str]| keys.iter().any(|key| cookie[*key].as_bool() == Some(true));
    let name = name.or_else(|| cookie["name"].as_str()).or_else(|| cookie["key"].as_str());
    let name = name.ok_or("it has no name")?;
    let value = cookie["value"].as_str().ok_or("it has no value")?;
    let of_cookie = host_of(&cookie["url"]);
    let domain = text(&["domain"]).or(of_cookie.as_deref()).or(host);
    let domain = domain.ok_or("it names no host; give one with --url")?;
    if let Some(key) = partition_of(&cookie["partitionKey"]) {
        check_partition(key, domain)?;
    }
    let secure = is(&["secure"]);
    let same_site = text(&["sameSite", "samesite", "same_site"]);
    // The word of extensions for `None`.
    let same_site = same_site.map(|it| if it == "no_restriction" { "None" } else { it });
    let same_site = same_site.map(|it| SameSite::parse(it.as_bytes()));
    // Extensions and Playwright write `None` for Firefox and WebKit if the site gave none.
    let is_from_browser = !matches!(format, ImportFormat::Httpie | ImportFormat::Xh);
    Ok(Candidate {
        name: ByteString::from(name),
        value: ByteString::from(value),
        // A leading dot means that the site set `Domain`.
        host_only: cookie["hostOnly"].as_bool().unwrap_or(!domain.starts_with('.')),
        domain: domain.to_owned(),
        path: text(&["path"]).unwrap_or("/").to_owned(),
        expires: expiry_of(cookie)?,
        secure,
        http_only: is(&["httpOnly", "httponly", "http_only"]),
        same_site: same_site.flatten().filter(|it| secure || !is_from_browser || *it != SameSite::None),
    })
}

/// The expiry: seconds, or a date. A number of 0 or less means a session cookie.
fn expiry_of(cookie: &Value) -> Result<Option<Timestamp>, &'static str> {
    let given = ["expires", "expirationDate", "expiry"].iter().map(|key| &cookie[*key]);
    let seconds = |seconds: f64| (seconds > 0.0).then(|| Timestamp::from_seconds(seconds));
    match given.into_iter().find(|value| !value.is_null()) {
        None => Ok(None),
        Some(Value::Number(number)) => Ok(number.as_f64().and_then(seconds)),
        // tough-cookie writes `Infinity`, others leave the text empty.
        Some(Value::String(text)) if ["", "Infinity", "Session"].contains(&text.as_str()) => Ok(None),
        Some(Value::String(text)) => {
            let standard = text.parse::<jiff::Timestamp>().ok();
            let standard = standard.map(|it| Timestamp::from_millis(it.as_millisecond()));
            let date = standard.or_else(|| date::parse(text.as_bytes()));
            date.or_else(|| text.parse().ok().and_then(seconds)).map(Some).ok_or("its expiry is not a time")
        }
        Some(_) => Err("its expiry is not a time"),
    }
}

/// The site or origin of a partition.
fn partition_of(key: &Value) -> Option<&str> {
    let text = key.as_str().or_else(|| key["topLevelSite"].as_str()).or_else(|| key["sourceOrigin"].as_str());
    text.filter(|text| !text.is_empty())
}

/// A partitioned cookie belongs to the pages of one site (CHIPS). A jar has no partitions, so it takes only those of
/// the cookie's own site.
pub(super) fn check_partition(key: &str, domain: &str) -> Result<(), RejectionCause> {
    // Firefox writes `(https,example.org)`, others an origin.
    let host = key.rsplit(['/', ',']).next().unwrap_or_default().trim_end_matches(')');
    let host = host.split(':').next().unwrap_or_default();
    if site::site_of(host) == site::site_of(domain.trim_start_matches('.')) {
        return Ok(());
    }
    Err(RejectionCause::Partitioned(host.to_owned()))
}

fn host_of(url: &Value) -> Option<String> {
    Url::parse(url.as_str()?).ok()?.host_str().map(str::to_owned)
}
