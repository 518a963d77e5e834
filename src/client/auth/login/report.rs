//! What goes into a login, and what comes out of it.

use thiserror::Error;
use url::Url;

use crate::client::auth::classify::Hints;
use crate::client::auth::probe::Evidence;
use crate::client::{Blocker, ClientError};

/// Who logs in, and with what.
pub struct Credentials<'a> {
    /// The user's name.
    pub user: Option<String>,
    /// Asked once, and only if a form has a field for it.
    pub password: Box<dyn FnMut() -> Result<String, NoPassword> + 'a>,
    /// Fields that the caller wants filled in besides, or otherwise.
    pub fields: Vec<(String, String)>,
    /// A text that the page must contain on which the login ends: it then decides alone.
    pub expect_text: Option<String>,
    /// What cannot be guessed of the form.
    pub hints: Hints,
    /// The page to judge by: one that is another for strangers.
    pub judge_by: Option<Url>,
    /// How the name and the password are sent.
    pub method: Method,
}

/// How name and password are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Method {
    /// By a form of a page.
    #[default]
    Form,
    /// As JSON, to the URL itself.
    Json,
}

/// A field that must be filled in and is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingField {
    /// Its name.
    pub name: String,
    /// What the page calls it.
    pub label: String,
    /// It is a box to tick.
    pub is_box: bool,
}

impl std::fmt::Display for MissingField {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let MissingField { name, label, is_box } = self;
        let said = if label.is_empty() { String::new() } else { format!(" ({label:?})") };
        let value = if *is_box { "on" } else { "VALUE" };
        write!(f, "{}{said}: --field {name}={value}", if *is_box { "a box to tick" } else { "a field" })
    }
}

/// Why there is no password.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NoPassword {
    /// Nobody said where it is to come from; what could be said.
    #[error("{0}")]
    NoSource(String),
    /// It could not be had from there.
    #[error("cannot read it from {0}")]
    Unreadable(String),
}

impl std::fmt::Debug for Credentials<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("user", &self.user).finish_non_exhaustive()
    }
}

/// How a login went.
#[derive(Debug, Clone)]
pub struct LoginReport {
    /// Whether a session began.
    pub outcome: LoginOutcome,
    /// What speaks for it.
    pub evidence: Vec<Evidence>,
    /// The page that shows the session; where none began, the one on which the login ended.
    pub page: Url,
    /// The name that was sent, if the form asked for one.
    pub user: Option<String>,
    /// What on its pages only a person with a browser gets past.
    pub blockers: Vec<Blocker>,
}

/// Whether a session began.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoginOutcome {
    /// It did.
    LoggedIn,
    /// The application refused, with these words of its own.
    Refused {
        /// Status of the answer.
        status: u16,
        /// What the application said.
        messages: Vec<String>,
    },
    /// The application wants a code of one use before it lets anybody in.
    CodeNeeded,
    /// Nothing tells somebody who is logged in from somebody who is not.
    NoEvidence {
        /// What the application said.
        messages: Vec<String>,
    },
}

/// Why a login could not be tried, or not judged.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LoginError {
    /// An exchange failed.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// There is no login form, neither on the page nor where it leads, nor at the usual places.
    #[error("there is no login form on {url}{}{}", status.map(|status| format!(" (status {status})")).unwrap_or_default(), blockers.iter().map(|it| format!(": {it}")).collect::<String>())]
    NoForm {
        /// The page.
        url: Box<Url>,
        /// Its status, if it is an error.
        status: Option<u16>,
        /// What on it only a person with a browser gets past.
        blockers: Vec<Blocker>,
    },
    /// No form has what the caller named.
    #[error("no form that {url} leads to is, or has, what was named: {}", named.join(", "))]
    NotThere {
        /// The page.
        url: Box<Url>,
        /// What was named.
        named: Vec<String>,
    },
    /// The form wants more than a name and a password.
    #[error("the login form on {url} wants more: {}", missing.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Incomplete {
        /// The page.
        url: Box<Url>,
        /// What it wants.
        missing: Vec<MissingField>,
    },
    /// The form asks for a name and none was given.
    #[error("the login form on {url} asks for a user name ({field}): give --user NAME")]
    UserNeeded {
        /// The page.
        url: Box<Url>,
        /// What the page calls the field.
        field: String,
    },
    /// The form asks for a password and there is none to be had.
    #[error("the login form on {url} asks for a password: {why}")]
    PasswordNeeded {
        /// The page.
        url: Box<Url>,
        /// Why there is none.
        why: NoPassword,
    },
}
