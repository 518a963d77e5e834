//! Sessions of HTTPie and xh, and states of Playwright, which write nearly the same.

use serde_json::Value;

use super::{Candidate, ImportError, ImportFormat, Imported, RejectionCause};
use crate::clock::Timestamp;
use crate::cookies::stored_cookie::{ByteString, SameSite};

pub(super) fn read(document: &Value, host: Option<&str>, now: Timestamp) -> Result<Imported, ImportError> {
    let about = &document["__meta__"];
    let format = match (document.get("origins"), about.get("xh")) {
        (Some(_), _) => ImportFormat::Playwright,
        (None, Some(_)) => ImportFormat::Xh,
        (None, None) => ImportFormat::Httpie,
    };
    let mut imported = Imported { format, cookies: Vec::new(), rejected: Vec::new() };
    // Older versions: by name. Newer ones: a list.
    let cookies: Vec<(Option<&str>, &Value)> = match &document["cookies"] {
        Value::Array(list) => list.iter().map(|cookie| (None, cookie)).collect(),
        Value::Object(by_name) => {
            by_name.iter().map(|(name, cookie)| (Some(name.as_str()), cookie)).collect()
        }
        Value::Null => Vec::new(),
        _ => {
            return Err(ImportError::Broken {
                format,
                why: "its cookies are neither a list nor an object".to_owned(),
            });
        }
    };
    for (index, (name, cookie)) in cookies.into_iter().enumerate() {
        match candidate(name, cookie, host) {
            Ok(candidate) => imported.take(index, candidate.admit(now)),
            Err(why) => imported.refuse(super::place(index), RejectionCause::Unreadable(why.to_owned())),
        }
    }
    Ok(imported)
}

fn candidate(name: Option<&str>, cookie: &Value, host: Option<&str>) -> Result<Candidate, &'static str> {
    let text = |key: &str| cookie[key].as_str().filter(|text| !text.is_empty());
    let name = name.or_else(|| cookie["name"].as_str()).ok_or("it has no name")?;
    let value = cookie["value"].as_str().ok_or("it has no value")?;
    let domain = text("domain").or(host).ok_or("it names no host: say which with --url")?;
    Ok(Candidate {
        name: ByteString::from(name),
        value: ByteString::from(value),
        // Only a domain that a site gave itself has the dot.
        host_only: !domain.starts_with('.'),
        domain: domain.to_owned(),
        path: text("path").unwrap_or("/").to_owned(),
        // Playwright's -1 is a cookie without an end.
        expires: cookie["expires"].as_f64().filter(|end| *end > -1.0).map(Timestamp::from_seconds),
        secure: cookie["secure"].as_bool().unwrap_or_default(),
        http_only: ["httponly", "httpOnly", "http_only"]
            .iter()
            .any(|key| cookie[key].as_bool() == Some(true)),
        same_site: ["samesite", "sameSite", "same_site"]
            .iter()
            .find_map(|key| text(key))
            .and_then(SameSite::named),
    })
}
