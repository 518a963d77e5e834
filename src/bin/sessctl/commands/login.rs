//! `login`: logs in with the application's own form.

use clap::{ArgGroup, Args};
use url::Url;

use sessctl::client::LoginReport;
use sessctl::client::auth::{Evidence, LoginOutcome, PendingLogin, continue_login, login_with_trace};
use sessctl::cookies::LastLogin;

use super::browser_args::BrowserArgs;
use super::client::{self, Client, MAX_REDIRECTS, block_on};
use super::command::{Command, Context, Group};
use super::config::remember::Remembered;
use super::credential_args::CredentialArgs;
use super::failure::{Failure, Outcome};
use super::login_step::{StepArgs, WaitingLogin};
use super::login_verdict;
use super::session_check::{self, SessionCheck};
use super::signals::until_stopped;
use super::token_args::TokenArgs;
use crate::output::Output;

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("endpoint").args(["as_json", "as_form"]))]
pub(super) struct LoginArgs {
    #[command(flatten)]
    credentials: CredentialArgs,
    #[command(flatten)]
    browser: BrowserArgs,
    /// Explain the choice of form and fields
    ///
    /// Shows each page that was tried.
    #[arg(long)]
    explain: bool,
    /// Log in only if there is no session
    ///
    /// Checks with --judge-by, or else the page of the last login, as `status` does. A session of another user than --user
    /// counts as none. No password is asked for if there is a session.
    #[arg(long, conflicts_with = "go_on")]
    if_needed: bool,
    /// Store the options of this login
    ///
    /// In the project's `.sessctl.toml`, or else in the user's file. No password, no header, and no field that may be a
    /// secret is stored.
    #[arg(long, conflicts_with = "go_on")]
    remember: bool,
    #[command(flatten)]
    token: TokenArgs,
    #[command(flatten)]
    step: StepArgs,
}

impl Command for LoginArgs {
    const NAME: &'static str = "login";
    const GROUP: Group = Group::Application;
    const ABOUT: &'static str = "Log in through the login form, and check that it worked";
    const DETAILS: Option<&'static str> = Some(
        "Log in: find the login form, fill it in, submit it, and check whether a session began. Hidden fields and CSRF \
         tokens are kept. The cookies are saved to the jar.",
    );
    const EXAMPLES: &'static str = "  \
  sessctl login --user alice                     at `sessctl serve`
  sessctl login https://app.test/ --user alice   asks for the password
  echo \"$PASSWORD\" | sessctl login app.test --user ci --password-stdin
  sessctl login app.test --user alice -v         shows requests and decisions
  sessctl login app.test --user alice --explain  why this form and these fields
  sessctl login https://app.test/api/login --as-json --user alice
  sessctl login app.test --user alice --totp-secret-file totp.txt
  sessctl login app.test --user alice --browser  for pages that scripts draw
  sessctl login --continue --code 123456         the login waits for a code
  sessctl login app.test --user ci --if-needed   only if the session has ended";
    const SENDS_REQUESTS: bool = true;

    fn run(mut self, context: &Context, output: &mut Output) -> Outcome {
        let mut client = Client::open("login", &context.client, MAX_REDIRECTS, None)?;
        let base = context.client.base_url(client.last_login.as_ref())?;
        let waiting = WaitingLogin::of(&context.client)?;
        let pending = self.step.go_on.then(|| waiting.load(&client.agent)).transpose()?;
        let remembered = Remembered::of(&self.credentials);
        let start = self.configured_start(context, pending.as_ref(), &base)?;
        let has_browser = self.browser.is_given();
        self.credentials.apply(&mut client.agent, &start, output)?;
        let check =
            self.if_needed.then(|| SessionCheck::of(&self.credentials, &start, &client)).transpose()?;
        let mut credentials = self.credentials.credentials(&start, output.can_prompt())?;
        credentials.token = self.token.hints(&start)?;
        self.browser.apply(&mut credentials, output);
        credentials.last_page = client.last_login.as_ref().map(|login| login.page.clone());
        if pending.is_none() && check.is_none() {
            waiting.forget()?;
        }
        let (agent, mut trace) = (&mut client.agent, Vec::new());
        let work = async {
            if let Some(check) = check {
                if let Some(session) = check.find_session(agent).await? {
                    return Ok(Err(session));
                }
                waiting.forget()?;
            }
            Ok(Ok(match &pending {
                Some(pending) => continue_login(agent, pending, credentials, &mut trace).await?,
                None => login_with_trace(agent, &start, credentials, &mut trace).await?,
            }))
        };
        // A browser must not outlive this process.
        let tried = if has_browser { block_on(until_stopped(work)) } else { block_on(work) };
        output.exchanges(&client.agent);
        let report = match tried {
            Ok(Err(session)) => return session_check::conclude(&session, &client, output),
            Ok(Ok(report)) => Ok(report),
            Err(failure) => Err(failure),
        };
        if self.explain {
            output.login_trace(&trace);
        }
        let last_login = report.as_ref().ok().and_then(|report| last_login(report, &client));
        let kept = report.as_ref().map_or(Ok(()), |report| waiting.update(report, &client.agent));
        let saved = client.save(last_login).and(kept);
        client::warn_if_unsaved(&report, &saved, output);
        if context.client.token_file()?.is_none() && !client.agent.jar().tokens().is_empty() {
            output.warn("the token is not kept, because --jar has no profile; log in with --profile instead");
        }
        let outcome = report.and_then(|report| {
            saved?;
            let (next, user) = (waiting.next_command(&report), report.user.clone());
            let conclusion = login_verdict::of(report, next.as_deref(), output)?;
            if pending.is_none() {
                remembered.conclude(self.remember, &context.client.profile, &start, user, output)?;
            }
            Ok(conclusion)
        });
        client.conclude(outcome, output)
    }
}

impl LoginArgs {
    /// Adds what the configuration says. Returns the page at which the login starts, or at which it stopped.
    fn configured_start(
        &mut self,
        context: &Context,
        pending: Option<&PendingLogin>,
        base: &Url,
    ) -> Result<Url, Failure> {
        if let Some(pending) = pending {
            self.credentials.configure_check(&context.settings, pending.asked(), base);
            return Ok(pending.asked().clone());
        }
        self.credentials.configure(&context.settings, base)?;
        self.credentials.start(base)
    }
}

/// What the jar keeps of a login that succeeded.
fn last_login(report: &LoginReport, client: &Client) -> Option<LastLogin> {
    let shows_session = |it: &Evidence| match it {
        Evidence::Differs(page, _) | Evidence::DiffersWithToken(page, _) => *page == report.page,
        _ => false,
    };
    let mut login = LastLogin::new(report.page.clone(), client.agent.jar().now());
    login.user.clone_from(&report.user);
    login.page_shows_session = report.evidence.iter().any(shows_session);
    (report.outcome == LoginOutcome::LoggedIn).then_some(login)
}
