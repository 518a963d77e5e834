//! [`BasicArgs`]: the credentials for HTTP Basic authentication, from options or from a netrc file.

use std::path::PathBuf;

use clap::Args;
use url::Url;

use sessctl::client::UserAgent;

use super::failure::{Failure, Outcome};
use super::netrc;
use super::password_source::PasswordSource;
use crate::output::Output;
use crate::texts::Message;

/// Credentials for the site of a command.
#[derive(Debug, Args)]
pub(super) struct BasicArgs {
    /// User name for HTTP Basic authentication
    ///
    /// The credentials are sent with each request to the origin of the URL, and never to another origin. Without this
    /// option, those in the file $NETRC or ~/.netrc are sent if an https or local site asks for them.
    #[arg(long, value_name = "NAME")]
    basic_user: Option<String>,
    /// Read its password from a file
    ///
    /// Only its first line. Without this option, the password is the environment variable SESSCTL_BASIC_PASSWORD, or you
    /// are asked for it.
    #[arg(long, value_name = "FILE", requires = "basic_user")]
    basic_password_file: Option<PathBuf>,
}

impl BasicArgs {
    /// Lets the agent send the credentials to the origin of this URL.
    pub(super) fn apply(&self, agent: &mut UserAgent, url: &Url, output: &Output) -> Outcome {
        let Some(user) = &self.basic_user else {
            let host = url.host_str().filter(|_| url.username().is_empty() && url.password().is_none());
            if let Some(host) = host.map(str::to_owned) {
                let (texts, warn) = (output.texts, output.warnings());
                agent.find_basic(url, move || netrc::credentials_for(&host, texts, warn));
            }
            return Ok(());
        };
        let source = PasswordSource {
            stdin: false,
            file: self.basic_password_file.clone(),
            variable: "SESSCTL_BASIC_PASSWORD",
            prompt: "Password for HTTP Basic authentication: ",
            sources: "--basic-password-file FILE or SESSCTL_BASIC_PASSWORD",
            can_prompt: output.can_prompt(),
            configured: None,
        };
        let password = source.get().map_err(|why| {
            let english = format!("--basic-user {user} needs a password: {why}");
            Failure::usage(Message::new("error-basic-password", english).with("user", user.as_str()))
        })?;
        Ok(agent.use_basic(url, user, &password)?)
    }
}
