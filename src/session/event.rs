//! What happens to sessions, for whoever counts or logs it: handles, never tokens.

use std::fmt;
use std::sync::Arc;

use super::id::Handle;

/// Something that happened to a session, told once it is in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// It began.
    Made {
        /// The session.
        handle: Handle,
        /// Who is logged in; `None`: it is an anonymous one, which holds data.
        user: Option<Arc<str>>,
    },
    /// It goes on under a new token and a new handle.
    Renewed {
        /// The handle from now on.
        handle: Handle,
        /// Who is logged in.
        user: Option<Arc<str>>,
    },
    /// It was ended.
    Ended {
        /// The session.
        handle: Handle,
        /// Who was logged in.
        user: Option<Arc<str>>,
        /// By what.
        reason: EndReason,
    },
    /// So many had expired, and their room was freed.
    Expired {
        /// How many.
        count: usize,
    },
}

/// By what a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EndReason {
    /// Its visitor logged out.
    Logout,
    /// Its visitor logged in anew.
    Superseded,
    /// Somebody ended it by its handle.
    Revoked,
    /// Its user began more sessions than one may have.
    TooMany,
    /// Its user may not be logged in any more, or has other credentials by now.
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

/// Hears of every event. It is called where the work is done: it must be quick.
#[derive(Clone)]
pub(super) struct Listener(pub(super) Arc<dyn Fn(&Event) + Send + Sync>);

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listener")
    }
}
