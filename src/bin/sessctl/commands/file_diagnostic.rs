//! The messages and exit codes of errors about files: jars, profiles, histories and accounts.

use std::io::{self, ErrorKind};
use std::path::Path;

use sessctl::client::profile::history::HistoryError;
use sessctl::client::profile::{PendingLoginError, ProfileError, TokenFileError};
use sessctl::cookies::JarError;
use sessctl::internal::FileError;

use super::diagnostic::{Diagnosis, Diagnostic};
use super::exit::Exit;
use crate::app::accounts::{AccountChangeError, AccountsError};
use crate::output::error_chain;
use crate::texts::Message;

/// The message of a failed operation on a file: `key` is its text, `action` is for example `read`.
pub(super) fn failed_operation(
    key: &'static str,
    english: String,
    action: &'static str,
    path: &Path,
    source: &io::Error,
) -> Message {
    let action = Message::new(format!("file-action-{}", action.replace(' ', "-")), action);
    about(key, english, path).with("action", action).with("why", io_reason(source))
}

/// What the operating system reports. Only frequent reasons are translated.
pub(super) fn io_reason(error: &io::Error) -> Message {
    let english = error.to_string();
    match error.kind() {
        ErrorKind::NotFound => Message::new("error-io-not-found", english),
        ErrorKind::PermissionDenied => Message::new("error-io-permission-denied", english),
        ErrorKind::IsADirectory => Message::new("error-io-is-a-folder", english),
        ErrorKind::StorageFull => Message::new("error-io-storage-full", english),
        _ => english.into(),
    }
}

fn about(key: &'static str, english: String, path: &Path) -> Message {
    Message::new(key, english).with("path", path.display().to_string())
}

impl Diagnostic for FileError {
    fn message(&self) -> Message {
        let english = error_chain(self);
        match self {
            FileError::Io { action, path, source } => {
                failed_operation("error-file", english, action, path, source)
            }
            FileError::Locked { path, .. } => about("error-file-locked", english, path),
        }
    }
}

impl Diagnostic for JarError {
    fn message(&self) -> Message {
        let english = error_chain(self);
        match self {
            JarError::Io { action, path, source } => {
                failed_operation("error-jar", english, action, path, source)
            }
            JarError::NotAJar { path, why } => {
                about("error-not-a-jar", english, path).with("why", why.as_str())
            }
            JarError::Newer { path, version } => {
                about("error-newer-jar", english, path).with("version", version.to_string())
            }
            JarError::Locked { path, .. } => about("error-jar-locked", english, path),
            _ => english.into(),
        }
    }

    fn diagnosis(&self) -> Diagnosis {
        match self {
            JarError::NotAJar { .. } => (
                Exit::Failed,
                Some(Message::new(
                    "error-not-a-jar-hint",
                    "repair the file, or use another one with --jar; it was not changed",
                )),
            ),
            JarError::Newer { .. } => (
                Exit::Failed,
                Some(Message::new(
                    "error-newer-jar-hint",
                    "use the newer sessctl that wrote the file; it was not changed",
                )),
            ),
            JarError::Locked { .. } => (
                Exit::Timeout,
                Some(Message::new("error-jar-locked-hint", "--timeout TIME waits longer for the lock")),
            ),
            _ => (Exit::Failed, None),
        }
    }
}

impl Diagnostic for HistoryError {
    fn message(&self) -> Message {
        let english = error_chain(self);
        match self {
            HistoryError::Io { action, path, source, .. } => {
                failed_operation("error-history", english, action, path, source)
            }
            HistoryError::Unknown { path, why, .. } => {
                about("error-not-a-history", english, path).with("why", why.as_str())
            }
            HistoryError::Locked { path, .. } => about("error-file-locked", english, path),
            _ => english.into(),
        }
    }
}

impl Diagnostic for PendingLoginError {
    fn message(&self) -> Message {
        let english = error_chain(self);
        match self {
            PendingLoginError::Io { action, path, source, .. } => {
                failed_operation("error-pending-login", english, action, path, source)
            }
            PendingLoginError::Unknown { path, .. } => about("error-not-a-pending-login", english, path),
            PendingLoginError::Locked { path, .. } => about("error-file-locked", english, path),
            _ => english.into(),
        }
    }
}

impl Diagnostic for TokenFileError {
    fn message(&self) -> Message {
        let english = error_chain(self);
        match self {
            TokenFileError::Io { action, path, source, .. } => {
                failed_operation("error-tokens", english, action, path, source)
            }
            TokenFileError::Unknown { path, .. } => about("error-not-tokens", english, path),
            TokenFileError::Locked { path, .. } => about("error-file-locked", english, path),
            _ => english.into(),
        }
    }
}

impl Diagnostic for ProfileError {
    fn message(&self) -> Message {
        let english = error_chain(self);
        let new = |key| Message::new(key, &english);
        match self {
            ProfileError::Unknown { name, there, .. } if there.is_empty() => {
                new("error-no-profiles").with("name", name.as_str())
            }
            ProfileError::Unknown { name, there, .. } => {
                new("error-no-such-profile").with("name", name.as_str()).with("there", there.join(", "))
            }
            ProfileError::Exists(name) => new("error-profile-exists").with("name", name.as_str()),
            ProfileError::Io { action, path, source, .. } => {
                failed_operation("error-file", english, action, path, source)
            }
            _ => english.into(),
        }
    }
}

impl Diagnostic for AccountsError {
    fn message(&self) -> Message {
        let english = error_chain(self);
        let new = |key| Message::new(key, &english);
        match self {
            AccountsError::File(error) => error.message(),
            AccountsError::Invalid { path, why } => {
                about("error-invalid-accounts", english, path).with("why", why.as_str())
            }
            AccountsError::Missing(path) => about("error-no-accounts", english, path),
            AccountsError::Change(AccountChangeError::Exists(name)) => {
                new("error-user-exists").with("name", name.as_str())
            }
            AccountsError::Change(AccountChangeError::Unknown(name)) => {
                new("error-no-such-user").with("name", name.as_str())
            }
            AccountsError::Change(AccountChangeError::Name(name)) => {
                new("error-invalid-user-name").with("name", format!("{name:?}"))
            }
            AccountsError::Change(AccountChangeError::Password) => new("error-password-length"),
            AccountsError::Hash(why) => new("error-password-hash").with("why", why.as_str()),
        }
    }

    fn diagnosis(&self) -> Diagnosis {
        match self {
            AccountsError::Change(AccountChangeError::Name(_) | AccountChangeError::Password) => {
                (Exit::Usage, None)
            }
            _ => (Exit::Failed, None),
        }
    }
}
