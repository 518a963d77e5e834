//! Whether a page asks for a further step after the password, such as a one-time code or a consent.

use super::code_form::{code_field, has_step_heading};
use super::logout_controls::{LogoutControl, logout_controls};
use super::vocabulary::{CODE, CONSENT, CONTINUE, STEP, mentions};
use crate::client::html::form::{Control, ControlKind, Form, FormMethod};
use crate::client::html::page::HtmlPage;

/// A form with more fields asks for something else than a further step.
const MAX_STEP_FIELDS: usize = 4;

/// A page with more links, or longer text without a form, does more than ask for a further step.
const MAX_STEP_LINKS: usize = 3;
const MAX_STEP_TEXT_LEN: usize = 400;

/// Whether a page asks for a one-time code: by a form that has hardly any other field.
pub(super) fn asks_for_code(page: &HtmlPage) -> bool {
    code_field(page).is_some()
}

/// Whether a page asks for a further step of any kind, and for nothing else: its headings mention one, or its form has
/// few fields and the page has few links.
pub(super) fn asks_for_step(page: &HtmlPage) -> bool {
    if asks_for_code(page) || has_step_heading(page) {
        return true;
    }
    if page.links.len() > MAX_STEP_LINKS {
        return false;
    }
    let is_field = |control: &Control| {
        let is_choice = matches!(control.kind, ControlKind::Radio { .. } | ControlKind::Select { .. });
        control.is_text() || control.is_password() || (is_choice && !control.concealed)
    };
    let asks = |form: &Form| {
        let fields = form.positions(is_field).count();
        form.method == FormMethod::Post && (1..=MAX_STEP_FIELDS).contains(&fields)
    };
    let mentions_step = page.texts.iter().any(|text| mentions(text, STEP) || mentions(text, CODE));
    let is_short = page.texts.iter().map(|text| text.chars().count()).sum::<usize>() < MAX_STEP_TEXT_LEN;
    // One password confirms a change; a new one is asked for twice.
    let has_passwords = page.forms.iter().any(|form| form.positions(Control::is_password).count() > 1);
    (page.forms.iter().any(asks) && (mentions_step || has_passwords)) || (is_short && mentions_step)
}

/// Whether a page asks the user to allow something or to continue, and for nothing else: it has one form with nothing to
/// fill in. `is_elsewhere`: it is a page of another site than the application, so its words do not matter.
pub(super) fn asks_to_continue(page: &HtmlPage, is_elsewhere: bool) -> bool {
    let mut forms = page.forms.iter().filter(|form| form.method != FormMethod::Dialog);
    let (Some(form), None) = (forms.next(), forms.next()) else { return false };
    let has_field = form.controls.iter().any(|control| control.is_text() || control.is_password());
    let mut buttons = form.controls.iter().filter(|control| control.is_submit()).peekable();
    let is_bare = buttons.peek().is_some() && !has_field && page.links.len() <= MAX_STEP_LINKS;
    let is_asked = |control: &Control| [CONTINUE, CONSENT].iter().any(|it| mentions(&control.caption(), it));
    let controls = logout_controls(page);
    let is_logout = controls.iter().any(|it| !is_elsewhere || matches!(it, LogoutControl::Form(..)));
    is_bare && !is_logout && (is_elsewhere || buttons.any(is_asked))
}

/// The button of a form that confirms.
pub(super) fn confirming_button(form: &Form) -> Option<usize> {
    let confirms =
        |control: &Control| [CONTINUE, CONSENT].iter().any(|words| mentions(&control.caption(), words));
    form.positions(|control| control.is_submit() && confirms(control)).next()
}

/// What the button that confirms shows, if the only form of a page has several buttons.
pub(super) fn confirming_caption(page: &HtmlPage) -> Option<String> {
    let form = page.forms.first()?;
    let button = &form.controls[confirming_button(form)?];
    let has_several = form.positions(Control::is_submit).count() > 1;
    let caption = if button.label.is_empty() { button.caption() } else { button.label.clone() };
    has_several.then_some(caption)
}

/// Whether the words of a page are about consent to what another application may do.
pub(super) fn mentions_consent(page: &HtmlPage) -> bool {
    let buttons = page.forms.iter().flat_map(|form| &form.controls).filter(|control| control.is_submit());
    let captions: Vec<String> = buttons.map(Control::caption).collect();
    let path = page.url.path().to_owned();
    let mut words = page.texts.iter().chain(&page.headings).chain(&captions).chain([&path]);
    words.any(|text| mentions(text, CONSENT))
}
