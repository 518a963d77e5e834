//! [`Form`]: the forms of a page as a browser understands them, filled in and submitted as it would.

mod check;
mod choice;
mod extract;
mod submission;

use url::Url;

pub use check::Refusal;
pub use choice::{FormChoice, NoSuchForm};
pub use submission::{EntryValue, Filling, Upload};

/// A form of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// The page that it is on.
    pub page: Url,
    /// Where it goes, unless its button says otherwise.
    pub action: Url,
    /// How it goes there.
    pub method: FormMethod,
    /// How its fields are written into a request body.
    pub encoding: FormEncoding,
    /// In which characters it is sent: those of its page, unless it says otherwise.
    pub charset: &'static encoding_rs::Encoding,
    /// `id`.
    pub id: String,
    /// `name`.
    pub name: String,
    /// `id`, `name` and `class`, for telling forms apart.
    pub names: String,
    /// It may be sent whatever is in its fields.
    pub novalidate: bool,
    /// It says neither where it goes nor how: a script sends what is in it.
    pub scripted: bool,
    /// What it says, without what its links say.
    pub text: String,
    /// Its fields and buttons, in their order.
    pub controls: Vec<Control>,
}

/// The `method` of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormMethod {
    /// Fields go into the URL.
    Get,
    /// Fields go into the body.
    Post,
    /// The form closes a dialog of its page and goes nowhere.
    Dialog,
}

/// The `enctype` of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormEncoding {
    /// `application/x-www-form-urlencoded`
    UrlEncoded,
    /// `multipart/form-data`
    Multipart,
    /// `text/plain`
    Plain,
}

/// A field or button of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Control {
    /// The name under which it is sent; empty: it is not.
    pub name: String,
    /// What it is.
    pub kind: ControlKind,
    /// What is in it when the page is loaded.
    pub value: String,
    /// `id`.
    pub id: String,
    /// `autocomplete`, in lower case.
    pub autocomplete: String,
    /// What the page calls it.
    pub label: String,
    /// It cannot be used, and is not sent.
    pub disabled: bool,
    /// Nobody sees it: it is there for browsers or to be fallen into, and sent as it is.
    pub concealed: bool,
    /// What a browser wants of its value.
    pub constraints: Constraints,
}

/// What a browser wants of a field before it sends the form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Constraints {
    /// There must be a value.
    pub required: bool,
    /// The value must be all of what this JavaScript pattern matches.
    pub pattern: Option<String>,
    /// How many characters it may have, in UTF-16 units.
    pub max_length: Option<usize>,
    /// How many it must have.
    pub min_length: Option<usize>,
    /// What the page says of the pattern.
    pub title: String,
}

/// What a control is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ControlKind {
    /// Takes text: `text`, `email`, `tel`, `textarea` and the like, by the `type`.
    Text(String),
    /// Takes text that nobody sees.
    Password,
    /// Is sent as it is.
    Hidden,
    /// Is sent when it is ticked.
    Checkbox {
        /// It is ticked.
        checked: bool,
    },
    /// Is sent when it is the one that is ticked of its name.
    Radio {
        /// It is ticked.
        checked: bool,
    },
    /// One or several of a list.
    Select {
        /// What there is to choose.
        options: Vec<Choice>,
        /// Whether several can be chosen.
        multiple: bool,
    },
    /// A file.
    File,
    /// Submits the form, perhaps elsewhere or otherwise than the form says.
    Submit(Override),
    /// Submits the form, with the place where it was clicked.
    Image(Override),
    /// Does something by script, or nothing.
    Button,
}

/// One entry of a list to choose from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is shown.
    pub label: String,
    /// It is chosen when the page is loaded.
    pub selected: bool,
    /// It cannot be chosen.
    pub disabled: bool,
}

/// What a submit button says about the submission in place of its form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Override {
    /// `formaction`
    pub action: Option<Url>,
    /// `formmethod`
    pub method: Option<FormMethod>,
    /// `formenctype`
    pub encoding: Option<FormEncoding>,
}

impl Control {
    /// Whether a person types text into it that can be read.
    #[must_use]
    pub fn is_text(&self) -> bool {
        matches!(self.kind, ControlKind::Text(_)) && !self.disabled && !self.concealed
    }

    /// Whether it takes a password.
    #[must_use]
    pub fn is_password(&self) -> bool {
        self.kind == ControlKind::Password && !self.disabled && !self.concealed
    }

    /// Whether it submits the form.
    #[must_use]
    pub fn is_submit(&self) -> bool {
        matches!(self.kind, ControlKind::Submit(_) | ControlKind::Image(_)) && !self.disabled
    }
}

impl Form {
    /// The button that Enter presses: the first that submits.
    #[must_use]
    pub fn default_button(&self) -> Option<usize> {
        self.controls.iter().position(Control::is_submit)
    }
}
