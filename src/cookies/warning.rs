//! What is worth knowing about a `Set-Cookie` line beside what became of it.

use std::borrow::Cow;
use std::fmt;

use super::stored_cookie::ByteString;

/// Something in a line that counts otherwise than it looks.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// There is no `=`: all of it is the value of a cookie without a name.
    NoEqualsSign,
    /// The quotes are part of the value.
    QuotedValue,
    /// An attribute that nobody knows.
    UnknownAttribute(ByteString),
    /// An attribute of browsers that the standard does not have.
    NonStandardAttribute(ByteString),
    /// Its end has passed: the line deletes.
    ExpiryInThePast,
    /// A `Domain` with a scheme, a port or quotes.
    InvalidDomain,
    /// An attribute whose value is longer than 1024 octets.
    AttributeTooLong(ByteString),
    /// `Expires` is no date.
    InvalidExpires,
    /// `Max-Age` is no number.
    InvalidMaxAge,
    /// `Max-Age` counts, `Expires` does not.
    ExpiresIgnored,
    /// 400 days is the longest life.
    LifetimeCapped,
    /// `Path` does not begin with `/`.
    InvalidPath,
    /// Without a path of its own it has that of the page.
    DefaultPath(String),
    /// An empty `Domain` is none.
    EmptyDomain,
    /// The dot before `Domain` says nothing.
    LeadingDot,
    /// `Domain` is a public suffix and the host itself: the cookie is for that host only.
    DomainIsPublicSuffix,
    /// A `SameSite` that nobody knows.
    UnknownSameSite,
}

impl Warning {
    /// The name of the remark, for texts in other languages.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Warning::NoEqualsSign => "NoEqualsSign",
            Warning::QuotedValue => "QuotedValue",
            Warning::UnknownAttribute(_) => "UnknownAttribute",
            Warning::NonStandardAttribute(_) => "NonStandardAttribute",
            Warning::ExpiryInThePast => "ExpiryInThePast",
            Warning::InvalidDomain => "InvalidDomain",
            Warning::AttributeTooLong(_) => "AttributeTooLong",
            Warning::InvalidExpires => "InvalidExpires",
            Warning::InvalidMaxAge => "InvalidMaxAge",
            Warning::ExpiresIgnored => "ExpiresIgnored",
            Warning::LifetimeCapped => "LifetimeCapped",
            Warning::InvalidPath => "InvalidPath",
            Warning::DefaultPath(_) => "DefaultPath",
            Warning::EmptyDomain => "EmptyDomain",
            Warning::LeadingDot => "LeadingDot",
            Warning::DomainIsPublicSuffix => "DomainIsPublicSuffix",
            Warning::UnknownSameSite => "UnknownSameSite",
        }
    }

    /// What of the line it is about, where that is not always the same: an attribute, a path.
    #[must_use]
    pub fn subject(&self) -> Option<Cow<'_, str>> {
        match self {
            Warning::UnknownAttribute(name)
            | Warning::NonStandardAttribute(name)
            | Warning::AttributeTooLong(name) => Some(name.to_text()),
            Warning::DefaultPath(path) => Some(Cow::Borrowed(path)),
            _ => None,
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Warning::NoEqualsSign => f.write_str("without an = all of it is the value of a nameless cookie (§5.6 step 3)"),
            Warning::QuotedValue => f.write_str("the quotes are part of the value (§5.6)"),
            Warning::UnknownAttribute(name) => write!(f, "{} is no attribute of cookies and was ignored (§5.6)", name.to_text()),
            Warning::NonStandardAttribute(name) => {
                write!(f, "{} is not of RFC 6265bis: browsers that know it act on it, sessctl does not", name.to_text())
            }
            Warning::ExpiryInThePast => f.write_str("its end is in the past: such a line only deletes (§5.7 step 23)"),
            Warning::InvalidDomain => f.write_str("Domain is a name alone, without scheme, port or quotes (§5.6.3)"),
            Warning::AttributeTooLong(name) => {
                write!(f, "{} is longer than 1024 octets and was ignored (§5.6 step 6)", name.to_text())
            }
            Warning::InvalidExpires => f.write_str("Expires is no date and was ignored (§5.6.1)"),
            Warning::InvalidMaxAge => f.write_str("Max-Age is no whole number and was ignored (§5.6.2)"),
            Warning::ExpiresIgnored => f.write_str("Max-Age counts, Expires does not (§5.7 step 6)"),
            Warning::LifetimeCapped => f.write_str("its life was cut to 400 days (§5.5)"),
            Warning::InvalidPath => f.write_str("Path does not begin with / and was ignored (§5.6.4)"),
            Warning::DefaultPath(path) => write!(f, "its path is that of the page: {path} (§5.1.4)"),
            Warning::EmptyDomain => f.write_str("an empty Domain is as good as none (§5.6.3)"),
            Warning::LeadingDot => f.write_str("the dot before Domain says nothing (§5.6.3)"),
            Warning::DomainIsPublicSuffix => {
                f.write_str("Domain is a public suffix and this host itself: the cookie is for this host only (§5.7 step 9)")
            }
            Warning::UnknownSameSite => f.write_str("SameSite is none of Strict, Lax and None, and was ignored (§5.6.7)"),
        }
    }
}
