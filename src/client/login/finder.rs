//! Which form of a page logs in, which link leads to one, and what logs out.

use url::Url;

use super::words;
use crate::client::form::{Control, ControlKind, Form, FormMethod};
use crate::client::html::Page;

/// A form that logs in, and its fields: numbers of controls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LoginForm {
    pub(super) form: usize,
    pub(super) user: Option<usize>,
    pub(super) password: Option<usize>,
}

/// The login form of a page, if there is one.
pub(super) fn login_form(page: &Page) -> Option<LoginForm> {
    let scored = page.forms.iter().enumerate().filter_map(|(index, form)| {
        let (score, user, password) = judge(form)?;
        Some((score, LoginForm { form: index, user, password }))
    });
    // Of equals the first: `max_by_key` would take the last.
    scored.rev().max_by_key(|(score, _)| *score).map(|(_, found)| found)
}

/// How much a form looks like a login, and its fields; `None` when it is none.
fn judge(form: &Form) -> Option<(i32, Option<usize>, Option<usize>)> {
    if form.method == FormMethod::Dialog {
        return None;
    }
    let passwords: Vec<usize> = positions(form, Control::is_password);
    let says = said_by(form);
    let registers = words::speaks_of_registering(&says) && !words::speaks_of_login(&says);
    match passwords[..] {
        [password] => {
            let current = form.controls[password].autocomplete != "new-password";
            let user = user_field(form, Some(password));
            // More fields to type into than a name and a password: rather a registration.
            let others = positions(form, Control::is_text).len().saturating_sub(usize::from(user.is_some()));
            let score = 10 + 4 * i32::from(user.is_some()) + 4 * i32::from(words::speaks_of_login(&says))
                - 6 * i32::from(registers)
                - 6 * i32::from(!current)
                - i32::try_from(others).unwrap_or(i32::MAX / 2);
            Some((score, user, Some(password)))
        }
        // Without a password (a name alone, or the first of two pages) the words must tell.
        [] => {
            let user = user_field(form, None)?;
            let only_field = positions(form, Control::is_text).len() == 1;
            let is_named = words::speaks_of_user(&names_of(&form.controls[user]));
            let tells = words::speaks_of_login(&says) && !registers && !words::speaks_of_other_uses(&says);
            let posts = form.method == FormMethod::Post;
            (only_field && is_named && tells && posts).then_some((5, Some(user), None))
        }
        // Two passwords: a new account or a new password.
        _ => None,
    }
}

fn positions(form: &Form, is: impl Fn(&Control) -> bool) -> Vec<usize> {
    form.controls.iter().enumerate().filter(|(_, control)| is(control)).map(|(index, _)| index).collect()
}

/// The field for the user's name: the one that says so, else the last before the password.
fn user_field(form: &Form, password: Option<usize>) -> Option<usize> {
    let texts = positions(form, Control::is_text);
    let by = |is: &dyn Fn(&Control) -> bool| texts.iter().copied().find(|index| is(&form.controls[*index]));
    by(&|control| control.autocomplete.split(' ').any(|token| token == "username"))
        .or_else(|| by(&|control| words::speaks_of_user(&control.name) || words::speaks_of_user(&control.id)))
        .or_else(|| by(&|control| control.autocomplete.split(' ').any(|token| token == "email")))
        .or_else(|| by(&|control| control.kind == ControlKind::Text("email".to_owned())))
        .or_else(|| by(&|control| words::speaks_of_user(&control.label)))
        .or_else(|| texts.iter().copied().rfind(|index| password.is_some_and(|password| *index < password)))
        .or_else(|| texts.first().copied())
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

/// The link of a page that leads to its login.
pub(super) fn login_link(page: &Page) -> Option<Url> {
    let speaks = |link: &&crate::client::html::Link| {
        let says = format!("{} {}", link.text, link.target.path());
        words::speaks_of_login(&says) && !words::speaks_of_logout(&says)
    };
    let mut links = page.links.iter().filter(|link| matches!(link.target.scheme(), "http" | "https"));
    let found = links.find(speaks)?;
    let mut target = found.target.clone();
    target.set_fragment(None);
    let mut here = page.url.clone();
    here.set_fragment(None);
    (target != here).then_some(target)
}

/// What logs out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::client) enum LogoutControl {
    /// A form, by its number and that of its button.
    Form(usize, Option<usize>),
    /// A link.
    Link(Url),
}

/// The form, or else the link, of a page that logs out.
pub(in crate::client) fn logout_control(page: &Page) -> Option<LogoutControl> {
    for (index, form) in page.forms.iter().enumerate() {
        let speaks = |control: &Control| {
            control.is_submit()
                && words::speaks_of_logout(&format!(
                    "{} {} {} {}",
                    control.label, control.value, control.name, control.id
                ))
        };
        let button = form.controls.iter().position(speaks);
        let has_fields = form.controls.iter().any(|control| control.is_text() || control.is_password());
        let by_address = words::speaks_of_logout(form.action.path()) || words::speaks_of_logout(&form.names);
        if button.is_some() || (by_address && !has_fields) {
            return Some(LogoutControl::Form(index, button.or_else(|| form.default_button())));
        }
    }
    let mut links = page.links.iter().filter(|link| matches!(link.target.scheme(), "http" | "https"));
    let speaks = |link: &&crate::client::html::Link| {
        words::speaks_of_logout(&link.text) || words::speaks_of_logout(link.target.path())
    };
    links.find(speaks).map(|link| LogoutControl::Link(link.target.clone()))
}

/// What a logout control is called, for a person.
pub(in crate::client) fn name_of(control: &LogoutControl, page: &Page) -> String {
    match control {
        LogoutControl::Form(form, _) => format!("the form to {}", page.forms[*form].action.path()),
        LogoutControl::Link(url) => format!("the link to {}", url.path()),
    }
}
