//! Sessions of HTTPie and xh, and storage states of Playwright, which have nearly the same format.

use serde_json::Value;

use super::candidate::Candidate;
use super::imported::{ImportError, ImportFormat, Imported};
use crate::clock::Timestamp;
use crate::cookies::byte_string::ByteString;
use crate::cookies::same_site::SameSite;

pub(super) fn read(document: &Value, host: Option<&str>, now: Timestamp) -> Result<Imported, ImportError> {
    let about = &document["__meta__"];
    let format = match (document.get("origins"), about.get("xh")) {
        (Some(_), _) => ImportFormat::Playwright,
        (None, Some(_)) => ImportFormat::Xh,
        (None, None) => ImportFormat::Httpie,
    };
    let mut imported = Imported::new(format);
    // Older versions write an object by name, newer ones a list.
    let cookies: Vec<(Option<&str>, &Value)> = match &document["cookies"] {
        Value::Array(list) => list.iter().map(|cookie| (None, cookie)).collect(),
        Value::Object(by_name) => {
            by_name.iter().map(|(name, cookie)| (Some(name.as_str()), cookie)).collect()
        }
        Value::Null => Vec::new(),
        _ => {
            let why = "its cookies are neither a list nor an object".to_owned();
            return Err(ImportError::Broken { format, why });
        }
    };
    for (number, (name, cookie)) in (1..).zip(cookies) {
        let cookie = candidate(name, cookie, host).map_err(Into::into);
        imported.add(format!("cookie {number}"), cookie.and_then(|candidate| candidate.validate(now)));
    }
    Ok(imported)
}

fn candidate(name: Option<&str>, cookie: &Value, host: Option<&str>) -> Result<Candidate, &'static str> {
    let text = |key: &str| cookie[key].as_str().filter(|text| !text.is_empty());
    let name = name.or_else(|| cookie["name"].as_str()).ok_or("it has no name")?;
    let value = cookie["value"].as_str().ok_or("it has no value")?;
    let domain = text("domain").or(host).ok_or("it names no host; give one with --url")?;
    Ok(Candidate {
        name: ByteString::from(name),
        value: ByteString::from(value),
        // A leading dot means that the site set `Domain`.
        host_only: !domain.starts_with('.'),
        domain: domain.to_owned(),
        path: text("path").unwrap_or("/").to_owned(),
        // Playwright writes -1 for a session cookie.
        expires: cookie["expires"].as_f64().filter(|expires| *expires > -1.0).map(Timestamp::from_seconds),
        secure: cookie["secure"].as_bool().unwrap_or_default(),
        http_only: ["httponly", "httpOnly", "http_only"]
            .iter()
            .any(|key| cookie[key].as_bool() == Some(true)),
        same_site: ["samesite", "sameSite", "same_site"]
            .iter()
            .find_map(|key| text(key))
            .and_then(|text| SameSite::parse(text.as_bytes())),
    })
}
