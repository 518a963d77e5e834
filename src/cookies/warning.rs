//! [`Warning`]: what in a `Set-Cookie` line is ignored or easily misread.

use std::borrow::Cow;
use std::fmt;

use super::byte_string::ByteString;

/// Something in a `Set-Cookie` line that is ignored or easily misread.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// There is no `=`, so the whole text is the value of a nameless cookie.
    NoEqualsSign,
    /// The quotes are part of the value.
    QuotedValue,
    /// An unknown attribute.
    UnknownAttribute(ByteString),
    /// An attribute of browsers that RFC 6265bis does not define.
    NonStandardAttribute(ByteString),
    /// The cookie has expired, so the line deletes it.
    ExpiryInThePast,
    /// A `Domain` with a scheme, a port or quotes.
    InvalidDomain,
    /// An attribute whose value is longer than 1024 bytes.
    AttributeTooLong(ByteString),
    /// `Expires` is not a date.
    InvalidExpires,
    /// `Max-Age` is not a number.
    InvalidMaxAge,
    /// `Max-Age` takes precedence over `Expires`.
    ExpiresIgnored,
    /// The lifetime was cut to 400 days.
    LifetimeCapped,
    /// `Path` does not begin with `/`.
    InvalidPath,
    /// There is no `Path`, so the path is derived from the URL.
    DefaultPath(String),
    /// An empty `Domain` has no effect.
    EmptyDomain,
    /// The dot at the start of `Domain` has no effect.
    LeadingDot,
    /// `Domain` is a public suffix and the host itself, so the cookie is host-only.
    DomainIsPublicSuffix,
    /// An unknown `SameSite` value.
    UnknownSameSite,
}

impl Warning {
    /// The key of its text in other languages.
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

    /// The attribute or path that it is about, if it can be about several.
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
        let subject = self.subject().unwrap_or_default();
        f.write_str(match self {
            Warning::NoEqualsSign => {
                "there is no =, so the whole text is the value of a nameless cookie (§5.6 step 3)"
            }
            Warning::QuotedValue => "the quotes are part of the value (§5.6)",
            Warning::UnknownAttribute(_) => {
                return write!(f, "{subject} is not a cookie attribute and was ignored (§5.6)");
            }
            Warning::NonStandardAttribute(_) => {
                return write!(f, "{subject} is not in RFC 6265bis: some browsers support it, sessctl ignores it");
            }
            Warning::ExpiryInThePast => "the expiry is in the past, so the line deletes the cookie (§5.7 step 23)",
            Warning::InvalidDomain => "Domain must be a host name, without scheme, port or quotes (§5.6.3)",
            Warning::AttributeTooLong(_) => {
                return write!(f, "{subject} is longer than 1024 bytes and was ignored (§5.6 step 6)");
            }
            Warning::InvalidExpires => "Expires is not a date and was ignored (§5.6.1)",
            Warning::InvalidMaxAge => "Max-Age is not a whole number and was ignored (§5.6.2)",
            Warning::ExpiresIgnored => "Expires was ignored because Max-Age takes precedence (§5.7 step 6)",
            Warning::LifetimeCapped => "the lifetime was cut to 400 days (§5.5)",
            Warning::InvalidPath => "Path does not begin with / and was ignored (§5.6.4)",
            Warning::DefaultPath(_) => {
                return write!(f, "without a Path, the path is that of the page: {subject} (§5.1.4)");
            }
            Warning::EmptyDomain => "an empty Domain has no effect (§5.6.3)",
            Warning::LeadingDot => "the dot at the start of Domain has no effect (§5.6.3)",
            Warning::DomainIsPublicSuffix => {
                "Domain is a public suffix and this host itself, so the cookie is for this host only (§5.7 step 9)"
            }
            Warning::UnknownSameSite => "SameSite is not Strict, Lax or None and was ignored (§5.6.7)",
        })
    }
}
