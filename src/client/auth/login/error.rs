//! [`LoginError`]: why a login was not tried, or has no result.

use std::fmt;

use thiserror::Error;
use url::Url;

use super::credentials::NoPassword;
use crate::client::html::blocker::Blocker;
use crate::client::html::form::{Control, ControlKind, InvalidField, NoSuchForm};
use crate::client::http::error::ClientError;

/// Why a login was not tried, or has no result.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LoginError {
    /// A request failed.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// There is no login form on the page, where its links lead, or at the common login paths.
    #[error("there is no login form on {url}{}{}", status.map(|status| format!(" (status {status})")).unwrap_or_default(), blockers.iter().map(|it| format!(": {it}")).collect::<String>())]
    NoForm {
        /// The page.
        url: Box<Url>,
        /// Its status, if it is an error.
        status: Option<u16>,
        /// What on it needs a person with a browser.
        blockers: Vec<Blocker>,
    },
    /// No form has what the caller named.
    #[error("{url} and its links have no form or field named {}", named.join(", "))]
    NotThere {
        /// The page.
        url: Box<Url>,
        /// What the caller named.
        named: Vec<String>,
    },
    /// The form requires more than a user name and a password.
    #[error("the login form on {url} requires more fields: {}", missing.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Incomplete {
        /// The page.
        url: Box<Url>,
        /// The missing fields.
        missing: Vec<MissingField>,
    },
    /// The form requires a user name, and none was given.
    #[error("the login form on {url} asks for a user name ({field}): give --user NAME")]
    UserNeeded {
        /// The page.
        url: Box<Url>,
        /// The label of the field.
        field: String,
    },
    /// The form requires a password, and none was given.
    #[error("the login form on {url} asks for a password: {why}")]
    PasswordNeeded {
        /// The page.
        url: Box<Url>,
        /// Why no password was available.
        why: NoPassword,
    },
    /// A page asks for a one-time code, and none was given.
    #[error("{url} asks for a one-time code: {why}")]
    CodeNeeded {
        /// The page.
        url: Box<Url>,
        /// Why no code was available.
        why: NoPassword,
    },
    /// A browser would not send the form of a further step.
    #[error("cannot fill in the form on {url}: {}", invalid.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Invalid {
        /// The page.
        url: Box<Url>,
        /// What is wrong.
        invalid: Vec<InvalidField>,
    },
    /// The browser failed.
    #[cfg(feature = "browser")]
    #[error(transparent)]
    Browser(#[from] crate::client::browser::BrowserError),
    /// No login form has appeared in the browser.
    #[error("no login form has appeared on {url}{}{}", blockers.iter().map(|it| format!(": {it}")).collect::<String>(), if shows.is_empty() { String::new() } else { format!("; it shows: {}", shows.join(" / ")) })]
    NoDrawnForm {
        /// The page.
        url: Box<Url>,
        /// What on it needs a person.
        blockers: Vec<Blocker>,
        /// Its title and its first texts.
        shows: Vec<String>,
    },
    /// It is not known which form of a page answers a further step.
    #[error(transparent)]
    NoStepForm(#[from] NoSuchForm),
}

/// A required field without a value.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MissingField {
    /// Its name.
    pub name: String,
    /// Its label.
    pub label: String,
    /// It is a checkbox.
    pub is_checkbox: bool,
}

impl MissingField {
    pub(super) fn of(control: &Control) -> Self {
        MissingField {
            name: control.name.clone(),
            label: control.label.clone(),
            is_checkbox: matches!(control.kind, ControlKind::Checkbox { .. }),
        }
    }
}

impl fmt::Display for MissingField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let MissingField { name, label, is_checkbox } = self;
        let (kind, value) = if *is_checkbox { ("checkbox", "on") } else { ("field", "VALUE") };
        let label = if label.is_empty() { name } else { label };
        write!(f, "{kind} {label:?} (--field {name}={value})")
    }
}
