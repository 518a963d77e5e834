//! Netscape's `cookies.txt`, as curl and wget read it.

use crate::cookies::stored_cookie::StoredCookie;

/// Cookies as a `cookies.txt`.
#[derive(Debug)]
#[non_exhaustive]
pub struct NetscapeExport<'a> {
    /// The content of the file.
    pub text: Vec<u8>,
    /// The cookies that the format cannot represent, and why.
    pub rejected: Vec<(&'a StoredCookie, &'static str)>,
}

/// Writes cookies as a Netscape `cookies.txt`.
///
/// `mark_http_only` puts curl's prefix `#HttpOnly_` before `HttpOnly` cookies. wget ignores such lines as comments.
#[must_use]
pub fn to_netscape(cookies: &[StoredCookie], mark_http_only: bool) -> NetscapeExport<'_> {
    let mut export = NetscapeExport { text: b"# Netscape HTTP Cookie File\n".to_vec(), rejected: Vec::new() };
    for cookie in cookies {
        let (name, value) = (&cookie.name.0[..], &cookie.value.0[..]);
        // A tab separates fields.
        if [name, value, cookie.path().as_bytes()].iter().any(|field| field.contains(&b'\t')) {
            export.rejected.push((cookie, "contains a tab"));
            continue;
        } else if name.is_empty() {
            export.rejected.push((cookie, "has no name"));
            continue;
        }
        let flag = |yes: bool| if yes { "TRUE" } else { "FALSE" };
        let line = format!(
            "{}{}{}\t{}\t{}\t{}\t{}\t",
            if cookie.http_only && mark_http_only { "#HttpOnly_" } else { "" },
            if cookie.is_host_only() { "" } else { "." },
            cookie.domain_name().trim_matches(['[', ']']),
            flag(!cookie.is_host_only()),
            cookie.path(),
            flag(cookie.secure),
            // 0 means a session cookie.
            cookie.expires.map_or(0, |expires| expires.as_seconds().max(1)),
        );
        export.text.extend([line.as_bytes(), name, b"\t", value, b"\n"].concat());
    }
    export
}
