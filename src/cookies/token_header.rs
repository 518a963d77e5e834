//! [`TokenHeader`]: the header that carries the token of a session.

use std::fmt;
use std::str::FromStr;

use http::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// What the token replaces.
const PLACE: &str = "{}";

/// The header that carries the token of a session, such as `Authorization: Bearer {}`: the token replaces `{}`.
///
/// ```
/// use sessctl::cookies::TokenHeader;
///
/// let header: TokenHeader = "X-Auth-Token: {}".parse()?;
/// assert_eq!(header.name(), "x-auth-token");
/// assert!(header.value("31d4").is_some_and(|value| value == "31d4"));
/// # Ok::<(), sessctl::cookies::TokenHeaderError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TokenHeader {
    /// As the caller wrote it.
    text: String,
    name: HeaderName,
}

/// Why a text is not the header of a token.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is not a header with a place for the token, such as 'Authorization: Bearer {{}}'")]
pub struct TokenHeaderError(String);

impl TokenHeader {
    /// `Authorization: SCHEME {}`.
    #[cfg(feature = "client")]
    pub(crate) fn authorization(scheme: &str) -> Option<Self> {
        format!("Authorization: {scheme} {PLACE}").parse().ok()
    }

    /// The name of the header.
    #[must_use]
    pub const fn name(&self) -> &HeaderName {
        &self.name
    }

    /// The value with this token. `None` if no header can contain the token.
    #[must_use]
    pub fn value(&self, token: &str) -> Option<HeaderValue> {
        let (_, template) = self.text.split_once(':')?;
        let mut value = HeaderValue::from_str(&template.trim().replacen(PLACE, token, 1)).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

/// `Authorization: Bearer {}` (RFC 6750 §2.1).
impl Default for TokenHeader {
    fn default() -> Self {
        let name = http::header::AUTHORIZATION;
        TokenHeader { text: format!("Authorization: Bearer {PLACE}"), name }
    }
}

impl FromStr for TokenHeader {
    type Err = TokenHeaderError;

    fn from_str(text: &str) -> Result<Self, TokenHeaderError> {
        let parsed = text.split_once(':').and_then(|(name, template)| {
            let name = name.trim().parse::<HeaderName>().ok()?;
            let is_plain = HeaderValue::from_str(template).is_ok() && template.matches(PLACE).count() == 1;
            is_plain.then(|| TokenHeader { text: text.to_owned(), name })
        });
        parsed.ok_or_else(|| TokenHeaderError(text.to_owned()))
    }
}

impl TryFrom<String> for TokenHeader {
    type Error = TokenHeaderError;

    fn try_from(text: String) -> Result<Self, TokenHeaderError> {
        text.parse()
    }
}

impl From<TokenHeader> for String {
    fn from(header: TokenHeader) -> Self {
        header.text
    }
}

impl fmt::Display for TokenHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
