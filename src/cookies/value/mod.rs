//! What a cookie's value is, and what is in it, as far as that can be seen without any key.
//!
//! Frameworks write session cookies in a few well-known ways: some hold the data itself, readable by everybody and
//! only signed, some are encrypted, some are mere names of what the server keeps.

mod encoding;
mod identifier;
mod signed;
mod token;

use percent_encoding::percent_decode_str;
use serde::Serialize;

/// What a value is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decoded {
    /// What it is called: `JWT`, `Flask session`, `opaque`.
    pub kind: &'static str,
    /// What is in it, piece by piece.
    pub parts: Vec<Part>,
}

/// A piece of a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// What the piece is.
    pub label: &'static str,
    /// What it says.
    pub text: String,
}

impl Decoded {
    fn new(kind: &'static str) -> Self {
        Decoded { kind, parts: Vec::new() }
    }

    fn with(mut self, label: &'static str, text: impl Into<String>) -> Self {
        self.parts.push(Part { label, text: text.into() });
        self
    }

    fn with_some(self, label: &'static str, text: Option<String>) -> Self {
        match text {
            Some(text) => self.with(label, text),
            None => self,
        }
    }
}

/// Says what the value of the cookie `name` is. What nobody can tell is `opaque`.
#[must_use]
pub fn decode(name: &str, value: &[u8]) -> Decoded {
    let Ok(text) = std::str::from_utf8(value) else {
        return Decoded::new("opaque").with("size", format!("{} octets that are no text", value.len()));
    };
    let text = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
    if let Some(decoded) = recognised(name, text) {
        return decoded;
    }
    // Many frameworks percent-encode what they write.
    let plain = percent_decode_str(text).decode_utf8().ok().filter(|plain| plain != text);
    if let Some(decoded) = plain.as_deref().and_then(|plain| recognised(name, plain)) {
        return decoded;
    }
    // What looks random stays so, however it was written.
    let is_text =
        |plain: &String| !plain.is_ascii() || plain.contains(char::is_whitespace) || plain.len() < 16;
    let plain = plain.map(std::borrow::Cow::into_owned);
    match plain.filter(is_text) {
        Some(plain) => Decoded::new("percent-encoded text").with("text", plain),
        None => identifier::opaque(text),
    }
}

fn recognised(name: &str, text: &str) -> Option<Decoded> {
    token::jwt(text)
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

#[cfg(test)]
mod tests;
