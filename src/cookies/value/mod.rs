//! Detects what a cookie's value is, and shows what is in it, as far as that needs no key.
//!
//! Frameworks write session cookies in a few well-known formats. Some contain the data itself, signed and readable by
//! everyone. Some are encrypted. Some are only the key of data on the server.
//!
//! ```
//! use sessctl::clock::Timestamp;
//! use sessctl::cookies::value::decode;
//!
//! let now = Timestamp::from_millis(1_800_000_000_000);
//! let value = b"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSIsImV4cCI6MTcwMDAwMDAwMH0.AAAA";
//! let decoded = decode("token", value, now);
//! assert_eq!(decoded.kind, "JWT");
//! let ends = decoded.parts.iter().find(|part| part.label == "ends").map(|part| part.text.as_str());
//! assert_eq!(ends, Some("2023-11-14T22:13:20Z, expired"));
//! ```

mod decoded;
mod encoding;
mod identifier;
mod signed;
mod token;

use percent_encoding::percent_decode_str;

pub use decoded::{Decoded, DecodedPart};
#[cfg(feature = "client")]
pub(crate) use token::jwt_claims;

use crate::clock::Timestamp;

/// Detects what the value of the cookie `name` is. A value of no known format is `opaque`.
#[must_use]
pub fn decode(name: &str, value: &[u8], now: Timestamp) -> Decoded {
    let Ok(text) = std::str::from_utf8(value) else {
        return Decoded::new("opaque").with("size", format!("{} bytes that are not text", value.len()));
    };
    let text = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
    if let Some(decoded) = recognize(name, text, now) {
        return decoded;
    }
    // Many frameworks percent-encode the value.
    let plain = percent_decode_str(text).decode_utf8().ok().filter(|plain| plain != text);
    if let Some(decoded) = plain.as_deref().and_then(|plain| recognize(name, plain, now)) {
        return decoded;
    }
    // A value that looks random is opaque, percent-encoded or not.
    let is_text =
        |plain: &String| !plain.is_ascii() || plain.contains(char::is_whitespace) || plain.len() < 16;
    let plain = plain.map(std::borrow::Cow::into_owned);
    match plain.filter(is_text) {
        Some(plain) => Decoded::new("percent-encoded text").with("text", plain),
        None => identifier::opaque(text),
    }
}

fn recognize(name: &str, text: &str, now: Timestamp) -> Option<Decoded> {
    token::jwt(text, now)
        .or_else(|| signed::express(text))
        .or_else(|| signed::rails(text))
        .or_else(|| signed::tornado(text))
        .or_else(|| signed::plug(text))
        .or_else(|| signed::django(text))
        .or_else(|| signed::itsdangerous(text))
        .or_else(|| token::encrypted(text))
        .or_else(|| encoding::json(text))
        .or_else(|| identifier::by_name(name, text))
        .or_else(|| identifier::by_shape(text))
}
