//! [`Control`]: a field or button of a form.

use url::Url;

use super::form::{FormEncoding, FormMethod};

/// A field or button of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Control {
    /// Its name. A control without a name is not sent.
    pub name: String,
    /// Its kind.
    pub kind: ControlKind,
    /// Its initial value.
    pub value: String,
    /// `id`.
    pub id: String,
    /// `autocomplete`, in lower case.
    pub autocomplete: String,
    /// Its label.
    pub label: String,
    /// Whether it is disabled. Disabled controls are not sent.
    pub disabled: bool,
    /// Whether it is invisible, for example a honeypot. It is sent with its initial value.
    pub concealed: bool,
    /// The constraints on its value.
    pub constraints: Constraints,
    /// Its number, if a browser has drawn the page.
    pub(crate) number: Option<usize>,
}

/// The constraints that a browser checks before it submits the form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Constraints {
    /// `required`
    pub required: bool,
    /// `pattern`: a JavaScript regular expression that must match the whole value.
    pub pattern: Option<String>,
    /// `maxlength`, in UTF-16 code units.
    pub max_length: Option<usize>,
    /// `minlength`, in UTF-16 code units.
    pub min_length: Option<usize>,
    /// `title`: describes the pattern.
    pub title: String,
}

/// The kind of a control.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ControlKind {
    /// A text field with this `type`: `text`, `email`, `tel`, `textarea` and so on.
    Text(String),
    /// A password field.
    Password,
    /// A hidden field.
    Hidden,
    /// A checkbox.
    Checkbox {
        /// Whether it is checked when the page is loaded.
        checked: bool,
    },
    /// A radio button.
    Radio {
        /// Whether it is checked when the page is loaded.
        checked: bool,
    },
    /// A selection list.
    Select {
        /// Its options.
        options: Vec<Choice>,
        /// Whether several options can be selected.
        multiple: bool,
    },
    /// A file field.
    File,
    /// A submit button.
    Submit(Override),
    /// An image button. It also sends the coordinates of the click.
    Image(Override),
    /// A button for scripts.
    Button,
}

/// One option of a selection list.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Choice {
    /// The submitted value.
    pub value: String,
    /// The visible text.
    pub label: String,
    /// Whether it is selected when the page is loaded.
    pub selected: bool,
    /// Whether it is disabled.
    pub disabled: bool,
}

/// The attributes of a submit button that override those of its form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Override {
    /// `formaction`
    pub action: Option<Url>,
    /// `formmethod`
    pub method: Option<FormMethod>,
    /// `formenctype`
    pub encoding: Option<FormEncoding>,
}

impl Control {
    /// Whether it is a usable, visible text field.
    #[must_use]
    pub fn is_text(&self) -> bool {
        self.text_type().is_some() && !self.disabled && !self.concealed
    }

    /// Whether it is a usable, visible password field.
    #[must_use]
    pub fn is_password(&self) -> bool {
        self.kind == ControlKind::Password && !self.disabled && !self.concealed
    }

    /// The `type` of a text field.
    pub(crate) fn text_type(&self) -> Option<&str> {
        match &self.kind {
            ControlKind::Text(kind) => Some(kind),
            _ => None,
        }
    }

    /// What a submit button overrides.
    pub(crate) fn overrides(&self) -> Option<&Override> {
        match &self.kind {
            ControlKind::Submit(overrides) | ControlKind::Image(overrides) => Some(overrides),
            _ => None,
        }
    }

    /// Whether its `autocomplete` attribute contains this token.
    pub(crate) fn has_autocomplete(&self, token: &str) -> bool {
        self.autocomplete.split(' ').any(|it| it == token)
    }

    /// What a button shows: its label and its value.
    pub(crate) fn caption(&self) -> String {
        format!("{} {}", self.label, self.value)
    }

    /// Whether it is a usable submit button.
    #[must_use]
    pub fn is_submit(&self) -> bool {
        self.overrides().is_some() && !self.disabled
    }
}
