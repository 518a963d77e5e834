//! [`CsrfToken`]: the CSRF token that a page hands to its scripts in a `meta` element.

use http::HeaderName;

/// A token, and the header in which scripts send it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CsrfToken {
    pub(crate) header: HeaderName,
    pub(crate) token: String,
}

/// The header of pages that name no other.
pub(crate) const DEFAULT_HEADER: HeaderName = HeaderName::from_static("x-csrf-token");

/// The token among the `meta` elements of a page, given as names and contents.
pub(crate) fn in_metas<'a>(metas: impl Iterator<Item = (&'a str, &'a str)> + Clone) -> Option<CsrfToken> {
    let content_of = |names: &'static [&str]| {
        let mut metas = metas.clone();
        metas
            .find(|(name, _)| names.iter().any(|it| name.eq_ignore_ascii_case(it)))
            .map(|(_, content)| content)
    };
    let token = content_of(&["csrf-token", "_csrf", "csrf_token", "xsrf-token"])?;
    let header = content_of(&["_csrf_header", "csrf-header"]).and_then(|header| header.parse().ok());
    (!token.is_empty())
        .then(|| CsrfToken { header: header.unwrap_or(DEFAULT_HEADER), token: token.to_owned() })
}
