//! [`ConfigKey`]: the keys of a profile in a configuration file. All that knows about keys reads this table.

use crate::commands::value_parsers;

/// A key of a profile.
#[derive(Debug)]
pub(in crate::commands) struct ConfigKey {
    /// The table within the profile, if it is not the profile itself.
    pub(super) table: Option<&'static str>,
    pub(super) name: &'static str,
    pub(super) kind: KeyKind,
    /// In the file of a project, it applies only after `config trust`: it sends secrets somewhere, or runs a command.
    pub(super) needs_trust: bool,
    /// The option that has precedence.
    pub(super) option: &'static str,
}

/// The type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyKind {
    Text,
    /// A string that is an address.
    Url,
    /// A string that is a path, relative to the folder of the file.
    Path,
    /// A string that is a duration.
    Duration,
    /// `true` or `false`.
    Flag,
    /// A string, or an array of strings.
    Texts,
    /// The same with statuses.
    Statuses,
    /// A table of strings.
    Table,
    /// A table of headers.
    Headers,
}

impl KeyKind {
    /// What a value of this type is, for an error.
    pub(super) const fn expected(self) -> &'static str {
        match self {
            KeyKind::Text | KeyKind::Url | KeyKind::Path | KeyKind::Duration => "a string",
            KeyKind::Flag => "true or false",
            KeyKind::Texts | KeyKind::Statuses => "a string or an array of strings",
            KeyKind::Table | KeyKind::Headers => "a table of strings, such as { name = \"value\" }",
        }
    }

    /// Checks a string of a value. `entry` is its key in a table.
    pub(super) fn check(self, entry: Option<&str>, text: &str) -> Result<(), String> {
        match self {
            KeyKind::Url => value_parsers::web_address(text).map(drop),
            KeyKind::Duration => value_parsers::duration(text).map(drop),
            KeyKind::Statuses => value_parsers::status(text).map(drop),
            KeyKind::Headers => {
                value_parsers::header(&format!("{}: {text}", entry.unwrap_or_default())).map(drop)
            }
            _ => Ok(()),
        }
    }
}

const fn key(name: &'static str, kind: KeyKind, option: &'static str) -> ConfigKey {
    ConfigKey { table: None, name, kind, needs_trust: false, option }
}

const fn trusted(key: ConfigKey) -> ConfigKey {
    ConfigKey { needs_trust: true, ..key }
}

const fn within(table: &'static str, key: ConfigKey) -> ConfigKey {
    ConfigKey { table: Some(table), ..key }
}

pub(super) const LOGIN: &str = "login";
pub(super) const EXPECT: &str = "expect";

/// All keys.
pub(super) static KEYS: &[ConfigKey] = &[
    trusted(key("url", KeyKind::Url, "--url")),
    key("user", KeyKind::Text, "--user"),
    trusted(key("password_env", KeyKind::Text, "--password-stdin")),
    trusted(key("password_file", KeyKind::Path, "--password-file")),
    trusted(key("password_command", KeyKind::Text, "--password-stdin")),
    trusted(key("headers", KeyKind::Headers, "--header")),
    trusted(key("cacert", KeyKind::Path, "--cacert")),
    key("delay", KeyKind::Duration, "--delay"),
    within(LOGIN, trusted(key("url", KeyKind::Text, "URL"))),
    within(LOGIN, key("form", KeyKind::Text, "--form")),
    within(LOGIN, key("user-field", KeyKind::Text, "--user-field")),
    within(LOGIN, key("password-field", KeyKind::Text, "--password-field")),
    within(LOGIN, key("fields", KeyKind::Table, "--field")),
    within(LOGIN, key("as-json", KeyKind::Flag, "--as-json")),
    within(LOGIN, key("as-form", KeyKind::Flag, "--as-form")),
    within(LOGIN, key("totp-secret-file", KeyKind::Path, "--totp-secret-file")),
    within(EXPECT, key("judge-by", KeyKind::Text, "--judge-by")),
    within(EXPECT, key("text", KeyKind::Text, "--expect-text")),
    within(EXPECT, key("status", KeyKind::Statuses, "--expect-status")),
    within(EXPECT, key("reject-text", KeyKind::Texts, "--reject-text")),
    within(EXPECT, key("no-login", KeyKind::Flag, "--expect-no-login")),
];

impl ConfigKey {
    /// The name with its table: `login.form`.
    pub(super) fn full_name(&self) -> String {
        self.table.map_or_else(|| self.name.to_owned(), |table| format!("{table}.{}", self.name))
    }

    /// Whether it says where the password comes from. Only one of these applies.
    pub(super) fn is_password(&self) -> bool {
        self.table.is_none() && self.name.starts_with("password")
    }
}

/// The key of this name in a table of the profile. `_` and `-` are the same.
pub(super) fn find(table: Option<&str>, name: &str) -> Option<&'static ConfigKey> {
    KEYS.iter().find(|key| key.table == table && is_same_name(key.name, name))
}

/// The names of the keys in a table of the profile, its tables included.
pub(super) fn names(table: Option<&str>) -> Vec<&'static str> {
    let own = KEYS.iter().filter(|key| key.table == table).map(|key| key.name);
    let tables: &[&str] = if table.is_none() { &[LOGIN, EXPECT] } else { &[] };
    own.chain(tables.iter().copied()).collect()
}

pub(super) fn is_same_name(one: &str, other: &str) -> bool {
    one.replace('_', "-") == other.replace('_', "-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::command_line::describe;

    #[test]
    fn each_key_has_an_option_that_exists() {
        let mut root = describe();
        root.build();
        for key in KEYS.iter().filter(|key| key.option.starts_with("--")) {
            let has = |command: &clap::Command| {
                command.get_arguments().any(|arg| arg.get_long() == key.option.strip_prefix("--"))
            };
            assert!(root.get_subcommands().any(has), "{}: {}", key.full_name(), key.option);
        }
    }
}
