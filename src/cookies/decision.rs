//! What the jar decides about a cookie: values that outputs only print.

use serde::{Deserialize, Serialize};

use super::reason::Reason;
use super::stored_cookie::ByteString;

/// What became of one cookie of the jar at one request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendDecision {
    /// Name of the cookie.
    pub name: ByteString,
    /// `None`: it was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withheld: Option<Reason>,
}

/// What became of one `Set-Cookie` line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetDecision {
    /// Name of the cookie; empty for a nameless one.
    pub name: ByteString,
    /// What was done.
    pub action: SetAction,
}

/// What was done with a `Set-Cookie` line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
