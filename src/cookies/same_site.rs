//! [`SameSite`]: the attribute of a cookie.

use serde::{Deserialize, Serialize};

/// The `SameSite` attribute (RFC 6265bis §5.6.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SameSite {
    /// Sent only with requests that the cookie's own site makes.
    Strict,
    /// Also sent when a link on another site opens the page.
    Lax,
    /// Sent with all requests.
    None,
}

impl SameSite {
    /// Reads the attribute's value, in any case of letters.
    pub(super) fn parse(value: &[u8]) -> Option<Self> {
        [(&b"strict"[..], SameSite::Strict), (b"lax", SameSite::Lax), (b"none", SameSite::None)]
            .into_iter()
            .find_map(|(name, same_site)| value.eq_ignore_ascii_case(name).then_some(same_site))
    }
}
