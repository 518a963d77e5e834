//! [`AuditArgs`]: the arguments of `audit`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use sessctl::audit::{Check, ShownValue, WriteRequest};

use super::check_name::CheckName;
use crate::commands::credential_args::CredentialArgs;
use crate::commands::value_parsers;
use crate::output::{AuditFormat, FailOn};

#[derive(Debug, Args)]
pub(in crate::commands) struct AuditArgs {
    #[command(flatten)]
    pub(super) credentials: CredentialArgs,
    /// Account for checks that need two users
    #[arg(long, value_name = "NAME")]
    pub(super) second_user: Option<String>,
    /// Read its password from a file
    ///
    /// Only its first line. Without this option, the password is the environment variable SESSCTL_SECOND_PASSWORD.
    #[arg(long, value_name = "FILE", requires = "second_user")]
    pub(super) second_password_file: Option<PathBuf>,
    /// Request that adds 1 to a number
    ///
    /// METHOD PATH [NAME=VALUE…], as one argument. Checks of lost updates, CSRF and revived sessions use it.
    #[arg(long, value_name = "REQUEST", requires = "value")]
    pub(super) write: Option<WriteRequest>,
    /// Where its response shows the number
    ///
    /// A JSON pointer (/count) or a CSS selector (#count).
    #[arg(long, value_name = "PLACE", requires = "write")]
    pub(super) value: Option<ShownValue>,
    /// Page that shows the number instead
    #[arg(long, value_name = "PATH", requires = "write")]
    pub(super) value_at: Option<String>,
    /// Page that lists the user's sessions
    #[arg(long, value_name = "PATH")]
    pub(super) sessions_page: Option<String>,
    /// How long a session may be unused
    #[arg(long, value_name = "TIME", value_parser = value_parsers::duration)]
    pub(super) idle_timeout: Option<Duration>,
    /// How long a session may exist
    #[arg(long, value_name = "TIME", value_parser = value_parsers::duration)]
    pub(super) absolute_timeout: Option<Duration>,
    /// Command to advance the server's clock
    ///
    /// A shell runs it. {} in it is the number of seconds. Without it, the audit waits for the timeouts.
    #[arg(long, value_name = "CMD", value_parser = clock_command)]
    pub(super) clock_command: Option<String>,
    /// Run only these checks
    ///
    /// Separated by commas, or repeated.
    #[arg(long, value_name = "CHECK", value_delimiter = ',', value_parser = CheckName, hide_possible_values = true)]
    pub(super) only: Vec<&'static Check>,
    /// Leave these checks out
    ///
    /// Separated by commas, or repeated.
    #[arg(long, value_name = "CHECK", value_delimiter = ',', value_parser = CheckName, hide_possible_values = true)]
    pub(super) skip: Vec<&'static Check>,
    /// Only look at one login and one logout
    #[arg(long)]
    pub(super) passive: bool,
    /// Logins to judge tokens
    #[arg(long, value_name = "N", default_value_t = 30)]
    pub(super) logins: usize,
    /// Limit of requests
    #[arg(long, value_name = "N", default_value_t = 300)]
    pub(super) max_requests: usize,
    /// Limit of wrong passwords
    ///
    /// More of them may lock the account.
    #[arg(long, value_name = "N", default_value_t = 2)]
    pub(super) max_wrong_passwords: usize,
    /// You may test this host
    ///
    /// Needed for every host but this machine: an audit sends wrong passwords and forged cookies.
    #[arg(long)]
    pub(super) authorized: bool,
    #[command(flatten)]
    pub(super) report: ReportArgs,
    /// List the checks
    ///
    /// With --only, --skip and --passive, only those that would run.
    #[arg(long, conflicts_with = "explain")]
    pub(super) list: bool,
    /// Explain a check and its fix
    #[arg(long, value_name = "CHECK", value_parser = CheckName, hide_possible_values = true)]
    pub(super) explain: Option<&'static Check>,
}

/// What the report contains, and where it is written.
#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    /// Fail at: high, medium (default) or low
    ///
    /// A finding with a lower severity is listed, and the exit code is 0.
    #[arg(
        long,
        value_name = "SEVERITY",
        default_value = "medium",
        hide_possible_values = true,
        hide_default_value = true
    )]
    pub(super) fail_on: FailOn,
    /// Findings that do not fail the run
    ///
    /// A file that --write-baseline wrote. Findings that are not in it exit with 7.
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,
    /// Write the findings to a baseline
    #[arg(long, value_name = "FILE")]
    pub(super) write_baseline: Option<PathBuf>,
    /// Report: text, json, junit, sarif, html
    #[arg(long, value_name = "FORMAT", hide_possible_values = true)]
    pub(super) format: Option<AuditFormat>,
    /// Write the report to a file
    #[arg(long, short, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
}

/// A command in which `{}` is the number of seconds.
fn clock_command(text: &str) -> Result<String, String> {
    match text.contains("{}") {
        true => Ok(text.to_owned()),
        false => Err("there is no {}; write it where the number of seconds belongs".to_owned()),
    }
}
