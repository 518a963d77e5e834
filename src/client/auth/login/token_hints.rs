//! [`TokenHints`]: what the caller knows about the token in the answer to a login.

use url::Url;

use crate::cookies::TokenHeader;

/// What the caller knows about the token in the JSON answer to a login. It is found by its name otherwise.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct TokenHints {
    /// The member with the token: a JSON pointer (RFC 6901), or a name.
    pub field: Option<String>,
    /// The header that carries it. Default: `Authorization: Bearer {}`.
    pub header: Option<TokenHeader>,
    /// Where to renew it. Default: as the answer or the OpenID configuration of the server says.
    pub refresh_url: Option<Url>,
}
