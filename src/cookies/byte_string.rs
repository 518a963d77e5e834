//! [`ByteString`]: the name or the value of a cookie.

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

/// The name or the value of a cookie: bytes that need not be UTF-8 (RFC 6265bis §5.6).
///
/// In JSON it is a string, or `{"base64": "…"}` if the bytes are not UTF-8.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "ByteStringRepr", into = "ByteStringRepr")]
pub struct ByteString(pub Vec<u8>);

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum ByteStringRepr {
    Text(String),
    Other { base64: String },
}

impl TryFrom<ByteStringRepr> for ByteString {
    type Error = &'static str;

    fn try_from(repr: ByteStringRepr) -> Result<Self, &'static str> {
        match repr {
            ByteStringRepr::Text(text) => Ok(ByteString(text.into_bytes())),
            ByteStringRepr::Other { base64 } => STANDARD
                .decode(&base64)
                .map(ByteString)
                .map_err(|_| "the value is marked as base64 but is not valid base64"),
        }
    }
}

impl From<ByteString> for ByteStringRepr {
    fn from(bytes: ByteString) -> Self {
        String::from_utf8(bytes.0).map_or_else(
            |error| ByteStringRepr::Other { base64: STANDARD.encode(error.as_bytes()) },
            ByteStringRepr::Text,
        )
    }
}

impl ByteString {
    /// The text, with U+FFFD in place of bytes that are not UTF-8.
    #[must_use]
    pub fn to_text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }
}

impl From<&str> for ByteString {
    fn from(text: &str) -> Self {
        ByteString(text.as_bytes().to_vec())
    }
}

impl fmt::Debug for ByteString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.escape_ascii())
    }
}

/// A control character other than the tab (RFC 6265bis §5.6 step 1).
pub(super) fn is_disallowed(byte: u8) -> bool {
    byte.is_ascii_control() && byte != b'\t'
}
