//! `status`: whether the jar's cookies open a session, as whom, and until when.

use clap::Args;
use url::Url;

use sessctl::client::auth::{
    CookieExpiry, LoggedOutBy, LoginState, NoComparison, StatusHints, StatusReport, status,
};
use sessctl::cookies::LastLogin;

use super::basic_args::BasicArgs;
use super::client::{self, Client, Conclusion, MAX_REDIRECTS, block_on};
use super::command::{Command, Context, Group};
use super::exit::Exit;
use super::failure::{Failure, Outcome};
use super::options::HeaderArgs;
use super::target;
use super::verdict_kind::VerdictKind;
use crate::output::{Output, StatusFacts};
use crate::texts::Message;

#[derive(Debug, Args)]
pub(super) struct StatusArgs {
    /// Page that differs for anonymous clients
    ///
    /// Default: the page on which the last login ended, else the base URL.
    #[arg(value_name = "URL or PATH")]
    target: Option<String>,
    /// Text that only logged-in users get
    ///
    /// This client is logged in if, and only if, the page contains it.
    #[arg(long, value_name = "TEXT")]
    expect_text: Option<String>,
    #[command(flatten)]
    headers: HeaderArgs,
    #[command(flatten)]
    basic: BasicArgs,
}

impl Command for StatusArgs {
    const NAME: &'static str = "status";
    const GROUP: Group = Group::Application;
    const ABOUT: &'static str = "Tell whether you are logged in, as whom, and until when";
    const DETAILS: Option<&'static str> = Some(
        "Tell whether you are logged in: request a page with the jar's cookies and without them, and compare. The exit \
         code is 0 if the cookies open a session, and 7 if they do not, or if the page does not show it.",
    );
    const EXAMPLES: &'static str = "  \
  sessctl status                                 where the last login ended
  sessctl status https://app.test/account        by this page
  sessctl status -q || echo 'log in first'
  sessctl status --json";
    const SENDS_REQUESTS: bool = true;

    fn run(mut self, context: &Context, output: &mut Output) -> Outcome {
        let mut client = Client::open("status", &context.client, MAX_REDIRECTS, None)?;
        let base = context.client.base_url(client.last_login.as_ref())?;
        if self.target.is_none() && self.expect_text.is_none() {
            self.target = context.settings.expected("judge-by").pop();
            self.expect_text = context.settings.expected("text").pop().filter(|_| self.target.is_none());
        }
        let named = self.target.as_deref().map(|page| target::resolve(Some(page), &base)).transpose()?;
        let page = page_to_judge(named, &base, client.last_login.as_ref());
        self.headers.configure(&context.settings, &page, &base);
        self.headers.apply(&mut client.agent, &page, output);
        self.basic.apply(&mut client.agent, &page, output)?;
        let hints = hints(None, self.expect_text, &page, client.last_login.as_ref());
        let report = block_on(async { Ok(status(&mut client.agent, &page, hints).await?) });
        output.exchanges(&client.agent);
        let saved = client.save(None);
        client::warn_if_unsaved(&report, &saved, output);
        let facts = match &report {
            Ok(report) => facts(report),
            Err(_) => StatusFacts::new(None, target::without_credentials(page), Vec::new(), &[]),
        };
        let outcome = report.and_then(|report| {
            saved?;
            verdict(&report, output)
        });
        client.conclude_status(outcome, facts, output)
    }
}

/// The page that shows whether there is a session: the named one, else the page of the last login if that is on the site
/// of `start`, else `start`.
pub(super) fn page_to_judge(named: Option<Url>, start: &Url, last_login: Option<&LastLogin>) -> Url {
    let last_page = last_login.map(|login| &login.page).filter(|page| page.origin() == start.origin());
    named.or_else(|| last_page.cloned()).unwrap_or_else(|| start.clone())
}

/// What is known before the page is requested.
pub(super) fn hints(
    user: Option<&str>,
    expect_text: Option<String>,
    page: &Url,
    last_login: Option<&LastLogin>,
) -> StatusHints {
    let last_login = last_login.filter(|login| login.page.origin() == page.origin());
    let mut hints = StatusHints::default();
    hints.users.extend(user.map(str::to_owned));
    hints.users.extend(last_login.and_then(|login| login.user.clone()));
    hints.changed_at_login = last_login.is_some_and(|login| login.page_shows_session && login.page == *page);
    hints.expect_text = expect_text;
    hints
}

/// What JSON has besides the verdict.
fn facts(report: &StatusReport) -> StatusFacts {
    let evidence = match &report.state {
        LoginState::LoggedIn => report.evidence.iter().map(ToString::to_string).collect(),
        state => not_logged_in(state, report.page.as_str()).iter().map(ToString::to_string).collect(),
    };
    StatusFacts::new(report.user.clone(), report.page.clone(), evidence, &report.until)
}

/// What the report means for the user.
fn verdict(report: &StatusReport, output: &mut Output) -> Result<Conclusion, Failure> {
    let page = report.page.as_str();
    if report.state == LoginState::LoggedIn {
        let conclusion = logged_in(report, "logged in");
        output.success(&conclusion.reason);
        output.evidence(&conclusion.evidence);
        return Ok(conclusion);
    }
    let kind = VerdictKind::from(&report.state);
    let Some(reason) = not_logged_in(&report.state, page) else {
        return Err(Failure::new(Exit::Unmet, "the state is unknown").with_kind(kind));
    };
    let failure = Failure::new(Exit::Unmet, reason).with_kind(kind);
    let hint = Message::new(
        "login-status-hint",
        "name a page that only logged-in users see: sessctl status PATH, or a text on it with --expect-text",
    );
    Err(match kind {
        VerdictKind::Unknown => failure.with_hint(hint),
        _ => failure,
    })
}

/// The conclusion about a client that is logged in.
pub(super) fn logged_in(report: &StatusReport, is_logged_in: &str) -> Conclusion {
    let page = report.page.as_str();
    let reason = match &report.user {
        Some(user) => Message::new("login-status-as", format!("{is_logged_in} as {user} at {page}"))
            .with("user", user.as_str()),
        None => Message::new("login-status", format!("{is_logged_in} at {page}")),
    };
    let mut evidence: Vec<Message> = report.evidence.iter().map(Message::from).collect();
    evidence.extend(report.until.iter().map(until));
    Conclusion {
        kind: VerdictKind::LoggedIn,
        reason: reason.with("page", page),
        evidence,
        ..Conclusion::default()
    }
}

fn until(expiry: &CookieExpiry) -> Message {
    let name = expiry.name.to_text();
    let new = |key: &'static str, text: String| Message::new(key, text).with("name", name.as_ref());
    match expiry.expires {
        Some(at) if expiry.is_token => {
            new("login-status-until-token", format!("until {at}, when token {name} expires"))
                .with("at", at.to_string())
        }
        None if expiry.is_token => new(
            "login-status-until-server-token",
            format!("until the server ends the session: token {name} does not say when it expires"),
        ),
        Some(at) => Message::new("login-status-until", format!("until {at}, when cookie {name} expires"))
            .with("at", at.to_string())
            .with("name", name.as_ref()),
        None => {
            let message = format!("until the server ends the session: cookie {name} has no expiry");
            Message::new("login-status-until-server", message).with("name", name.as_ref())
        }
    }
}

/// Why there is no session, or why that is unknown.
fn not_logged_in(state: &LoginState, page: &str) -> Option<Message> {
    let new = |key: &'static str, what: String| Some(Message::new(key, what).with("page", page));
    match state {
        LoginState::LoggedOut(by) => logged_out(by, page).map(|message| message.with("page", page)),
        LoginState::Unknown(NoComparison::SamePage) => new(
            "login-status-same-page",
            format!("cannot tell whether you are logged in: {page} is the same page with and without the cookies"),
        ),
        LoginState::Unknown(NoComparison::Unavailable(status)) => new(
            "login-status-unavailable",
            format!("cannot tell whether you are logged in: {page} answered {status}"),
        )
        .map(|message| message.with("status", status.to_string())),
        LoginState::Unknown(NoComparison::BadRedirect) => new(
            "login-status-bad-redirect",
            format!("cannot tell whether you are logged in: a redirect of {page} cannot be followed"),
        ),
        LoginState::Unknown(NoComparison::Unclear(status)) => new(
            "login-status-unclear",
            format!(
                "cannot tell whether you are logged in: {page} answered {status} with the cookies, and something else without them"
            ),
        )
        .map(|message| message.with("status", status.to_string())),
        _ => None,
    }
}

fn logged_out(by: &LoggedOutBy, page: &str) -> Option<Message> {
    let new = |key: &'static str, what: String| Some(Message::new(key, format!("not logged in: {what}")));
    match by {
        LoggedOutBy::NoCookies => {
            new("login-status-no-cookies", format!("the jar has no cookies for {page}"))
        }
        LoggedOutBy::LoginForm => new("login-status-login-form", format!("{page} shows a login form")),
        LoggedOutBy::LoginAddress(target) => {
            let message = new("login-status-login-address", format!("{page} redirects to {target}"));
            message.map(|message| message.with("target", target.as_str()))
        }
        LoggedOutBy::LoginLink => {
            let what = format!("{page} links to a login, and is the same page without the cookies");
            new("login-status-login-link", what)
        }
        LoggedOutBy::FurtherStep => {
            new("login-status-further-step", format!("{page} asks for another step of the login"))
        }
        LoggedOutBy::Status(status) => {
            let message = new("login-status-refused", format!("{page} answered {status}"));
            message.map(|message| message.with("status", status.to_string()))
        }
        LoggedOutBy::NoDifference => {
            let what = format!(
                "{page} changed with the cookies after the login, and is now the same page without them"
            );
            new("login-status-no-difference", what)
        }
        LoggedOutBy::NoText(text) => {
            let message = new("login-status-no-text", format!("{page} does not contain {text:?}"));
            message.map(|message| message.with("text", format!("{text:?}")))
        }
        _ => None,
    }
}
