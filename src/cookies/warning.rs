//! What is worth knowing about a `Set-Cookie` line beside what became of it.

use std::borrow::Cow;
use std::fmt;

use super::stored_cookie::Octets;

/// Something in a line that counts otherwise than it looks.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Remark {
    /// There is no `=`: all of it is the value of a cookie without a name.
    WithoutName,
    /// The quotes are part of the value.
    QuotedValue,
    /// An attribute that nobody knows.
    UnknownAttribute(Octets),
    /// An attribute of browsers that the standard does not have.
    BrowsersAttribute(Octets),
    /// Its end has passed: the line deletes.
    InThePast,
    /// A `Domain` with a scheme, a port or quotes.
    UnusableDomain,
    /// An attribute whose value is longer than 1024 octets.
    TooLargeAttribute(Octets),
    /// `Expires` is no date.
    UnreadableExpires,
    /// `Max-Age` is no number.
    UnreadableMaxAge,
    /// `Max-Age` counts, `Expires` does not.
    ExpiresOutweighed,
    /// 400 days is the longest life.
    Capped,
    /// `Path` does not begin with `/`.
    UnusablePath,
    /// Without a path of its own it has that of the page.
    DefaultPath(String),
    /// An empty `Domain` is none.
    EmptyDomain,
    /// The dot before `Domain` says nothing.
    LeadingDot,
    /// `Domain` is a public suffix and the host itself: the cookie is for that host only.
    SuffixOfItsOwn,
    /// A `SameSite` that nobody knows.
    UnknownSameSite,
}

impl Remark {
    /// The name of the remark, for texts in other languages.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Remark::WithoutName => "WithoutName",
            Remark::QuotedValue => "QuotedValue",
            Remark::UnknownAttribute(_) => "UnknownAttribute",
            Remark::BrowsersAttribute(_) => "BrowsersAttribute",
            Remark::InThePast => "InThePast",
            Remark::UnusableDomain => "UnusableDomain",
            Remark::TooLargeAttribute(_) => "TooLargeAttribute",
            Remark::UnreadableExpires => "UnreadableExpires",
            Remark::UnreadableMaxAge => "UnreadableMaxAge",
            Remark::ExpiresOutweighed => "ExpiresOutweighed",
            Remark::Capped => "Capped",
            Remark::UnusablePath => "UnusablePath",
            Remark::DefaultPath(_) => "DefaultPath",
            Remark::EmptyDomain => "EmptyDomain",
            Remark::LeadingDot => "LeadingDot",
            Remark::SuffixOfItsOwn => "SuffixOfItsOwn",
            Remark::UnknownSameSite => "UnknownSameSite",
        }
    }

    /// What of the line it is about, where that is not always the same: an attribute, a path.
    #[must_use]
    pub fn subject(&self) -> Option<Cow<'_, str>> {
        match self {
            Remark::UnknownAttribute(name)
            | Remark::BrowsersAttribute(name)
            | Remark::TooLargeAttribute(name) => Some(name.to_text()),
            Remark::DefaultPath(path) => Some(Cow::Borrowed(path)),
            _ => None,
        }
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Remark::WithoutName => f.write_str("without an = all of it is the value of a nameless cookie (§5.6 step 3)"),
            Remark::QuotedValue => f.write_str("the quotes are part of the value (§5.6)"),
            Remark::UnknownAttribute(name) => write!(f, "{} is no attribute of cookies and was ignored (§5.6)", name.to_text()),
            Remark::BrowsersAttribute(name) => {
                write!(f, "{} is not of RFC 6265bis: browsers that know it act on it, sessctl does not", name.to_text())
            }
            Remark::InThePast => f.write_str("its end is in the past: such a line only deletes (§5.7 step 23)"),
            Remark::UnusableDomain => f.write_str("Domain is a name alone, without scheme, port or quotes (§5.6.3)"),
            Remark::TooLargeAttribute(name) => {
                write!(f, "{} is longer than 1024 octets and was ignored (§5.6 step 6)", name.to_text())
            }
            Remark::UnreadableExpires => f.write_str("Expires is no date and was ignored (§5.6.1)"),
            Remark::UnreadableMaxAge => f.write_str("Max-Age is no whole number and was ignored (§5.6.2)"),
            Remark::ExpiresOutweighed => f.write_str("Max-Age counts, Expires does not (§5.7 step 6)"),
            Remark::Capped => f.write_str("its life was cut to 400 days (§5.5)"),
            Remark::UnusablePath => f.write_str("Path does not begin with / and was ignored (§5.6.4)"),
            Remark::DefaultPath(path) => write!(f, "its path is that of the page: {path} (§5.1.4)"),
            Remark::EmptyDomain => f.write_str("an empty Domain is as good as none (§5.6.3)"),
            Remark::LeadingDot => f.write_str("the dot before Domain says nothing (§5.6.3)"),
            Remark::SuffixOfItsOwn => {
                f.write_str("Domain is a public suffix and this host itself: the cookie is for this host only (§5.7 step 9)")
            }
            Remark::UnknownSameSite => f.write_str("SameSite is none of Strict, Lax and None, and was ignored (§5.6.7)"),
        }
    }
}
