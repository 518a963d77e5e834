//! `login`: logs in with the application's own form.

use std::path::PathBuf;

use clap::Args;

use sessctl::client::Credentials;
use sessctl::client::auth::{LoginMethod, LoginOutcome, continue_login, login_with_trace};
use sessctl::cookies::LastLogin;

use super::basic_args::BasicArgs;
use super::client::{self, Client, MAX_REDIRECTS, block_on};
use super::command::{Command, Context, Group};
use super::failure::{Failure, Outcome};
use super::login_step::{StepArgs, WaitingLogin};
use super::options::HeaderArgs;
use super::password_source::PasswordSource;
use super::{login_verdict, target, value_parsers};
use crate::output::Output;

#[derive(Debug, Args)]
pub(super) struct LoginArgs {
    /// Page with a login form or a link to one
    ///
    /// Default: the base URL.
    #[arg(value_name = "URL")]
    target: Option<String>,
    /// User name
    #[arg(long, short, value_name = "NAME")]
    user: Option<String>,
    /// Read the password from stdin
    ///
    /// Only its first line.
    #[arg(long, conflicts_with = "password_file")]
    password_stdin: bool,
    /// Read the password from a file
    ///
    /// Only its first line. Without this option and --password-stdin, the password is the environment variable
    /// SESSCTL_PASSWORD, or you are asked for it.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Set a field (may override a guess)
    ///
    /// Repeatable. With --as-json, NAME:=JSON sets a number, a boolean or an object.
    #[arg(long = "field", value_name = "NAME=VALUE", value_parser = value_parsers::pair)]
    fields: Vec<(String, String)>,
    /// Use this form
    ///
    /// Its number, id or name, or the end of the path that it is sent to.
    #[arg(long, value_name = "FORM")]
    form: Option<String>,
    /// Field for the user name
    ///
    /// Its name or id. With --as-json and --as-form, the default is username.
    #[arg(long, value_name = "FIELD")]
    user_field: Option<String>,
    /// Field for the password
    ///
    /// Its name or id. With --as-json and --as-form, the default is password.
    #[arg(long, value_name = "FIELD")]
    password_field: Option<String>,
    /// Send name and password as JSON
    ///
    /// They are sent to the URL, as single-page applications do.
    #[arg(long, requires = "target", conflicts_with = "form")]
    as_json: bool,
    /// Send name and password as form fields
    ///
    /// Like --as-json, for applications whose script sends them form-encoded to a URL of its own.
    #[arg(long, requires = "target", conflicts_with_all = ["form", "as_json"])]
    as_form: bool,
    /// Text that only a successful login shows
    ///
    /// The login is successful if, and only if, the page on which it ends contains it.
    #[arg(long, value_name = "TEXT")]
    expect_text: Option<String>,
    /// Check the login on this page
    ///
    /// The page must differ for anonymous clients.
    #[arg(long, value_name = "PATH", conflicts_with = "expect_text")]
    judge_by: Option<String>,
    /// Send the password even if it is not safe
    ///
    /// In clear text after https, or to another site to which a page without https leads.
    #[arg(long)]
    allow_insecure_password: bool,
    /// Explain the choice of form and fields
    ///
    /// Shows each page that was tried.
    #[arg(long)]
    explain: bool,
    #[command(flatten)]
    step: StepArgs,
    #[command(flatten)]
    headers: HeaderArgs,
    #[command(flatten)]
    basic: BasicArgs,
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
  sessctl login --continue --code 123456         the login waits for a code";
    const SENDS_REQUESTS: bool = true;

    fn run(self, context: &Context, output: &mut Output) -> Outcome {
        let mut client = Client::open("login", &context.client, MAX_REDIRECTS, None)?;
        let base = context.client.base_url(client.last_login.as_ref())?;
        let waiting = WaitingLogin::of(&context.client)?;
        let pending = self.step.go_on.then(|| waiting.load(&client.agent)).transpose()?;
        let start = match &pending {
            Some(pending) => pending.asked().clone(),
            None => target::resolve(self.target.as_deref(), &base)?,
        };
        let explain = self.explain;
        self.headers.apply(&mut client.agent, &start);
        self.basic.apply(&mut client.agent, &start, output)?;
        client.agent.allow_insecure_password(self.allow_insecure_password);
        let mut credentials = self.credentials(&start, output.can_prompt())?;
        credentials.last_page = client.last_login.as_ref().map(|login| login.page.clone());
        if pending.is_none() {
            waiting.forget()?;
        }
        let (agent, mut trace) = (&mut client.agent, Vec::new());
        let report = block_on(async {
            Ok(match &pending {
                Some(pending) => continue_login(agent, pending, credentials, &mut trace).await?,
                None => login_with_trace(agent, &start, credentials, &mut trace).await?,
            })
        });
        output.exchanges(&client.agent);
        if explain {
            output.login_trace(&trace);
        }
        let logged_in = report.as_ref().ok().filter(|report| report.outcome == LoginOutcome::LoggedIn);
        let last_login =
            logged_in.map(|report| LastLogin::new(report.page.clone(), client.agent.jar().now()));
        let kept = report.as_ref().map_or(Ok(()), |report| waiting.update(report, &client.agent));
        let saved = client.save(last_login).and(kept);
        client::warn_if_unsaved(&report, &saved, output);
        let outcome = report.and_then(|report| {
            saved?;
            let next = waiting.next_command(&report);
            login_verdict::of(report, next.as_deref(), output)
        });
        client.conclude(outcome, output)
    }
}

impl LoginArgs {
    fn credentials(self, start: &url::Url, can_prompt: bool) -> Result<Credentials<'static>, Failure> {
        let judge_by = self.judge_by.as_deref();
        let judge_by = judge_by.map(|page| target::resolve(Some(page), start)).transpose()?;
        let source = PasswordSource {
            stdin: self.password_stdin,
            file: self.password_file,
            variable: "SESSCTL_PASSWORD",
            prompt: "Password: ",
            sources: "--password-stdin, --password-file FILE or SESSCTL_PASSWORD",
            can_prompt,
        };
        let mut credentials = Credentials::from_source(self.user, move || source.get());
        credentials.expect_text = self.expect_text;
        credentials.hints.form = self.form;
        credentials.hints.user_field = self.user_field;
        credentials.hints.password_field = self.password_field;
        credentials.code = self.step.code_source()?;
        credentials.fields = self.fields;
        credentials.judge_by = judge_by;
        credentials.method = match (self.as_json, self.as_form) {
            (true, _) => LoginMethod::Json,
            (_, true) => LoginMethod::FormEncoded,
            _ => LoginMethod::Form,
        };
        Ok(credentials)
    }
}
