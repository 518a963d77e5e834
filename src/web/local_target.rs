//! [`local_target`]: where to go after a login: only to a page of the same server.

use std::borrow::Cow;

/// `next` as a value for `Location`, if it is a path of the same server, so that a link to a login page cannot lead to
/// another site (open redirect).
///
/// It rejects what a browser reads as another origin: `//host`, `/\host`, `/.//host`, and all of them with tabs or line
/// breaks, which browsers remove before they parse.
///
/// ```
/// use sessctl::web::local_target;
///
/// assert_eq!(local_target("/cart?item=1").as_deref(), Some("/cart?item=1"));
/// assert_eq!(local_target("//evil.example/"), None);
/// ```
#[must_use]
pub fn local_target(next: &str) -> Option<Cow<'_, str>> {
    let path = next.split(['?', '#']).next().unwrap_or_default();
    let forbidden = |c: char| c.is_control() || c == '\\';
    if !path.starts_with('/') || path.contains("//") || next.contains(forbidden) {
        return None;
    }
    if next.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Some(Cow::Borrowed(next));
    }
    let encoded = |byte: u8| match byte.is_ascii_graphic() {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    Some(Cow::Owned(next.bytes().map(encoded).collect()))
}
