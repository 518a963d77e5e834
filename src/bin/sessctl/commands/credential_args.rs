//! [`CredentialArgs`]: where a login starts, what it sends, and what shows that it worked.

use std::path::PathBuf;

use clap::Args;
use url::Url;

use sessctl::client::auth::{FormHints, LoginMethod};
use sessctl::client::{Credentials, UserAgent};

use super::basic_args::BasicArgs;
use super::code_args::CodeArgs;
use super::config::settings::Settings;
use super::failure::{Failure, Outcome};
use super::options::HeaderArgs;
use super::password_source::{ConfiguredPassword, PasswordSource};
use super::{target, value_parsers};
use crate::output::Output;

/// Where a login starts, what it sends, and what shows that it worked.
#[derive(Debug, Args)]
pub(super) struct CredentialArgs {
    /// Page with a login form or a link to one
    ///
    /// Default: the base URL.
    #[arg(value_name = "URL")]
    pub(super) target: Option<String>,
    /// User name
    #[arg(long, short, value_name = "NAME")]
    pub(super) user: Option<String>,
    /// Read the password from stdin
    ///
    /// Only its first line.
    #[arg(long, conflicts_with = "password_file")]
    pub(super) password_stdin: bool,
    /// Read the password from a file
    ///
    /// Only its first line. Without this option and --password-stdin, the password is the environment variable
    /// SESSCTL_PASSWORD, or you are asked for it.
    #[arg(long, value_name = "FILE")]
    pub(super) password_file: Option<PathBuf>,
    /// Set a field (may override a guess)
    ///
    /// Repeatable. With --as-json, NAME:=JSON sets a number, a boolean or an object, and /A/B=VALUE a nested member.
    #[arg(long = "field", value_name = "NAME=VALUE", value_parser = value_parsers::pair)]
    pub(super) fields: Vec<(String, String)>,
    /// Use this form
    ///
    /// Its number, id or name, or the end of the path that it is sent to.
    #[arg(long, value_name = "FORM")]
    pub(super) form: Option<String>,
    /// Field for the user name
    ///
    /// Its name or id. With --as-json and --as-form, the default is username. With --as-json, /A/B is a nested member.
    #[arg(long, value_name = "FIELD")]
    pub(super) user_field: Option<String>,
    /// Field for the password
    ///
    /// Its name or id. With --as-json and --as-form, the default is password.
    #[arg(long, value_name = "FIELD")]
    pub(super) password_field: Option<String>,
    /// Send name and password as JSON
    ///
    /// They are sent to the URL, as single-page applications do.
    #[arg(long, requires = "target", conflicts_with = "form")]
    pub(super) as_json: bool,
    /// Send name and password as form fields
    ///
    /// Like --as-json, for applications whose script sends them form-encoded to a URL of its own.
    #[arg(long, requires = "target", conflicts_with_all = ["form", "as_json"])]
    pub(super) as_form: bool,
    /// Text that only a successful login shows
    ///
    /// The login is successful if, and only if, the page on which it ends contains it.
    #[arg(long, value_name = "TEXT")]
    pub(super) expect_text: Option<String>,
    /// Check the login on this page
    ///
    /// The page must differ for anonymous clients.
    #[arg(long, value_name = "PATH", conflicts_with = "expect_text")]
    pub(super) judge_by: Option<String>,
    /// Send the password even if it is unsafe
    ///
    /// In clear text after https, or to another site to which a page without https leads.
    #[arg(long)]
    allow_insecure_password: bool,
    #[command(flatten)]
    pub(super) code: CodeArgs,
    #[command(flatten)]
    pub(super) headers: HeaderArgs,
    #[command(flatten)]
    basic: BasicArgs,
    #[arg(skip)]
    configured_password: Option<ConfiguredPassword>,
}

impl CredentialArgs {
    /// Adds what the configuration says about a login, where no option does.
    pub(super) fn configure(&mut self, settings: &Settings, base: &Url) -> Outcome {
        fill(&mut self.target, settings.login("url"));
        fill(&mut self.user, settings.text("user"));
        if !(self.as_json || self.as_form || self.form.is_some()) {
            self.form = settings.login("form");
            self.as_json = self.form.is_none() && settings.login_flag("as-json");
            self.as_form = self.form.is_none() && !self.as_json && settings.login_flag("as-form");
        }
        fill(&mut self.user_field, settings.login("user-field"));
        fill(&mut self.password_field, settings.login("password-field"));
        let is_given = |name: &String| self.fields.iter().any(|(given, _)| given == name);
        let fields: Vec<_> = settings.fields().into_iter().filter(|(name, _)| !is_given(name)).collect();
        self.fields.extend(fields);
        let start = self.start(base)?;
        self.configured_password = settings.password(&start);
        self.configure_check(settings, &start, base);
        Ok(())
    }

    /// The same for a login that goes on: what shows that it worked, its code, and the headers.
    pub(super) fn configure_check(&mut self, settings: &Settings, start: &Url, base: &Url) {
        if self.expect_text.is_none() && self.judge_by.is_none() {
            self.judge_by = settings.expected("judge-by").pop();
            self.expect_text = settings.expected("text").pop().filter(|_| self.judge_by.is_none());
        }
        if !(self.as_json || self.as_form) {
            self.code.configure(settings);
        }
        self.headers.configure(settings, start, base);
    }

    /// The page at which the login starts.
    pub(super) fn start(&self, base: &Url) -> Result<Url, Failure> {
        target::resolve(self.target.as_deref(), base)
    }

    /// Lets the agent send the headers and the credentials of HTTP Basic authentication to the site of this URL.
    pub(super) fn apply(&self, agent: &mut UserAgent, start: &Url, output: &Output) -> Outcome {
        self.headers.apply(agent, start, output);
        self.basic.apply(agent, start, output)?;
        agent.allow_insecure_password(self.allow_insecure_password);
        Ok(())
    }

    /// The page on which the login is checked.
    pub(super) fn judge_by(&self, start: &Url) -> Result<Option<Url>, Failure> {
        self.judge_by.as_deref().map(|page| target::resolve(Some(page), start)).transpose()
    }

    pub(super) fn hints(&self) -> FormHints {
        let mut hints = FormHints::default();
        hints.form.clone_from(&self.form);
        hints.user_field.clone_from(&self.user_field);
        hints.password_field.clone_from(&self.password_field);
        hints
    }

    pub(super) fn method(&self) -> LoginMethod {
        match (self.as_json, self.as_form) {
            (true, _) => LoginMethod::Json,
            (_, true) => LoginMethod::FormEncoded,
            _ => LoginMethod::Form,
        }
    }

    /// Where the password comes from.
    pub(super) fn password_source(&self, can_prompt: bool) -> PasswordSource {
        PasswordSource {
            stdin: self.password_stdin,
            file: self.password_file.clone(),
            variable: "SESSCTL_PASSWORD",
            prompt: "Password: ",
            sources: "--password-stdin, --password-file FILE or SESSCTL_PASSWORD",
            can_prompt,
            configured: self.configured_password.clone(),
        }
    }

    /// The credentials of one login.
    pub(super) fn credentials(self, start: &Url, can_prompt: bool) -> Result<Credentials<'static>, Failure> {
        let source = self.password_source(can_prompt);
        let (hints, method, judge_by) = (self.hints(), self.method(), self.judge_by(start)?);
        let mut credentials = Credentials::from_source(self.user, move || source.get());
        credentials.expect_text = self.expect_text;
        credentials.hints = hints;
        credentials.code = self.code.source()?;
        credentials.fields = self.fields;
        credentials.judge_by = judge_by;
        credentials.method = method;
        Ok(credentials)
    }
}

/// Sets an option that was not given.
fn fill(option: &mut Option<String>, configured: Option<String>) {
    if option.is_none() {
        *option = configured;
    }
}
