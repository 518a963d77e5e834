//! The value of a `Cookie` header: pairs without any attributes.

use url::Url;

use super::candidate::Candidate;
use super::imported::{ImportError, ImportFormat, ImportNote, Imported};
use crate::clock::Timestamp;
use crate::cookies::byte_string::ByteString;

/// Whether a text is `NAME=VALUE; NAME=VALUE`.
pub(super) fn is_cookie_line(text: &str) -> bool {
    let name = text.split_once('=').map_or("", |(name, _)| name);
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.contains(['\n', '\t']) && !name.is_empty() && name.bytes().all(is_token)
}

/// Reads `Cookie` lines. `url` is the page that they were sent to.
pub(super) fn read(text: &str, url: Option<&Url>, now: Timestamp) -> Result<Imported, ImportError> {
    let format = ImportFormat::CookieHeader;
    let Some(url) = url else { return Err(ImportError::HostNeeded { format }) };
    let mut imported = Imported::new(format);
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    for (number, line) in (1..).zip(lines) {
        let (name, value) = line.split_once(':').unwrap_or(("", line));
        match name.trim() {
            name if name.eq_ignore_ascii_case("cookie") => add(&mut imported, value, "", url, now),
            _ if is_cookie_line(line) => add(&mut imported, line, "", url, now),
            _ => imported.reject(format!("line {number}"), "it is not a Cookie line"),
        }
    }
    note_attributes(&mut imported);
    Ok(imported)
}

/// Says once what is unknown about the cookies of such a line.
pub(super) fn note_attributes(imported: &mut Imported) {
    if !imported.cookies.is_empty() {
        imported.note("the Cookie header", ImportNote::NoAttributes);
    }
}

/// Adds the pairs of a line. `before` starts the name of their place.
pub(super) fn add(imported: &mut Imported, line: &str, before: &str, url: &Url, now: Timestamp) {
    let pairs = line.split(';').map(str::trim).filter(|pair| !pair.is_empty());
    for (number, pair) in (1..).zip(pairs) {
        let place = format!("{before}pair {number}");
        let Some((name, value)) = pair.split_once('=') else {
            imported.reject(place, "it must be NAME=VALUE");
            continue;
        };
        let is_http_only =
            |prefix: &str| name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
        let candidate = Candidate {
            name: ByteString::from(name.trim()),
            value: ByteString::from(value.trim()),
            domain: url.host_str().unwrap_or_default().to_owned(),
            host_only: true,
            path: "/".to_owned(),
            expires: None,
            // Never widen a cookie of a secure page.
            secure: url.scheme() == "https",
            http_only: ["__Http-", "__Host-Http-"].into_iter().any(is_http_only),
            same_site: None,
        };
        imported.add(place, candidate.validate(now));
    }
}
