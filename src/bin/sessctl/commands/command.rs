//! [`Command`]: what each command declares about itself, and [`CommandEntry`]: the same as a row of the table of commands.

use clap::ArgMatches;

use super::client_options::ClientArgs;
use super::config::settings::Settings;
use super::failure::Outcome;
use crate::output::Output;

/// A command: its arguments, its texts and what it does.
pub(super) trait Command: clap::Args {
    const NAME: &'static str;
    const GROUP: Group;
    /// One line for the list of commands.
    const ABOUT: &'static str;
    /// The first paragraph of `--help` and the manual, if [`ABOUT`](Self::ABOUT) is not enough.
    const DETAILS: Option<&'static str> = None;
    /// Commands to try, at most 80 columns wide.
    const EXAMPLES: &'static str;
    /// It sends requests: all shared options have an effect, and `--json` prints a verdict and the exchanges, even if it
    /// fails before the first one.
    const SENDS_REQUESTS: bool = false;
    /// It reads the configuration files.
    const READS_CONFIG: bool = Self::SENDS_REQUESTS;
    /// The shared options that have no effect here, by their ids, although it sends requests.
    const WITHOUT_EFFECT: &'static [&'static str] = &[];
    /// The shared options that have an effect here, by their ids, if it sends no requests.
    const SHARED_OPTIONS: &'static [&'static str] = &["json", "quiet", "color", "lang"];

    fn run(self, context: &Context, output: &mut Output) -> Outcome;
}

/// What a command gets besides its own arguments.
#[derive(Debug)]
pub(super) struct Context {
    pub(super) client: ClientArgs,
    /// What the configuration files say about the profile.
    pub(super) settings: Settings,
    /// Describes the whole command line.
    pub(super) describe: fn() -> clap::Command,
}

/// The headings of the list of commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Group {
    Start,
    Application,
    Cookies,
    History,
    Server,
    Program,
}

impl Group {
    pub(super) const ALL: [Group; 6] =
        [Group::Start, Group::Application, Group::Cookies, Group::History, Group::Server, Group::Program];

    pub(super) const fn heading(self) -> &'static str {
        match self {
            Group::Start => "Start here",
            Group::Application => "Sessions of an application",
            Group::Cookies => "Cookies",
            Group::History => "History and profiles",
            Group::Server => "A session server",
            Group::Program => "sessctl itself",
        }
    }
}

/// A row of the table of commands.
pub(super) struct CommandEntry {
    pub(super) name: &'static str,
    pub(super) group: Group,
    pub(super) about: &'static str,
    pub(super) sends_requests: bool,
    pub(super) reads_config: bool,
    /// Adds arguments and texts to the command, once it is needed.
    pub(super) describe: fn(clap::Command) -> clap::Command,
    pub(super) run: fn(&ArgMatches, &Context, &mut Output) -> Result<Outcome, clap::Error>,
}

impl CommandEntry {
    pub(super) const fn of<C: Command>() -> CommandEntry {
        CommandEntry {
            name: C::NAME,
            group: C::GROUP,
            about: C::ABOUT,
            sends_requests: C::SENDS_REQUESTS,
            reads_config: C::READS_CONFIG,
            describe: describe::<C>,
            run: |matches, context, output| Ok(C::from_arg_matches(matches)?.run(context, output)),
        }
    }
}

/// Shared options are accepted everywhere, but only listed where they have an effect.
fn describe<C: Command>(command: clap::Command) -> clap::Command {
    let command = command.mut_args(|arg| {
        let id = arg.get_id().as_str();
        let has_effect = match C::SENDS_REQUESTS {
            true => !C::WITHOUT_EFFECT.contains(&id),
            false => C::SHARED_OPTIONS.contains(&id),
        };
        arg.hide(!has_effect)
    });
    let examples = format!("Examples:\n{}", C::EXAMPLES);
    C::augment_args(command).about(C::ABOUT).long_about(C::DETAILS).after_long_help(examples)
}
