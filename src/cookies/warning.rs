//! [`Warning`]: what in a `Set-Cookie` line is ignored or easily misread.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Something in a `Set-Cookie` line that is ignored or easily misread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Warning {
    /// What it is.
    pub kind: WarningKind,
    /// The attribute or path that it is about, for the kinds that can be about several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
}

/// The kinds of [`Warning`]. Their names are the keys of its text in other languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum WarningKind {
    /// There is no `=`, so the whole text is the value of a nameless cookie.
    NoEqualsSign,
    /// The quotes are part of the value.
    QuotedValue,
    /// An unknown attribute.
    UnknownAttribute,
    /// An attribute of browsers that RFC 6265bis does not define.
    NonStandardAttribute,
    /// The cookie has expired, so the line deletes it.
    ExpiryInThePast,
    /// A `Domain` with a scheme, a port or quotes.
    InvalidDomain,
    /// An attribute whose value is longer than 1024 bytes.
    AttributeTooLong,
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
    DefaultPath,
    /// An empty `Domain` has no effect.
    EmptyDomain,
    /// The dot at the start of `Domain` has no effect.
    LeadingDot,
    /// `Domain` is a public suffix and the host itself, so the cookie is host-only.
    DomainIsPublicSuffix,
    /// An unknown `SameSite` value.
    UnknownSameSite,
    /// The last occurrence of an attribute is invalid, so an earlier one does not count either.
    InvalidRepetition,
    /// `Path` contains what looks like a second cookie.
    LooksLikeTwoCookies,
}

impl WarningKind {
    /// Whether the server probably meant something else: a part of the line has no effect, or another one.
    #[must_use]
    pub const fn is_mistake(self) -> bool {
        matches!(
            self,
            WarningKind::AttributeTooLong
                | WarningKind::InvalidExpires
                | WarningKind::InvalidMaxAge
                | WarningKind::InvalidPath
                | WarningKind::UnknownSameSite
                | WarningKind::InvalidRepetition
                | WarningKind::LooksLikeTwoCookies
        )
    }
}

impl Warning {
    pub(super) fn about(kind: WarningKind, subject: impl Into<String>) -> Self {
        Warning { kind, subject: Some(subject.into()) }
    }
}

impl From<WarningKind> for Warning {
    fn from(kind: WarningKind) -> Self {
        Warning { kind, subject: None }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(subject) = &self.subject {
            write!(f, "{subject} ")?;
        }
        f.write_str(match self.kind {
            WarningKind::NoEqualsSign => {
                "there is no =, so the whole text is the value of a nameless cookie (§5.6 step 3)"
            }
            WarningKind::QuotedValue => "the quotes are part of the value (§5.6)",
            WarningKind::UnknownAttribute => "is not a cookie attribute and was ignored (§5.6)",
            WarningKind::NonStandardAttribute => {
                "is not in RFC 6265bis: some browsers support it, sessctl ignores it"
            }
            WarningKind::ExpiryInThePast => {
                "the expiry is in the past, so the line deletes the cookie (§5.7 step 23)"
            }
            WarningKind::InvalidDomain => "Domain must be a host name, without scheme, port or quotes (§5.6.3)",
            WarningKind::AttributeTooLong => "is longer than 1024 bytes and was ignored (§5.6 step 6)",
            WarningKind::InvalidExpires => "Expires is not a date and was ignored (§5.6.1)",
            WarningKind::InvalidMaxAge => "Max-Age is not a whole number and was ignored (§5.6.2)",
            WarningKind::ExpiresIgnored => "Expires was ignored because Max-Age takes precedence (§5.7 step 6)",
            WarningKind::LifetimeCapped => "the lifetime was cut to 400 days (§5.5)",
            WarningKind::InvalidPath => "Path does not begin with / and was ignored (§5.6.4)",
            WarningKind::DefaultPath => "is the path, taken from the URL because there is no valid Path (§5.1.4)",
            WarningKind::EmptyDomain => "an empty Domain has no effect (§5.6.3)",
            WarningKind::LeadingDot => "the dot at the start of Domain has no effect (§5.6.3)",
            WarningKind::DomainIsPublicSuffix => {
                "Domain is a public suffix and this host itself, so the cookie is for this host only (§5.7 step 9)"
            }
            WarningKind::UnknownSameSite => "SameSite is not Strict, Lax or None and was ignored (§5.6.7)",
            WarningKind::InvalidRepetition => {
                "is given again with an invalid value, so no value counts; RFC 6265bis would use the valid one, browsers do not"
            }
            WarningKind::LooksLikeTwoCookies => {
                "Path has a comma and another NAME=VALUE: this looks like a second cookie, but Set-Cookie lines cannot be \
                 joined with commas (RFC 9110 §5.3)"
            }
        })
    }
}
