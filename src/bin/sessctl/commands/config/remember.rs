//! [`Remembered`]: the options of a login that a configuration file can keep.

use std::fs::{DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, InlineTable, Item, Table, TableLike, Value};
use url::Url;

use super::file::{ConfigFile, member_named, project_path, user_path};
use super::key::LOGIN;
use super::trust::TrustFile;
use crate::commands::credential_args::CredentialArgs;
use crate::commands::failure::{Failure, Outcome};
use crate::commands::target::without_credentials;
use crate::output::Output;
use crate::texts::Message;

/// Parts of the names of fields that may be secrets.
const SECRET_FIELDS: &[&str] = &["pass", "secret", "token", "pin", "code", "key"];

/// The options of a login, as they were given.
pub(in crate::commands) struct Remembered {
    /// Table, key and value. The table of the profile has no name.
    values: Vec<(Option<&'static str>, &'static str, Value)>,
    fields: Vec<(String, String)>,
    user: Option<String>,
}

impl Remembered {
    pub(in crate::commands) fn of(args: &CredentialArgs) -> Self {
        let absolute =
            |path: &PathBuf| std::path::absolute(path).unwrap_or_else(|_| path.clone()).display().to_string();
        let texts = [
            (None, "password_file", args.password_file.as_ref().map(absolute)),
            (Some(LOGIN), "form", args.form.clone()),
            (Some(LOGIN), "user-field", args.user_field.clone()),
            (Some(LOGIN), "password-field", args.password_field.clone()),
            (Some(LOGIN), "totp-secret-file", args.code.secret_file().map(absolute)),
            (Some(super::key::EXPECT), "judge-by", args.judge_by.clone()),
            (Some(super::key::EXPECT), "text", args.expect_text.clone()),
        ];
        let flags = [("as-json", args.as_json), ("as-form", args.as_form)];
        let flags = flags.into_iter().filter(|(_, is_given)| *is_given);
        let texts = texts.into_iter().filter_map(|(table, key, text)| Some((table, key, Value::from(text?))));
        let values = texts.chain(flags.map(|(key, _)| (Some(LOGIN), key, Value::from(true)))).collect();
        let is_plain = |(name, _): &&(String, String)| {
            let name = name.to_ascii_lowercase();
            !SECRET_FIELDS.iter().any(|part| name.contains(part))
        };
        let fields = args.fields.iter().filter(is_plain).cloned().collect();
        Remembered { values, fields, user: args.user.clone() }
    }

    /// Writes the options to a file, or shows the lines that would store them if the login needed any.
    pub(in crate::commands) fn conclude(
        mut self,
        writes: bool,
        profile: &str,
        start: &Url,
        user: Option<String>,
        output: &Output,
    ) -> Outcome {
        let needed = !self.fields.is_empty() || self.values.iter().any(|(table, ..)| table.is_some());
        self.user = self.user.or(user);
        if writes {
            let path = self.write(profile, start)?;
            let path = path.display().to_string();
            let message = format!("stored the options of this login in {path}");
            let message = Message::new("login-remembered", message).with("path", path);
            output.info(&message.said(output.texts));
        } else if needed {
            let mut document = DocumentMut::new();
            self.put(&mut document, profile, start);
            let message = "the same with --remember stores these options:";
            output.info(&Message::new("login-remember-hint", message).said(output.texts));
            document.to_string().lines().for_each(|line| output.info(&format!("  {line}")));
        }
        Ok(())
    }

    /// Writes to the project's file if there is one, else to the user's. The comments of the file stay.
    fn write(&self, profile: &str, start: &Url) -> Result<PathBuf, Failure> {
        let project = project_path();
        let is_project = project.is_some();
        let path = project.or_else(user_path).ok_or_else(|| {
            Failure::failed("cannot store the options: neither HOME nor XDG_CONFIG_HOME is set; set one")
        })?;
        let file = ConfigFile::read(&path)?;
        let content = file.as_ref().map(|file| file.content.clone()).unwrap_or_default();
        let text = String::from_utf8_lossy(&content);
        let mut document: DocumentMut =
            text.parse().map_err(Failure::cannot(format!("change {}", path.display())))?;
        self.put(&mut document, profile, start);
        let changed = document.to_string();
        write_private(&path, changed.as_bytes()).map_err(Failure::with_file("write", &path))?;
        // The user wrote what is new. Values that were not trusted before stay so.
        let needs_trust =
            file.is_some_and(|file| file.settings.iter().any(|(_, setting)| setting.key.needs_trust));
        let trusted = TrustFile::of_user()?;
        if is_project && (!needs_trust || trusted.trusts(&path, &content)?) {
            trusted.trust(&path, changed.as_bytes())?;
        }
        Ok(path)
    }

    fn put(&self, document: &mut DocumentMut, profile: &str, start: &Url) {
        let Some(profiles) = table_in(document.as_table_mut(), "profiles") else { return };
        let Some(own) = table_in(profiles, profile) else { return };
        let mut url = without_credentials(start.clone());
        url.set_fragment(None);
        set(own, "url", Value::from(url.as_str()));
        if let Some(user) = &self.user {
            set(own, "user", Value::from(user.as_str()));
        }
        for (table, key, value) in &self.values {
            match table {
                None => set(own, key, value.clone()),
                Some(table) => {
                    if let Some(inner) = table_in(own, table) {
                        set(inner, key, value.clone());
                    }
                }
            }
        }
        if !self.fields.is_empty()
            && let Some(login) = table_in(own, LOGIN)
        {
            if !login.contains_key("fields") {
                login.insert("fields", Item::Value(Value::InlineTable(InlineTable::new())));
            }
            if let Some(fields) = login.get_mut("fields").and_then(Item::as_table_like_mut) {
                self.fields.iter().for_each(|(name, value)| set(fields, name, Value::from(value.as_str())));
            }
        }
    }
}

/// The table of this name, which is added if it is missing.
fn table_in<'a>(parent: &'a mut dyn TableLike, name: &str) -> Option<&'a mut dyn TableLike> {
    if !parent.contains_key(name) {
        let mut table = Table::new();
        table.set_implicit(true);
        parent.insert(name, Item::Table(table));
    }
    parent.get_mut(name)?.as_table_like_mut()
}

/// Sets a value, and keeps the comment after the old one.
fn set(table: &mut dyn TableLike, name: &str, mut value: Value) {
    let name = member_named(table, name).unwrap_or_else(|| name.to_owned());
    match table.get_mut(&name) {
        Some(item) => {
            if let Some(old) = item.as_value() {
                *value.decor_mut() = old.decor().clone();
            }
            *item = Item::Value(value);
        }
        None => drop(table.insert(&name, Item::Value(value))),
    }
}

/// Writes a file in place. A new one is private.
fn write_private(path: &Path, content: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(content)
}
