//! [`local_target`]: where to go after a login: only to a page of the same server.

/// `next`, if it is a path of the same server, so that a link to a login page cannot lead to another site (open redirect).
///
/// It rejects what a browser reads as another origin: `//host`, `/\host`, `/.//host`, and all of them with tabs or line
/// breaks, which browsers remove before they parse. Text that is not ASCII must be percent-encoded.
///
/// ```
/// use sessctl::web::local_target;
///
/// assert_eq!(local_target("/cart?item=1"), Some("/cart?item=1"));
/// assert_eq!(local_target("//evil.example/"), None);
/// ```
#[must_use]
pub fn local_target(next: &str) -> Option<&str> {
    let path = next.split(['?', '#']).next().unwrap_or_default();
    let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
    (path.starts_with('/') && !path.contains("//") && next.bytes().all(is_plain)).then_some(next)
}
