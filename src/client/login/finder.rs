//! Which form of a page logs in and which of its fields are for what, which link leads to one; and why.

use url::Url;

use super::sighting::{Because, NotALogin};
use super::words;
use crate::client::form::{Control, ControlKind, Form, FormChoice, FormMethod};
use crate::client::html::{Link, Page};

/// What the caller knows of the form, where it cannot be guessed.
#[derive(Debug, Clone, Default)]
pub struct Hints {
    /// The form: its number on the page (from 1), its `id`, its `name`, or the end of the path that it goes to.
    pub form: Option<String>,
    /// `name` or `id` of the field for the user's name.
    pub user_field: Option<String>,
    /// `name` or `id` of the field for the password.
    pub password_field: Option<String>,
}

impl Hints {
    fn has_any(&self) -> bool {
        self.form.is_some() || self.user_field.is_some() || self.password_field.is_some()
    }
}

/// A form that logs in, and its fields: numbers of controls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LoginForm {
    pub(super) form: usize,
    pub(super) user: Option<(usize, Because)>,
    pub(super) password: Option<usize>,
    /// How much it looks like one.
    pub(super) score: i32,
}

/// The login form of a page, if there is one.
pub(super) fn login_form(page: &Page, hints: &Hints) -> Option<LoginForm> {
    let judged = page.forms.iter().enumerate().filter_map(|(index, _)| judge(page, index, hints).ok());
    // Of equals the first: `max_by_key` would take the last.
    judged.rev().max_by_key(|found| found.score)
}

/// How much a form looks like a login, and its fields; or why it is none.
pub(super) fn judge(page: &Page, index: usize, hints: &Hints) -> Result<LoginForm, NotALogin> {
    let form = &page.forms[index];
    if form.method == FormMethod::Dialog {
        return Err(NotALogin::Dialog);
    }
    if hints.has_any() {
        return judge_by_hints(page, index, hints);
    }
    let passwords: Vec<usize> = positions(form, Control::is_password);
    let says = said_by(form);
    let speaks = words::speaks_of_login(&says);
    let registers = words::speaks_of_registering(&says) && !speaks;
    match passwords[..] {
        [password] => {
            let is_new = form.controls[password].autocomplete.contains("new-password");
            if registers {
                return Err(NotALogin::Registers);
            }
            if is_new && !speaks {
                return Err(NotALogin::NewPassword);
            }
            let user = user_field(form, Some(password));
            // More fields to type into than a name and a password: rather a registration.
            let others = positions(form, Control::is_text).len().saturating_sub(usize::from(user.is_some()));
            let score = 10 + 4 * i32::from(user.is_some()) + 4 * i32::from(speaks)
                - 6 * i32::from(is_new)
                - i32::try_from(others).unwrap_or(i32::MAX / 2);
            Ok(LoginForm { form: index, user, password: Some(password), score })
        }
        // Without a password (a name alone, or the first of two pages) the words must tell.
        [] => {
            if registers {
                return Err(NotALogin::Registers);
            }
            if words::speaks_of_other_uses(&says) {
                return Err(NotALogin::OtherUse);
            }
            let user = user_field(form, None).ok_or(NotALogin::NoField)?;
            let control = &form.controls[user.0];
            if positions(form, Control::is_text).len() > 1 {
                return Err(NotALogin::SeveralFields);
            }
            let is_marked = control.autocomplete.split(' ').any(|token| token == "username");
            let tells = is_marked || words::speaks_of_login(&format!("{says} {}", form.page.path()));
            if form.method != FormMethod::Post || !words::speaks_of_user(&names_of(control)) || !tells {
                return Err(NotALogin::Silent);
            }
            Ok(LoginForm { form: index, user: Some(user), password: None, score: 5 })
        }
        // Two passwords: a new account or a new password.
        _ => Err(NotALogin::SeveralPasswords),
    }
}

/// The caller knows better: a form that has what was named is one.
fn judge_by_hints(page: &Page, index: usize, hints: &Hints) -> Result<LoginForm, NotALogin> {
    let form = &page.forms[index];
    if hints.form.is_some() {
        let choice = FormChoice { form: hints.form.clone(), button: None };
        if !choice.among(&page.forms, &[]).is_ok_and(|chosen| std::ptr::eq(chosen, form)) {
            return Err(NotALogin::NotNamed);
        }
    }
    let called = |wanted: &Option<String>| match wanted {
        None => Ok(None),
        Some(wanted) => {
            let is_it = |control: &Control| control.name == *wanted || control.id == *wanted;
            let found = form.controls.iter().position(|control| is_it(control) && !control.disabled);
            found.map(Some).ok_or(NotALogin::NotNamed)
        }
    };
    let (user, password) = (called(&hints.user_field)?, called(&hints.password_field)?);
    let password = password.or_else(|| positions(form, Control::is_password).first().copied());
    let user = user.map(|user| (user, Because::Named)).or_else(|| user_field(form, password));
    let user = user.filter(|(user, _)| Some(*user) != password);
    // Of several that would do, one with a password.
    Ok(LoginForm { form: index, user, password, score: 100 + i32::from(password.is_some()) })
}

fn positions(form: &Form, is: impl Fn(&Control) -> bool) -> Vec<usize> {
    form.controls.iter().enumerate().filter(|(_, control)| is(control)).map(|(index, _)| index).collect()
}

/// The field for the user's name: the one that says so, else the last before the password.
fn user_field(form: &Form, password: Option<usize>) -> Option<(usize, Because)> {
    let texts = positions(form, Control::is_text);
    let by = |because: Because, is: &dyn Fn(&Control) -> bool| {
        texts.iter().copied().find(|index| is(&form.controls[*index])).map(|index| (index, because))
    };
    let marked = |control: &Control, mark: &str| control.autocomplete.split(' ').any(|token| token == mark);
    by(Because::Autocomplete, &|control| marked(control, "username"))
        .or_else(|| {
            by(Because::Name, &|control| {
                words::speaks_of_user(&control.name) || words::speaks_of_user(&control.id)
            })
        })
        .or_else(|| by(Because::Autocomplete, &|control| marked(control, "email")))
        .or_else(|| by(Because::Type, &|control| control.kind == ControlKind::Text("email".to_owned())))
        .or_else(|| by(Because::Label, &|control| words::speaks_of_user(&control.label)))
        .or_else(|| {
            let before = |index: &usize| password.is_some_and(|password| *index < password);
            texts.iter().copied().rfind(before).map(|index| (index, Because::BeforePassword))
        })
        .or_else(|| texts.first().map(|index| (*index, Because::FirstText)))
}

fn names_of(control: &Control) -> String {
    let kind = match &control.kind {
        ControlKind::Text(kind) => kind.as_str(),
        _ => "",
    };
    [&control.name, &control.id, &control.label, &control.autocomplete, kind].join(" ")
}

/// What a form says of itself: its names, its address, its buttons, its text.
fn said_by(form: &Form) -> String {
    let buttons = form.controls.iter().filter(|control| control.is_submit());
    let buttons: Vec<String> = buttons.map(|button| format!("{} {}", button.label, button.value)).collect();
    [form.names.as_str(), form.action.path(), &buttons.join(" "), &form.text].join(" ")
}

/// The button that logs in: the one that the caller names; the one that says so; not one that helps, or leads
/// another way.
pub(super) fn login_button(form: &Form, fields: &[(String, String)]) -> Option<usize> {
    let is_asked_for =
        |button: &Control| fields.iter().any(|(name, value)| *name == button.name && *value == button.value);
    let asked_for = form.controls.iter().position(|control| control.is_submit() && is_asked_for(control));
    if asked_for.is_some() {
        return asked_for;
    }
    let buttons = form.controls.iter().enumerate().filter(|(_, control)| control.is_submit());
    let score = |button: &Control| {
        let says = format!("{} {} {}", button.label, button.value, button.name);
        let elsewhere = match &button.kind {
            ControlKind::Submit(instead) | ControlKind::Image(instead) => {
                instead.action.as_ref().is_some_and(|action| *action != form.action)
            }
            _ => false,
        };
        2 * i32::from(words::speaks_of_login(&says))
            - 4 * i32::from(words::speaks_of_other_ways(&says))
            - i32::from(elsewhere)
    };
    buttons.rev().max_by_key(|(_, button)| score(button)).map(|(index, _)| index)
}

/// How many links are tried.
const MOST_LINKS: usize = 3;

/// The links of a page that lead to its login, the plainest first.
pub(super) fn login_links(page: &Page) -> Vec<&Link> {
    let without_fragment = |url: &Url| {
        let mut url = url.clone();
        url.set_fragment(None);
        url
    };
    let here = without_fragment(&page.url);
    let mut found: Vec<(bool, Url, &Link)> = Vec::new();
    for link in page.links.iter().filter(|link| matches!(link.target.scheme(), "http" | "https")) {
        let target = without_fragment(&link.target);
        let says = format!("{} {}", link.text, target.path());
        let speaks = words::speaks_of_login(&says) && !words::speaks_of_logout(&says);
        if speaks && target != here && !found.iter().any(|(_, other, _)| *other == target) {
            let is_other = words::speaks_of_other_ways(&link.text) || target.origin() != here.origin();
            found.push((is_other, target, link));
        }
    }
    found.sort_by_key(|(is_other_way, ..)| *is_other_way);
    found.into_iter().map(|(.., link)| link).take(MOST_LINKS).collect()
}

/// Whether a page asks for a code of one use, after the password and before it lets anybody in.
pub(super) fn asks_for_code(page: &Page) -> bool {
    let mut controls = page.forms.iter().flat_map(|form| &form.controls);
    controls.any(|control| {
        let marked = control.autocomplete.split(' ').any(|token| token == "one-time-code");
        marked || (control.is_text() && words::speaks_of_code(&format!("{} {}", control.name, control.id)))
    })
}

/// What tells one login form from another: where it goes and what its password is called.
pub(super) fn login_signature(page: &Page, hints: &Hints) -> Option<String> {
    let found = login_form(page, hints)?;
    let form = &page.forms[found.form];
    let name = |index: Option<usize>| index.map_or("", |index| form.controls[index].name.as_str());
    // Parameters of the path, such as the id of a session, are none of the form.
    let path = form.action.path().split(';').next().unwrap_or_default();
    Some(format!("{path} {} {}", name(found.user.map(|(user, _)| user)), name(found.password)))
}
