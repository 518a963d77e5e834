//! [`Event`]: what happens to sessions, for logs and metrics. Events contain handles, never tokens.

use std::sync::Arc;

use super::id::Handle;

/// Something that happened to a session. It is reported after the store has applied it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A session was created.
    #[non_exhaustive]
    Created {
        /// The new session.
        handle: Handle,
        /// The logged-in user. `None` for an anonymous session.
        user: Option<Arc<str>>,
    },
    /// A session got a new token and a new handle.
    #[non_exhaustive]
    Rotated {
        /// The new handle.
        handle: Handle,
        /// The logged-in user.
        user: Option<Arc<str>>,
    },
    /// A session was ended.
    #[non_exhaustive]
    Ended {
        /// The ended session.
        handle: Handle,
        /// The user who was logged in.
        user: Option<Arc<str>>,
        /// Why it ended.
        reason: EndReason,
    },
    /// A request had several session cookies that open different sessions, so it was treated as anonymous. Another
    /// application on a parent domain or path uses the same cookie name, or an attacker planted a cookie.
    #[non_exhaustive]
    Ambiguous {
        /// The sessions.
        handles: Vec<Handle>,
    },
    /// A session expired. It is reported when it is removed: by the next sweep, or by a request that has its token after
    /// the configured timeouts were shortened. If several servers share a store, the one that removes it reports it. Redis
    /// removes expired sessions itself, without a report.
    #[non_exhaustive]
    Expired {
        /// The expired session.
        handle: Handle,
        /// The user who was logged in.
        user: Option<Arc<str>>,
        /// The [realm](super::SessionsBuilder::realm) of the session: a sweep removes those of all realms.
        realm: Option<Arc<str>>,
    },
}

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EndReason {
    /// The user logged out.
    Logout,
    /// The same client logged in again.
    Superseded,
    /// It was revoked by its handle.
    Revoked,
    /// The user created more sessions than [`SessionConfig::max_per_user`](super::SessionConfig::max_per_user) allows.
    TooMany,
    /// [`SessionsBuilder::admission`](super::SessionsBuilder::admission) rejected it: the user was disabled or has a
    /// new password.
    NotAdmitted,
}

impl EndReason {
    /// The reason as one word, for logs and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            EndReason::Logout => "logout",
            EndReason::Superseded => "superseded",
            EndReason::Revoked => "revoked",
            EndReason::TooMany => "too_many",
            EndReason::NotAdmitted => "not_admitted",
        }
    }
}
