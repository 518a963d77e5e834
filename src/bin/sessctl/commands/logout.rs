//! `logout`: uses the application's own logout control, then checks whether the server ended the session.

use clap::Args;

use sessctl::client::LogoutReport;
use sessctl::client::auth::trace::ControlSeen;
use sessctl::client::auth::{LogoutOutcome, logout_after_login};

use super::basic_args::BasicArgs;
use super::client::{self, Client, Conclusion, MAX_REDIRECTS, block_on};
use super::command::{Command, Context, Group};
use super::exit::Exit;
use super::failure::{Failure, Outcome};
use super::options::HeaderArgs;
use super::target;
use super::verdict_kind::VerdictKind;
use crate::output::Output;
use crate::texts::Message;

#[derive(Debug, Args)]
pub(super) struct LogoutArgs {
    /// Page with a logout form or link
    ///
    /// Default: the page on which the last login ended. The address of a logout is requested itself.
    #[arg(value_name = "URL or PATH")]
    target: Option<String>,
    #[command(flatten)]
    headers: HeaderArgs,
    #[command(flatten)]
    basic: BasicArgs,
}

impl Command for LogoutArgs {
    const NAME: &'static str = "logout";
    const GROUP: Group = Group::Application;
    const ABOUT: &'static str = "Log out, and check whether the server ended the session";
    const DETAILS: Option<&'static str> = Some(
        "Log out: find the logout form or link and use it. Then replay the old cookies, to check whether the server ended \
         the session or only the cookie was deleted.",
    );
    const EXAMPLES: &'static str = "  \
  sessctl logout                                 where the last login ended
  sessctl logout https://app.test/account        with the control on this page";
    const SENDS_REQUESTS: bool = true;

    fn run(mut self, context: &Context, output: &mut Output) -> Outcome {
        let mut client = Client::open("logout", &context.client, MAX_REDIRECTS, None)?;
        let base = context.client.base_url(client.last_login.as_ref())?;
        let last_page = client.last_login.as_ref().map(|login| login.page.clone());
        let page = match (&self.target, &last_page) {
            // --url means its own start page, not the page of the last login.
            (None, Some(page)) if context.client.base().is_none() && page.origin() == base.origin() => {
                page.clone()
            }
            (target, _) => target::resolve(target.as_deref(), &base)?,
        };
        self.headers.configure(&context.settings, &page, &base);
        self.headers.apply(&mut client.agent, &page, output);
        self.basic.apply(&mut client.agent, &page, output)?;
        let agent = &mut client.agent;
        let report = block_on(async { Ok(logout_after_login(agent, &page, last_page.as_ref()).await?) });
        output.exchanges(&client.agent);
        let saved = client.save(None);
        client::warn_if_unsaved(&report, &saved, output);
        let outcome = report.and_then(|report| {
            saved?;
            verdict(&report, output)
        });
        client.conclude(outcome, output)
    }
}

/// What the report means for the user.
fn verdict(report: &LogoutReport, output: &mut Output) -> Result<Conclusion, Failure> {
    let (evidence, kind) = (evidence(report), VerdictKind::from(&report.outcome));
    if report.outcome == LogoutOutcome::EndedOnServer {
        let reason = match report.forgotten {
            Some(_) => Message::new(
                "logout-token-ended",
                "logged out: the server ended the session; the old token no longer works",
            ),
            None => Message::new(
                "logout-ended",
                "logged out: the server ended the session; the old cookies no longer work",
            ),
        };
        output.success(&reason);
        output.evidence(&evidence);
        return Ok(Conclusion { kind, reason, evidence, ..Conclusion::default() });
    }
    output.evidence(&evidence);
    let (message, hint) = failure(report);
    let failure = Failure { hint, ..Failure::new(Exit::Unmet, message) };
    Err(failure.with_kind(kind))
}

/// What the user is told about a session that did not end on the server, and the hint.
fn failure(report: &LogoutReport) -> (Message, Option<Message>) {
    let (control, page) = (&report.control, report.page.as_str());
    match &report.outcome {
        LogoutOutcome::OnlyCookieGone if report.forgotten.is_some() => {
            let message = Message::new(
                "logout-only-token-gone",
                "only the token was deleted: the server still accepts it from anyone who has it",
            );
            let hint = Message::new(
                "logout-only-token-gone-hint",
                "logout PATH names the address at which the application logs out",
            );
            (message, Some(hint))
        }
        LogoutOutcome::NoEvidence if report.forgotten.is_some() => {
            let message = format!(
                "the token was deleted, but nothing shows whether the server still accepts it: {page} is the same page without it"
            );
            (Message::new("logout-token-no-evidence", message).with("page", page), None)
        }
        LogoutOutcome::OnlyCookieGone => {
            let message = Message::new(
                "logout-only-cookie-gone",
                "only the cookie was deleted: the session is still alive for anyone who has the old cookies",
            );
            let hint = Message::new(
                "logout-only-cookie-gone-hint",
                "if the cookie itself contains the session (show-cookies --decode), no server can end it",
            );
            (message, (!report.revived).then_some(hint))
        }
        LogoutOutcome::StillLoggedIn if report.logged_in_again => {
            let message =
                "still logged in: the session ended, but the cookies that are left in the jar log in again";
            (Message::new("logout-logged-in-again", message), None)
        }
        LogoutOutcome::StillLoggedIn => {
            let message = format!("still logged in: {control} changed nothing");
            let hint = Message::new(
                "logout-script-hint",
                "a script of the page may add a token to the request; logout PATH uses another address",
            );
            let hint = matches!(control, ControlSeen::Link(_)).then_some(hint);
            (Message::new("logout-still-logged-in", message).with("control", control), hint)
        }
        LogoutOutcome::SignOnAlive { host, logs_in_again: false } => {
            let message = format!("not logged out: the single sign-on session at {host} is still alive");
            (
                Message::new("logout-sign-on-alive", message).with("host", host.as_str()),
                Some(sign_on_hint(host)),
            )
        }
        LogoutOutcome::SignOnAlive { host, .. } => {
            let message = format!("still logged in: the single sign-on at {host} logs you in again");
            (
                Message::new("logout-sign-on-again", message).with("host", host.as_str()),
                Some(sign_on_hint(host)),
            )
        }
        LogoutOutcome::Unavailable { status } => {
            let message =
                format!("cannot tell whether the session ended: {page} answered with status {status}");
            let message = Message::new("logout-unavailable", message).with("page", page);
            (message.with("status", status.to_string()), None)
        }
        _ => {
            let message = format!(
                "cannot tell whether the session ended: {page} is the same page with and without the cookies"
            );
            (Message::new("logout-no-evidence", message).with("page", page), None)
        }
    }
}

fn sign_on_hint(host: &str) -> Message {
    let hint = format!("log out at {host} too: run logout with the URL of a page of {host}");
    Message::new("logout-sign-on-hint", hint).with("host", host)
}

fn evidence(report: &LogoutReport) -> Vec<Message> {
    let used = Message::new("logout-used", format!("used {}", report.control));
    let by_get = Message::new(
        "logout-by-get",
        "it logs out with a GET request: a link or an image on any site can do that",
    );
    let names: Vec<_> = report.removed.iter().map(|name| name.to_text()).collect();
    let names = names.join(", ");
    let deleted = Message::new("logout-deleted", format!("deleted from the jar: {names}"));
    let confirmed = report.confirmed.as_ref().map(|control| {
        Message::new("logout-confirmed", format!("confirmed with {control}")).with("control", control)
    });
    let revived = Message::new(
        "logout-revived",
        "the old cookies still open a session: the check with them logged this client in again, so it was logged out twice",
    );
    let mut evidence = vec![used.with("control", &report.control)];
    let forgotten = report.forgotten.as_ref().map(|name| {
        Message::new("logout-forgotten", format!("deleted the token from the profile: {name}"))
            .with("name", name.as_str())
    });
    evidence.extend(confirmed);
    evidence.extend(report.revived.then_some(revived));
    evidence.extend(report.by_get.then_some(by_get));
    evidence.extend(forgotten);
    evidence.extend((!names.is_empty()).then(|| deleted.with("names", names)));
    evidence
}
