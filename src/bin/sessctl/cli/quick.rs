//! Reading a command line without describing every command first: that is most of what a client does before its first
//! octet goes out.

use std::ffi::OsString;

use clap::{Args, Command as Description, FromArgMatches};

use super::{
    ClearCookiesArgs, Cli, ClientArgs, ClockArgs, CompletionsArgs, HistoryArgs, ImportCookiesArgs, LoginArgs,
    LogoutArgs, ManArgs, OutputArgs, ProfilesArgs, ServeArgs, SessionsArgs, ShowCookiesArgs, SubmitArgs,
    TourArgs, UsersArgs, VisitArgs, WhyArgs,
};

/// Adds the arguments of one command.
type Describe = fn(Description) -> Description;

/// All commands by their names.
const COMMANDS: &[(&str, Describe)] = &[
    ("tour", TourArgs::augment_args),
    ("serve", ServeArgs::augment_args),
    ("users", UsersArgs::augment_args),
    ("sessions", SessionsArgs::augment_args),
    ("clock", ClockArgs::augment_args),
    ("login", LoginArgs::augment_args),
    ("visit", VisitArgs::augment_args),
    ("submit", SubmitArgs::augment_args),
    ("logout", LogoutArgs::augment_args),
    ("why", WhyArgs::augment_args),
    ("show-cookies", ShowCookiesArgs::augment_args),
    ("import-cookies", ImportCookiesArgs::augment_args),
    ("clear-cookies", ClearCookiesArgs::augment_args),
    ("history", HistoryArgs::augment_args),
    ("profiles", ProfilesArgs::augment_args),
    ("completions", CompletionsArgs::augment_args),
    ("man", ManArgs::augment_args),
];

impl Cli {
    /// The command line of this process. What is wrong with it, or help that it asks for, is told here, and the process
    /// ends.
    pub(crate) fn read() -> Self {
        let line: Vec<OsString> = std::env::args_os().collect();
        // What the quick way does not understand, the whole description explains.
        quick(&line).unwrap_or_else(|| <Cli as clap::Parser>::parse_from(line))
    }
}

/// The command line, read by the description of those commands alone whose names are in it.
fn quick(line: &[OsString]) -> Option<Cli> {
    let is_in_it = |name: &str| line.iter().skip(1).any(|word| word == name);
    let named: Vec<_> = COMMANDS.iter().filter(|(name, _)| is_in_it(name)).collect();
    if named.is_empty() {
        return None;
    }
    let whole = ClientArgs::augment_args(OutputArgs::augment_args(Description::new("sessctl")));
    let describe = |whole: Description, (name, arguments): &&(&'static str, Describe)| {
        whole.subcommand(arguments(Description::new(*name)))
    };
    let matches = named.iter().fold(whole, describe).try_get_matches_from(line).ok()?;
    Cli::from_arg_matches(&matches).ok()
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::*;

    #[test]
    fn every_command_is_known_to_the_quick_way() {
        let description = Cli::command();
        let mut all: Vec<&str> = description.get_subcommands().map(Description::get_name).collect();
        let mut known: Vec<&str> = COMMANDS.iter().map(|(name, _)| *name).collect();
        all.sort_unstable();
        known.sort_unstable();
        assert_eq!(known, all);
    }

    #[test]
    fn both_ways_read_the_same() {
        for line in [
            "sessctl visit /x --json",
            "sessctl --json --profile ci visit -H A:b -d x=1 /x --expect-status 2xx,404",
            "sessctl login --user visit --url http://a.test http://b.test --timeout 5s",
            "sessctl submit /p a=1 b=@f --form 2",
            "sessctl serve --bind 127.0.0.1:0 --host login",
            "sessctl why http://a.test --set-cookie visit=1",
            "sessctl sessions revoke --all --store sqlite:x",
            "sessctl users add f alice --password-stdin",
            "sessctl clock advance 1m",
            "sessctl history --last 3 --svg x",
            "sessctl tour --auto --lang ko",
        ] {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            let (quick, whole) = (quick(&words).map(|cli| format!("{cli:?}")), Cli::try_parse_from(&words));
            assert_eq!(quick, whole.ok().map(|cli| format!("{cli:?}")), "{line}");
            assert!(quick.is_some(), "{line}");
        }
        for line in [
            "sessctl",
            "sessctl --help",
            "sessctl visit --help",
            "sessctl visit --no-such",
            "sessctl vist",
            "sessctl help visit",
        ] {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            assert!(quick(&words).is_none(), "{line}");
        }
    }
}
