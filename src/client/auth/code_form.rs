//! Recognizes the form of a page that asks for a one-time code, and its field.

use super::vocabulary::{CODE, OTHER_CODES, RECOVERY, SECOND_FACTOR, STEP, mentions};
use crate::client::html::form::{Control, Form};
use crate::client::html::page::HtmlPage;

/// The longest one-time code, in characters.
const MAX_CODE_LEN: usize = 10;

/// The indexes of a form and of its field for the code: of several, the one that is marked as such, and a field for a
/// recovery code last.
pub(super) fn code_field(page: &HtmlPage) -> Option<(usize, usize)> {
    let has_heading = has_step_heading(page);
    let found = page.forms.iter().enumerate().filter_map(|(index, form)| {
        let is_code = |control: &Control| is_code(control, form, has_heading);
        let field = form.positions(|control| is_field(control) && is_code(control)).next()?;
        let texts: Vec<usize> = form.positions(Control::is_text).collect();
        let asks =
            texts.len() <= 2 || texts.iter().all(|index| has_heading || is_code(&form.controls[*index]));
        asks.then_some((index, field))
    });
    found.min_by_key(|(form, field)| {
        let control = &page.forms[*form].controls[*field];
        (mentions(&names_of(control), RECOVERY), !control.has_autocomplete("one-time-code"))
    })
}

/// Whether a form asks for a one-time code and for nothing else, so that it is not a login form. A field that is only
/// called a code must be on a page that is about a further step: some pages ask for an access code instead of a password.
pub(super) fn is_code_form(page: &HtmlPage, form: &Form) -> bool {
    let is_step = has_step_heading(page) || mentions(&form.text, STEP);
    let is_one_time = |control: &Control| {
        let names = names_of(control);
        control.has_autocomplete("one-time-code")
            || (is_named_code(&names) && (is_step || mentions(&names, SECOND_FACTOR)))
    };
    let mut fields = form.controls.iter().filter(|control| is_field(control)).peekable();
    fields.peek().is_some() && fields.all(is_one_time)
}

/// Whether a heading of the page mentions a further step after the password.
pub(super) fn has_step_heading(page: &HtmlPage) -> bool {
    page.headings.iter().any(|heading| mentions(heading, STEP))
}

fn is_code(control: &Control, form: &Form, has_heading: bool) -> bool {
    let names = names_of(control);
    let is_short = control.constraints.max_length.is_some_and(|length| (1..=MAX_CODE_LEN).contains(&length));
    // A short field is for a code if the page or the form mentions a further step.
    let is_likely = is_short && !mentions(&names, OTHER_CODES) && (has_heading || mentions(&form.text, STEP));
    control.has_autocomplete("one-time-code") || is_named_code(&names) || is_likely
}

fn is_named_code(names: &str) -> bool {
    !mentions(names, OTHER_CODES) && mentions(names, CODE)
}

fn is_field(control: &Control) -> bool {
    control.is_text() || control.is_password()
}

fn names_of(control: &Control) -> String {
    format!("{} {} {}", control.name, control.id, control.label)
}
