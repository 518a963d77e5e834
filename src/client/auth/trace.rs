//! What a login saw on its way to the form, and why it chose what it chose.

use std::fmt;

use http::Method;
use url::Url;

use super::classify;
use super::classify::{Hints, LoginForm};
use crate::client::html::blocker::Blocker;
use crate::client::html::form::{Control, ControlKind, FormMethod};
use crate::client::html::page::Page;

/// A page that was looked at for a login form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceStep {
    /// Where it is.
    pub url: Url,
    /// Its status.
    pub status: u16,
    /// How it was come by.
    pub discovered_by: DiscoveredBy,
    /// Its forms.
    pub forms: Vec<FormSeen>,
    /// What on it only a person with a browser gets past.
    pub blockers: Vec<Blocker>,
}

/// How a page was come by.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DiscoveredBy {
    /// It is the one that was asked for, or where that redirects.
    Start,
    /// The page before leads on by itself.
    Refresh,
    /// It is a frame of the page before.
    Frame,
    /// A link of this text leads there.
    Link(String),
    /// Logins are often there.
    WellKnown,
    /// It answered a form that asked for the name only.
    NextStep,
}

/// A form that was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormSeen {
    /// Its number on the page, from 1.
    pub number: usize,
    /// Where it goes.
    pub action: Url,
    /// How.
    pub method: Method,
    /// What it was taken for.
    pub verdict: FormVerdict,
}

/// What a form was taken for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormVerdict {
    /// No login.
    Not(RejectReason),
    /// A login, but another one looks more like it: by these points.
    Other(i32),
    /// The login form.
    Chosen {
        /// How much it looks like one.
        score: i32,
        /// What its fields were taken for.
        fields: Vec<FieldSeen>,
    },
}

/// A field of the login form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldSeen {
    /// Its name, or what its button says.
    pub name: String,
    /// What is done with it, and why.
    pub role: FieldRole,
}

/// What is done with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldRole {
    /// The user's name goes there.
    User(FieldMatch),
    /// The password goes there.
    Password,
    /// It is sent as the page has it: hidden fields, tokens, boxes ticked or not.
    Kept,
    /// This button is pressed.
    Button,
}

/// Why a field was taken for the user's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldMatch {
    /// The caller said so.
    Named,
    /// By `autocomplete`.
    Autocomplete,
    /// By its name or id.
    Name,
    /// By its type.
    Type,
    /// By its label.
    Label,
    /// It stands before the password.
    BeforePassword,
    /// It is the first field for text.
    FirstText,
}

/// Why a form is no login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RejectReason {
    /// It closes a dialog.
    Dialog,
    /// It opens an account.
    Registers,
    /// It sets a password.
    NewPassword,
    /// It has several password fields.
    SeveralPasswords,
    /// It is a search or a newsletter.
    OtherUse,
    /// There is nothing to type into.
    NoField,
    /// Without a password, but with several fields for text.
    SeveralFields,
    /// Without a password, and nothing says that it logs in.
    Silent,
    /// It has not what the caller named.
    NotNamed,
    /// It says neither where it goes nor how: a script would send it.
    Scripted,
}

impl TraceStep {
    pub(super) fn of(page: &Page, status: u16, discovered_by: DiscoveredBy, hints: &Hints) -> TraceStep {
        let chosen = classify::login_form(page, hints);
        let forms = page.forms.iter().enumerate().map(|(index, form)| FormSeen {
            number: index + 1,
            action: form.action.clone(),
            method: if form.method == FormMethod::Post { Method::POST } else { Method::GET },
            verdict: match classify::judge(page, index, hints) {
                Err(not) => FormVerdict::Not(not),
                Ok(found) if chosen != Some(found) => FormVerdict::Other(found.score),
                Ok(found) => FormVerdict::Chosen { score: found.score, fields: fields_of(page, &found) },
            },
        });
        TraceStep {
            url: page.url.clone(),
            status,
            discovered_by,
            forms: forms.collect(),
            blockers: page.blockers.clone(),
        }
    }
}

fn fields_of(page: &Page, found: &LoginForm) -> Vec<FieldSeen> {
    let form = &page.forms[found.form];
    let button = classify::login_button(form, &[]);
    let field = |(index, control): (usize, &Control)| {
        let role = if Some(index) == found.password {
            FieldRole::Password
        } else if let Some((_, because)) = found.user.filter(|(user, _)| *user == index) {
            FieldRole::User(because)
        } else if Some(index) == button {
            FieldRole::Button
        } else {
            let is_button =
                matches!(control.kind, ControlKind::Submit(_) | ControlKind::Image(_) | ControlKind::Button);
            if is_button || control.disabled || control.name.is_empty() {
                return None;
            }
            FieldRole::Kept
        };
        let name = match role {
            FieldRole::Button if !control.label.is_empty() => control.label.clone(),
            _ => control.name.clone(),
        };
        Some(FieldSeen { name, role })
    };
    form.controls.iter().enumerate().filter_map(field).collect()
}

impl fmt::Display for DiscoveredBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DiscoveredBy::Start => f.write_str("looked at"),
            DiscoveredBy::Refresh => f.write_str("that page leads by itself to"),
            DiscoveredBy::Frame => f.write_str("that page has a frame,"),
            DiscoveredBy::Link(text) => write!(f, "the link {text:?} leads to"),
            DiscoveredBy::WellKnown => f.write_str("tried, since logins are often there,"),
            DiscoveredBy::NextStep => f.write_str("the name was accepted by"),
        }
    }
}

impl fmt::Display for FormVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FormVerdict::Not(why) => write!(f, "no login: {why}"),
            FormVerdict::Other(score) => {
                write!(f, "a login, but less like one than another ({score} points)")
            }
            FormVerdict::Chosen { score, .. } => write!(f, "the login form ({score} points)"),
        }
    }
}

impl fmt::Display for FieldRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FieldRole::User(because) => write!(f, "the user's name, {because}"),
            FieldRole::Password => f.write_str("the password"),
            FieldRole::Kept => f.write_str("sent as the page has it"),
            FieldRole::Button => f.write_str("the button that is pressed"),
        }
    }
}

impl fmt::Display for FieldMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FieldMatch::Named => "as was said",
            FieldMatch::Autocomplete => "by its autocomplete",
            FieldMatch::Name => "by its name",
            FieldMatch::Type => "by its type",
            FieldMatch::Label => "by its label",
            FieldMatch::BeforePassword => "since it stands before the password",
            FieldMatch::FirstText => "since it is the first field for text",
        })
    }
}

impl fmt::Display for RejectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            RejectReason::Dialog => "it closes a dialog",
            RejectReason::Registers => "it opens an account",
            RejectReason::NewPassword => "it sets a new password",
            RejectReason::SeveralPasswords => "it has several password fields, as for a new one",
            RejectReason::OtherUse => "it has no password and is a search or a newsletter",
            RejectReason::NoField => "there is nothing to type into",
            RejectReason::SeveralFields => "it has no password and several fields for text",
            RejectReason::Silent => "it has no password, and nothing says that it logs in",
            RejectReason::NotNamed => "it is not what was named",
            RejectReason::Scripted => {
                "it says neither where it goes nor how, or its fields have no names: a script would send it"
            }
        })
    }
}
