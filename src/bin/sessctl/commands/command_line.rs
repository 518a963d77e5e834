//! The table of commands, and the description of the command line that is built from it.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgMatches, Args, FromArgMatches};

use super::audit::AuditArgs;
use super::clear_cookies::ClearCookiesArgs;
use super::client_options::ClientArgs;
use super::clock::ClockArgs;
use super::command::{CommandEntry, Group};
use super::completions::CompletionsArgs;
use super::config::ConfigArgs;
use super::exec::ExecArgs;
use super::exit::{EXIT_CODES, Exit};
use super::history::HistoryArgs;
use super::import_cookies::ImportCookiesArgs;
use super::login::LoginArgs;
use super::logout::LogoutArgs;
use super::man::ManArgs;
use super::options::OutputArgs;
use super::profiles::ProfilesArgs;
use super::serve::ServeArgs;
use super::sessions::SessionsArgs;
use super::set_cookie::SetCookieArgs;
use super::show_cookies::ShowCookiesArgs;
use super::show_token::ShowTokenArgs;
use super::status::StatusArgs;
use super::submit::SubmitArgs;
use super::tour::TourArgs;
use super::usage_error;
use super::users::UsersArgs;
use super::visit::VisitArgs;
use super::why::WhyArgs;
use crate::texts::{Language, Texts};

/// All commands. Dispatch, help, manual and completions read this table.
pub(super) const COMMANDS: &[CommandEntry] = &[
    CommandEntry::of::<TourArgs>(),
    CommandEntry::of::<LoginArgs>(),
    CommandEntry::of::<StatusArgs>(),
    CommandEntry::of::<VisitArgs>(),
    CommandEntry::of::<SubmitArgs>(),
    CommandEntry::of::<ExecArgs>(),
    CommandEntry::of::<LogoutArgs>(),
    CommandEntry::of::<AuditArgs>(),
    CommandEntry::of::<ShowCookiesArgs>(),
    CommandEntry::of::<ShowTokenArgs>(),
    CommandEntry::of::<WhyArgs>(),
    CommandEntry::of::<ImportCookiesArgs>(),
    CommandEntry::of::<SetCookieArgs>(),
    CommandEntry::of::<ClearCookiesArgs>(),
    CommandEntry::of::<HistoryArgs>(),
    CommandEntry::of::<ProfilesArgs>(),
    CommandEntry::of::<ConfigArgs>(),
    CommandEntry::of::<ServeArgs>(),
    CommandEntry::of::<UsersArgs>(),
    CommandEntry::of::<SessionsArgs>(),
    CommandEntry::of::<ClockArgs>(),
    CommandEntry::of::<CompletionsArgs>(),
    CommandEntry::of::<ManArgs>(),
];

/// Options that curl users type, and what to use here.
pub(super) const CURL_OPTIONS: &[(&str, &str)] = &[
    ("-k", "curl's -k is --insecure here; --cacert FILE trusts one more certificate authority"),
    (
        "-b",
        "the jar sends its cookies by itself; import-cookies FILE adds cookies to it, --jar FILE selects another jar",
    ),
    ("-c", "responses' cookies are saved to the jar by themselves; --jar FILE selects another jar"),
    ("-L", "redirects are followed by default; --max-redirects N limits them"),
];

pub(super) const ABOUT: &str = "See, script, test and serve HTTP sessions without a browser";
pub(super) const AFTER_HELP: &str = "sessctl COMMAND --help shows the options of a command, with examples.";

/// A parsed command line.
pub(super) struct CommandLine {
    pub(super) output: OutputArgs,
    pub(super) client: ClientArgs,
    pub(super) entry: &'static CommandEntry,
    /// The arguments of the command.
    pub(super) matches: ArgMatches,
}

impl CommandLine {
    /// # Errors
    /// [`clap::Error`], for a usage error and for `--help` and `--version`.
    pub(super) fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        CommandLine::parse_with(describe(), words)
    }

    /// Parses with this description of the command line.
    pub(super) fn parse_with(
        mut description: clap::Command,
        words: impl IntoIterator<Item = OsString>,
    ) -> Result<Self, clap::Error> {
        let parsed = description.try_get_matches_from_mut(words).and_then(|mut matches| {
            let output = OutputArgs::from_arg_matches_mut(&mut matches)?;
            let client = ClientArgs::from_arg_matches_mut(&mut matches)?;
            let (name, matches) =
                matches.remove_subcommand().ok_or_else(|| clap::Error::new(ErrorKind::MissingSubcommand))?;
            let entry = COMMANDS.iter().find(|entry| entry.name == name);
            let entry = entry.ok_or_else(|| clap::Error::new(ErrorKind::InvalidSubcommand))?;
            Ok(CommandLine { output, client, entry, matches })
        });
        parsed.map_err(|error| explained(error).with_cmd(&description))
    }
}

/// Adds the option to use instead of one of curl's, and masks secrets in rejected values.
fn explained(mut error: clap::Error) -> clap::Error {
    if let Some(ContextValue::String(option)) = error.get(ContextKind::InvalidArg)
        && error.kind() == ErrorKind::UnknownArgument
        && let Some((_, tip)) = CURL_OPTIONS.iter().find(|(known, _)| known == option)
    {
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![(*tip).into()]));
    }
    usage_error::masked(error)
}

/// Describes the command line. Commands are described when they are needed: a client that runs one of them spends most of
/// its time before the first byte on this.
pub(super) fn describe() -> clap::Command {
    let root = clap::Command::new("sessctl")
        .version(env!("CARGO_PKG_VERSION"))
        .help_template(template(Texts::of(Language::En)))
        .after_help(AFTER_HELP)
        .after_long_help(exit_codes(Texts::of(Language::En)))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .max_term_width(100)
        .subcommands(
            COMMANDS
                .iter()
                .map(|entry| clap::Command::new(entry.name).about(entry.about).defer(entry.describe)),
        );
    let root = ClientArgs::augment_args(OutputArgs::augment_args(root));
    root.about(ABOUT)
}

/// clap lists commands without groups, so this list is built from the table.
pub(super) fn template(texts: Texts) -> String {
    let say = |key: String, english| texts.say_or(&key, &[], english);
    let mut template = "{about-with-newline}\n{usage-heading} {usage}\n".to_owned();
    for group in Group::ALL {
        template.push_str(&format!("\n{}:\n", say(format!("help-group-{group:?}"), group.heading())));
        for entry in COMMANDS.iter().filter(|entry| entry.group == group) {
            let about = say(format!("help-{}", entry.name), entry.about);
            template.push_str(&format!("  {:<15} {about}\n", entry.name));
        }
    }
    let help = say("help-help".into(), "Print this list, or the help of a command");
    let shared = say("help-shared".into(), "Options of several commands, before or after the command");
    template.push_str(&format!("  help            {help}\n\n{shared}:\n{{options}}{{after-help}}"));
    template
}

pub(super) fn exit_codes(texts: Texts) -> String {
    let line = |(exit, meaning): (Exit, &'static str)| {
        let (code, key) = (exit.code(), format!("help-exit-{}", exit.code()));
        format!("\n  {code}  {}", texts.say_or(&key, &[], meaning))
    };
    format!("{}:{}", texts.say_or("help-exit-codes", &[], "Exit codes"), EXIT_CODES.map(line).concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<CommandLine, clap::Error> {
        CommandLine::parse(line.split_whitespace().map(OsString::from))
    }

    fn help(command: &str, option: &str) -> String {
        let words = ["sessctl", command, option];
        describe().term_width(80).try_get_matches_from(words).expect_err("help").to_string()
    }

    #[test]
    fn the_description_is_consistent() {
        describe().debug_assert();
    }

    #[test]
    fn examples_are_valid_commands_that_fit_80_columns() {
        let mut root = describe();
        root.build();
        for command in root.get_subcommands().filter(|command| command.get_name() != "help") {
            let examples = command.get_after_long_help().expect("examples").to_string();
            assert!(examples.contains(&format!("sessctl {}", command.get_name())), "{examples}");
            assert!(examples.lines().all(|line| line.chars().count() <= 80), "{examples}");
            // Lines that need a shell are not parsed.
            let is_plain = |line: &&str| !line.contains(['|', '\'', '"', '$']);
            for line in examples.lines().skip(1).filter(is_plain) {
                let words = line.trim().split("  ").next().unwrap_or_default();
                let words = words.split(" > ").next().unwrap_or_default();
                assert!(parse(words).is_ok(), "{line}: {:?}", parse(words).err());
            }
        }
    }

    #[test]
    fn shared_options_are_accepted_before_and_after_the_command() {
        for line in
            ["sessctl --profile ci --timeout 5s visit /x", "sessctl visit /x --timeout 5s --profile ci"]
        {
            let CommandLine { client, entry, .. } = parse(line).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!((client.profile.as_str(), client.timeout.as_secs(), entry.name), ("ci", 5, "visit"));
        }
    }

    #[test]
    fn options_without_an_effect_are_not_listed() {
        for command in ["tour", "man", "completions", "serve", "users", "sessions", "profiles"] {
            let long = help(command, "--help");
            for option in
                ["--profile", "--jar", "--url", "--timeout", "--wait", "--insecure", "--proxy", "--resolve"]
            {
                let is_listed = long.split_whitespace().any(|word| word == option);
                // A server waits for a store that is down.
                let has_effect = (command, option) == ("serve", "--wait");
                assert_eq!(is_listed, has_effect, "{command} {option}:\n{long}");
            }
        }
        for (command, option) in [("visit", "--proxy"), ("why", "--jar"), ("clear-cookies", "--timeout")] {
            assert!(help(command, "--help").contains(option), "{command} does not list {option}");
        }
    }

    #[test]
    fn short_help_comes_before_shared_options_and_has_one_line_for_each() {
        for entry in COMMANDS {
            let (short, long) = (help(entry.name, "-h"), help(entry.name, "--help"));
            let listed = short.lines().skip_while(|line| !line.starts_with("Options:"));
            let mut listed = listed.filter(|line| line.starts_with(' '));
            assert!(listed.all(|line| line.trim_start().starts_with('-') && line.len() <= 80), "{short}");
            assert!(short.lines().all(|line| line.len() <= 80), "{short}");
            assert!(!short.contains("Examples:") && long.contains("Examples:"), "{}", entry.name);
            let shared = short.find("Output options:").unwrap_or(short.len());
            assert!(short.find("Options:").is_some_and(|own| own < shared), "{short}");
        }
    }

    #[test]
    fn options_of_curl_are_answered_with_ours() {
        for (line, option) in
            [("sessctl visit / -k", "--insecure"), ("sessctl visit / -b x", "import-cookies")]
        {
            let error = parse(line).err().expect("an error").to_string();
            assert!(error.contains(option), "{error}");
        }
    }
}
