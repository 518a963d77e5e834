//! What can be typed. Help texts are the doc comments: a verb first, no full stop at the end of a short one.

mod client;
mod clock;
mod examples;
mod generated;
mod history;
mod language;
mod quick;
mod serve;
mod sessions;
mod tour;
mod users;
mod values;

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use url::Url;

use sessctl::client::Resolve;

pub(crate) use client::{
    AnswerArgs, ClearCookiesArgs, ImportCookiesArgs, LoginArgs, LogoutArgs, NetscapeDialect, ShowCookiesArgs,
    SubmitArgs, VisitArgs, WhyArgs,
};
pub(crate) use clock::{ClockAction, ClockArgs};
pub(crate) use generated::{CompletionsArgs, ManArgs};
pub(crate) use history::{HistoryArgs, ProfileAction, ProfilesArgs};
pub(crate) use language::{LanguageArgs, LanguageChoice};
pub(crate) use serve::{LogFormat, ServeArgs};
pub(crate) use sessions::{SessionsAction, SessionsArgs};
pub(crate) use tour::TourArgs;
pub(crate) use users::{UsersAction, UsersArgs};
pub(crate) use values::StoreAddress;

const EXIT_CODES: &str = "\
Exit codes:
  0  fine
  1  it could not be done (network, file, bad jar)
  2  usage
  3  a redirect that was not followed (--max-redirects 0)
  4  HTTP 4xx        5  HTTP 5xx
  6  too many redirects
  7  an expectation, a login or a logout did not hold
  8  out of time";

/// Commands by what one comes for; clap lists them in one heap.
const TEMPLATE: &str = "\
{about-with-newline}
{usage-heading} {usage}

To begin with:
  tour            Walk through a whole session, step by step, with a server of its own

Sessions of an application:
  login           Log in: find the form, fill it in, say whether a session began
  visit           Send one request with the jar; the body goes to stdout
  submit          Fill in and submit any form of a page
  logout          Log out, and say whether the server ended the session

Cookies:
  show-cookies    Show the cookies in the jar, and what is in them
  why             Say whether cookies would be sent or stored, by which rule, and what to do
  import-cookies  Take cookies in from other programs
  clear-cookies   Delete cookies from the jar

Looking back:
  history         Show what the profile's commands did: steps, diagrams, HAR
  profiles        List, show, copy and remove client identities

A server:
  serve           Run a session server
  users           Keep the accounts of a server: add, passwd, disable, enable, remove, list
  sessions        List, show and end the sessions in a server's store
  clock           Move the clock of a server that lets it be moved

sessctl itself:
  completions     Print completions for a shell
  man             Print the manual
  help            Print this, or the help of a command with its examples

Options that all commands share, before or after the command:
{options}{after-help}";

/// See, script, test and serve HTTP sessions without a browser
#[derive(Debug, Parser)]
#[command(name = "sessctl", version, help_template = TEMPLATE, after_help = EXIT_CODES, arg_required_else_help = true, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) client: ClientArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Walk through a whole session, step by step, with a server of its own
    #[command(after_help = examples::TOUR)]
    Tour(TourArgs),
    /// Run a session server
    #[command(after_help = examples::SERVE)]
    Serve(ServeArgs),
    /// Keep the accounts of a server
    #[command(after_help = examples::USERS)]
    Users(UsersArgs),
    /// List, show and end the sessions in a server's store, while the server runs
    #[command(after_help = examples::SESSIONS)]
    Sessions(SessionsArgs),
    /// Move the clock of a server that was started with --time-travel
    #[command(after_help = examples::CLOCK)]
    Clock(ClockArgs),
    /// Log in: find the form, fill it in, say whether a session began
    #[command(after_help = examples::LOGIN)]
    Login(LoginArgs),
    /// Send one request with the jar; the body goes to stdout
    #[command(after_help = examples::VISIT)]
    Visit(VisitArgs),
    /// Fill in and submit any form of a page, its hidden fields kept
    #[command(after_help = examples::SUBMIT)]
    Submit(SubmitArgs),
    /// Log out, and say whether the server ended the session
    #[command(after_help = examples::LOGOUT)]
    Logout(LogoutArgs),
    /// Say of each cookie whether a request would carry it, by which rule, and what to do about it
    #[command(after_help = examples::WHY)]
    Why(WhyArgs),
    /// Show the cookies in the jar
    #[command(after_help = examples::SHOW_COOKIES)]
    ShowCookies(ShowCookiesArgs),
    /// Take cookies in from a Netscape cookies.txt, a jar in JSON, an HTTPie or xh session, or a HAR
    #[command(after_help = examples::IMPORT_COOKIES)]
    ImportCookies(ImportCookiesArgs),
    /// Delete cookies from the jar
    #[command(after_help = examples::CLEAR_COOKIES)]
    ClearCookies(ClearCookiesArgs),
    /// Show what the profile's commands sent and received, and what that changed
    #[command(after_help = examples::HISTORY)]
    History(HistoryArgs),
    /// List, show, copy and remove client identities
    #[command(after_help = examples::PROFILES)]
    Profiles(ProfilesArgs),
    /// Print completions for a shell
    #[command(after_help = examples::COMPLETIONS)]
    Completions(CompletionsArgs),
    /// Print the manual, of sessctl or of one command
    #[command(after_help = examples::MAN)]
    Man(ManArgs),
}

/// How the answer looks.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs {
    /// Answer in JSON, for machines
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Show requests and responses with their headers and every decision about cookies; as a server, a line for
    /// each request
    #[arg(long, short, global = true)]
    pub(crate) verbose: bool,
    /// Say nothing but the answer
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Show cookie values whole
    #[arg(long, global = true)]
    pub(crate) reveal: bool,
    /// When to use colour
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: ColorChoice,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    Auto,
    Always,
    Never,
}

/// Whose cookies, which server, and how to reach it.
#[derive(Debug, Args)]
#[command(next_help_heading = "Client")]
pub(crate) struct ClientArgs {
    /// The identity to act as: its jar, its last login
    #[arg(long, global = true, env = "SESSCTL_PROFILE", value_name = "NAME", default_value = "default",
          value_parser = values::profile)]
    pub(crate) profile: String,
    /// A cookie jar to use instead of the profile's
    #[arg(long, global = true, env = "SESSCTL_JAR", value_name = "FILE")]
    jar: Option<PathBuf>,
    /// The server that paths are of [default: where the last login was, else http://127.0.0.1:8000]
    #[arg(long = "url", id = "base", global = true, env = "SESSCTL_URL", value_name = "BASE", value_parser = values::base)]
    base: Option<values::Base>,
    /// How long everything may take, from the first connection to the end
    #[arg(long, global = true, value_name = "TIME", default_value = "30s", value_parser = values::duration)]
    pub(crate) timeout: Duration,
    /// Keep trying this long while the connection is refused
    #[arg(long, global = true, value_name = "TIME", value_parser = values::duration)]
    pub(crate) wait: Option<Duration>,
    /// The largest body to accept
    #[arg(long, global = true, value_name = "SIZE", default_value = "64MiB", value_parser = values::size)]
    pub(crate) max_body: u64,
    /// Trust the certificate authorities in this PEM file too
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) cacert: Option<PathBuf>,
    /// Trust any certificate
    #[arg(long, global = true)]
    pub(crate) insecure: bool,
    /// Send all requests through this proxy [default: as http_proxy, https_proxy and no_proxy say]
    #[arg(long, global = true, value_name = "URL", value_parser = values::web_address)]
    pub(crate) proxy: Option<Url>,
    /// Reach this host and port at that address
    #[arg(long, global = true, value_name = "HOST:PORT:ADDR", action = ArgAction::Append, value_parser = values::resolve)]
    pub(crate) resolve: Vec<Resolve>,
}

impl ClientArgs {
    /// The base URL that was given.
    pub(crate) fn base(&self) -> Option<&Url> {
        self.base.as_ref().and_then(|base| base.0.as_ref())
    }

    /// The jar that was given. An empty variable of the environment is as good as none.
    pub(crate) fn jar(&self) -> Option<&Path> {
        self.jar.as_deref().filter(|path| !path.as_os_str().is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_fit_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_help_names_every_command_once_and_each_has_examples() {
        for command in Cli::command().get_subcommands() {
            let name = command.get_name();
            assert_eq!(TEMPLATE.matches(&format!("\n  {name} ")).count(), 1, "{name}");
            let examples = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(examples.contains(&format!("sessctl {name}")), "{name}: {examples}");
            // Lines that a shell would have to read first are left to people.
            let is_plain = |line: &&str| !line.contains(['|', '\'', '"', '$']);
            for line in examples.lines().skip(1).filter(is_plain) {
                let words = line.trim().split("  ").next().unwrap_or_default();
                let words = words.split(" > ").next().unwrap_or_default().split_whitespace();
                let parsed = Cli::try_parse_from(words);
                assert!(parsed.is_ok(), "{line}: {:?}", parsed.err());
            }
        }
    }

    #[test]
    fn shared_options_are_taken_before_and_after_the_command() {
        for line in [["sessctl", "--json", "visit", "/x"], ["sessctl", "visit", "/x", "--json"]] {
            assert!(Cli::try_parse_from(line).unwrap().output.json);
        }
    }
}
