//! [`Diagnostic`]: the exit code and the hint of each error type.

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

/// What an error means to scripts and what the user can do about it.
pub(super) type Diagnosis = (Exit, Option<&'static str>);

/// An error that knows its exit code and, if there is one, its hint.
pub(super) trait Diagnostic: Error {
    fn diagnosis(&self) -> Diagnosis {
        (Exit::Failed, None)
    }
}

impl Diagnostic for ClientError {
    fn diagnosis(&self) -> Diagnosis {
        match self {
            ClientError::TimedOut { .. } => (Exit::Timeout, None),
            ClientError::TooManyRedirects { .. } => (Exit::TooManyRedirects, None),
            ClientError::Refused { .. } => {
                (Exit::Failed, Some("is the server running? --wait 10s retries while it starts"))
            }
            ClientError::Certificate { .. } => (
                Exit::Failed,
                Some(
                    "--cacert FILE trusts a further certificate authority; --insecure accepts any certificate",
                ),
            ),
            _ => (Exit::Failed, None),
        }
    }
}

impl Diagnostic for LoginError {
    fn diagnosis(&self) -> Diagnosis {
        let needs_script = |it: &Blocker| matches!(it, Blocker::Script | Blocker::LooseFields);
        match self {
            LoginError::Client(error) => error.diagnosis(),
            LoginError::NotThere { .. } => {
                (Exit::Usage, Some("--explain lists the forms and fields of each page"))
            }
            LoginError::UserNeeded { .. }
            | LoginError::Incomplete { .. }
            | LoginError::PasswordNeeded { why: NoPassword::NoSource(_), .. } => (Exit::Usage, None),
            LoginError::NoForm { blockers, .. } if blockers.iter().any(needs_script) => (
                Exit::Unmet,
                Some(
                    "--as-json sends the name and the password as JSON, to the URL that the page's scripts use",
                ),
            ),
            LoginError::NoForm { .. } => (
                Exit::Unmet,
                Some("name the page that has the login form; --explain lists the pages that were tried"),
            ),
            _ => (Exit::Failed, None),
        }
    }
}

impl Diagnostic for LogoutError {
    fn diagnosis(&self) -> Diagnosis {
        match self {
            LogoutError::Client(error) => error.diagnosis(),
            _ => (Exit::Unmet, None),
        }
    }
}

impl Diagnostic for SubmitError {
    fn diagnosis(&self) -> Diagnosis {
        match self {
            SubmitError::Client(error) => error.diagnosis(),
            SubmitError::NoSuchForm(NoSuchForm::None { .. }) => (Exit::Failed, None),
            SubmitError::NoSuchForm(_) | SubmitError::Invalid(_) => {
                (Exit::Usage, Some("submit --list shows the forms of the page and their fields"))
            }
            _ => (Exit::Failed, None),
        }
    }
}

impl Diagnostic for JarError {
    fn diagnosis(&self) -> Diagnosis {
        match self {
            JarError::NotAJar { .. } => {
                (Exit::Failed, Some("repair the file, or use another one with --jar; it was not changed"))
            }
            JarError::Newer { .. } => {
                (Exit::Failed, Some("use the newer sessctl that wrote the file; it was not changed"))
            }
            JarError::Locked { .. } => (Exit::Timeout, Some("--timeout TIME waits longer for the lock")),
            _ => (Exit::Failed, None),
        }
    }
}

impl Diagnostic for AccountsError {
    fn diagnosis(&self) -> Diagnosis {
        match self {
            AccountsError::Change(AccountChangeError::Name(_) | AccountChangeError::Password) => {
                (Exit::Usage, None)
            }
            _ => (Exit::Failed, None),
        }
    }
}

impl Diagnostic for ConfigError {
    fn diagnosis(&self) -> Diagnosis {
        (Exit::Usage, None)
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
