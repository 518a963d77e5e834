//! [`Settings`]: what the configuration files say about the profile of this command.

use std::path::PathBuf;
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use url::Url;

use super::key::{ConfigKey, EXPECT, LOGIN, find};
use crate::commands::failure::{Failure, Outcome};
use crate::commands::password_source::ConfiguredPassword;
use crate::commands::value_parsers;
use crate::texts::Message;

/// A value of a profile.
#[derive(Debug, Clone)]
pub(super) struct Setting {
    pub(super) key: &'static ConfigKey,
    /// Its key in a table of values: the name of a header or a field.
    pub(super) entry: Option<String>,
    pub(super) value: SettingValue,
    pub(super) path: PathBuf,
    pub(super) line: usize,
    /// `false` in a project's file that must be trusted before the value applies.
    pub(super) is_trusted: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SettingValue {
    Flag(bool),
    Texts(Vec<String>),
}

impl Setting {
    /// The name with its table and its entry.
    pub(super) fn name(&self) -> String {
        let key = self.key.full_name();
        self.entry.as_ref().map_or_else(|| key.clone(), |entry| format!("{key}.{entry}"))
    }

    /// Whether the other one has no effect beside this one.
    fn replaces(&self, other: &Setting) -> bool {
        let is_same_entry = match (&self.entry, &other.entry) {
            (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
            (None, None) => true,
            _ => false,
        };
        (std::ptr::eq(self.key, other.key) && is_same_entry)
            || (self.key.is_password() && other.key.is_password())
    }
}

/// What the configuration files say about the profile of this command. A value of the project's file replaces the same one
/// of the user's file.
#[derive(Debug, Default)]
pub(in crate::commands) struct Settings(pub(super) Vec<Setting>);

impl Settings {
    /// The values of files, each with the name of its profile, the most important file first.
    pub(super) fn of(files: impl IntoIterator<Item = Vec<(String, Setting)>>, profile: &str) -> Self {
        let mut settings: Vec<Setting> = Vec::new();
        for values in files {
            let own = values.into_iter().filter(|(name, _)| name == profile).map(|(_, setting)| setting);
            let own: Vec<Setting> =
                own.filter(|setting| !settings.iter().any(|other| other.replaces(setting))).collect();
            settings.extend(own);
        }
        Settings(settings)
    }

    /// Fails if a value needs trust.
    pub(super) fn check_trust(&self, profile: &str) -> Outcome {
        let untrusted: Vec<&Setting> = self.0.iter().filter(|setting| !setting.is_trusted).collect();
        let Some(first) = untrusted.first() else { return Ok(()) };
        let (path, keys) = (first.path.display().to_string(), named(&untrusted));
        let message = format!(
            "{path} is not trusted: it sets {keys} of the profile {profile}, which may send a password anywhere or run a command"
        );
        let message = Message::new("error-config-untrusted", message).with("path", path).with("keys", keys);
        let hint = "read the file, then run: sessctl config trust";
        let hint = Message::new("error-config-untrusted-hint", hint);
        Err(Failure::usage(message.with("profile", profile)).with_hint(hint))
    }

    fn get(&self, table: Option<&str>, name: &str) -> Option<&SettingValue> {
        let key = find(table, name)?;
        self.0.iter().find(|setting| std::ptr::eq(setting.key, key)).map(|setting| &setting.value)
    }

    fn text_of(&self, table: Option<&str>, name: &str) -> Option<String> {
        self.texts_of(table, name).into_iter().next()
    }

    fn texts_of(&self, table: Option<&str>, name: &str) -> Vec<String> {
        match self.get(table, name) {
            Some(SettingValue::Texts(texts)) => texts.clone(),
            _ => Vec::new(),
        }
    }

    fn entries(&self, table: Option<&str>, name: &str) -> Vec<(String, String)> {
        let key = find(table, name);
        let of_key = self.0.iter().filter(|it| key.is_some_and(|key| std::ptr::eq(it.key, key)));
        let pair = |setting: &Setting| match &setting.value {
            SettingValue::Texts(texts) => Some((setting.entry.clone()?, texts.first()?.clone())),
            SettingValue::Flag(_) => None,
        };
        of_key.filter_map(pair).collect()
    }

    /// A string of the profile itself.
    pub(in crate::commands) fn text(&self, name: &str) -> Option<String> {
        self.text_of(None, name)
    }

    pub(in crate::commands) fn path(&self, name: &str) -> Option<PathBuf> {
        self.text(name).map(PathBuf::from)
    }

    pub(in crate::commands) fn url(&self) -> Option<Url> {
        self.text("url").and_then(|url| value_parsers::web_address(&url).ok())
    }

    pub(in crate::commands) fn delay(&self) -> Option<Duration> {
        self.text("delay").and_then(|delay| value_parsers::duration(&delay).ok())
    }

    /// A string about the login.
    pub(in crate::commands) fn login(&self, name: &str) -> Option<String> {
        self.text_of(Some(LOGIN), name)
    }

    pub(in crate::commands) fn login_flag(&self, name: &str) -> bool {
        self.get(Some(LOGIN), name) == Some(&SettingValue::Flag(true))
    }

    pub(in crate::commands) fn fields(&self) -> Vec<(String, String)> {
        self.entries(Some(LOGIN), "fields")
    }

    /// The strings of an expectation.
    pub(in crate::commands) fn expected(&self, name: &str) -> Vec<String> {
        self.texts_of(Some(EXPECT), name)
    }

    pub(in crate::commands) fn expects_no_login(&self) -> bool {
        self.get(Some(EXPECT), "no-login") == Some(&SettingValue::Flag(true))
    }

    /// Where the password for a login at this URL comes from. It is only for the site of the profile.
    pub(in crate::commands) fn password(&self, start: &Url) -> Option<ConfiguredPassword> {
        if self.url().is_some_and(|url| url.origin() != start.origin()) {
            return None;
        }
        let of = |name: &str, password: fn(String) -> ConfiguredPassword| self.text(name).map(password);
        of("password_env", ConfiguredPassword::Env)
            .or_else(|| of("password_file", |path| ConfiguredPassword::File(path.into())))
            .or_else(|| of("password_command", ConfiguredPassword::Command))
    }

    /// The headers for a request to this URL. They are only for the site of the profile, or else for that of `base`.
    pub(in crate::commands) fn headers(&self, url: &Url, base: &Url) -> Vec<(HeaderName, HeaderValue)> {
        let site = self.url().unwrap_or_else(|| base.clone());
        if site.origin() != url.origin() {
            return Vec::new();
        }
        let headers = self.entries(None, "headers").into_iter();
        headers.filter_map(|(name, value)| value_parsers::header(&format!("{name}: {value}")).ok()).collect()
    }
}

/// The names of settings, with their lines.
pub(super) fn named(settings: &[&Setting]) -> String {
    let names = settings.iter().map(|setting| format!("{} (line {})", setting.name(), setting.line));
    names.collect::<Vec<_>>().join(", ")
}
