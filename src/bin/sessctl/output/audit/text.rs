//! The report of an audit as text: findings by severity, then what was not tested, then what passed.

use comfy_table::{ColumnConstraint, ContentArrangement};

use sessctl::audit::{CheckResult, CheckVerdict, NOT_COVERED, Severity};

use super::answer::{AuditAnswer, place};
use super::words::fix;
use crate::output::exchange_view::exchange_lines;
use crate::output::style::{Role, Style, sanitize};
use crate::output::table::{rendered, table};
use crate::output::text_layout::wrapped;
use crate::texts::TextValue;

/// The width of lists, if the terminal is not narrower.
const WIDTH: usize = 100;

/// The whole report.
pub(super) fn render(answer: &AuditAnswer, style: &Style<'_>) -> String {
    let parts = [
        heading(answer, style),
        findings(answer, style),
        fixes(answer, style),
        known(answer, style),
        not_tested(answer, style),
        passed(answer, style),
        fixed(answer, style),
        summary(answer, style),
    ];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<String>>().join("\n")
}

fn say(style: &Style<'_>, key: &str, values: &[(&str, TextValue<'_>)], english: String) -> String {
    style.texts.say_or(key, values, english).into_owned()
}

fn heading(answer: &AuditAnswer, style: &Style<'_>) -> String {
    let target = answer.report.target.as_str();
    let (key, user, english) = match &answer.report.user {
        Some(user) => ("audit-heading", user.as_str(), format!("Audit of {target} as {user}")),
        None => ("audit-heading-without-user", "", format!("Audit of {target}")),
    };
    let text = say(style, key, &[("target", target.into()), ("user", user.into())], english);
    style.paint(Role::Key, &sanitize(&text, false)) + "\n"
}

/// Findings that the baseline does not have, and remarks, the most severe first.
fn findings(answer: &AuditAnswer, style: &Style<'_>) -> String {
    let shown = [new_findings(answer), answer.with_verdict(CheckVerdict::Info)].concat();
    if shown.is_empty() {
        return String::new();
    }
    let rows = shown.iter().map(|(result, _)| {
        let severity = style.paint(role(answer, result), result.severity.name());
        let reason = sanitize(&result.reason, false).into_owned();
        [severity, result.check.id.to_owned(), sanitize(&place(result), false).into_owned(), reason]
    });
    let header = [
        say(style, "audit-column-severity", &[], "SEVERITY".to_owned()),
        say(style, "audit-column-check", &[], "CHECK".to_owned()),
        say(style, "audit-column-place", &[], "WHERE".to_owned()),
        say(style, "audit-column-seen", &[], "WHAT WAS SEEN".to_owned()),
    ];
    let mut table = table(&header.each_ref().map(String::as_str), rows);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(style.width.unwrap_or(WIDTH)).unwrap_or(u16::MAX));
    for column in [0, 1] {
        if let Some(column) = table.column_mut(column) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    rendered(&table, style.color)
}

fn new_findings(answer: &AuditAnswer) -> Vec<(&CheckResult, &[String])> {
    let mut found = answer.with_verdict(CheckVerdict::Fail);
    found.retain(|(result, _)| answer.is_new(result));
    found
}

/// The checks whose findings the baseline has.
fn known(answer: &AuditAnswer, style: &Style<'_>) -> String {
    let known = answer.with_verdict(CheckVerdict::Fail).into_iter().map(|(result, _)| result);
    let mut names: Vec<&str> =
        known.filter(|result| !answer.is_new(result)).map(|result| result.check.id).collect();
    names.dedup();
    let text = if names.is_empty() { String::new() } else { indented(&names.join(", "), style) };
    section(style, "audit-known", "Known from the baseline:", text)
}

fn role(answer: &AuditAnswer, result: &CheckResult) -> Role {
    match result.severity {
        _ if answer.counts(result) => Role::Bad,
        Severity::Info => Role::Quiet,
        _ => Role::Notable,
    }
}

/// How to fix each finding, and the command that repeats it.
fn fixes(answer: &AuditAnswer, style: &Style<'_>) -> String {
    let found = new_findings(answer);
    let mut shown: Vec<&str> = Vec::new();
    let mut text = String::new();
    for (result, commands) in found {
        if shown.contains(&result.check.id) {
            continue;
        }
        shown.push(result.check.id);
        let fix = format!("{}: {}", result.check.id, fix(result.check, style.texts));
        text.push_str(&indented(&fix, style));
        if style.verbose {
            commands.iter().for_each(|line| text.push_str(&format!("      {}\n", sanitize(line, false))));
            let exchanges = result.evidence.iter().flat_map(|exchange| exchange_lines(exchange, style));
            exchanges.for_each(|line| text.push_str(&format!("    {line}\n")));
        } else if let Some(command) = commands.first() {
            let command = style.paint(Role::Quiet, &sanitize(command, false));
            text.push_str(&format!("      {command}\n"));
        }
    }
    section(style, "audit-how-to-fix", "How to fix it, and how to run the check alone:", text)
}

/// What was not tested, and why. Checks with the same reason share a line.
fn not_tested(answer: &AuditAnswer, style: &Style<'_>) -> String {
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for (result, _) in answer.with_verdict(CheckVerdict::NotTested) {
        match groups.iter_mut().find(|(reason, _)| *reason == result.reason) {
            Some((_, names)) => names.push(result.check.id),
            None => groups.push((&result.reason, vec![result.check.id])),
        }
    }
    let is_all = |names: &[&str]| names.len() == answer.report.results.len() && names.len() > 1;
    let lines = groups.iter().map(|(reason, names)| {
        let names = match is_all(names) {
            true => say(style, "audit-all-checks", &[], "all checks".to_owned()),
            false => names.join(", "),
        };
        indented(&format!("{names}: {}", sanitize(reason, false)), style)
    });
    section(style, "audit-not-tested", "Not tested:", lines.collect())
}

fn passed(answer: &AuditAnswer, style: &Style<'_>) -> String {
    let mut names: Vec<&str> = answer.results().map(|(result, _)| result.check.id).collect();
    names.dedup();
    let all_pass = |name: &&str| {
        answer
            .results()
            .filter(|(it, _)| it.check.id == *name)
            .all(|(it, _)| it.verdict == CheckVerdict::Pass)
    };
    let names: Vec<&str> = names.into_iter().filter(all_pass).collect();
    let text = if names.is_empty() { String::new() } else { indented(&names.join(", "), style) };
    section(style, "audit-passed", "Passed:", text)
}

fn fixed(answer: &AuditAnswer, style: &Style<'_>) -> String {
    let lines = answer.fixed.iter().map(|it| indented(&sanitize(it, false), style));
    section(style, "audit-fixed", "Fixed since the baseline was written:", lines.collect())
}

/// What the audit sent, what it left behind, and what it cannot see.
fn summary(answer: &AuditAnswer, style: &Style<'_>) -> String {
    let report = &answer.report;
    let (requests, logins) = (report.requests, report.logins);
    let values = [("requests", requests.into()), ("logins", logins.into())];
    let mut text = say(
        style,
        "audit-sent",
        &values,
        format!("Sent {}, with {}.", counted(requests, "request"), counted(logins, "login")),
    );
    let left = report.sessions_left;
    if left > 0 {
        let english = format!(" {left} of its sessions could not be ended: end them on the server.");
        let values = [("count", left.into())];
        text.push(' ');
        text.push_str(say(style, "audit-left", &values, english).trim_start());
    }
    let unseen: Vec<&str> = NOT_COVERED.iter().map(|it| it.asvs.number).collect();
    let unseen = unseen.join(", ");
    let english = format!(" No test from outside can see ASVS {unseen}.");
    text.push(' ');
    text.push_str(say(style, "audit-unseen", &[("numbers", unseen.as_str().into())], english).trim_start());
    let width = style.width.unwrap_or(WIDTH).min(WIDTH);
    let mut lines = wrapped(&sanitize(&text, false), width);
    if answer.verdict.exit == 0 {
        lines.push(style.paint(Role::Good, &sanitize(&answer.verdict.reason.said(style.texts), false)));
    }
    lines.join("\n") + "\n"
}

/// `1 login`, `2 logins`
fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

fn section(style: &Style<'_>, key: &str, english: &str, text: String) -> String {
    if text.is_empty() {
        return text;
    }
    format!("{}\n{text}", style.paint(Role::Key, &say(style, key, &[], english.to_owned())))
}

/// A paragraph, indented by two columns.
fn indented(text: &str, style: &Style<'_>) -> String {
    let width = style.width.unwrap_or(WIDTH).min(WIDTH).saturating_sub(2);
    wrapped(text, width).iter().map(|line| format!("  {line}\n")).collect()
}
