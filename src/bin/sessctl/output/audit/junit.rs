//! The report of an audit as JUnit XML: a suite for each group of checks.

use quick_junit::{NonSuccessKind, Report, SerializeError, TestCase, TestCaseStatus, TestSuite};

use sessctl::audit::{CheckGroup, CheckResult, CheckVerdict};

use super::answer::{AuditAnswer, place};

/// The whole report.
pub(super) fn document(answer: &AuditAnswer) -> Result<String, SerializeError> {
    let mut report = Report::new(format!("sessctl audit {}", answer.report.target));
    for group in CheckGroup::ALL {
        let of_group = answer.results().filter(|(it, _)| it.check.group == group);
        let mut suite = TestSuite::new(group.heading());
        suite.add_test_cases(of_group.map(|(result, commands)| case(answer, result, commands)));
        if suite.tests > 0 {
            report.add_test_suite(suite);
        }
    }
    let text = report.to_string()?;
    // The schema of Jenkins knows this attribute for suites only. The first one is that of the root.
    Ok(text.replacen(&format!(" skipped=\"{}\"", report.skipped), "", 1))
}

/// Failed if it fails the run, skipped if it was not tested, else passed.
fn case(answer: &AuditAnswer, result: &CheckResult, commands: &[String]) -> TestCase {
    let status = match result.verdict {
        CheckVerdict::NotTested => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(result.reason.as_str());
            status
        }
        CheckVerdict::Fail if answer.counts(result) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_type(result.severity.name()).set_message(result.reason.as_str());
            status.set_description(description(result, commands));
            status
        }
        _ => TestCaseStatus::success(),
    };
    let place = place(result);
    let name =
        if place.is_empty() { result.check.id.to_owned() } else { format!("{}: {place}", result.check.id) };
    let mut case = TestCase::new(name, status);
    case.set_classname(format!("audit.{}", result.check.id));
    match result.verdict {
        CheckVerdict::Fail if !answer.counts(result) => {
            let known = if answer.is_new(result) { "" } else { "known, " };
            case.set_system_out(format!("{known}{}: {}", result.severity, result.reason));
        }
        CheckVerdict::Info => {
            case.set_system_out(format!("info: {}", result.reason));
        }
        _ => {}
    }
    case
}

fn description(result: &CheckResult, commands: &[String]) -> String {
    let exchanges = result.evidence.iter().map(|it| {
        let status =
            it.response.as_ref().map_or("no response".to_owned(), |response| response.status.to_string());
        format!("{} {}: {status}", it.request.method, it.request.url)
    });
    let mut lines = vec![result.reason.clone(), format!("Fix: {}", result.check.fix), String::new()];
    lines.extend(exchanges);
    lines.push(String::new());
    lines.extend(commands.iter().cloned());
    lines.join("\n")
}
