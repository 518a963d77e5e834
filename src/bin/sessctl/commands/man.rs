//! `man`: manual pages in roff.

use clap::{Arg, Args};
use clap_mangen::Man;
use clap_mangen::roff::{Inline, Roff, bold, italic, roman};

use super::command::{Command, Context, Group};
use super::exit::EXIT_CODES;
use super::failure::{Failure, Outcome};
use crate::output::Output;

#[derive(Debug, Args)]
pub(super) struct ManArgs {
    /// Command [default: sessctl itself]
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

impl Command for ManArgs {
    const NAME: &'static str = "man";
    const GROUP: Group = Group::Program;
    const ABOUT: &'static str = "Print the manual page of sessctl or of a command";
    const EXAMPLES: &'static str = "  \
  sessctl man | man -l -
  sessctl man visit > sessctl-visit.1";
    const SHARED_OPTIONS: &'static [&'static str] = &[];

    fn run(self, context: &Context, output: &mut Output) -> Outcome {
        let mut root = (context.describe)();
        root.build();
        let (title, command) = match &self.command {
            None => ("sessctl".to_owned(), root),
            Some(name) => {
                let found = root.get_subcommands().find(|command| command.get_name() == name).cloned();
                let unknown = || {
                    Failure::usage(format!(
                        "cannot print the manual of {name:?}: there is no command {name:?}; see `sessctl --help`"
                    ))
                };
                (format!("sessctl-{name}"), found.ok_or_else(unknown)?)
            }
        };
        let page = page(title, command).map_err(Failure::cannot("write the manual"))?;
        output.answer_raw(&page);
        Ok(())
    }
}

/// A section of definitions: each has a name, the id of the option that makes a command use it (`None`: every command),
/// and a meaning.
type Section = &'static [(&'static str, Option<&'static str>, &'static str)];

const ENVIRONMENT: Section = &[
    ("SESSCTL_URL", Some("base"), "The server that paths refer to, if --url is not given."),
    ("SESSCTL_PROFILE", Some("profile"), "The profile, if --profile is not given."),
    ("SESSCTL_JAR", Some("jar"), "The cookie jar, if --jar is not given."),
    (
        "SESSCTL_PASSWORD",
        Some("password_file"),
        "The password, if neither --password-stdin nor --password-file is given.",
    ),
    (
        "SESSCTL_BASIC_PASSWORD",
        Some("basic_user"),
        "The password of --basic-user, if --basic-password-file is not given.",
    ),
    ("NETRC", Some("basic_user"), "The netrc file, if --basic-user is not given [default: ~/.netrc]."),
    (
        "SESSCTL_STORE",
        Some("store"),
        "The session store, if --store is not given. A password in its URL stays out of the process list.",
    ),
    (
        "http_proxy, https_proxy, all_proxy, no_proxy",
        Some("proxy"),
        "The proxies, if --proxy is not given, and the hosts to reach without one.",
    ),
    ("SSL_CERT_FILE", Some("cacert"), "Certificate authorities to trust, instead of those of the system."),
    (
        "XDG_STATE_HOME",
        Some("profile"),
        "The folder of the profiles, if it is absolute [default: ~/.local/state].",
    ),
    ("LC_ALL, LC_MESSAGES, LANG", Some("lang"), "The language of texts, if --lang is not given."),
    ("NO_COLOR", Some("color"), "If set and not empty, no color is used, unless --color says otherwise."),
    ("CLICOLOR_FORCE", Some("color"), "If set and neither empty nor 0, color is used on pipes too."),
];

const FILES: Section = &[
    (
        "$XDG_STATE_HOME/sessctl/PROFILE/jar.json",
        Some("profile"),
        "The cookie jar and the last login of a profile.",
    ),
    ("$XDG_STATE_HOME/sessctl/PROFILE/history.jsonl", Some("profile"), "The history of a profile."),
];

fn page(title: String, command: clap::Command) -> std::io::Result<Vec<u8>> {
    let (mut page, mut roff) = (Vec::new(), Roff::new());
    let is_shown = |id: &str| command.get_arguments().any(|arg| arg.get_id() == id && !arg.is_hide_set());
    let manual = Man::new(command.clone()).title(title);
    manual.render_title(&mut page)?;
    manual.render_name_section(&mut page)?;
    roff.control("SH", ["SYNOPSIS"]).text(synopsis(&command));
    roff.to_writer(&mut page)?;
    manual.render_description_section(&mut page)?;
    let mut roff = Roff::new();
    let actions = command.get_subcommands().filter(|action| action.get_name() != "help");
    let about = |it: &clap::Command| roman(it.get_about().map(ToString::to_string).unwrap_or_default());
    definitions(&mut roff, "COMMANDS", actions.map(|action| (synopsis(action), about(action))));
    roff.to_writer(&mut page)?;
    manual.render_options_section(&mut page)?;
    let mut roff = Roff::new();
    for (heading, section) in [("ENVIRONMENT", ENVIRONMENT), ("FILES", FILES)] {
        let shown = section.iter().filter(|(_, id, _)| id.is_none_or(is_shown));
        definitions(&mut roff, heading, shown.map(|(name, _, text)| (vec![bold(*name)], roman(*text))));
    }
    let codes = EXIT_CODES.iter();
    let codes = codes.map(|(exit, meaning)| (vec![bold(exit.code().to_string())], roman(*meaning)));
    definitions(&mut roff, "EXIT STATUS", codes);
    let examples = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
    if let Some(examples) = examples.strip_prefix("Examples:\n") {
        roff.control("SH", ["EXAMPLES"]).control("nf", []);
        roff.text([roman(examples)]).control("fi", []);
    }
    roff.to_writer(&mut page)?;
    Ok(page)
}

fn definitions(roff: &mut Roff, heading: &str, entries: impl Iterator<Item = (Vec<Inline>, Inline)>) {
    for (at, (name, text)) in entries.enumerate() {
        if at == 0 {
            roff.control("SH", [heading]);
        }
        roff.control("TP", []).text(name).text([text]);
    }
}

/// The command with its options and arguments, and the names of their values.
fn synopsis(command: &clap::Command) -> Vec<Inline> {
    let mut line = vec![bold(command.get_bin_name().unwrap_or_else(|| command.get_name()))];
    let shown = || command.get_arguments().filter(|arg| !arg.is_hide_set());
    for arg in shown().filter(|arg| !arg.is_positional()).chain(shown().filter(|arg| arg.is_positional())) {
        let (open, close) = if arg.is_required_set() { ("", "") } else { ("[", "]") };
        line.push(roman(format!(" {open}")));
        line.extend(usage(arg));
        line.push(roman(close));
    }
    if command.has_subcommands() {
        line.extend([roman(" "), italic("COMMAND")]);
    }
    line
}

fn usage(arg: &Arg) -> Vec<Inline> {
    let option = match (arg.get_long(), arg.get_short()) {
        (Some(long), _) => Some(bold(format!("--{long}"))),
        (None, Some(short)) => Some(bold(format!("-{short}"))),
        (None, None) => None,
    };
    let takes_value = arg.is_positional() || arg.get_action().takes_values();
    let names = arg.get_value_names().filter(|_| takes_value).unwrap_or_default();
    let names = names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(" ");
    let value = (!names.is_empty()).then(|| italic(names));
    let space = (option.is_some() && value.is_some()).then(|| roman(" "));
    option.into_iter().chain(space).chain(value).collect()
}
