//! Exit codes, and which failure means which.

use std::io::ErrorKind;
use std::sync::Arc;

use anyhow::Error;

use sessctl::client::form::NoSuchForm;
use sessctl::client::{Blocker, ClientError, LoginError, LogoutError, NoPassword, SubmitError};
use sessctl::cookies::JarError;

use crate::app::accounts::{AccountChangeError, AccountsError};

pub(super) const FINE: u8 = 0;
pub(super) const FAILED: u8 = 1;
pub(super) const USAGE: u8 = 2;
pub(super) const REDIRECT: u8 = 3;
pub(super) const CLIENT_ERROR: u8 = 4;
pub(super) const SERVER_ERROR: u8 = 5;
pub(super) const TOO_MANY_REDIRECTS: u8 = 6;
pub(super) const NOT_HELD: u8 = 7;
pub(super) const OUT_OF_TIME: u8 = 8;

/// How a command failed: what to exit with, what to say, what to advise.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) code: u8,
    pub(super) message: String,
    pub(super) hint: Option<&'static str>,
}

pub(super) type Outcome = Result<(), Failure>;

impl Failure {
    pub(super) fn new(code: u8, message: impl Into<String>) -> Self {
        Failure { code, message: message.into(), hint: None }
    }

    pub(super) fn usage(message: impl Into<String>) -> Self {
        Failure::new(USAGE, message)
    }
}

impl<E: Into<Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        let error = error.into();
        Failure { code: code_of(&error), message: format!("{error:#}"), hint: hint_for(&error) }
    }
}

fn code_of(error: &Error) -> u8 {
    match (client_error(error), error.downcast_ref::<JarError>(), error.downcast_ref::<LoginError>()) {
        (Some(ClientError::TimedOut { .. }), ..) | (_, Some(JarError::Locked { .. }), _) => OUT_OF_TIME,
        (Some(ClientError::TooManyRedirects { .. }), ..) => TOO_MANY_REDIRECTS,
        (
            ..,
            Some(LoginError::UserNeeded { .. } | LoginError::Incomplete { .. } | LoginError::NotThere { .. }),
        ) => USAGE,
        (.., Some(LoginError::PasswordNeeded { why: NoPassword::NoSource(_), .. })) => USAGE,
        (.., Some(LoginError::NoForm { .. })) => NOT_HELD,
        _ if is_for_another_form(error) || is_no_account(error) => USAGE,
        _ if error.is::<LogoutError>() && client_error(error).is_none() => NOT_HELD,
        _ => FAILED,
    }
}

/// What was to be submitted does not fit the page.
fn is_for_another_form(error: &Error) -> bool {
    use SubmitError::{Invalid, NoSuchForm as NoForm};
    match error.downcast_ref::<SubmitError>() {
        Some(NoForm(NoSuchForm::None { .. })) => false,
        Some(NoForm(_) | Invalid(_)) => true,
        _ => false,
    }
}

/// What was given can be neither a name nor a password.
fn is_no_account(error: &Error) -> bool {
    let problem = error.downcast_ref::<AccountsError>();
    matches!(problem, Some(AccountsError::Change(AccountChangeError::Name(_) | AccountChangeError::Password)))
}

/// The failed exchange, also where it made a login or a logout fail.
fn client_error(error: &Error) -> Option<&ClientError> {
    if let Some(SubmitError::Client(error)) = error.downcast_ref() {
        return Some(error);
    }
    match (error.downcast_ref::<LoginError>(), error.downcast_ref::<LogoutError>()) {
        (Some(LoginError::Client(error)), _) | (_, Some(LogoutError::Client(error))) => Some(error),
        _ => error.downcast_ref::<ClientError>(),
    }
}

fn hint_for(error: &Error) -> Option<&'static str> {
    if let Some(error) = client_error(error) {
        return match error {
            ClientError::Refused { .. } => {
                Some("is the server running? --wait 10s keeps trying while it starts")
            }
            ClientError::Connect { why, .. } if why.to_ascii_lowercase().contains("certificate") => {
                Some("--cacert FILE trusts a further authority; --insecure trusts everybody")
            }
            ClientError::TimedOut { .. } => Some("--timeout TIME allows more"),
            _ => None,
        };
    }
    let in_use =
        error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == ErrorKind::AddrInUse);
    if in_use {
        return Some("another program listens there; --bind 127.0.0.1:0 picks a free port");
    }
    if is_for_another_form(error) {
        return Some("submit --list shows the forms of the page; --form FORM says which");
    }
    match (error.downcast_ref::<JarError>(), error.downcast_ref::<LoginError>()) {
        (Some(JarError::NotAJar { .. }), _) => {
            Some("--jar FILE uses another file; this one was left as it is")
        }
        (Some(JarError::Newer { .. }), _) => Some("a newer sessctl wrote it; it was left as it is"),
        (_, Some(LoginError::NoForm { blockers, .. }))
            if blockers.iter().any(|it| matches!(it, Blocker::Script | Blocker::LooseFields)) =>
        {
            Some("--as-json sends name and password to the URL that its scripts send them to")
        }
        (_, Some(LoginError::NotThere { .. })) => Some("--explain shows the forms and fields that there are"),
        (_, Some(LoginError::NoForm { .. })) => {
            Some("name the page that has the login form; --explain says what was looked at")
        }
        _ => None,
    }
}

/// At its file size limit a process is killed unless it handles the signal; then the write fails, and that can
/// be told.
pub(super) fn survive_size_limit() {
    const SIGXFSZ: i32 = 25;
    let _ = signal_hook::flag::register(SIGXFSZ, Arc::default());
}
