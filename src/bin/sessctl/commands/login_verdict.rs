//! What the report of a login means for the user: the result line, or the failure and its hint.

use std::time::Duration;

use sessctl::client::LoginReport;
use sessctl::client::auth::{LoginOutcome, NoSession};
use sessctl::cookies::{Reason, Stage};

use super::browser_diagnostic::window_hint;
use super::client::Conclusion;
use super::exit::Exit;
use super::failure::Failure;
use super::verdict_kind::VerdictKind;
use crate::output::Output;
use crate::texts::Message;

/// `next` is the command that goes on with the login, if it waits for a further step.
pub(super) fn of(
    report: LoginReport,
    next: Option<&str>,
    output: &mut Output,
) -> Result<Conclusion, Failure> {
    let evidence: Vec<Message> = report.evidence.iter().map(Message::from).collect();
    let kind = VerdictKind::from(&report.outcome);
    let page = report.page.as_str();
    if report.outcome == LoginOutcome::LoggedIn {
        let reason = match report.user {
            Some(user) => {
                Message::new("login-done-as", format!("logged in as {user} at {page}")).with("user", user)
            }
            None => Message::new("login-done", format!("logged in at {page}")),
        };
        let reason = reason.with("page", page);
        output.success(&reason);
        output.evidence(&evidence);
        return Ok(Conclusion { kind, reason, evidence, ..Conclusion::default() });
    }
    if kind == VerdictKind::NoEvidence {
        output.evidence(&evidence);
    }
    let about = |it| Message::new("login-about-page", format!("about the page: {it}")).with("blocker", it);
    let parts =
        std::iter::once(message(&report.outcome, page, next)).chain(report.blockers.iter().map(about));
    let failure = Failure::new(Exit::Unmet, Message::joined(parts, "; ")).with_kind(kind);
    let hint = hint(&report.outcome, page, next).or_else(|| window_hint(&report.blockers));
    Err(Failure { hint, ..failure })
}

/// Why there is no session.
///
/// Longer than 60 lines because it is a table of sentences.
fn message(outcome: &LoginOutcome, page: &str, next: Option<&str>) -> Message {
    match outcome {
        LoginOutcome::Refused { status, messages } => {
            let why = why(messages);
            let refused = Message::new("login-refused", format!("login refused (status {status}): {why}"));
            refused.with("status", status.to_string()).with("why", why)
        }
        LoginOutcome::ServerError { status, messages } => {
            let why = why(messages);
            let failed = Message::new("login-failed", format!("login failed (status {status}): {why}"));
            failed.with("status", status.to_string()).with("why", why)
        }
        LoginOutcome::SecondFactor => second_factor(page, next),
        LoginOutcome::AnotherStep { messages } => {
            let step = Message::new(
                "login-another-step",
                format!("not logged in yet: {page} asks for another step"),
            );
            with_words(step.with("page", page), messages)
        }
        LoginOutcome::Consent { .. } => Message::new(
            "login-consent",
            format!("not logged in yet: {page} asks you to confirm the sign-on"),
        )
        .with("page", page),
        LoginOutcome::ScriptOnly => Message::new(
            "login-script-only",
            format!("not logged in: JavaScript sends the login form of {page}, which only a browser runs"),
        )
        .with("page", page),
        LoginOutcome::Captcha => Message::new(
            "login-captcha",
            format!("not logged in: {page} asks for a captcha, which only a person can solve"),
        )
        .with("page", page),
        LoginOutcome::RateLimited { retry_after } => rate_limited(*retry_after, page),
        // No line is rejected for this reason.
        LoginOutcome::CookieRejected { name, reason: reason @ Reason::NotOnPath } => {
            let (name, rule) = (name.to_text(), reason.explain(Stage::Sending).rule);
            let message = format!(
                "not logged in: the cookie {name} of the login is not sent to the pages of the application ({reason}): {rule}"
            );
            let rule = Message::new(format!("why-{reason}-sending-rule"), rule);
            let message = Message::new("login-cookie-not-sent", message).with("name", name.as_ref());
            message.with("reason", reason.to_string()).with("rule", rule)
        }
        LoginOutcome::CookieRejected { name, reason } => {
            let (name, rule) = (name.to_text(), reason.explain(Stage::Storing).rule);
            let message =
                format!("not logged in: the cookie {name} of the login was rejected ({reason}): {rule}");
            let rule = Message::new(format!("why-{reason}-storing-rule"), rule);
            let message = Message::new("login-cookie-rejected", message).with("name", name.as_ref());
            message.with("reason", reason.to_string()).with("rule", rule)
        }
        LoginOutcome::NoEvidence { messages, shows: NoSession::FailsWithCookies { with, without } } => {
            let fails = format!(
                "not logged in: {page} fails with the cookies of this login (status {with}), and opens without them (status {without})"
            );
            let fails = Message::new("login-fails-with-cookies", fails).with("page", page);
            let fails = fails.with("with", with.to_string()).with("without", without.to_string());
            with_words(fails, messages)
        }
        LoginOutcome::NoEvidence { messages, shows: NoSession::LoginFormRemains } => {
            let remains =
                format!("not logged in: {page} still asks for a login with the cookies of this login");
            with_words(Message::new("login-form-remains", remains).with("page", page), messages)
        }
        LoginOutcome::NoEvidence { shows: NoSession::NeedsBasic, .. } => {
            let needs = format!(
                "not logged in: HTTP Basic authentication opens {page}, but its cookies alone do not; give --basic-user NAME with each command"
            );
            Message::new("login-needs-basic", needs).with("page", page)
        }
        LoginOutcome::NoEvidence { messages, .. } => {
            let same = format!("not logged in: {page} is the same page without the cookies of this login");
            with_words(Message::new("login-no-evidence", same).with("page", page), messages)
        }
        _ => format!("not logged in: the result of the login at {page} is unknown").into(),
    }
}

fn second_factor(page: &str, next: Option<&str>) -> Message {
    let asks = format!("not logged in yet: {page} asks for another step, such as a one-time code");
    let asks = Message::new("login-second-factor", asks).with("page", page);
    let answers = next.map(|next| {
        let command = format!("{next} --code CODE");
        Message::new("login-second-factor-command", format!("{command} answers it")).with("command", command)
    });
    Message::joined(std::iter::once(asks).chain(answers), "; ")
}

fn rate_limited(retry_after: Option<Duration>, page: &str) -> Message {
    let Some(wait) = retry_after else {
        let message = format!("too many requests: {page} limits their rate (429)");
        return Message::new("login-rate-limited", message).with("page", page);
    };
    let seconds = wait.as_secs().to_string();
    let message = format!("too many requests: {page} limits their rate (429); retry after {seconds} s");
    Message::new("login-rate-limited-until", message).with("page", page).with("seconds", seconds)
}

/// The messages of the application that refused.
fn why(messages: &[String]) -> Message {
    match messages.is_empty() {
        true => Message::new("login-no-reason", "no reason given"),
        false => messages.join(" / ").into(),
    }
}

/// A message and the words of the page, if there are any.
fn with_words(message: Message, messages: &[String]) -> Message {
    let words = messages.join(" / ");
    let says = Message::new("login-page-says", format!("it says: {words}"));
    let says = (!words.is_empty()).then(|| says.with("messages", words));
    Message::joined(std::iter::once(message).chain(says), "; ")
}

/// The next step.
fn hint(outcome: &LoginOutcome, page: &str, next: Option<&str>) -> Option<Message> {
    Some(match (outcome, next) {
        (LoginOutcome::Consent { .. }, Some(next)) => confirms(next.to_owned()),
        (LoginOutcome::Consent { button }, None) => {
            let button = button.as_ref().map(|button| format!(" --button '{button}'")).unwrap_or_default();
            confirms(format!("sessctl submit '{page}'{button}"))
        }
        (LoginOutcome::Refused { .. }, Some(next)) => {
            let command = format!("{next} --code CODE");
            Message::new("login-again-hint", format!("{command} tries again")).with("command", command)
        }
        (LoginOutcome::SecondFactor, Some(_)) => Message::new(
            "login-second-factor-hint",
            "--totp-secret-file FILE computes the code, also with the login itself",
        ),
        (LoginOutcome::AnotherStep { .. }, Some(next)) => {
            let command = format!("{next} --field NAME=VALUE");
            let hint = format!("{command} fills in the form of this step and goes on");
            Message::new("login-continue-hint", hint).with("command", command)
        }
        (outcome, _) => return hint_of(outcome, page),
    })
}

fn confirms(command: String) -> Message {
    let hint = format!("{command} confirms it; open the page in a browser to read it first");
    Message::new("login-consent-hint", hint).with("command", command)
}

/// The next step after a login that no command goes on with.
fn hint_of(outcome: &LoginOutcome, page: &str) -> Option<Message> {
    Some(match outcome {
        LoginOutcome::SecondFactor | LoginOutcome::AnotherStep { .. } => {
            let command = format!("sessctl submit '{page}' NAME=VALUE");
            let hint = format!(
                "the cookies of this step are in the jar: {command} fills in its form; --code CODE with the login answers a code at once"
            );
            Message::new("login-step-hint", hint).with("command", command)
        }
        LoginOutcome::ScriptOnly => Message::new(
            "login-script-only-hint",
            "--browser lets an installed browser run the scripts; --as-json or --as-form sends the name and the password to the URL that the page's scripts use",
        ),
        LoginOutcome::CookieRejected { reason: reason @ Reason::NotOnPath, .. } => {
            Message::new(format!("why-{reason}-sending-fix"), reason.explain(Stage::Sending).fix?)
        }
        LoginOutcome::CookieRejected { reason, .. } => {
            Message::new(format!("why-{reason}-storing-fix"), reason.explain(Stage::Storing).fix?)
        }
        LoginOutcome::NoEvidence { shows: NoSession::NeedsBasic, .. } => return None,
        LoginOutcome::NoEvidence { .. } => Message::new(
            "login-no-evidence-hint",
            "--judge-by PATH names a page that only logged-in users see; --expect-text TEXT names a text on it",
        ),
        _ => return None,
    })
}
