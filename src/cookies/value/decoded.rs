//! [`Decoded`]: what a cookie's value is.

use serde::Serialize;

/// What a cookie's value is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Decoded {
    /// The format: `JWT`, `Django session id`, `opaque`.
    pub kind: &'static str,
    /// The content, part by part.
    pub parts: Vec<DecodedPart>,
}

/// A part of a decoded value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DecodedPart {
    /// What the part is.
    pub label: &'static str,
    /// Its content.
    pub text: String,
}

impl Decoded {
    pub(super) fn new(kind: &'static str) -> Self {
        Decoded { kind, parts: Vec::new() }
    }

    pub(super) fn with(mut self, label: &'static str, text: impl Into<String>) -> Self {
        self.parts.push(DecodedPart { label, text: text.into() });
        self
    }

    /// `reader`: who can decrypt it.
    pub(super) fn encrypted(self, reader: &str) -> Self {
        self.with("content", format!("encrypted; only {reader}"))
    }

    pub(super) fn with_some(self, label: &'static str, text: Option<String>) -> Self {
        match text {
            Some(text) => self.with(label, text),
            None => self,
        }
    }
}
