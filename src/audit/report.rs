//! [`AuditReport`]: everything that an audit found.

use serde::Serialize;
use url::Url;

use super::check::{Asvs, Severity, asvs};
use super::result::{CheckResult, CheckVerdict, ReasonKind};
use crate::clock::Timestamp;
use crate::cookies::StoredCookie;

/// Everything that an audit found.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AuditReport {
    /// The page at which logins started.
    pub target: Url,
    /// The user that logged in, if the login asks for a name.
    pub user: Option<String>,
    /// The session cookies that were issued. Their values are secrets, which reports mask.
    pub tokens: Vec<StoredCookie>,
    /// When it started.
    pub started: Timestamp,
    /// How many requests were sent.
    pub requests: usize,
    /// How many logins were sent.
    pub logins: usize,
    /// Why no check could be run: the login failed.
    pub failure: Option<String>,
    /// The results, in the order of the table of checks.
    pub results: Vec<CheckResult>,
    /// How many sessions it opened and could not end.
    pub sessions_left: usize,
    /// What the first login showed. `None` if it failed.
    pub session: Option<SessionFacts>,
}

/// What the first login showed about the sessions of the application.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionFacts {
    /// The page that shows a session.
    pub page: Url,
    /// How it differs for a client that is logged in.
    pub differences: Vec<String>,
    /// The names of the cookies that a session needs.
    pub cookies: Vec<String>,
    /// Where the credentials are sent to.
    pub login: Url,
}

impl AuditReport {
    /// The findings with at least this severity.
    pub fn findings(&self, at_least: Severity) -> impl Iterator<Item = &CheckResult> {
        self.results.iter().filter(move |it| it.verdict == CheckVerdict::Fail && it.severity >= at_least)
    }

    /// Whether a check was not tested because the application failed, or because a limit or a signal stopped it.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        self.failure.is_some() || self.stopped().next().is_some()
    }

    /// The checks that the application, a limit or a signal stopped.
    pub fn stopped(&self) -> impl Iterator<Item = &CheckResult> {
        let stops = |kind| matches!(kind, ReasonKind::TargetFailed | ReasonKind::RequestLimit);
        self.results.iter().filter(move |it| it.reason_kind.is_some_and(stops))
    }
}

/// A requirement that no test from outside can see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct NotCovered {
    /// The requirement.
    pub asvs: Asvs,
    /// Why it cannot be seen.
    pub reason: &'static str,
}

/// The requirements of OWASP ASVS 5.0.0 about sessions that no test from outside can see.
pub const NOT_COVERED: &[NotCovered] = &[
    not_covered("7.1.1", 2, "timeouts must be documented; read the documents"),
    not_covered("7.1.2", 2, "the number of parallel sessions must be documented; read the documents"),
    not_covered("7.1.3", 2, "the sessions of a federation must be documented; read the documents"),
    not_covered("7.4.2", 1, "ending the sessions of a disabled account needs an administrator"),
    not_covered("7.6.1", 2, "session lifetimes between identity provider and application need both of them"),
    not_covered("7.6.2", 2, "a session after a sign-on needs the consent or the action of a user"),
    not_covered("16.2.5", 2, "tokens in logs can only be seen in the logs"),
];

const fn not_covered(number: &'static str, level: u8, reason: &'static str) -> NotCovered {
    NotCovered { asvs: asvs(number, level), reason }
}
