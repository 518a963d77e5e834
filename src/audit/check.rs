//! [`Check`]: one question about the session handling of an application, with everything that reports say about it.

use std::fmt;

use serde::Serialize;

/// One question about the session handling of an application.
///
/// The table [`CHECKS`](super::CHECKS) has all of them.
#[derive(Debug)]
#[non_exhaustive]
pub struct Check {
    /// The name in options and reports.
    pub id: &'static str,
    /// What a sound application does.
    pub title: &'static str,
    /// The part of the session handling that it belongs to.
    pub group: CheckGroup,
    /// The severity of a finding. A check may report a finding with another one.
    pub severity: Severity,
    /// The requirements of the OWASP Application Security Verification Standard 5.0.0.
    pub asvs: &'static [Asvs],
    /// The entries of the Common Weakness Enumeration.
    pub cwe: &'static [u16],
    /// What it sends.
    pub sends: &'static str,
    /// What must give the other answer. If it does not, the check is not tested.
    pub control: &'static str,
    /// How to fix a finding.
    pub fix: &'static str,
    /// Commands that repeat a finding. `URL`, `USER`, `PAGE`, `COOKIE`, `LOGIN` and `LOGOUT` stand for the start page, the user name, the page
    /// that shows the session, the name of the session cookie, where the login form is sent to, and the address of the finding.
    pub repeat: &'static [&'static str],
    /// Whether it only looks at what one login and one logout show.
    pub is_passive: bool,
}

/// A requirement of the OWASP Application Security Verification Standard 5.0.0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Asvs {
    /// Its number, such as `7.2.4`.
    pub number: &'static str,
    /// Its level, from 1 to 3.
    pub level: u8,
}

pub(super) const fn asvs(number: &'static str, level: u8) -> Asvs {
    Asvs { number, level }
}

/// A part of the session handling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum CheckGroup {
    /// Attributes of cookies, headers of responses, and where credentials and tokens are sent.
    Responses,
    /// The token itself.
    Token,
    /// From login to logout and expiry.
    LifeCycle,
    /// Several sessions, several users, other sites.
    SessionsAndUsers,
}

impl CheckGroup {
    /// All groups, in the order of reports.
    pub const ALL: [CheckGroup; 4] =
        [CheckGroup::Responses, CheckGroup::Token, CheckGroup::LifeCycle, CheckGroup::SessionsAndUsers];

    /// As a heading.
    #[must_use]
    pub const fn heading(self) -> &'static str {
        match self {
            CheckGroup::Responses => "Cookies and responses",
            CheckGroup::Token => "Token",
            CheckGroup::LifeCycle => "Life cycle",
            CheckGroup::SessionsAndUsers => "Several sessions and users",
        }
    }
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Severity {
    /// It never fails a run.
    Info,
    /// A missing layer of defense.
    Low,
    /// It helps an attacker who has another hole.
    Medium,
    /// An attacker can use it alone.
    High,
}

impl Severity {
    /// The word in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
