//! [`CheckResult`]: the result of a check, as every report shows it.

use serde::Serialize;

use super::check::{Check, Severity};
use super::fingerprint::fingerprint;
use super::observation::{NotTested, Observation};
use crate::client::http::Exchange;

/// The result of a check. A check with several findings has several results.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CheckResult {
    /// The check.
    pub check: &'static Check,
    /// Pass, finding, remark or not tested.
    pub verdict: CheckVerdict,
    /// The severity of the finding. [`Severity::Info`] for a remark.
    pub severity: Severity,
    /// What was seen, or why nothing was seen.
    pub reason: String,
    /// Why it was not tested.
    pub reason_kind: Option<ReasonKind>,
    /// What had to give the other answer.
    pub control: Option<ControlOutcome>,
    /// The cookie that the finding is about.
    pub cookie: Option<String>,
    /// The path of the page that it is about.
    pub path: Option<String>,
    /// The exchanges that prove a finding.
    pub evidence: Vec<Exchange>,
    /// Identifies the finding in later runs.
    pub fingerprint: String,
}

/// Whether an application does what a check is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum CheckVerdict {
    /// It does.
    Pass,
    /// It does not.
    Fail,
    /// It is worth knowing, and not a fault.
    Info,
    /// The check could not be run, or its control gave the wrong answer.
    NotTested,
}

impl CheckVerdict {
    /// The word in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            CheckVerdict::Pass => "pass",
            CheckVerdict::Fail => "fail",
            CheckVerdict::Info => "info",
            CheckVerdict::NotTested => "not-tested",
        }
    }
}

/// Why a check was not tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ReasonKind {
    /// An option gives what it needs.
    NeedsOption,
    /// The application does not have what the check is about.
    NotApplicable,
    /// The control gave the wrong answer.
    ControlFailed,
    /// The application did not answer, failed, or was interrupted.
    TargetFailed,
    /// No request was left.
    RequestLimit,
}

/// What had to give the other answer, and what it gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ControlOutcome {
    /// What it had to give.
    pub expected: String,
    /// What it gave.
    pub seen: String,
}

impl CheckResult {
    pub(super) fn observed(check: &'static Check, seen: Observation, evidence: &[Exchange]) -> Self {
        let Observation { verdict, severity, reason, cookie, path, control } = seen;
        let evidence = if verdict == CheckVerdict::Fail { evidence.to_vec() } else { Vec::new() };
        CheckResult {
            check,
            verdict,
            severity: severity.unwrap_or(check.severity),
            reason,
            reason_kind: None,
            control: control.map(|seen| ControlOutcome { expected: check.control.to_owned(), seen }),
            fingerprint: fingerprint(check.id, path.as_deref(), cookie.as_deref()),
            cookie,
            path,
            evidence,
        }
    }

    pub(super) fn not_tested(check: &'static Check, why: NotTested) -> Self {
        CheckResult {
            check,
            verdict: CheckVerdict::NotTested,
            severity: check.severity,
            reason: why.reason,
            reason_kind: Some(why.kind),
            control: None,
            cookie: None,
            path: None,
            evidence: Vec::new(),
            fingerprint: fingerprint(check.id, None, None),
        }
    }
}
