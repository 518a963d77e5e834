//! [`CodeArgs`]: where the one-time code of a second factor comes from.

use std::path::PathBuf;

use clap::Args;

use sessctl::audit::CodeAt;
use sessctl::client::auth::{CodeSource, NoPassword, Totp};

use super::config::settings::Settings;
use super::failure::Failure;
use super::password_source::{first_line_of_file, first_line_of_stdin};

#[derive(Debug, Args)]
pub(super) struct CodeArgs {
    /// One-time code for the second factor
    #[arg(long, value_name = "CODE", conflicts_with_all = ["code_stdin", "totp_secret_file", "as_json", "as_form"])]
    code: Option<String>,
    /// Read the one-time code from stdin
    ///
    /// Only its first line; with --password-stdin, only its second line.
    #[arg(long, conflicts_with_all = ["totp_secret_file", "as_json", "as_form"])]
    code_stdin: bool,
    /// Compute the code from this secret
    ///
    /// The first line of the file is the secret in base32, or an otpauth:// URL, as for an authenticator app.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["as_json", "as_form"])]
    totp_secret_file: Option<PathBuf>,
}

impl CodeArgs {
    /// Adds what the configuration says, where no option does.
    pub(super) fn configure(&mut self, settings: &Settings) {
        if self.code.is_none() && !self.code_stdin && self.totp_secret_file.is_none() {
            self.totp_secret_file = settings.login("totp-secret-file").map(PathBuf::from);
        }
    }

    /// Where the code comes from. A secret that cannot be read is reported before anything is sent.
    pub(super) fn source(&self) -> Result<Option<CodeSource<'static>>, Failure> {
        if let Some(totp) = self.totp()? {
            return Ok(Some(Box::new(move |now| Ok(totp.code_at(now)))));
        }
        if self.code_stdin {
            let unreadable = |error| NoPassword::Unreadable(format!("standard input: {error}"));
            return Ok(Some(Box::new(move |_| first_line_of_stdin().map_err(unreadable))));
        }
        let code = self.code.clone();
        Ok(code.map(|code| -> CodeSource<'static> { Box::new(move |_| Ok(code.clone())) }))
    }

    /// The code for each of several logins. One that is typed is the same for all of them.
    pub(super) fn for_each_login(&self) -> Result<Option<CodeAt>, Failure> {
        if let Some(totp) = self.totp()? {
            return Ok(Some(Box::new(move |now| totp.code_at(now))));
        }
        let code = match self.code_stdin {
            true => {
                Some(first_line_of_stdin().map_err(Failure::cannot("read the code from standard input"))?)
            }
            false => self.code.clone(),
        };
        Ok(code.map(|code| -> CodeAt { Box::new(move |_| code.clone()) }))
    }

    /// The option that computes the codes, for a command that is shown.
    pub(super) fn secret_file(&self) -> Option<&PathBuf> {
        self.totp_secret_file.as_ref()
    }

    fn totp(&self) -> Result<Option<Totp>, Failure> {
        let Some(path) = &self.totp_secret_file else { return Ok(None) };
        let action = format!("read the secret from {}", path.display());
        let secret = first_line_of_file(path).map_err(Failure::cannot(&action))?;
        Ok(Some(secret.parse().map_err(Failure::cannot(&action))?))
    }
}
