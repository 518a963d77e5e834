//! [`FormChoice`]: which form of a page, and which of its buttons, to use.

use thiserror::Error;

use super::control::Control;
use super::form::Form;

/// Selects a form and a button.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct FormChoice {
    /// The number of the form on the page (from 1), its `id` (also as `#id`), its `name`, or the end of the path of its action.
    pub form: Option<String>,
    /// The `id`, `name`, value or text of the button.
    pub button: Option<String>,
    /// Presses no button, as a script that submits the form.
    pub no_button: bool,
}

/// Why no form or button was selected.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NoSuchForm {
    /// The page has no form.
    #[error("there is no form on {page} ({status})")]
    None {
        /// The page.
        page: String,
        /// Its status.
        status: http::StatusCode,
    },
    /// No form has this name.
    #[error("the page has no form {wanted:?}; its forms are: {}", available.join("; "))]
    Unknown {
        /// The given name.
        wanted: String,
        /// The available ones.
        available: Vec<String>,
    },
    /// Several forms match.
    #[error("several forms match; choose one with --form: {}", available.join("; "))]
    Several {
        /// The available ones.
        available: Vec<String>,
    },
    /// No button has this name.
    #[error("the form has no button {wanted:?}; its buttons are: {}", available.join(", "))]
    UnknownButton {
        /// The given name.
        wanted: String,
        /// The available ones.
        available: Vec<String>,
    },
}

impl FormChoice {
    /// Selects this form and this button. `None` leaves the choice to the page.
    #[must_use]
    pub fn new(form: Option<String>, button: Option<String>) -> Self {
        FormChoice { form, button, no_button: false }
    }

    /// The named form; otherwise the only one, or the only one with all these fields.
    pub(in crate::client) fn form_among<'a>(
        &self,
        forms: &'a [Form],
        fields: &[&str],
    ) -> Result<&'a Form, NoSuchForm> {
        let available = || (1..).zip(forms).map(|(number, form)| description(number, form)).collect();
        if let Some(wanted) = &self.form {
            let is_meant = |(number, form): &(usize, &Form)| {
                let id = wanted.strip_prefix('#').unwrap_or(wanted);
                let has_id = form.id == *wanted || (form.id == id && !id.is_empty());
                number.to_string() == *wanted || has_id || form.name == *wanted
            };
            let found = (1..).zip(forms).find(is_meant).map(|(_, form)| form);
            let by_action = || forms.iter().find(|form| form.action.path().ends_with(wanted.as_str()));
            return found
                .or_else(by_action)
                .ok_or_else(|| NoSuchForm::Unknown { wanted: wanted.clone(), available: available() });
        }
        let has_all =
            |form: &&Form| !fields.is_empty() && fields.iter().all(|field| form.field(field).is_some());
        let mut fitting = forms.iter().filter(has_all);
        match (forms, fitting.next(), fitting.next()) {
            ([only], ..) | (_, Some(only), None) => Ok(only),
            _ => Err(NoSuchForm::Several { available: available() }),
        }
    }

    /// The named button, otherwise the default button.
    pub(in crate::client) fn button_of(&self, form: &Form) -> Result<Option<usize>, NoSuchForm> {
        if self.no_button {
            return Ok(None);
        }
        let Some(wanted) = &self.button else { return Ok(form.default_button()) };
        let is_meant = |control: &Control| {
            control.is_submit()
                && [&control.id, &control.name, &control.value, &control.label]
                    .iter()
                    .any(|name| name.eq_ignore_ascii_case(wanted))
        };
        let buttons = form.controls.iter().filter(|control| control.is_submit());
        let available = || buttons.map(|control| format!("{:?}", control.label)).collect();
        let found = form.controls.iter().position(is_meant);
        found
            .map(Some)
            .ok_or_else(|| NoSuchForm::UnknownButton { wanted: wanted.clone(), available: available() })
    }
}

/// For example `2 (id login) to /login`.
fn description(number: usize, form: &Form) -> String {
    let name = match (form.id.as_str(), form.name.as_str()) {
        ("", "") => String::new(),
        ("", name) => format!(" (name {name})"),
        (id, _) => format!(" (id {id})"),
    };
    format!("{number}{name} to {}", form.action.path())
}
