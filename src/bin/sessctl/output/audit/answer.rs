//! [`AuditAnswer`]: everything that a report shows.

use std::collections::BTreeSet;

use sessctl::audit::{AuditReport, CheckResult, CheckVerdict, Severity};

use crate::texts::Message;

/// Everything that a report shows. All formats render it.
#[derive(Debug)]
pub(crate) struct AuditAnswer {
    pub(crate) report: AuditReport,
    pub(crate) verdict: AuditVerdict,
    /// Findings with at least this severity fail the run.
    pub(crate) fail_on: Severity,
    pub(crate) has_baseline: bool,
    /// The fingerprints of the findings that are known.
    pub(crate) known: BTreeSet<String>,
    /// The fingerprints of known findings that are gone.
    pub(crate) fixed: Vec<String>,
    /// For each result, the commands that repeat it.
    pub(crate) reproduce: Vec<Vec<String>>,
}

/// How the audit ended.
#[derive(Debug)]
pub(crate) struct AuditVerdict {
    pub(crate) exit: u8,
    pub(crate) kind: String,
    pub(crate) reason: Message,
}

impl AuditAnswer {
    /// The results with the commands that repeat them.
    pub(super) fn results(&self) -> impl Iterator<Item = (&CheckResult, &[String])> {
        let commands = self.reproduce.iter().map(Vec::as_slice).chain(std::iter::repeat(&[][..]));
        self.report.results.iter().zip(commands)
    }

    /// The results with this verdict, the most severe first.
    pub(super) fn with_verdict(&self, verdict: CheckVerdict) -> Vec<(&CheckResult, &[String])> {
        let mut found: Vec<_> = self.results().filter(|(it, _)| it.verdict == verdict).collect();
        found.sort_by_key(|(it, _)| std::cmp::Reverse(it.severity));
        found
    }

    /// Whether this is a finding that the baseline does not have.
    pub(super) fn is_new(&self, result: &CheckResult) -> bool {
        result.verdict == CheckVerdict::Fail && !self.known.contains(&result.fingerprint)
    }

    /// Whether this finding fails the run.
    pub(super) fn counts(&self, result: &CheckResult) -> bool {
        self.is_new(result) && result.severity >= self.fail_on
    }
}

/// Where a result was seen: the cookie and the path.
pub(super) fn place(result: &CheckResult) -> String {
    let parts = [result.cookie.as_deref(), result.path.as_deref()];
    parts.into_iter().flatten().collect::<Vec<&str>>().join(" ")
}
