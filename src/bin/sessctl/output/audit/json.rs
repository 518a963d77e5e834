//! The report of an audit as JSON. Its documented form is stable.

use sessctl::audit::{CheckResult, NOT_COVERED};

use super::answer::AuditAnswer;
use crate::json::{Json, json};
use crate::output::network_document::exchange_json;

/// The whole report.
pub(super) fn document(answer: &AuditAnswer) -> Json {
    let AuditAnswer { report, verdict, .. } = answer;
    json!({
        "verdict": {
            "ok": verdict.exit == 0,
            "exit": verdict.exit,
            "kind": verdict.kind,
            "reason": verdict.reason.english(),
        },
        "target": report.target.as_str(),
        "started": report.started,
        "requests": report.requests,
        "logins": report.logins,
        "sessions_left": report.sessions_left,
        "checks": answer.results().map(|(result, commands)| check(answer, result, commands)).collect::<Json>(),
        "fixed": answer.fixed,
        "not_covered": NOT_COVERED.iter().map(|it| {
            json!({ "asvs": it.asvs.number, "reason": it.reason })
        }).collect::<Json>(),
    })
}

fn check(answer: &AuditAnswer, result: &CheckResult, commands: &[String]) -> Json {
    let check = result.check;
    json!({
        "id": check.id,
        "title": check.title,
        "result": result.verdict.name(),
        "severity": result.severity,
        "reason": result.reason,
        "reason_kind": result.reason_kind,
        "cookie": result.cookie,
        "path": result.path,
        "asvs": check.asvs.iter().map(|it| it.number).collect::<Vec<&str>>(),
        "cwe": check.cwe,
        "control": result.control,
        "evidence": result.evidence.iter().map(exchange_json).collect::<Json>(),
        "reproduce": commands,
        "fix": check.fix,
        "fingerprint": result.fingerprint,
        "new": answer.is_new(result),
    })
}
