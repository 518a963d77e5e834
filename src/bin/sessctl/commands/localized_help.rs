//! Help and usage errors in other languages than English. clap writes them, in English only: its descriptions of commands
//! and arguments are replaced before, and its own phrases afterwards.

use std::borrow::Cow;
use std::ffi::OsString;

use clap::{Arg, Command, Error};

use super::audit::LIST_TIP;
use super::command_line::{self, ABOUT, AFTER_HELP, CURL_OPTIONS, CommandLine};
use crate::output::{self, ColorChoice, Terminal};
use crate::texts::{Language, Texts};

/// What clap says, and the keys of the translations. A phrase comes before those that it contains.
const PHRASES: &[(&str, &str)] = &[
    ("Usage:", "usage-heading"),
    ("Arguments:", "usage-arguments"),
    ("Options:", "usage-options"),
    ("Output options:", "usage-output-options"),
    ("Client options:", "usage-client-options"),
    ("Examples:", "usage-examples"),
    ("[OPTIONS]", "usage-any-options"),
    ("<COMMAND>", "usage-command"),
    ("[default:", "usage-default"),
    ("[possible values:", "usage-possible-values"),
    ("error:", "error-label"),
    ("tip:", "hint-label"),
    ("For more information, try", "usage-more-information"),
    ("unexpected argument '", "usage-unexpected"),
    ("' found", "usage-found"),
    ("unrecognized subcommand '", "usage-unrecognized"),
    ("the following required arguments were not provided:", "usage-required"),
    ("a value is required for '", "usage-value-required"),
    ("' but none was supplied", "usage-none-supplied"),
    ("invalid value '", "usage-invalid-value"),
    ("' for '", "usage-invalid-for"),
    ("the argument '", "usage-argument"),
    ("' cannot be used with:", "usage-conflicts"),
    ("' cannot be used with '", "usage-conflict"),
    ("' cannot be used multiple times", "usage-repeated"),
    ("a similar argument exists:", "usage-similar-argument"),
    ("some similar arguments exist:", "usage-similar-arguments"),
    ("a similar value exists:", "usage-similar-value"),
    ("some similar values exist:", "usage-similar-values"),
    (LIST_TIP, "usage-check-list"),
    ("a similar subcommand exists:", "usage-similar-command"),
    ("some similar subcommands exist:", "usage-similar-commands"),
];

/// Prints the help or the error in the language of the command line, and ends the process.
pub(super) fn exit(error: Error, words: Vec<OsString>) -> ! {
    let language = Language::of_words(&words);
    if language == Language::En {
        error.exit();
    }
    let texts = Texts::of(language);
    // Nothing but its texts differs, so it fails in the same way.
    let error =
        CommandLine::parse_with(described(command_line::describe(), texts), words).err().unwrap_or(error);
    let terminal = Terminal::probe(ColorChoice::Auto);
    let color = if error.use_stderr() { terminal.stderr.color } else { terminal.stdout.color };
    let text = error.render();
    let text = if color { text.ansi().to_string() } else { text.to_string() };
    let text = phrased(text, texts);
    output::write_usage(&text, error.use_stderr());
    std::process::exit(error.exit_code())
}

/// Translates the phrases of clap.
fn phrased(text: String, texts: Texts) -> String {
    let curl = CURL_OPTIONS.iter().map(|(option, tip)| (*tip, format!("usage-curl{option}")));
    let phrases = PHRASES.iter().map(|(english, key)| (*english, (*key).to_owned())).chain(curl);
    phrases.fold(text, |text, (english, key)| text.replace(english, &texts.say_or(&key, &[], english)))
}

/// The description of the command line with these texts. What has none stays English.
fn described(mut root: Command, texts: Texts) -> Command {
    // Commands are described when they are needed; this describes them all.
    root.build();
    root.about(texts.say_or("help-about", &[], ABOUT).into_owned())
        .after_help(texts.say_or("help-after", &[], AFTER_HELP).into_owned())
        .after_long_help(command_line::exit_codes(texts))
        .help_template(command_line::template(texts))
        .mut_args(|arg| translated_arg(arg, "", texts))
        .mut_subcommands(|command| translated(command, texts))
}

fn translated(command: Command, texts: Texts) -> Command {
    let name = command.get_name().to_owned();
    let say = |key: &str| texts.find(&format!("help-{name}{key}"), &[]);
    let Some(about) = say("") else { return command };
    let details = say("-details").unwrap_or_else(|| about.clone());
    let examples = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
    let examples: Vec<Cow<'_, str>> = examples
        .lines()
        .enumerate()
        .map(|(at, line)| example(line, &say(&format!("-example-{at}"))))
        .collect();
    let command = command.about(about).long_about(details).after_long_help(examples.join("\n"));
    command.mut_args(|arg| translated_arg(arg, &name, texts))
}

/// A line of the examples with another comment. The first line is the heading.
fn example<'a>(line: &'a str, comment: &Option<String>) -> Cow<'a, str> {
    let english = line.rsplit("  ").next().unwrap_or_default();
    match comment {
        Some(comment) => format!("{}{comment}", line.strip_suffix(english).unwrap_or_default()).into(),
        None => line.into(),
    }
}

/// An option has the same text in all commands, if the command has none for it.
fn translated_arg(arg: Arg, command: &str, texts: Texts) -> Arg {
    let name = arg.get_long().unwrap_or(arg.get_id().as_str()).to_owned();
    let own = [format!("help-{command}-{name}"), format!("help-option-{name}")];
    let found =
        own.iter().find_map(|key| Some((texts.find(key, &[])?, texts.find(&format!("{key}-more"), &[]))));
    let Some((help, more)) = found else { return arg };
    let long = more.map_or_else(|| help.clone(), |more| format!("{help}\n\n{more}"));
    arg.help(help).long_help(long)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::commands::command_line::COMMANDS;

    /// Commands whose options have no Korean texts.
    const ENGLISH: &[&str] =
        &["import-cookies", "profiles", "config", "users", "sessions", "clock", "completions", "man", "help"];

    fn help(words: &[&str]) -> String {
        let words = ["sessctl"].iter().chain(words);
        let texts = Texts::of(Language::Ko);
        let root = described(command_line::describe().term_width(80), texts);
        let error = root.try_get_matches_from(words).expect_err("help");
        phrased(error.to_string(), texts)
    }

    #[test]
    fn help_is_korean_and_fits_80_columns() {
        let translated = COMMANDS.iter().filter(|entry| !ENGLISH.contains(&entry.name));
        for entry in translated {
            for option in ["-h", "--help"] {
                let text = help(&[entry.name, option]);
                for line in text.lines().filter(|line| !line.starts_with("사용법:")) {
                    assert!(unicode_width::UnicodeWidthStr::width(line) <= 80, "{line}");
                }
                let is_english = |part: &&str| part.contains(' ') && part.is_ascii();
                let explained: Vec<&str> = text
                    .lines()
                    .filter(|line| !line.trim_start().starts_with(['-', '<', '[']))
                    .filter(|line| !line.contains("sessctl"))
                    .map(str::trim)
                    .filter(is_english)
                    .collect();
                assert!(explained.is_empty(), "{}: {explained:?}", entry.name);
            }
        }
        let list = help(&["--help"]);
        assert!(
            list.contains("시작하기:") && list.contains("종료 코드:") && !list.contains("Options"),
            "{list}"
        );
    }

    #[test]
    fn every_argument_has_a_korean_text_and_every_text_is_used() {
        let mut root = command_line::describe();
        root.build();
        let mut used: BTreeSet<String> = ["help-about", "help-after"].map(str::to_owned).into();
        let texts = Texts::of(Language::Ko);
        let key_of = |arg: &Arg, command: &str| {
            let name = arg.get_long().unwrap_or(arg.get_id().as_str());
            let own = format!("help-{command}-{name}");
            if texts.find(&own, &[]).is_some() { own } else { format!("help-option-{name}") }
        };
        let mut add = |command: &Command, name: &str| {
            for arg in command.get_arguments() {
                let key = key_of(arg, name);
                let has_more = arg.get_long_help().is_some() && arg.get_id() != "help";
                used.extend(has_more.then(|| format!("{key}-more")));
                used.insert(key);
            }
        };
        add(&root, "");
        for command in root.get_subcommands().filter(|it| !ENGLISH.contains(&it.get_name())) {
            add(command, command.get_name());
        }
        for command in root.get_subcommands() {
            let name = command.get_name();
            used.insert(format!("help-{name}"));
            let is_translated = !ENGLISH.contains(&name);
            used.extend(
                (is_translated && command.get_long_about().is_some()).then(|| format!("help-{name}-details")),
            );
            let examples = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
            let with_comment = examples.lines().enumerate().filter(|(_, line)| line.trim().contains("  "));
            used.extend(
                with_comment.filter(|_| is_translated).map(|(at, _)| format!("help-{name}-example-{at}")),
            );
        }
        let in_list =
            |key: &str| ["help-group-", "help-exit-", "help-shared"].iter().any(|it| key.starts_with(it));
        let korean = include_str!("../texts/ko.ftl")
            .lines()
            .filter_map(|line| line.split_once(" = ").or(line.split_once(" =")));
        let korean = korean.map(|(key, _)| key).filter(|key| key.starts_with("help-") && !in_list(key));
        assert_eq!(used, korean.map(str::to_owned).collect());
    }

    #[test]
    fn usage_errors_are_korean() {
        for (words, part) in [
            ("visit --usr x", "오류: 알 수 없는 인자 '--usr'이(가) 있습니다"),
            ("lgin", "힌트: 비슷한 명령이 있습니다: 'login'"),
            ("visit / -k", "curl의 -k는 --insecure입니다"),
            ("why", "다음 필수 인자가 없습니다:\n  <URL>"),
            ("login --user", "옵션 '--user <NAME>'에 값이 없습니다"),
            ("visit / -q -v", "인자 '--quiet'와(과) 함께 사용할 수 없는 인자 '--verbose'"),
        ] {
            let words = ["sessctl"].into_iter().chain(words.split(' ')).map(OsString::from);
            let texts = Texts::of(Language::Ko);
            let error = CommandLine::parse_with(described(command_line::describe(), texts), words)
                .err()
                .expect("an error");
            let said = phrased(error.to_string(), texts);
            assert!(said.contains(part) && said.contains("자세한 내용은"), "{said}");
        }
    }
}
