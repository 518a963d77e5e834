//! Sessions of HTTPie and xh, which write nearly the same.

use serde_json::Value;

use super::{Candidate, ImportError, ImportFormat, Imported, RefusedBecause};
use crate::client::jar::cookie::{Octets, SameSite};
use crate::clock::Timestamp;

pub(super) fn read(document: &Value, host: Option<&str>, now: Timestamp) -> Result<Imported, ImportError> {
    let about = &document["__meta__"];
    let format = if about.get("xh").is_some() { ImportFormat::Xh } else { ImportFormat::Httpie };
    let mut imported = Imported { format, cookies: Vec::new(), refused: Vec::new() };
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
            Err(why) => imported.refuse(index, RefusedBecause::Unreadable(why.to_owned())),
        }
    }
    Ok(imported)
}

fn candidate(name: Option<&str>, cookie: &Value, host: Option<&str>) -> Result<Candidate, &'static str> {
    let text = |key: &str| cookie[key].as_str().filter(|text| !text.is_empty());
    let name = name.or_else(|| cookie["name"].as_str()).ok_or("it has no name")?;
    let value = cookie["value"].as_str().ok_or("it has no value")?;
    let domain = text("domain").or(host).ok_or("it names no host: say which with --url")?;
    // Python's cookie jar makes names without a dot look like names.
    let domain = domain.strip_suffix(".local").filter(|name| !name.contains('.')).unwrap_or(domain);
    Ok(Candidate {
        name: Octets::from(name),
        value: Octets::from(value),
        // Only a domain that a site gave itself has the dot.
        host_only: !domain.starts_with('.'),
        domain: domain.to_owned(),
        path: text("path").unwrap_or("/").to_owned(),
        expires: cookie["expires"].as_f64().map(Timestamp::from_seconds),
        secure: cookie["secure"].as_bool().unwrap_or_default(),
        http_only: cookie["httponly"].as_bool().or(cookie["http_only"].as_bool()).unwrap_or_default(),
        same_site: text("samesite").or(text("same_site")).and_then(SameSite::named),
    })
}
