//! Netscape's `cookies.txt`, as curl, wget and Python read it.

use std::borrow::Cow;

use super::text::python_host;
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

pub(super) fn refuse(cookie: &StoredCookie) -> Option<&'static str> {
    let (name, value) = (&cookie.name.0[..], &cookie.value.0[..]);
    // A tab separates fields.
    if [name, value, cookie.path().as_bytes()].iter().any(|field| field.contains(&b'\t')) {
        Some("contains a tab")
    } else if name.is_empty() {
        Some("has no name")
    } else {
        None
    }
}

pub(super) fn write(cookies: &[&StoredCookie], dialect: NetscapeDialect) -> Vec<u8> {
    let mut text = b"# Netscape HTTP Cookie File\n".to_vec();
    for cookie in cookies {
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
        text.extend([line.as_bytes(), &cookie.name.0, b"\t", &cookie.value.0, b"\n"].concat());
    }
    text
}

fn domain_of(cookie: &StoredCookie, dialect: NetscapeDialect) -> Cow<'_, str> {
    match dialect {
        NetscapeDialect::Python => python_host(cookie.domain_name()),
        _ => cookie.domain_name().trim_matches(['[', ']']).into(),
    }
}
