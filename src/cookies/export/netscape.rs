//! Netscape's `cookies.txt`, as curl, wget and Python read it.

use std::borrow::Cow;

use crate::cookies::stored_cookie::StoredCookie;

/// The program that reads a `cookies.txt`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NetscapeDialect {
    /// curl: the prefix `#HttpOnly_` marks `HttpOnly` cookies.
    Curl,
    /// wget, which ignores lines with that prefix as comments.
    Wget,
    /// Python's `MozillaCookieJar`: a session cookie has an empty expiry, and a host name without a dot ends in `.local`.
    /// It loads session cookies only with `ignore_discard=True`.
    Python,
}

/// Cookies as a `cookies.txt`.
#[derive(Debug)]
#[non_exhaustive]
pub struct NetscapeExport<'a> {
    /// The content of the file.
    pub text: Vec<u8>,
    /// The cookies that the format cannot represent, and why.
    pub rejected: Vec<(&'a StoredCookie, &'static str)>,
}

/// Writes cookies as a Netscape `cookies.txt` for this program.
#[must_use]
pub fn to_netscape(cookies: &[StoredCookie], dialect: NetscapeDialect) -> NetscapeExport<'_> {
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
            if cookie.http_only && dialect != NetscapeDialect::Wget { "#HttpOnly_" } else { "" },
            if cookie.is_host_only() { "" } else { "." },
            domain_of(cookie, dialect),
            flag(!cookie.is_host_only()),
            cookie.path(),
            flag(cookie.secure),
            match cookie.expires {
                Some(expires) => expires.as_seconds().max(1).to_string(),
                // curl and wget read 0 as a session cookie, Python as an expired one.
                None if dialect == NetscapeDialect::Python => String::new(),
                None => "0".to_owned(),
            },
        );
        export.text.extend([line.as_bytes(), name, b"\t", value, b"\n"].concat());
    }
    export
}

fn domain_of(cookie: &StoredCookie, dialect: NetscapeDialect) -> Cow<'_, str> {
    let name = cookie.domain_name();
    match dialect {
        // http.cookiejar, eff_request_host
        NetscapeDialect::Python if !name.contains('.') => format!("{name}.local").into(),
        NetscapeDialect::Python => name.into(),
        _ => name.trim_matches(['[', ']']).into(),
    }
}
