//! Netscape's `cookies.txt`: a line of seven fields for each cookie, with tabs between them.

use super::{Candidate, ImportError, ImportFormat, ImportRejection, Imported, RejectionCause};
use crate::clock::Timestamp;
use crate::cookies::stored_cookie::ByteString;

/// curl's word for a cookie that scripts may not see; for others the line is a comment.
const HTTP_ONLY: &[u8] = b"#HttpOnly_";

pub(super) fn read(file: &[u8], now: Timestamp) -> Result<Imported, ImportError> {
    let mut imported = Imported { format: ImportFormat::Netscape, cookies: Vec::new(), rejected: Vec::new() };
    let mut is_one = false;
    for (index, line) in file.split(|&octet| octet == b'\n').enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let is_comment = line.starts_with(b"#") && !line.starts_with(HTTP_ONLY);
        is_one |= is_comment && String::from_utf8_lossy(line).contains("HTTP Cookie File");
        if is_comment || line.trim_ascii().is_empty() {
            continue;
        }
        let why = match candidate(line) {
            Ok(candidate) => match candidate.admit(now) {
                Ok(cookie) => {
                    imported.cookies.push(cookie);
                    continue;
                }
                Err(reason) => RejectionCause::Rule(reason),
            },
            Err(why) => RejectionCause::Unreadable(why.to_owned()),
        };
        imported.rejected.push(ImportRejection { place: format!("line {}", index + 1), cause: why });
    }
    // A file without one readable line, and that does not say what it is, is something else.
    let is_unread = |refused: &ImportRejection| matches!(refused.cause, RejectionCause::Unreadable(_));
    if !is_one
        && imported.cookies.is_empty()
        && imported.rejected.iter().all(is_unread)
        && !file.trim_ascii().is_empty()
    {
        return Err(ImportError::Unknown);
    }
    Ok(imported)
}

fn candidate(line: &[u8]) -> Result<Candidate, &'static str> {
    let (http_only, line) = match line.strip_prefix(HTTP_ONLY) {
        Some(rest) => (true, rest),
        None => (false, line),
    };
    let fields: Vec<&[u8]> = line.splitn(7, |&octet| octet == b'\t').collect();
    // curl leaves the last field out when the value is empty.
    let [domain, below, path, secure, expires, name, rest @ ..] = &fields[..] else {
        return Err("a cookie has seven fields, with tabs between them");
    };
    let text = |octets: &[u8]| String::from_utf8_lossy(octets).trim().to_owned();
    let yes = |octets: &[u8]| match &octets.trim_ascii().to_ascii_uppercase()[..] {
        b"TRUE" => Ok(true),
        b"FALSE" => Ok(false),
        _ => Err("the second and the fourth field are TRUE or FALSE"),
    };
    // Some write fractions of seconds. Nothing (Python), 0 (curl) and -1 stand for a cookie without an end.
    let expires = text(expires);
    let expires: f64 = if expires.is_empty() { Ok(0.0) } else { expires.parse() }
        .ok()
        .filter(|seconds: &f64| seconds.is_finite())
        .ok_or("the fifth field is a time in seconds")?;
    let has_end = !(-1.0..=0.0).contains(&expires);
    if text(domain).is_empty() {
        return Err("the first field is a host");
    }
    Ok(Candidate {
        name: ByteString(name.to_vec()),
        value: ByteString(rest.first().map(|value| value.to_vec()).unwrap_or_default()),
        domain: text(domain),
        host_only: !yes(below)?,
        path: text(path),
        expires: has_end.then(|| Timestamp::from_seconds(expires)),
        secure: yes(secure)?,
        http_only,
        same_site: None,
    })
}
