//! What the formats have in common.

use std::borrow::Cow;

use serde::Serialize;

use crate::cookies::stored_cookie::StoredCookie;

/// Why a format of text cannot represent a cookie.
pub(super) fn refuse_bytes(cookie: &StoredCookie) -> Option<&'static str> {
    let is_text = [&cookie.name, &cookie.value].iter().all(|bytes| std::str::from_utf8(&bytes.0).is_ok());
    (!is_text).then_some("is not valid UTF-8")
}

/// A document as the content of a file.
pub(super) fn json_file(document: &impl Serialize) -> Vec<u8> {
    // The types of the formats have no content that JSON lacks.
    let mut text = serde_json::to_vec_pretty(document).unwrap_or_default();
    text.push(b'\n');
    text
}

/// The domain, with a leading dot if the cookie is also sent to the hosts below it.
pub(super) fn dotted_domain(cookie: &StoredCookie) -> String {
    format!("{}{}", if cookie.is_host_only() { "" } else { "." }, cookie.domain_name())
}

/// The host as Python's `http.cookiejar` compares it (`eff_request_host`).
pub(super) fn python_host(name: &str) -> Cow<'_, str> {
    if name.contains('.') { name.into() } else { format!("{name}.local").into() }
}
