//! The settings of an audit, from the arguments.

use std::path::PathBuf;

use url::Url;

use sessctl::audit::{AuditAccount, AuditConfig, CHECKS, Check};
use sessctl::client::auth::NoPassword;

use super::args::AuditArgs;
use super::clock_command::clock_control;
use crate::commands::failure::{Failure, Outcome};
use crate::commands::password_source::PasswordSource;
use crate::commands::{target, value_parsers};
use crate::output::Output;
use crate::texts::Message;

/// The settings of an audit, and the secrets that no report may show.
pub(super) struct AuditSettings {
    pub(super) config: AuditConfig,
    pub(super) passwords: Vec<String>,
}

impl AuditArgs {
    /// The checks that the options select, in the order of the table.
    pub(super) fn checks(&self) -> Result<Vec<&'static Check>, Failure> {
        let is_in = |list: &[&'static Check], check: &Check| list.iter().any(|it| it.id == check.id);
        let selected = CHECKS.iter().copied().filter(|check| {
            (self.only.is_empty() || is_in(&self.only, check))
                && !is_in(&self.skip, check)
                && (!self.passive || check.is_passive)
        });
        let selected: Vec<&'static Check> = selected.collect();
        if selected.is_empty() {
            let message = "no check is left: --only, --skip and --passive leave out all of them; see sessctl audit --list";
            return Err(Failure::usage(Message::new("error-audit-no-check", message)));
        }
        Ok(selected)
    }

    /// Fails if the host is another one than this machine, and the user did not say that it may be tested.
    pub(super) fn check_authorization(&self, start: &Url) -> Outcome {
        let host = start.host_str().unwrap_or_default();
        if self.authorized || value_parsers::is_local(host) {
            return Ok(());
        }
        let english = format!(
            "{host} is not this machine: an audit sends wrong passwords and forged cookies; if you may test this host, add --authorized"
        );
        Err(Failure::usage(Message::new("error-audit-authorized", english).with("host", host)))
    }

    pub(super) fn settings(&self, start: &Url, output: &Output) -> Result<AuditSettings, Failure> {
        let page = |path: &Option<String>| {
            path.as_deref().map(|path| target::resolve(Some(path), start)).transpose()
        };
        let account = self.account(start, output.can_prompt())?;
        let second = self.second(&account)?;
        let passwords = [account.password.clone(), second.as_ref().and_then(|it| it.password.clone())];
        let mut config = AuditConfig::new(start.clone(), account);
        config.second = second;
        config.write.clone_from(&self.write);
        config.value.clone_from(&self.value);
        config.value_at = page(&self.value_at)?;
        config.sessions_page = page(&self.sessions_page)?;
        config.idle_timeout = self.idle_timeout;
        config.absolute_timeout = self.absolute_timeout;
        config.clock = self.clock_command.clone().map(clock_control);
        config.checks = self.checks()?;
        config.passive = self.passive;
        config.logins = self.logins;
        config.max_requests = self.max_requests;
        config.max_wrong_passwords = self.max_wrong_passwords;
        Ok(AuditSettings { config, passwords: passwords.into_iter().flatten().collect() })
    }

    fn account(&self, start: &Url, can_prompt: bool) -> Result<AuditAccount, Failure> {
        let args = &self.credentials;
        let mut account = AuditAccount::default();
        account.user.clone_from(&args.user);
        account.password = self.password(can_prompt)?;
        account.code = args.code.for_each_login()?;
        account.fields.clone_from(&args.fields);
        account.hints = args.hints();
        account.method = args.method();
        account.expect_text.clone_from(&args.expect_text);
        account.judge_by = args.judge_by(start)?;
        Ok(account)
    }

    /// The password, if there is a source for it. The login may need none.
    fn password(&self, can_prompt: bool) -> Result<Option<String>, Failure> {
        let source = PasswordSource {
            prompt: "Password (empty if the login asks for none): ",
            ..self.credentials.password_source(can_prompt)
        };
        optional(source, "the password")
    }

    /// The second account, which logs in like the first one.
    fn second(&self, first: &AuditAccount) -> Result<Option<AuditAccount>, Failure> {
        let Some(user) = &self.second_user else { return Ok(None) };
        let source = PasswordSource {
            stdin: false,
            file: self.second_password_file.clone(),
            variable: "SESSCTL_SECOND_PASSWORD",
            prompt: "",
            sources: "--second-password-file FILE or SESSCTL_SECOND_PASSWORD",
            can_prompt: false,
            configured: None,
        };
        Ok(Some(first.with_user(user.as_str(), optional(source, "the password of the second user")?)))
    }

    /// Files with secrets that a command which repeats a finding names.
    pub(super) fn secret_files(&self) -> [(&'static str, Option<&PathBuf>); 3] {
        [
            ("--password-file", self.credentials.password_file.as_ref()),
            ("--totp-secret-file", self.credentials.code.secret_file()),
            ("--second-password-file", self.second_password_file.as_ref()),
        ]
    }
}

/// A password that may be missing or empty.
fn optional(source: PasswordSource, what: &str) -> Result<Option<String>, Failure> {
    match source.get() {
        Ok(password) => Ok(Some(password).filter(|it| !it.is_empty())),
        Err(NoPassword::NoSource(_)) => Ok(None),
        Err(error) => {
            let english = format!("cannot get {what}: {error}");
            Err(Failure::failed(english))
        }
    }
}
