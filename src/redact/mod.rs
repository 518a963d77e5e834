//! What is secret, and how it is shown: one list of names and one set of rules for `-v`, errors, history, HAR,
//! diagrams, the inspector and server logs.
//!
//! A value is secret if
//! - its name says so (`names`): in queries, fragments, path parameters and headers;
//! - it is a cookie value or user information;
//! - it looks like a token (`entropy`);
//! - this command sent it as a password or received it as a cookie (`known`), wherever it is repeated.
//!
//! [`Redactor`] finds secrets in text, URLs and headers; [`Masking`] decides what is shown in their place.
//! Masked text passes through unchanged, so text that went through one redactor may go through another.

mod entropy;
mod header;
mod known;
mod learn;
mod masking;
mod names;
mod reference;
mod sentence;
mod text;

use std::borrow::Cow;

use http::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use known::KnownValues;
pub(crate) use masking::HIDDEN;
pub use masking::Masking;
pub use masking::is_masked;
pub(crate) use sentence::is_sentence;

/// Finds secrets in text, URLs and headers, and masks them.
#[derive(Debug, Clone)]
pub struct Redactor {
    masking: Masking,
    known: KnownValues,
}

impl Redactor {
    /// A redactor that knows the rules, but no password or cookie yet.
    #[must_use]
    pub fn new(masking: Masking) -> Self {
        Redactor { masking, known: KnownValues::default() }
    }

    /// Masks secrets in a text for people: known values, and URLs and `name=value` pairs that contain secrets.
    #[must_use]
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        unchanged_or(text, self.redact_text(&self.known.hide(text)))
    }

    /// Masks secrets in a URL or a relative reference, which does not need to be valid.
    #[must_use]
    pub fn reference<'a>(&self, reference: &'a str) -> Cow<'a, str> {
        unchanged_or(reference, self.redact_reference(&self.known.hide(reference)))
    }

    /// Masks secrets in a URL. If the result is not a URL, only the origin is left.
    #[must_use]
    pub fn url(&self, url: &Url) -> Url {
        match self.reference(url.as_str()) {
            Cow::Borrowed(_) => url.clone(),
            Cow::Owned(shown) => Url::parse(&shown).unwrap_or_else(|_| {
                let mut origin = url.clone();
                origin.set_path("");
                origin.set_query(None);
                origin.set_fragment(None);
                origin
            }),
        }
    }

    /// Masks secrets in the value of a header.
    #[must_use]
    pub fn header<'a>(&self, name: &str, value: &'a str) -> Cow<'a, str> {
        unchanged_or(value, self.redact_header(name, &self.known.hide(value)))
    }

    /// Masks secrets in headers.
    pub(crate) fn headers(&self, headers: &HeaderMap) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
        headers.iter().map(|(name, value)| {
            let text = String::from_utf8_lossy(value.as_bytes());
            let shown = match self.header(name.as_str(), &text) {
                Cow::Borrowed(_) => Ok(value.clone()),
                Cow::Owned(shown) => HeaderValue::from_bytes(shown.as_bytes()),
            };
            (name.clone(), shown.unwrap_or(HeaderValue::from_static(HIDDEN)))
        })
    }
}

fn unchanged_or(before: &str, after: String) -> Cow<'_, str> {
    if before == after { Cow::Borrowed(before) } else { Cow::Owned(after) }
}
