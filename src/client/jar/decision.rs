//! What the jar decides about a cookie, and why: values that outputs only print.

use std::fmt;

use serde::{Serialize, Serializer};

use super::cookie::Octets;

/// Why a cookie is not sent or not stored, in the words of browsers' developer tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// A `Secure` cookie, and the URL is neither https nor of this machine.
    SecureOnly,
    /// The cookie's path is no prefix of the URL's.
    NotOnPath,
    /// The cookie is of another host of the same site.
    DomainMismatch,
    /// Its time has passed.
    Expired,
    /// `SameSite=None` without `Secure`.
    SameSiteNoneInsecure,
    /// A `Secure` cookie of this name is there, and the URL is not secure.
    OverwriteSecure,
    /// `Domain` is no domain of the host that sent it.
    InvalidDomain,
    /// `Domain` is one under which anybody can have a name, such as `com`.
    PublicSuffix,
    /// The name begins with a prefix whose conditions the cookie does not meet.
    InvalidPrefix,
    /// Name and value are more than 4096 octets together.
    NameValuePairExceedsMaxSize,
    /// There is a control character in it.
    DisallowedCharacter,
    /// Neither name nor value.
    NoCookieContent,
    /// A `Domain` that is not ASCII.
    SyntaxError,
}

impl Reason {
    /// The name of the reason, as it stands in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Reason::SecureOnly => "SecureOnly",
            Reason::NotOnPath => "NotOnPath",
            Reason::DomainMismatch => "DomainMismatch",
            Reason::Expired => "Expired",
            Reason::SameSiteNoneInsecure => "SameSiteNoneInsecure",
            Reason::OverwriteSecure => "OverwriteSecure",
            Reason::InvalidDomain => "InvalidDomain",
            Reason::PublicSuffix => "PublicSuffix",
            Reason::InvalidPrefix => "InvalidPrefix",
            Reason::NameValuePairExceedsMaxSize => "NameValuePairExceedsMaxSize",
            Reason::DisallowedCharacter => "DisallowedCharacter",
            Reason::NoCookieContent => "NoCookieContent",
            Reason::SyntaxError => "SyntaxError",
        }
    }

    /// The sections of RFC 6265bis that say so: for sending, for storing, or for both.
    #[must_use]
    pub const fn section(self) -> &'static str {
        match self {
            Reason::SecureOnly => "§5.7 step 13, §5.8.3",
            Reason::NotOnPath => "§5.1.4, §5.8.3",
            Reason::DomainMismatch => "§5.1.3, §5.8.3",
            Reason::Expired => "§5.7",
            Reason::SameSiteNoneInsecure => "§5.7 step 19",
            Reason::OverwriteSecure => "§5.7 step 16",
            Reason::InvalidDomain => "§5.7 step 10",
            Reason::PublicSuffix => "§5.7 step 9, §5.8.3",
            Reason::InvalidPrefix => "§5.4, §5.7 steps 20 to 22",
            Reason::NameValuePairExceedsMaxSize => "§5.6, §5.7 step 4",
            Reason::DisallowedCharacter => "§5.6, §5.7 step 3",
            Reason::NoCookieContent => "§5.7 step 2",
            Reason::SyntaxError => "§5.7 step 8",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// What became of one cookie of the jar at one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendDecision {
    /// Name of the cookie.
    pub name: Octets,
    /// `None`: it was sent.
    pub withheld: Option<Reason>,
}

/// What became of one `Set-Cookie` line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetDecision {
    /// Name of the cookie; empty for a nameless one.
    pub name: Octets,
    /// What was done.
    pub action: SetAction,
}

/// What was done with a `Set-Cookie` line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetAction {
    /// The jar holds a cookie more.
    Stored,
    /// The jar held this cookie already; `changed` tells whether it held another value.
    Replaced {
        /// Whether the value is another one than before.
        changed: bool,
    },
    /// The line expired a cookie, which the jar holds no more.
    Deleted,
    /// The line expired a cookie that the jar did not hold.
    AlreadyExpired,
    /// The line was ignored.
    Rejected(Reason),
}

impl SetAction {
    /// The name of the action, as it stands in JSON. To expire a cookie that is not there is to delete it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            SetAction::Stored => "stored",
            SetAction::Replaced { .. } => "replaced",
            SetAction::Deleted | SetAction::AlreadyExpired => "deleted",
            SetAction::Rejected(_) => "rejected",
        }
    }

    /// Why the line was ignored.
    #[must_use]
    pub const fn reason(self) -> Option<Reason> {
        match self {
            SetAction::Rejected(reason) => Some(reason),
            _ => None,
        }
    }
}
