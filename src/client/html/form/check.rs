//! Constraint validation (HTML): checks a filled-in form before it is submitted, as browsers do.

use std::collections::HashSet;

use thiserror::Error;
use url::Url;

use super::control::{Control, ControlKind};
use super::form::Form;
use super::pattern;
use super::submission::{CHECKED_WORDS, EntryValue, Filling, UNCHECKED_WORDS};

/// Why a form cannot be submitted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InvalidField {
    /// The form has no field with this name.
    #[error("the form has no field {name:?}; its fields are: {}", available.join(", "))]
    Unknown {
        /// The given name.
        name: String,
        /// The names of all fields.
        available: Vec<String>,
    },
    /// The field is disabled.
    #[error("the field {0} is disabled")]
    Disabled(String),
    /// The field expects a file, or does not accept one.
    #[error("the field {0} expects a file (NAME=@FILE), or does not accept one")]
    WrongKind(String),
    /// The field has no option with this value.
    #[error("the field {name} has no option {value:?}; its options are: {}", available.join(", "))]
    UnknownOption {
        /// The field.
        name: String,
        /// The given value.
        value: String,
        /// The values and texts of all options.
        available: Vec<String>,
    },
    /// The field requires a value.
    #[error("the field {0} requires a value")]
    Required(String),
    /// The value is too long.
    #[error("the field {0} allows at most {1} characters")]
    TooLong(String, usize),
    /// The value is too short.
    #[error("the field {0} requires at least {1} characters")]
    TooShort(String, usize),
    /// The value does not match the field's type or pattern.
    #[error("the field {name} requires {expected}")]
    Pattern {
        /// The field.
        name: String,
        /// The expected format.
        expected: String,
    },
}

impl Form {
    /// Everything that a browser would reject, and names that are not in the form.
    #[must_use]
    pub fn check(&self, filling: &Filling) -> Vec<InvalidField> {
        let names = filling.values.iter().map(|(name, _)| (name, false));
        let names = names.chain(filling.files.iter().map(|(name, _)| (name, true)));
        let mut invalid: Vec<InvalidField> =
            names.filter_map(|(name, file)| self.unusable_name(name, file)).collect();
        invalid.extend(filling.values.iter().filter_map(|(name, value)| self.unknown_option(name, value)));
        if !self.novalidate {
            let usable = self.controls.iter().filter(|control| !control.disabled && !control.name.is_empty());
            let entries = self.entries(filling);
            let empty = EntryValue::Text(String::new());
            let sent = entries.iter().filter(|(_, value)| *value != empty);
            let sent: HashSet<&str> = sent.map(|(name, _)| name.as_str()).collect();
            let mut violations: Vec<InvalidField> =
                usable.filter_map(|control| violation(control, filling, &sent)).collect();
            violations.dedup();
            invalid.extend(violations);
        }
        invalid
    }

    fn unusable_name(&self, name: &str, file: bool) -> Option<InvalidField> {
        let controls: Vec<&Control> = self.controls.iter().filter(|control| control.name == name).collect();
        let takes_file = |control: &&Control| control.kind == ControlKind::File;
        if controls.is_empty() {
            let named = self.controls.iter().filter(|control| !control.name.is_empty());
            let mut available: Vec<String> = named.map(|control| control.name.clone()).collect();
            available.dedup();
            Some(InvalidField::Unknown { name: name.to_owned(), available })
        } else if controls.iter().all(|control| control.disabled) {
            Some(InvalidField::Disabled(name.to_owned()))
        } else {
            (controls.iter().any(takes_file) != file).then(|| InvalidField::WrongKind(name.to_owned()))
        }
    }

    /// A value that is not among the options of a field.
    fn unknown_option(&self, name: &str, value: &str) -> Option<InvalidField> {
        let mut available = Vec::new();
        for control in self.controls.iter().filter(|control| control.name == name && !control.disabled) {
            match &control.kind {
                ControlKind::Select { options, .. } => {
                    for option in options.iter().filter(|option| !option.disabled) {
                        available.extend([option.value.clone(), option.label.clone()]);
                    }
                }
                ControlKind::Radio { .. } => available.push(control.value.clone()),
                ControlKind::Checkbox { .. } => {
                    if CHECKED_WORDS.contains(&value) || UNCHECKED_WORDS.contains(&value) {
                        return None;
                    }
                    available.push(control.value.clone());
                }
                // It unchecks the checkbox.
                ControlKind::Hidden if self.is_fallback(control) => available.push(control.value.clone()),
                _ => return None,
            }
        }
        available.dedup();
        let is_known = available.is_empty() || available.iter().any(|option| option == value);
        (!is_known).then(|| InvalidField::UnknownOption {
            name: name.to_owned(),
            value: value.to_owned(),
            available,
        })
    }
}

/// What a browser would reject about a control. `sent` are the names that the form sends with a value.
fn violation(control: &Control, filling: &Filling, sent: &HashSet<&str>) -> Option<InvalidField> {
    let (name, constraints) = (&control.name, &control.constraints);
    let given: Option<&str> = filling.given(name).last();
    let is_missing = match &control.kind {
        ControlKind::Text(_) | ControlKind::Password => given.unwrap_or(&control.value).is_empty(),
        ControlKind::File => !filling.files.iter().any(|(field, _)| field == name),
        ControlKind::Checkbox { .. } | ControlKind::Radio { .. } | ControlKind::Select { .. } => {
            !sent.contains(name.as_str())
        }
        _ => return None,
    };
    if is_missing {
        return constraints.required.then(|| InvalidField::Required(name.clone()));
    }
    // Browsers do not check initial values.
    let value = given.filter(|_| matches!(control.kind, ControlKind::Text(_) | ControlKind::Password))?;
    let length = value.encode_utf16().count();
    if let Some(limit) = constraints.max_length.filter(|limit| length > *limit) {
        return Some(InvalidField::TooLong(name.clone(), limit));
    }
    if let Some(limit) = constraints.min_length.filter(|limit| length < *limit) {
        return Some(InvalidField::TooShort(name.clone(), limit));
    }
    let by_type = control.text_type().and_then(|kind| expected_type(kind, value)).map(str::to_owned);
    let by_pattern = || {
        let pattern = constraints.pattern.as_deref().filter(|it| !pattern::matches(it, value))?;
        Some(if constraints.title.is_empty() { pattern.to_owned() } else { constraints.title.clone() })
    };
    let expected = by_type.or_else(by_pattern)?;
    Some(InvalidField::Pattern { name: name.clone(), expected })
}

/// The expected format, if the value does not match the type of the field.
fn expected_type(kind: &str, value: &str) -> Option<&'static str> {
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
        "url" if Url::parse(value).is_err() => Some("an absolute URL"),
        "number" | "range" if value.parse::<f64>().is_err() => Some("a number"),
        _ => None,
    }
}
