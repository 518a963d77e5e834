//! What a login looked at on its way to the form, and why it chose what it chose: the heuristics, for explaining them.

use std::fmt;

use http::Method;
use thiserror::Error;
use url::Url;

pub use super::evidence::{ControlSeen, Difference, shown_address};
use crate::client::html::blocker::Blocker;

/// A page that was searched for a login form.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TraceStep {
    /// Its address.
    pub url: Url,
    /// Its status.
    pub status: u16,
    /// How the search found it.
    pub discovered_by: DiscoveredBy,
    /// Its forms.
    pub forms: Vec<FormSeen>,
    /// What on it needs a person with a browser.
    pub blockers: Vec<Blocker>,
}

/// How a page was found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DiscoveredBy {
    /// It is the start page, or the page to which that redirects.
    Start,
    /// The previous page refreshes to it.
    Refresh,
    /// It is a frame of the previous page.
    Frame,
    /// A link or button with this text leads to it.
    Link(String),
    /// Many applications have their login at this path.
    WellKnown,
    /// It answered a form that asked for the user name only.
    NextStep,
    /// It answered the login form, and asks for a further step.
    FurtherStep,
}

/// A form of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FormSeen {
    /// Its number on the page, from 1.
    pub number: usize,
    /// Where it is sent.
    pub action: Url,
    /// How it is sent.
    pub method: Method,
    /// How it was classified.
    pub verdict: FormVerdict,
}

/// How a form was classified.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FormVerdict {
    /// It is not a login form.
    Rejected(RejectReason),
    /// It is a login form with this score, but another form has a higher one.
    Other(i32),
    /// It is the login form.
    Chosen {
        /// Its score.
        score: i32,
        /// Its fields.
        fields: Vec<FieldSeen>,
    },
}

/// A field of the login form.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldSeen {
    /// Its name, or the label of a button.
    pub name: String,
    /// How it is used.
    pub role: FieldRole,
}

/// How a field of the login form is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldRole {
    /// It takes the user name.
    User(FieldMatch),
    /// It takes the password.
    Password,
    /// It is sent unchanged: hidden fields, CSRF tokens, checkboxes.
    Kept,
    /// This button is pressed.
    Button,
}

/// Why a field takes the user name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldMatch {
    /// The caller named it.
    Named,
    /// Its `autocomplete` attribute.
    Autocomplete,
    /// Its name or its ID.
    Name,
    /// Its type.
    Type,
    /// Its label.
    Label,
    /// It is the last text field before the password.
    BeforePassword,
    /// It is the first text field.
    FirstText,
}

/// Why a form is not a login form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RejectReason {
    /// It closes a dialog.
    #[error("it closes a dialog")]
    Dialog,
    /// It opens an account.
    #[error("it creates an account")]
    Registers,
    /// It sets a password.
    #[error("it sets a new password")]
    NewPassword,
    /// It has several password fields.
    #[error("it has several password fields, as for a new password")]
    SeveralPasswords,
    /// It is a search, a newsletter or something else.
    #[error("it is for something else, such as a search or a newsletter")]
    OtherUse,
    /// It has no text field.
    #[error("it has no text field")]
    NoField,
    /// It has many more controls than a login form.
    #[error("it has many more controls than a login form")]
    TooManyControls,
    /// It has no password field, but several text fields.
    #[error("it has several text fields, but no password field")]
    SeveralFields,
    /// It has no password field, and no words that mention a login.
    #[error("it has no password field, and nothing mentions a login")]
    NoLoginWords,
    /// It asks for a one-time code only, after the login form.
    #[error("it asks for a one-time code")]
    AsksForCode,
    /// It lacks what the caller named.
    #[error("it is not the form, or lacks a field, that you named")]
    NotNamed,
    /// It has neither action nor method: a script sends it.
    #[error("only a script can send it: it has no action and method, or its fields have no names")]
    Scripted,
}

impl fmt::Display for DiscoveredBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DiscoveredBy::Start => f.write_str("looked at"),
            DiscoveredBy::Refresh => f.write_str("refreshed to"),
            DiscoveredBy::Frame => f.write_str("opened the frame"),
            DiscoveredBy::Link(text) => write!(f, "followed the link {text:?} to"),
            DiscoveredBy::WellKnown => f.write_str("tried a common login path:"),
            DiscoveredBy::NextStep => f.write_str("sent the user name, which led to"),
            DiscoveredBy::FurtherStep => f.write_str("was asked for a further step at"),
        }
    }
}

impl fmt::Display for FormVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FormVerdict::Rejected(reason) => write!(f, "not a login form: {reason}"),
            FormVerdict::Other(score) => {
                write!(f, "may be a login form ({score} points), but another one has more points")
            }
            FormVerdict::Chosen { score, .. } => write!(f, "the login form ({score} points)"),
        }
    }
}

impl fmt::Display for FieldRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FieldRole::User(reason) => write!(f, "the user name, {reason}"),
            FieldRole::Password => f.write_str("the password"),
            FieldRole::Kept => f.write_str("sent unchanged"),
            FieldRole::Button => f.write_str("the button that is pressed"),
        }
    }
}

impl fmt::Display for FieldMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FieldMatch::Named => "as you named it",
            FieldMatch::Autocomplete => "by its autocomplete attribute",
            FieldMatch::Name => "by its name",
            FieldMatch::Type => "by its type",
            FieldMatch::Label => "by its label",
            FieldMatch::BeforePassword => "as the last text field before the password",
            FieldMatch::FirstText => "as the first text field",
        })
    }
}
