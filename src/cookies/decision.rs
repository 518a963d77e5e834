//! What the jar decides about a cookie. Outputs only print these values.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::byte_string::ByteString;
use super::reason::Reason;
use super::stored_cookie::StoredCookie;
use super::warning::Warning;

/// Whether a cookie of the jar was sent with a request.
///
/// ```
/// use sessctl::cookies::{Jar, Reason};
/// use sessctl::url::Url;
///
/// # fn main() -> Result<(), sessctl::url::ParseError> {
/// let jar = Jar::new();
/// jar.receive(&Url::parse("https://example.org/")?, [&b"sid=1; Secure; Path=/"[..]]);
/// let (header, decisions) = jar.cookies_for(&Url::parse("http://example.org/")?);
/// assert_eq!((header, decisions[0].withheld), (None, Some(Reason::SecureOnly)));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SendDecision {
    /// The name of the cookie.
    pub name: ByteString,
    /// Why it was withheld; `None` if it was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withheld: Option<Reason>,
}

/// What the jar did with a `Set-Cookie` line.
///
/// ```
/// use sessctl::cookies::{Jar, Reason, SetAction};
/// use sessctl::url::Url;
///
/// # fn main() -> Result<(), sessctl::url::ParseError> {
/// let url = Url::parse("http://example.org/")?;
/// let decisions = Jar::new().receive(&url, [&b"sid=1"[..], b"__Host-id=1; Path=/"]);
/// assert_eq!(decisions[0].action, SetAction::Stored);
/// assert_eq!(decisions[1].action, SetAction::Rejected(Reason::InvalidPrefix));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SetDecision {
    /// The name of the cookie; empty for a nameless one.
    pub name: ByteString,
    /// What the jar did.
    pub action: SetAction,
    /// The names of the cookies that the jar removed because it had too many.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evicted: Vec<ByteString>,
    /// What in the line is ignored or easily misread. The jar keeps only probable [mistakes](super::WarningKind::is_mistake);
    /// an explanation has all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
}

/// What the jar did with a `Set-Cookie` line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SetAction {
    /// It added a new cookie.
    Stored,
    /// It replaced a cookie.
    Replaced {
        /// Whether the value is different.
        changed: bool,
    },
    /// The line has expired, so the jar deleted the cookie.
    Deleted,
    /// The line has expired, and the jar did not have the cookie.
    AlreadyExpired,
    /// It ignored the line.
    Rejected(Reason),
}

impl SetAction {
    /// The name in JSON. `AlreadyExpired` is `deleted` too.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            SetAction::Stored => "stored",
            SetAction::Replaced { .. } => "replaced",
            SetAction::Deleted | SetAction::AlreadyExpired => "deleted",
            SetAction::Rejected(_) => "rejected",
        }
    }

    /// Why the line was rejected.
    #[must_use]
    pub const fn reason(self) -> Option<Reason> {
        match self {
            SetAction::Rejected(reason) => Some(reason),
            _ => None,
        }
    }
}

/// A `Set-Cookie` line explained: the decision and its result.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SetExplanation {
    /// What the jar did.
    pub decision: SetDecision,
    /// The cookie that is now in the jar.
    pub cookie: Option<StoredCookie>,
}

/// A cookie of the jar explained: whether a request carries it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SendExplanation {
    /// The cookie.
    pub cookie: StoredCookie,
    /// Why it is withheld, the deciding reason first; empty if it is sent.
    pub reasons: Vec<Reason>,
    /// Why it is sent although another site makes the request.
    pub sent_because: Option<SendReason>,
}

/// Why a cookie is sent with a request that another site makes (RFC 6265bis §5.6.7, §5.8.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SendReason {
    /// It has `SameSite=None`.
    SameSiteNone,
    /// A link or a GET form opens the page, which `SameSite=Lax` allows.
    SafeNavigation,
    /// It has no `SameSite`, and is so young that an unsafe request may carry it.
    LaxAllowingUnsafe,
}

impl fmt::Display for SendReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SendReason::SameSiteNone => "a SameSite=None cookie is sent with the requests of all sites",
            SendReason::SafeNavigation => "a link or a GET form opens the page, which SameSite=Lax allows",
            SendReason::LaxAllowingUnsafe => {
                "only because it is younger than two minutes and has no SameSite; Lax afterwards (an import resets its age)"
            }
        })
    }
}
