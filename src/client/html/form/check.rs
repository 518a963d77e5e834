//! What a browser would not send (HTML, constraint validation), said before it is sent.

use std::fmt;

use url::Url;

use super::submission::{TICKED, UNTICKED};
use super::{Control, ControlKind, Filling, Form};

/// Why a form cannot be sent as it is filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The form has no such field.
    NoField {
        /// The name that was given.
        name: String,
        /// The names that there are.
        there: Vec<String>,
    },
    /// The field is disabled.
    Disabled(String),
    /// The field takes a file, or takes none.
    Kind(String),
    /// None of what there is to choose.
    NoChoice {
        /// The field.
        name: String,
        /// What was given.
        value: String,
        /// What there is.
        there: Vec<String>,
    },
    /// The field must have a value.
    Required(String),
    /// The value is too long.
    TooLong(String, usize),
    /// The value is too short.
    TooShort(String, usize),
    /// The value is not of the form that the page wants.
    Pattern {
        /// The field.
        name: String,
        /// What the page wants: in its words, or its pattern.
        wanted: String,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::NoField { name, there } => {
                write!(f, "the form has no field {name:?}; it has: {}", there.join(", "))
            }
            Refusal::Disabled(name) => write!(f, "{name} is disabled"),
            Refusal::Kind(name) => write!(f, "{name} takes a file (NAME=@FILE), or is no field for files"),
            Refusal::NoChoice { name, value, there } => {
                write!(f, "{name} has no choice {value:?}; there are: {}", there.join(", "))
            }
            Refusal::Required(name) => write!(f, "{name} must have a value"),
            Refusal::TooLong(name, limit) => write!(f, "{name} may have {limit} characters"),
            Refusal::TooShort(name, limit) => write!(f, "{name} must have {limit} characters"),
            Refusal::Pattern { name, wanted } => write!(f, "{name} must be: {wanted}"),
        }
    }
}

impl Form {
    /// What a browser would refuse to send, and names that nobody could fill in.
    #[must_use]
    pub fn check(&self, filling: &Filling) -> Vec<Refusal> {
        let names = filling.values.iter().map(|(name, _)| (name, false));
        let names = names.chain(filling.files.iter().map(|(name, _)| (name, true)));
        let mut refusals: Vec<Refusal> = names.filter_map(|(name, file)| self.misfit(name, file)).collect();
        let usable = || self.controls.iter().filter(|control| !control.disabled && !control.name.is_empty());
        refusals.extend(filling.values.iter().filter_map(|(name, value)| self.no_choice(name, value)));
        if !self.novalidate {
            let mut invalid: Vec<Refusal> =
                usable().filter_map(|control| self.invalid(control, filling)).collect();
            invalid.dedup();
            refusals.extend(invalid);
        }
        refusals
    }

    fn misfit(&self, name: &str, file: bool) -> Option<Refusal> {
        let called: Vec<&Control> = self.controls.iter().filter(|control| control.name == name).collect();
        let takes_file = |control: &&Control| control.kind == ControlKind::File;
        if called.is_empty() {
            let named = self.controls.iter().filter(|control| !control.name.is_empty());
            let mut there: Vec<String> = named.map(|control| control.name.clone()).collect();
            there.dedup();
            Some(Refusal::NoField { name: name.to_owned(), there })
        } else if called.iter().all(|control| control.disabled) {
            Some(Refusal::Disabled(name.to_owned()))
        } else {
            (called.iter().any(takes_file) != file).then(|| Refusal::Kind(name.to_owned()))
        }
    }

    /// A value for something to choose from that is none of what there is.
    fn no_choice(&self, name: &str, value: &str) -> Option<Refusal> {
        let mut there = Vec::new();
        for control in self.controls.iter().filter(|control| control.name == name && !control.disabled) {
            match &control.kind {
                ControlKind::Select { options, .. } => {
                    for option in options.iter().filter(|option| !option.disabled) {
                        there.extend([option.value.clone(), option.label.clone()]);
                    }
                }
                ControlKind::Radio { .. } => there.push(control.value.clone()),
                ControlKind::Checkbox { .. } => {
                    if TICKED.contains(&value) || UNTICKED.contains(&value) {
                        return None;
                    }
                    there.push(control.value.clone());
                }
                _ => return None,
            }
        }
        there.dedup();
        let is_there = there.is_empty() || there.iter().any(|choice| choice == value);
        (!is_there).then(|| Refusal::NoChoice { name: name.to_owned(), value: value.to_owned(), there })
    }

    fn invalid(&self, control: &Control, filling: &Filling) -> Option<Refusal> {
        let (name, wants) = (&control.name, &control.constraints);
        let given: Option<&str> = filling.given(name).last();
        let required = || Some(Refusal::Required(name.clone()));
        let value = match &control.kind {
            ControlKind::Text(_) | ControlKind::Password => given.unwrap_or(&control.value),
            ControlKind::File => {
                let is_missing = !filling.files.iter().any(|(field, _)| field == name);
                return if wants.required && is_missing { required() } else { None };
            }
            ControlKind::Checkbox { .. } | ControlKind::Radio { .. } | ControlKind::Select { .. } => {
                let is_sent = self.entries(filling).iter().any(|(sent, value)| {
                    sent == name && !matches!(value, super::EntryValue::Text(text) if text.is_empty())
                });
                return if wants.required && !is_sent { required() } else { None };
            }
            _ => return None,
        };
        if value.is_empty() {
            return if wants.required { required() } else { None };
        }
        // What the page itself put there is not a person's fault.
        given?;
        let length = value.encode_utf16().count();
        if let Some(limit) = wants.max_length.filter(|limit| length > *limit) {
            return Some(Refusal::TooLong(name.clone(), limit));
        }
        if let Some(limit) = wants.min_length.filter(|limit| length < *limit) {
            return Some(Refusal::TooShort(name.clone(), limit));
        }
        let wanted = match &control.kind {
            ControlKind::Text(kind) => mistyped(kind, value).map(str::to_owned),
            _ => None,
        };
        let wanted = wanted.or_else(|| {
            let pattern = wants.pattern.as_deref().filter(|pattern| !matches(pattern, value))?;
            Some(if wants.title.is_empty() { pattern.to_owned() } else { wants.title.clone() })
        });
        wanted.map(|wanted| Refusal::Pattern { name: name.clone(), wanted })
    }
}

/// What a field of this type wants, where the value is something else.
fn mistyped(kind: &str, value: &str) -> Option<&'static str> {
    let is_email = |value: &str| {
        value.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty()
                && !host.is_empty()
                && !host.contains('@')
                && !value.contains(char::is_whitespace)
        })
    };
    match kind {
        "email" if !is_email(value) => Some("an address such as name@example.org"),
        "url" if Url::parse(value).is_err() => Some("a whole URL"),
        "number" | "range" if value.parse::<f64>().is_err() => Some("a number"),
        _ => None,
    }
}

/// Whether the pattern matches all of the value. One that is no pattern asks for nothing (HTML, the pattern attribute).
fn matches(pattern: &str, value: &str) -> bool {
    let whole = format!("^(?:{pattern})$");
    let with_unicode =
        regress::Regex::with_flags(&whole, "v").or_else(|_| regress::Regex::with_flags(&whole, "u"));
    with_unicode.is_ok_and(|pattern| pattern.find(value).is_some()) || regress::Regex::new(&whole).is_err()
}
