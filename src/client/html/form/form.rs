//! [`Form`]: a form of a page.

use encoding_rs::Encoding;
use url::Url;

use super::control::Control;

/// A form of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Form {
    /// The URL of its page.
    pub page: Url,
    /// Its `action`. A button may override it.
    pub action: Url,
    /// Its `method`.
    pub method: FormMethod,
    /// Its `enctype`.
    pub encoding: FormEncoding,
    /// The encoding of the submitted text: that of the page, or `accept-charset`.
    pub charset: &'static Encoding,
    /// `id`.
    pub id: String,
    /// `name`.
    pub name: String,
    /// `id`, `name` and `class` in one text.
    pub names: String,
    /// `novalidate`: the fields are not checked.
    pub novalidate: bool,
    /// It has neither `action` nor `method`: a script submits it.
    pub scripted: bool,
    /// Its visible text, without links.
    pub text: String,
    /// Its fields and buttons, in document order.
    pub controls: Vec<Control>,
}

/// The `method` of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormMethod {
    /// The fields are sent in the URL.
    Get,
    /// The fields are sent in the body.
    Post,
    /// The form closes a dialog and sends no request.
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

impl Form {
    /// The default button: the first submit button (HTML, implicit submission).
    #[must_use]
    pub fn default_button(&self) -> Option<usize> {
        self.controls.iter().position(Control::is_submit)
    }

    /// The field with this name, otherwise the one with this id, otherwise the one with this label.
    pub(crate) fn field(&self, name: &str) -> Option<&Control> {
        let label = |control: &Control| control.label.trim_end_matches([':', '*', ' ']).to_lowercase();
        let fields = || self.controls.iter().filter(|control| !control.name.is_empty());
        fields()
            .find(|control| control.name == name)
            .or_else(|| fields().find(|control| control.id == name))
            .or_else(|| fields().find(|control| label(control) == name.to_lowercase()))
    }

    /// Where the form is sent with this button.
    pub(crate) fn target(&self, button: Option<usize>) -> &Url {
        let pressed = button.and_then(|index| self.controls.get(index)?.overrides());
        pressed.and_then(|overrides| overrides.action.as_ref()).unwrap_or(&self.action)
    }

    /// The indexes of the controls that match.
    pub(crate) fn positions(&self, is_match: impl Fn(&Control) -> bool) -> impl Iterator<Item = usize> {
        let controls = self.controls.iter().enumerate();
        controls.filter(move |(_, control)| is_match(control)).map(|(index, _)| index)
    }
}
