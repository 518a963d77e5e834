//! Headers that every page of an application should have.

use http::header::{
    CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderValue};

/// Writes the security headers of a page that loads nothing, runs no script and may be framed by nobody,
/// where the page has not set its own; over TLS also a year of `Strict-Transport-Security`.
pub fn security_headers(headers: &mut HeaderMap, tls: bool) {
    const ALWAYS: [(http::HeaderName, HeaderValue); 4] = [
        (
            CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(
                "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
            ),
        ),
        (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        // For browsers that do not know frame-ancestors.
        (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    ];
    for (name, value) in ALWAYS {
        if !headers.contains_key(&name) {
            headers.insert(name, value);
        }
    }
    if tls {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.entry(STRICT_TRANSPORT_SECURITY).or_insert(year);
    }
}
