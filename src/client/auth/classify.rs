//! Decides which form of a page logs in, what its fields are for, and which button submits it.

use super::code_form::is_code_form;
use super::form_hints::FormHints;
use super::trace::{FieldMatch, RejectReason};
use super::user_field::{names_of, user_field};
use super::vocabulary::{CHANGE, LOGIN, OTHER_USES, REGISTER, USER, mentions, mentions_other_button};
use crate::client::html::form::{Control, Form, FormChoice, FormMethod};
use crate::client::html::page::HtmlPage;

// The properties that make a form look like a login form. The sum of their weights is the score of the form.

/// The caller named the form or one of its fields.
const NAMED_BY_CALLER: i32 = 100;
/// A form that the caller named has a password field.
const NAMED_FORM_HAS_PASSWORD: i32 = 1;
/// It has exactly one password field.
const PASSWORD_FIELD: i32 = 10;
/// It has a user name field.
const USER_FIELD: i32 = 4;
/// Its names, its address, its buttons or its text mention a login.
const LOGIN_WORDS: i32 = 4;
/// The password field is marked as `new-password`, as in a registration.
const NEW_PASSWORD: i32 = -6;
/// A further text field, as in a registration. It counts once for each field.
const OTHER_TEXT_FIELD: i32 = -1;
/// It asks for the user name only; the password follows on the next page.
const USER_NAME_ONLY: i32 = 5;

/// A form with at least this score is certainly a login form: besides its password field it has a user name field, or
/// its words mention a login.
const MIN_CERTAIN_SCORE: i32 = 13;

/// A login form and its fields, as indexes into the forms of the page and the controls of the form. They are valid for the
/// page in which it was found, which every function gets together with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LoginForm {
    pub(super) form: usize,
    pub(super) user: Option<(usize, FieldMatch)>,
    pub(super) password: Option<usize>,
    pub(super) score: i32,
}

impl LoginForm {
    pub(super) fn is_certain(&self) -> bool {
        self.score >= MIN_CERTAIN_SCORE
    }
}

/// The login form of a page: the form with the highest score, and the first of several with the same score.
pub(super) fn login_form(page: &HtmlPage, hints: &FormHints) -> Option<LoginForm> {
    let found = (0..page.forms.len()).filter_map(|index| classify_form(page, index, hints).ok());
    // `max_by_key` returns the last maximum.
    found.rev().max_by_key(|found| found.score)
}

/// Whether a page has a login form.
pub(super) fn has_login_form(page: &HtmlPage) -> bool {
    login_form(page, &FormHints::default()).is_some()
}

/// A form with more controls is not a login form. A hostile page could have so many that a deadline would pass while
/// they are classified.
const MAX_LOGIN_CONTROLS: usize = 500;

/// Scores a form as a login form, or tells why it is not one.
pub(super) fn classify_form(
    page: &HtmlPage,
    index: usize,
    hints: &FormHints,
) -> Result<LoginForm, RejectReason> {
    let form = &page.forms[index];
    if form.method == FormMethod::Dialog {
        return Err(RejectReason::Dialog);
    }
    if form.controls.len() > MAX_LOGIN_CONTROLS {
        return Err(RejectReason::TooManyControls);
    }
    let is_named = |control: &Control| {
        hints.password_field.as_ref().is_some_and(|wanted| control.name == *wanted || control.id == *wanted)
    };
    if is_code_form(page, form) && !form.controls.iter().any(is_named) {
        return Err(RejectReason::AsksForCode);
    }
    if hints.has_any() {
        return classify_by_hints(page, index, hints);
    }
    let passwords: Vec<usize> = form.positions(Control::is_password).collect();
    match passwords[..] {
        [] => classify_without_password(page, index, hints),
        [password] => classify_with_password(form, index, password, hints),
        _ => Err(RejectReason::SeveralPasswords),
    }
}

fn classify_with_password(
    form: &Form,
    index: usize,
    password: usize,
    hints: &FormHints,
) -> Result<LoginForm, RejectReason> {
    let has_login_words = mentions(&words_of(form), LOGIN);
    let field = &form.controls[password];
    let is_new = field.autocomplete.contains("new-password");
    if registers(form, has_login_words) {
        return Err(RejectReason::Registers);
    }
    if is_new && !has_login_words {
        return Err(RejectReason::NewPassword);
    }
    // Without a script, such a form would write the password into the URL, or not send it at all.
    if form.scripted || field.name.is_empty() {
        return Err(RejectReason::Scripted);
    }
    let mut types = form.controls.iter().map(Control::text_type);
    let is_other = types.any(|it| it == Some("textarea")) || asks_for_current_password(form, field);
    if !has_login_words && is_other {
        return Err(RejectReason::OtherUse);
    }
    let user = user_field(form, Some(password), &hints.given);
    let others = form.positions(Control::is_text).count().saturating_sub(usize::from(user.is_some()));
    let score = PASSWORD_FIELD
        + i32::from(user.is_some()) * USER_FIELD
        + i32::from(has_login_words) * LOGIN_WORDS
        + i32::from(is_new) * NEW_PASSWORD
        + others as i32 * OTHER_TEXT_FIELD;
    Ok(LoginForm { form: index, user, password: Some(password), score })
}

/// A form with a user name field only, as the first of two pages. Its words must mention a login.
fn classify_without_password(
    page: &HtmlPage,
    index: usize,
    hints: &FormHints,
) -> Result<LoginForm, RejectReason> {
    let form = &page.forms[index];
    let words = words_of(form);
    let has_login_words = mentions(&words, LOGIN);
    if registers(form, has_login_words) {
        return Err(RejectReason::Registers);
    }
    if mentions(&words, OTHER_USES) {
        return Err(RejectReason::OtherUse);
    }
    let user = user_field(form, None, &hints.given).ok_or(RejectReason::NoField)?;
    if form.positions(Control::is_text).count() > 1 {
        return Err(RejectReason::SeveralFields);
    }
    let control = &form.controls[user.0];
    let is_login = has_login_words
        || control.has_autocomplete("username")
        || page.headings.iter().any(|heading| mentions(heading, LOGIN));
    if form.method != FormMethod::Post || !mentions(&names_of(control), USER) || !is_login {
        return Err(RejectReason::NoLoginWords);
    }
    Ok(LoginForm { form: index, user: Some(user), password: None, score: USER_NAME_ONLY })
}

/// Trusts the caller: a form that has everything that the hints name is a login form.
fn classify_by_hints(page: &HtmlPage, index: usize, hints: &FormHints) -> Result<LoginForm, RejectReason> {
    let form = &page.forms[index];
    if hints.form.is_some() {
        let choice = FormChoice::new(hints.form.clone(), None);
        if !choice.form_among(&page.forms, &[]).is_ok_and(|chosen| std::ptr::eq(chosen, form)) {
            return Err(RejectReason::NotNamed);
        }
    }
    let named = |wanted: &Option<String>| match wanted {
        None => Ok(None),
        Some(wanted) => {
            let is_named = |control: &Control| control.name == *wanted || control.id == *wanted;
            let found = form.controls.iter().position(|control| is_named(control) && !control.disabled);
            found.map(Some).ok_or(RejectReason::NotNamed)
        }
    };
    let first_password = form.positions(Control::is_password).next();
    let (user, password) = match (named(&hints.user_field), named(&hints.password_field)) {
        (Ok(user), Ok(password)) => (user, password),
        // The next page may ask for the password.
        (Ok(Some(user)), Err(_)) if first_password.is_none() => (Some(user), None),
        (Ok(None), Err(_)) if first_password.is_none() => {
            let hints = FormHints { given: hints.given.clone(), ..FormHints::default() };
            return classify_form(page, index, &hints);
        }
        (Err(reason), _) | (_, Err(reason)) => return Err(reason),
    };
    let password = password.or(first_password);
    let user =
        user.map(|user| (user, FieldMatch::Named)).or_else(|| user_field(form, password, &hints.given));
    let user = user.filter(|(user, _)| Some(*user) != password);
    let score = NAMED_BY_CALLER + i32::from(password.is_some()) * NAMED_FORM_HAS_PASSWORD;
    Ok(LoginForm { form: index, user, password, score })
}

/// Whether a form of the account changes something: it asks for the current password to confirm that.
fn asks_for_current_password(form: &Form, password: &Control) -> bool {
    let field = format!("{} {}", password.name, password.label);
    mentions(&captions_of_buttons(form), CHANGE) || mentions(&field, CHANGE)
}

fn captions_of_buttons(form: &Form) -> String {
    let buttons = form.controls.iter().filter(|control| control.is_submit());
    buttons.map(Control::caption).collect::<Vec<String>>().join(" ")
}

/// Everything that a form says about itself: its names, its address, its buttons, its text.
fn words_of(form: &Form) -> String {
    [form.names.as_str(), form.action.path(), &captions_of_buttons(form), &form.text].join(" ")
}

/// Whether a form opens an account. Its buttons decide, else its names and its address, else its text if nothing in
/// the form mentions a login.
fn registers(form: &Form, has_login_words: bool) -> bool {
    let address = format!("{} {}", form.names, form.action.path());
    for text in [captions_of_buttons(form), address] {
        match (mentions(&text, REGISTER), mentions(&text, LOGIN)) {
            (true, false) => return true,
            (false, true) => return false,
            _ => {}
        }
    }
    !has_login_words && mentions(&form.text, REGISTER)
}

/// The button that logs in: the one that the caller names, else the one that mentions a login and does not do
/// something else.
pub(super) fn login_button(form: &Form, fields: &[(String, String)]) -> Option<usize> {
    let is_named =
        |button: &Control| fields.iter().any(|(name, value)| *name == button.name && *value == button.value);
    let named = form.positions(|control| control.is_submit() && is_named(control)).next();
    if named.is_some() {
        return named;
    }
    let score = |button: &Control| {
        let text = format!("{} {}", button.caption(), button.name);
        let action = button.overrides().and_then(|instead| instead.action.as_ref());
        let submits_elsewhere = action.is_some_and(|action| *action != form.action);
        2 * i32::from(mentions(&text, LOGIN))
            - 4 * i32::from(mentions_other_button(&text))
            - i32::from(submits_elsewhere)
    };
    let buttons: Vec<usize> = form.positions(Control::is_submit).collect();
    buttons.into_iter().rev().max_by_key(|button| score(&form.controls[*button]))
}

/// What distinguishes one login form from another: the path of its action and the names of its fields.
pub(super) fn login_signature(page: &HtmlPage) -> Option<String> {
    let found = login_form(page, &FormHints::default())?;
    let form = &page.forms[found.form];
    let name = |index: Option<usize>| index.map_or("", |index| form.controls[index].name.as_str());
    // A path parameter may be a session ID, which differs between sessions.
    let path = form.action.path().split(';').next().unwrap_or_default();
    Some(format!("{path} {} {}", name(found.user.map(|(user, _)| user)), name(found.password)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_needs_a_user_name_or_login_words_to_be_certain() {
        let is_certain = |score: i32| score >= MIN_CERTAIN_SCORE;
        assert!(is_certain(PASSWORD_FIELD + USER_FIELD));
        assert!(is_certain(PASSWORD_FIELD + LOGIN_WORDS + OTHER_TEXT_FIELD));
        assert!(!is_certain(PASSWORD_FIELD));
        assert!(!is_certain(PASSWORD_FIELD + USER_FIELD + NEW_PASSWORD));
        assert!(!is_certain(USER_NAME_ONLY));
        assert_eq!(PASSWORD_FIELD + USER_FIELD + LOGIN_WORDS + NEW_PASSWORD, 12);
    }
}
