//! [`Diagnostic`]: the exit code and the hint of each error type.

use std::borrow::Cow;
use std::error::Error;

use sessctl::client::auth::NoPassword;
use sessctl::client::form::NoSuchForm;
use sessctl::client::html::Blocker;
use sessctl::client::profile::ProfileError;
use sessctl::client::profile::history::HistoryError;
use sessctl::client::{ClientError, LoginError, LogoutError, SubmitError};
use sessctl::cookies::JarError;
use sessctl::server::TlsError;
use sessctl::session::{ConfigError, SessionError, StoreError};
use sessctl::stores::{PostgresOpenError, RedisOpenError, SqliteOpenError};

use super::exit::Exit;
use crate::app::accounts::{AccountChangeError, AccountsError};
use crate::tour::TourError;

/// An error that knows its exit code and what the user can do about it.
pub(super) trait Diagnostic: Error {
    fn exit(&self) -> Exit {
        Exit::Failed
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        None
    }
}

impl Diagnostic for ClientError {
    fn exit(&self) -> Exit {
        match self {
            ClientError::TimedOut { .. } => Exit::Timeout,
            ClientError::TooManyRedirects { .. } => Exit::TooManyRedirects,
            _ => Exit::Failed,
        }
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        let hint = match self {
            ClientError::Refused { .. } => "is the server running? --wait 10s retries while it starts",
            ClientError::Certificate { .. } => {
                "--cacert FILE trusts a further certificate authority; --insecure accepts any certificate"
            }
            _ => return None,
        };
        Some(hint.into())
    }
}

impl Diagnostic for LoginError {
    fn exit(&self) -> Exit {
        match self {
            LoginError::Client(error) => error.exit(),
            LoginError::UserNeeded { .. }
            | LoginError::Incomplete { .. }
            | LoginError::NotThere { .. }
            | LoginError::PasswordNeeded { why: NoPassword::NoSource(_), .. } => Exit::Usage,
            LoginError::NoForm { .. } => Exit::Unmet,
            _ => Exit::Failed,
        }
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        let needs_script = |it: &Blocker| matches!(it, Blocker::Script | Blocker::LooseFields);
        let hint = match self {
            LoginError::Client(error) => return error.hint(),
            LoginError::NoForm { blockers, .. } if blockers.iter().any(needs_script) => {
                "--as-json sends the name and the password as JSON, to the URL that the page's scripts use"
            }
            LoginError::NoForm { .. } => {
                "name the page that has the login form; --explain lists the pages that were tried"
            }
            LoginError::NotThere { .. } => "--explain lists the forms and fields of each page",
            _ => return None,
        };
        Some(hint.into())
    }
}

impl Diagnostic for LogoutError {
    fn exit(&self) -> Exit {
        match self {
            LogoutError::Client(error) => error.exit(),
            _ => Exit::Unmet,
        }
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        match self {
            LogoutError::Client(error) => error.hint(),
            _ => None,
        }
    }
}

impl Diagnostic for SubmitError {
    fn exit(&self) -> Exit {
        match self {
            SubmitError::Client(error) => error.exit(),
            SubmitError::NoSuchForm(NoSuchForm::None { .. }) => Exit::Failed,
            SubmitError::NoSuchForm(_) | SubmitError::Invalid(_) => Exit::Usage,
            _ => Exit::Failed,
        }
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        match self {
            SubmitError::Client(error) => error.hint(),
            _ if self.exit() == Exit::Usage => {
                Some("submit --list shows the forms of the page and their fields".into())
            }
            _ => None,
        }
    }
}

impl Diagnostic for JarError {
    fn exit(&self) -> Exit {
        match self {
            JarError::Locked { .. } => Exit::Timeout,
            _ => Exit::Failed,
        }
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        let hint = match self {
            JarError::NotAJar { .. } => "repair the file, or use another one with --jar; it was not changed",
            JarError::Newer { .. } => "use the newer sessctl that wrote the file; it was not changed",
            JarError::Locked { .. } => "--timeout TIME waits longer for the lock",
            _ => return None,
        };
        Some(hint.into())
    }
}

impl Diagnostic for AccountsError {
    fn exit(&self) -> Exit {
        match self {
            AccountsError::Change(AccountChangeError::Name(_) | AccountChangeError::Password) => Exit::Usage,
            _ => Exit::Failed,
        }
    }
}

impl Diagnostic for ConfigError {
    fn exit(&self) -> Exit {
        Exit::Usage
    }
}

impl Diagnostic for HistoryError {}
impl Diagnostic for PostgresOpenError {}
impl Diagnostic for ProfileError {}
impl Diagnostic for RedisOpenError {}
impl Diagnostic for SessionError {}
impl Diagnostic for SqliteOpenError {}
impl Diagnostic for StoreError {}
impl Diagnostic for TlsError {}
impl Diagnostic for TourError {}
