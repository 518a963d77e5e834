//! The option of `login` that goes on with a login, and the login that waits for that.

use clap::Args;

use sessctl::client::auth::{LoginOutcome, PendingLogin};
use sessctl::client::profile::PendingLoginFile;
use sessctl::client::{LoginReport, UserAgent};

use super::client_options::ClientArgs;
use super::failure::{Failure, Outcome};
use crate::texts::Message;

#[derive(Debug, Args)]
pub(super) struct StepArgs {
    /// Go on with a login that waits
    ///
    /// The last login stopped at a further step: --code, --code-stdin, --totp-secret-file or --field answers it. A step
    /// waits in the profile for an hour.
    #[arg(
        long = "continue",
        conflicts_with_all = ["target", "user", "password_stdin", "password_file", "user_field", "password_field", "as_json", "as_form"],
    )]
    pub(super) go_on: bool,
}

/// The login of a profile that waits for a further step.
pub(super) struct WaitingLogin {
    /// `None` with `--jar`: there is no profile.
    file: Option<PendingLoginFile>,
    /// The options that select the profile, for the next command.
    profile: String,
}

impl WaitingLogin {
    pub(super) fn of(args: &ClientArgs) -> Result<Self, Failure> {
        Ok(WaitingLogin { file: args.pending_login_file()?, profile: args.profile_option() })
    }

    /// The login that `--continue` goes on with.
    pub(super) fn load(&self, agent: &UserAgent) -> Result<PendingLogin, Failure> {
        let Some(file) = &self.file else {
            let message = "--continue needs a profile, and --jar has none: use --profile for both commands, or give --code CODE or --totp-secret-file FILE with the login itself";
            return Err(Failure::usage(Message::new("login-continue-jar", message)));
        };
        let none = "no login waits for a further step; run sessctl login first (a step waits for an hour)";
        file.load(agent.jar().now())?.ok_or_else(|| Failure::usage(Message::new("login-continue-none", none)))
    }

    /// Forgets the login: a new one starts.
    pub(super) fn forget(&self) -> Outcome {
        self.file.as_ref().map_or(Ok(()), |file| Ok(file.remove()?))
    }

    /// Keeps the login of a report if it waits for a step, or else forgets it. After a failure of the server, the step can
    /// be tried again.
    pub(super) fn update(&self, report: &LoginReport, agent: &UserAgent) -> Outcome {
        match (&self.file, &report.pending, &report.outcome) {
            (Some(file), Some(pending), _) => Ok(file.save(pending, agent.deadline())?),
            // Without a profile, the jar is the only place for the cookies.
            (None, Some(pending), _) => {
                agent.jar().merge(pending.cookies().iter().cloned());
                Ok(())
            }
            (_, None, LoginOutcome::RateLimited { .. } | LoginOutcome::ServerError { .. }) => Ok(()),
            (_, None, _) => self.forget(),
        }
    }

    /// The command that goes on with the login of a report, if it waits.
    pub(super) fn next_command(&self, report: &LoginReport) -> Option<String> {
        let is_kept = self.file.is_some() && report.pending.is_some();
        is_kept.then(|| format!("sessctl login --continue{}", self.profile))
    }
}
