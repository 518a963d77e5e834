//! Netscape's `cookies.txt`: one line of seven tab-separated fields for each cookie.

use super::candidate::Candidate;
use super::imported::{ImportError, ImportFormat, ImportNote, ImportRejection, Imported, RejectionCause};
use crate::clock::Timestamp;
use crate::cookies::byte_string::ByteString;

/// curl's prefix for `HttpOnly`. To other programs the line is a comment.
const HTTP_ONLY: &[u8] = b"#HttpOnly_";

pub(super) fn read(file: &[u8], now: Timestamp) -> Result<Imported, ImportError> {
    let mut imported = Imported::new(ImportFormat::Netscape);
    let mut has_header = false;
    for (number, line) in (1..).zip(file.split(|&byte| byte == b'\n')) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let is_comment = line.starts_with(b"#") && !line.starts_with(HTTP_ONLY);
        has_header |= is_comment && String::from_utf8_lossy(line).contains("HTTP Cookie File");
        if is_comment || line.trim_ascii().is_empty() {
            continue;
        }
        let place = format!("line {number}");
        let candidate = candidate(line);
        if candidate.as_ref().is_ok_and(|it| it.host_only && it.domain.starts_with('.')) {
            imported.note(&place, ImportNote::DotIgnored);
        }
        imported.add(place, candidate.map_err(Into::into).and_then(|candidate| candidate.validate(now)));
    }
    // Without the header and without one readable line, it is another format.
    let is_unread = |it: &ImportRejection| matches!(it.cause, RejectionCause::Unreadable(_));
    let is_readable = !imported.cookies.is_empty() || !imported.rejected.iter().all(is_unread);
    if has_header || is_readable { Ok(imported) } else { Err(ImportError::Unknown) }
}

fn candidate(line: &[u8]) -> Result<Candidate, &'static str> {
    let (http_only, line) = match line.strip_prefix(HTTP_ONLY) {
        Some(rest) => (true, rest),
        None => (false, line),
    };
    let fields: Vec<&[u8]> = line.splitn(7, |&byte| byte == b'\t').collect();
    // curl leaves out the last field if the value is empty.
    let [domain, below, path, secure, expires, name, rest @ ..] = &fields[..] else {
        return Err("it must have seven fields, separated by tabs");
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    let yes = |bytes: &[u8]| match &bytes.trim_ascii().to_ascii_uppercase()[..] {
        b"TRUE" => Ok(true),
        b"FALSE" => Ok(false),
        _ => Err("the second and the fourth field must be TRUE or FALSE"),
    };
    // Some programs write fractions of a second. An empty field (Python), 0 (curl) and -1 mean a session cookie.
    let expires = text(expires);
    let expires: f64 = if expires.is_empty() { Ok(0.0) } else { expires.parse() }
        .ok()
        .filter(|seconds: &f64| seconds.is_finite())
        .ok_or("the fifth field must be a time in seconds")?;
    let has_expiry = !(-1.0..=0.0).contains(&expires);
    if text(domain).is_empty() {
        return Err("the first field must be a host");
    }
    Ok(Candidate {
        name: ByteString(name.to_vec()),
        value: ByteString(rest.first().map(|value| value.to_vec()).unwrap_or_default()),
        domain: text(domain),
        host_only: !yes(below)?,
        path: text(path),
        expires: has_expiry.then(|| Timestamp::from_seconds(expires)),
        secure: yes(secure)?,
        http_only,
        same_site: None,
    })
}
