//! [`ConfigFile`]: a configuration file, with the line of each value.

use std::path::{Path, PathBuf};

use sessctl::internal::SharedFile;
use toml_edit::{Document, Item, TableLike, Value};

use super::key::{ConfigKey, EXPECT, KeyKind, LOGIN, find, is_same_name, names};
use super::settings::{Setting, SettingValue};
use super::trust::TrustFile;
use crate::commands::failure::Failure;
use crate::commands::suggestion::suggestion;
use crate::commands::value_parsers;
use crate::output::error_chain;
use crate::texts::Message;

/// The name of a project's file.
pub(super) const PROJECT_FILE: &str = ".sessctl.toml";

/// A configuration file.
#[derive(Debug)]
pub(super) struct ConfigFile {
    pub(super) path: PathBuf,
    pub(super) content: Vec<u8>,
    /// The values, with the profile of each.
    pub(super) settings: Vec<(String, Setting)>,
}

/// The project's file: in the current folder, or in the nearest one above.
pub(super) fn project_path() -> Option<PathBuf> {
    let folder = std::env::current_dir().ok()?;
    folder.ancestors().map(|folder| folder.join(PROJECT_FILE)).find(|path| path.exists())
}

/// The user's file (XDG Base Directory Specification).
pub(super) fn user_path() -> Option<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let folder = absolute("XDG_CONFIG_HOME").or_else(|| Some(absolute("HOME")?.join(".config")))?;
    Some(folder.join("sessctl/config.toml"))
}

impl ConfigFile {
    /// Reads the project's file. Its values are trusted as far as the user trusts the file.
    pub(super) fn project() -> Result<Option<Self>, Failure> {
        let Some(mut file) = project_path().map(|path| Self::read(&path)).transpose()?.flatten() else {
            return Ok(None);
        };
        let is_sensitive = |(_, setting): &(String, Setting)| setting.key.needs_trust;
        if file.settings.iter().any(is_sensitive)
            && !TrustFile::of_user()?.trusts(&file.path, &file.content)?
        {
            for (_, setting) in file.settings.iter_mut().filter(|it| is_sensitive(it)) {
                setting.is_trusted = false;
            }
        }
        Ok(Some(file))
    }

    pub(super) fn user() -> Result<Option<Self>, Failure> {
        user_path().filter(|path| path.exists()).map_or(Ok(None), |path| Self::read(&path))
    }

    /// Reads a file. `None` if it is missing.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, Failure> {
        let content = SharedFile::new(path).read().map_err(|error| Failure::usage(error_chain(&error)))?;
        content.map(|content| Self::parse(path, content)).transpose()
    }

    fn parse(path: &Path, content: Vec<u8>) -> Result<Self, Failure> {
        let text = String::from_utf8_lossy(&content).into_owned();
        let parser = Parser { path, text: &text };
        let document = Document::parse(text.as_str()).map_err(|error| {
            // The message may have several lines.
            let why = error.message().split_whitespace().collect::<Vec<_>>().join(" ");
            let message = Message::new("error-config-toml", format!("not valid TOML: {why}"));
            parser.failure(error.span().map_or(0, |span| span.start), message.with("why", why))
        })?;
        let settings = parser.profiles(document.as_table())?;
        Ok(ConfigFile { path: path.to_owned(), content, settings })
    }
}

struct Parser<'a> {
    path: &'a Path,
    text: &'a str,
}

impl Parser<'_> {
    fn line(&self, offset: usize) -> usize {
        1 + self.text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
    }

    /// The failure of what is at this offset.
    fn failure(&self, offset: usize, what: Message) -> Failure {
        let place = format!("{}:{}", self.path.display(), self.line(offset));
        Failure::usage(
            Message::new("error-config", format!("{place}: {what}")).with("place", place).with("what", what),
        )
    }

    fn unknown_key(&self, offset: usize, key: &str, known: &[&str]) -> Failure {
        let mut nearest = suggestion(key, known.iter().copied());
        if nearest.is_empty() {
            nearest = format!("; known keys: {}", known.join(", "));
        }
        let message = Message::new("error-config-unknown-key", format!("unknown key {key}{nearest}"));
        self.failure(offset, message.with("key", key).with("nearest", nearest))
    }

    fn wrong_type(&self, offset: usize, key: &str, expected: &str, item: &Item) -> Failure {
        let got = item.type_name();
        let message = Message::new("error-config-type", format!("{key} must be {expected}, not {got}"));
        self.failure(offset, message.with("key", key).with("expected", expected).with("got", got))
    }

    /// The members of a table, each with its offset. A password is refused wherever it is.
    fn members<'t>(&self, table: &'t dyn TableLike) -> Result<Vec<(&'t str, usize, &'t Item)>, Failure> {
        let mut members = Vec::new();
        for (name, item) in table.iter() {
            let key = table.get_key_value(name).and_then(|(key, _)| key.span());
            let offset = key.or_else(|| item.span()).map_or(0, |span| span.start);
            if name.eq_ignore_ascii_case("password") {
                let message = "a password does not belong in a configuration file: use password_env, password_file or password_command";
                return Err(self.failure(offset, Message::new("error-config-password", message)));
            }
            members.push((name, offset, item));
        }
        Ok(members)
    }

    fn profiles(&self, root: &dyn TableLike) -> Result<Vec<(String, Setting)>, Failure> {
        let mut settings = Vec::new();
        for (name, offset, item) in self.members(root)? {
            if name != "profiles" {
                return Err(self.unknown_key(offset, name, &["profiles"]));
            }
            let Some(profiles) = item.as_table_like() else {
                return Err(self.wrong_type(offset, name, "a table", item));
            };
            for (profile, offset, item) in self.members(profiles)? {
                value_parsers::profile(profile).map_err(|why| self.failure(offset, why.into()))?;
                let Some(table) = item.as_table_like() else {
                    return Err(self.wrong_type(offset, profile, "a table", item));
                };
                settings.extend(self.profile(table)?.into_iter().map(|it| (profile.to_owned(), it)));
            }
        }
        Ok(settings)
    }

    fn profile(&self, profile: &dyn TableLike) -> Result<Vec<Setting>, Failure> {
        let mut settings = Vec::new();
        for (name, offset, item) in self.members(profile)? {
            if let Some(table) = [LOGIN, EXPECT].into_iter().find(|table| *table == name) {
                let Some(inner) = item.as_table_like() else {
                    return Err(self.wrong_type(offset, name, "a table", item));
                };
                for (name, offset, item) in self.members(inner)? {
                    self.setting(Some(table), name, offset, item, &mut settings)?;
                }
            } else {
                self.setting(None, name, offset, item, &mut settings)?;
            }
        }
        let passwords: Vec<&Setting> = settings.iter().filter(|it| it.key.is_password()).collect();
        if let [first, .., last] = passwords[..] {
            let message = format!("{} and {} exclude each other: keep one", first.key.name, last.key.name);
            let place = format!("{}:{}", self.path.display(), last.line);
            let message = Message::new("error-config-several", message)
                .with("one", first.key.name)
                .with("other", last.key.name);
            let english = format!("{place}: {message}");
            return Err(Failure::usage(
                Message::new("error-config", english).with("place", place).with("what", message),
            ));
        }
        Ok(settings)
    }

    fn setting(
        &self,
        table: Option<&'static str>,
        name: &str,
        offset: usize,
        item: &Item,
        settings: &mut Vec<Setting>,
    ) -> Result<(), Failure> {
        let Some(key) = find(table, name) else {
            return Err(self.unknown_key(offset, name, &names(table)));
        };
        let is_given = |it: &Setting| std::ptr::eq(it.key, key);
        if settings.iter().any(is_given) {
            return Err(self.unknown_key(offset, name, &[key.name])); // spelled with `_` and with `-`
        }
        let is_table = matches!(key.kind, KeyKind::Table | KeyKind::Headers);
        match item.as_table_like().filter(|_| is_table) {
            Some(table) => {
                for (entry, offset, item) in self.members(table)? {
                    let texts = self.texts(key, Some(entry), offset, item)?;
                    settings.push(self.made(key, Some(entry), SettingValue::Texts(texts), offset));
                }
            }
            None if is_table => return Err(self.wrong_type(offset, name, key.kind.expected(), item)),
            None => {
                let value = match (key.kind, item.as_bool()) {
                    (KeyKind::Flag, Some(flag)) => SettingValue::Flag(flag),
                    (KeyKind::Flag, None) => {
                        return Err(self.wrong_type(offset, name, key.kind.expected(), item));
                    }
                    _ => SettingValue::Texts(self.texts(key, None, offset, item)?),
                };
                settings.push(self.made(key, None, value, offset));
            }
        }
        Ok(())
    }

    /// The strings of a value, checked.
    fn texts(
        &self,
        key: &ConfigKey,
        entry: Option<&str>,
        offset: usize,
        item: &Item,
    ) -> Result<Vec<String>, Failure> {
        let name = entry.unwrap_or(key.name);
        let is_list = matches!(key.kind, KeyKind::Texts | KeyKind::Statuses);
        let text = item.as_str().map(|text| vec![text.to_owned()]);
        let list = item.as_array().filter(|_| is_list);
        let list = list.and_then(|list| list.iter().map(|it| Value::as_str(it).map(str::to_owned)).collect());
        let Some(texts) = text.or(list) else {
            let expected = if entry.is_some() { "a string" } else { key.kind.expected() };
            return Err(self.wrong_type(offset, name, expected, item));
        };
        for text in &texts {
            if let Err(why) = key.kind.check(entry, text) {
                let message = format!("invalid value for {name} (as {}): {why}", key.option);
                let message = Message::new("error-config-value", message).with("key", name);
                return Err(self.failure(offset, message.with("option", key.option).with("why", why)));
            }
        }
        Ok(match key.kind {
            KeyKind::Path => texts.iter().map(|path| self.absolute(path)).collect(),
            _ => texts,
        })
    }

    /// A path relative to the folder of the file, or to the home folder if it starts with `~/`.
    fn absolute(&self, path: &str) -> String {
        let home = path
            .strip_prefix("~/")
            .and_then(|rest| Some(PathBuf::from(std::env::var_os("HOME")?).join(rest)));
        let folder = self.path.parent().unwrap_or(Path::new(""));
        home.unwrap_or_else(|| folder.join(path)).display().to_string()
    }

    fn made(
        &self,
        key: &'static ConfigKey,
        entry: Option<&str>,
        value: SettingValue,
        offset: usize,
    ) -> Setting {
        let (path, line) = (self.path.to_owned(), self.line(offset));
        Setting { key, entry: entry.map(str::to_owned), value, path, line, is_trusted: true }
    }
}

/// Whether a member of a table has this name, spelled with `_` or `-`.
pub(super) fn member_named(table: &dyn TableLike, name: &str) -> Option<String> {
    table.iter().map(|(key, _)| key).find(|key| is_same_name(key, name)).map(str::to_owned)
}
