//! Which form of a page, and which of its buttons, a person means.

use thiserror::Error;

use super::{Control, Form};

/// What is known of the form that is meant.
#[derive(Debug, Clone, Default)]
pub struct FormChoice {
    /// Its number on the page (from 1), its `id`, its `name`, or the end of the path that it goes to.
    pub form: Option<String>,
    /// The `id`, `name`, value or text of its button.
    pub button: Option<String>,
}

/// Why it is not clear which one that is.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NoSuchForm {
    /// There is none at all.
    #[error("there is no form on {page} ({status})")]
    None {
        /// The page.
        page: String,
        /// How it was answered.
        status: http::StatusCode,
    },
    /// None is called that.
    #[error("no form is called {wanted:?}; there are: {}", there.join("; "))]
    Unknown {
        /// What was asked for.
        wanted: String,
        /// Those that there are.
        there: Vec<String>,
    },
    /// Several would do.
    #[error("which form? There are: {}", there.join("; "))]
    Several {
        /// Those that there are.
        there: Vec<String>,
    },
    /// No button is called that.
    #[error("no button is called {wanted:?}; there are: {}", there.join(", "))]
    UnknownButton {
        /// What was asked for.
        wanted: String,
        /// Those that there are.
        there: Vec<String>,
    },
}

impl FormChoice {
    /// The form that is meant: the one that is named; else the only one, or the only one that has all these fields.
    pub(in crate::client) fn among<'a>(
        &self,
        forms: &'a [Form],
        fields: &[&str],
    ) -> Result<&'a Form, NoSuchForm> {
        let there = || (1..).zip(forms).map(|(number, form)| described(number, form)).collect();
        if let Some(wanted) = &self.form {
            let is_meant = |(number, form): &(usize, &Form)| {
                number.to_string() == *wanted || form.id == *wanted || form.name == *wanted
            };
            let found = (1..).zip(forms).find(is_meant).map(|(_, form)| form);
            let by_action = || forms.iter().find(|form| form.action.path().ends_with(wanted.as_str()));
            return found
                .or_else(by_action)
                .ok_or_else(|| NoSuchForm::Unknown { wanted: wanted.clone(), there: there() });
        }
        let has_all = |form: &&Form| {
            !fields.is_empty()
                && fields.iter().all(|field| form.controls.iter().any(|control| control.name == *field))
        };
        let mut fitting = forms.iter().filter(has_all);
        match (forms, fitting.next(), fitting.next()) {
            ([only], ..) | (_, Some(only), None) => Ok(only),
            _ => Err(NoSuchForm::Several { there: there() }),
        }
    }

    /// The button that is pressed: the one that is named, else the one that Enter presses.
    pub(in crate::client) fn button_of(&self, form: &Form) -> Result<Option<usize>, NoSuchForm> {
        let Some(wanted) = &self.button else { return Ok(form.default_button()) };
        let is_meant = |control: &Control| {
            control.is_submit()
                && [&control.id, &control.name, &control.value, &control.label]
                    .iter()
                    .any(|name| name.eq_ignore_ascii_case(wanted))
        };
        let there = form.controls.iter().filter(|control| control.is_submit());
        let there = || there.map(|control| format!("{:?}", control.label)).collect();
        let found = form.controls.iter().position(is_meant);
        found.map(Some).ok_or_else(|| NoSuchForm::UnknownButton { wanted: wanted.clone(), there: there() })
    }
}

/// `2 (id login) to /login`.
fn described(number: usize, form: &Form) -> String {
    let name = match (form.id.as_str(), form.name.as_str()) {
        ("", "") => String::new(),
        ("", name) => format!(" (name {name})"),
        (id, _) => format!(" (id {id})"),
    };
    format!("{number}{name} to {}", form.action.path())
}
