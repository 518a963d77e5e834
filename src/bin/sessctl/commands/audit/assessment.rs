//! Decides whether an audit fails: by its findings, and by what it could not test.

use std::collections::BTreeSet;

use sessctl::audit::{AuditReport, Severity};

use super::baseline::Baseline;
use crate::commands::exit::Exit;
use crate::commands::failure::{Failure, Outcome};
use crate::commands::verdict_kind::VerdictKind;
use crate::output::{AuditAnswer, AuditVerdict};
use crate::texts::Message;

/// The answer of the command, and how it ends.
pub(super) fn assess(
    report: AuditReport,
    known: Option<Baseline>,
    fail_on: Severity,
    reproduce: Vec<Vec<String>>,
) -> (AuditAnswer, Outcome) {
    let fixed = known.as_ref().map(|it| it.fixed(&report)).unwrap_or_default();
    let has_baseline = known.is_some();
    let known: BTreeSet<String> = known.map(|it| it.0).unwrap_or_default();
    let counted = report.findings(fail_on).filter(|it| !known.contains(&it.fingerprint)).count();
    let (exit, kind, reason) = match counted {
        0 if report.is_incomplete() => (Exit::Failed, VerdictKind::Incomplete, incomplete(&report)),
        0 => (Exit::Success, VerdictKind::Succeeded, no_finding(fail_on, has_baseline)),
        _ => (Exit::Unmet, VerdictKind::Findings, findings(counted, has_baseline)),
    };
    let outcome = match exit {
        Exit::Success => Ok(()),
        Exit::Unmet => Err(Failure::new(exit, reason.clone()).with_kind(kind).with_hint(Message::new(
            "hint-audit-explain",
            "sessctl audit --explain CHECK says how to fix a fault",
        ))),
        _ => Err(Failure::new(exit, reason.clone()).with_kind(kind)),
    };
    let verdict = AuditVerdict { exit: exit.code(), kind: kind.to_string(), reason };
    (AuditAnswer { report, verdict, fail_on, has_baseline, known, fixed, reproduce }, outcome)
}

fn findings(count: usize, has_baseline: bool) -> Message {
    let (new, plural) = (if has_baseline { "new " } else { "" }, if count == 1 { "" } else { "s" });
    let key = if has_baseline { "audit-new-findings" } else { "audit-findings" };
    Message::new(key, format!("{count} {new}finding{plural}")).with("count", count.to_string())
}

fn no_finding(fail_on: Severity, has_baseline: bool) -> Message {
    let (new, key) = match has_baseline {
        true => ("new ", "audit-no-new-finding"),
        false => ("", "audit-no-finding"),
    };
    let english = match fail_on {
        Severity::High => format!("no {new}finding with the severity high"),
        _ => format!("no {new}finding with the severity {fail_on} or higher"),
    };
    Message::new(key, english).with("severity", fail_on.name())
}

/// Why the audit is incomplete: why the login failed, or the first reason of a check.
fn incomplete(report: &AuditReport) -> Message {
    if let Some(failure) = &report.failure {
        let english = format!("cannot audit {}: {failure}", report.target);
        let message = Message::new("audit-no-login", english).with("why", failure.as_str());
        return message.with("target", report.target.as_str());
    }
    let stopped: Vec<_> = report.stopped().collect();
    let why = stopped.first().map(|it| it.reason.as_str()).unwrap_or_default();
    let count = stopped.len();
    let english = match count {
        1 => format!("1 check was not tested: {why}"),
        _ => format!("{count} checks were not tested: {why}"),
    };
    Message::new("audit-incomplete", english).with("count", count.to_string()).with("why", why)
}
