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
    let speaks = words::speaks_of_login(&says);
    let registers = words::speaks_of_registering(&says) && !speaks;
    match passwords[..] {
        [password] => {
            let is_new = form.controls[password].autocomplete.contains("new-password");
            if registers || (is_new && !speaks) {
                return None;
            }
            let user = user_field(form, Some(password));
            // More fields to type into than a name and a password: rather a registration.
            let others = positions(form, Control::is_text).len().saturating_sub(usize::from(user.is_some()));
            let score = 10 + 4 * i32::from(user.is_some()) + 4 * i32::from(speaks)
                - 6 * i32::from(is_new)
                - i32::try_from(others).unwrap_or(i32::MAX / 2);
            Some((score, user, Some(password)))
        }
        // Without a password (a name alone, or the first of two pages) the words must tell.
        [] => {
            let user = user_field(form, None)?;
            let only_field = positions(form, Control::is_text).len() == 1;
            let is_named = words::speaks_of_user(&names_of(&form.controls[user]));
            let is_marked = form.controls[user].autocomplete.split(' ').any(|token| token == "username");
            let tells = is_marked || words::speaks_of_login(&format!("{says} {}", form.page.path()));
            let is_other = registers || words::speaks_of_other_uses(&says);
            let posts = form.method == FormMethod::Post;
            (only_field && is_named && tells && !is_other && posts).then_some((5, Some(user), None))
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
pub(super) fn login_links(page: &Page) -> Vec<Url> {
    let without_fragment = |url: &Url| {
        let mut url = url.clone();
        url.set_fragment(None);
        url
    };
    let here = without_fragment(&page.url);
    let mut found: Vec<(bool, Url)> = Vec::new();
    for link in page.links.iter().filter(|link| matches!(link.target.scheme(), "http" | "https")) {
        let target = without_fragment(&link.target);
        let says = format!("{} {}", link.text, target.path());
        let speaks = words::speaks_of_login(&says) && !words::speaks_of_logout(&says);
        if speaks && target != here && !found.iter().any(|(_, other)| *other == target) {
            found.push((words::speaks_of_other_ways(&link.text) || target.origin() != here.origin(), target));
        }
    }
    found.sort_by_key(|(is_other_way, _)| *is_other_way);
    found.into_iter().map(|(_, target)| target).take(MOST_LINKS).collect()
}

/// Whether a page asks for a code of one use, after the password and before it lets anybody in.
pub(super) fn asks_for_code(page: &Page) -> bool {
    let mut controls = page.forms.iter().flat_map(|form| &form.controls);
    controls.any(|control| {
        let marked = control.autocomplete.split(' ').any(|token| token == "one-time-code");
        marked || (control.is_text() && words::speaks_of_code(&format!("{} {}", control.name, control.id)))
    })
}

/// What logs out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::client) enum LogoutControl {
    /// A form, by its number and that of its button.
    Form(usize, Option<usize>),
    /// A link.
    Link(Url),
}

/// Everything on a page that may log out, forms first.
pub(in crate::client) fn logout_controls(page: &Page) -> Vec<LogoutControl> {
    let mut found = Vec::new();
    for (index, form) in page.forms.iter().enumerate().filter(|(_, form)| form.method != FormMethod::Dialog) {
        let speaks = |control: &Control| {
            let says = format!("{} {} {} {}", control.label, control.value, control.name, control.id);
            control.is_submit() && words::speaks_of_logout(&says)
        };
        let button = form.controls.iter().position(speaks);
        let has_fields = form.controls.iter().any(|control| control.is_text() || control.is_password());
        let by_address = words::speaks_of_logout(form.action.path()) || words::speaks_of_logout(&form.names);
        if button.is_some() || (by_address && !has_fields) {
            found.push(LogoutControl::Form(index, button.or_else(|| form.default_button())));
        }
    }
    let links = page.links.iter().filter(|link| matches!(link.target.scheme(), "http" | "https"));
    let speaking = links.filter(|link| {
        // A sentence about logging out is no control.
        let is_short = link.text.split_whitespace().count() <= 4;
        let leads_away = link.target[..url::Position::AfterQuery] != page.url[..url::Position::AfterQuery];
        is_short
            && leads_away
            && (words::speaks_of_logout(&link.text) || words::speaks_of_logout(link.target.path()))
    });
    found.extend(speaking.map(|link| LogoutControl::Link(link.target.clone())));
    // What leaves a newsletter is none; what logs out elsewhere too comes last.
    let says = |control: &LogoutControl| match control {
        LogoutControl::Form(index, button) => {
            let form = &page.forms[*index];
            let button = button
                .and_then(|button| form.controls.get(button))
                .map_or("", |button| button.label.as_str());
            format!("{button} {} {}", form.action.path(), form.names)
        }
        LogoutControl::Link(url) => {
            let text =
                page.links.iter().find(|link| link.target == *url).map_or("", |link| link.text.as_str());
            format!("{text} {}", url.path())
        }
    };
    found.retain(|control| !words::speaks_of_other_uses(&says(control)));
    found.sort_by_key(|control| words::speaks_of_everywhere(&says(control)));
    found
}

/// What a logout control is called, for a person.
pub(in crate::client) fn name_of(control: &LogoutControl, page: &Page) -> String {
    match control {
        LogoutControl::Form(form, _) => format!("the form to {}", page.forms[*form].action.path()),
        LogoutControl::Link(url) => format!("the link to {}", url.path()),
    }
}

/// The names of all logout controls of a page.
pub(in crate::client) fn logout_names(page: &Page) -> Vec<String> {
    logout_controls(page).iter().map(|control| name_of(control, page)).collect()
}

/// What tells one login form from another: where it goes and what its password is called.
pub(in crate::client) fn login_signature(page: &Page) -> Option<String> {
    let found = login_form(page)?;
    let form = &page.forms[found.form];
    let name = |index: Option<usize>| index.map_or("", |index| form.controls[index].name.as_str());
    Some(format!("{} {} {}", form.action.path(), name(found.user), name(found.password)))
}
