//! Which form of a page logs in and which of its fields are for what, which link leads to one; and why.

use url::Url;

use super::trace::{FieldMatch, RejectReason};
use super::vocabulary;
use crate::client::html::form::FormChoice;
use crate::client::html::form::{Control, ControlKind, Form, FormMethod};
use crate::client::html::page::{Link, Page};

/// What the caller knows of the form, where it cannot be guessed.
#[derive(Debug, Clone, Default)]
pub struct Hints {
    /// The form: its number on the page (from 1), its `id`, its `name`, or the end of the path that it goes to.
    pub form: Option<String>,
    /// `name` or `id` of the field for the user's name.
    pub user_field: Option<String>,
    /// `name` or `id` of the field for the password.
    pub password_field: Option<String>,
    /// Names of fields whose values the caller gives: none of them is for the user's name.
    pub given: Vec<String>,
}

impl Hints {
    pub(super) fn has_any(&self) -> bool {
        self.form.is_some() || self.user_field.is_some() || self.password_field.is_some()
    }

    /// What of them still holds on pages beyond the one where the caller begins: the number of a form does not.
    pub(super) fn elsewhere(&self) -> Hints {
        let is_number = |form: &String| form.parse::<usize>().is_ok();
        Hints { form: self.form.clone().filter(|form| !is_number(form)), ..self.clone() }
    }
}

/// A form that logs in, and its fields: numbers of controls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LoginForm {
    pub(super) form: usize,
    pub(super) user: Option<(usize, FieldMatch)>,
    pub(super) password: Option<usize>,
    /// How much it looks like one.
    pub(super) score: i32,
}

/// From this score on a form is a login beyond doubt: it has a name beside its password, or says what it is.
const CLEAR: i32 = 13;

impl LoginForm {
    pub(super) fn is_clear(&self) -> bool {
        self.score >= CLEAR
    }
}

/// The login form of a page, if there is one.
pub(super) fn login_form(page: &Page, hints: &Hints) -> Option<LoginForm> {
    let judged = page.forms.iter().enumerate().filter_map(|(index, _)| judge(page, index, hints).ok());
    // Of equals the first: `max_by_key` would take the last.
    judged.rev().max_by_key(|found| found.score)
}

/// How much a form looks like a login, and its fields; or why it is none.
pub(super) fn judge(page: &Page, index: usize, hints: &Hints) -> Result<LoginForm, RejectReason> {
    let form = &page.forms[index];
    if form.method == FormMethod::Dialog {
        return Err(RejectReason::Dialog);
    }
    if hints.has_any() {
        return judge_by_hints(page, index, hints);
    }
    let passwords: Vec<usize> = positions(form, Control::is_password);
    let says = said_by(form);
    let speaks = vocabulary::speaks_of_login(&says);
    let registers = registers(form, speaks);
    match passwords[..] {
        [password] => {
            let is_new = form.controls[password].autocomplete.contains("new-password");
            if registers {
                return Err(RejectReason::Registers);
            }
            if is_new && !speaks {
                return Err(RejectReason::NewPassword);
            }
            // A script would send what a form that says neither where nor how would write into the URL.
            if form.scripted {
                return Err(RejectReason::Scripted);
            }
            if form.controls[password].name.is_empty() {
                return Err(RejectReason::Scripted);
            }
            let is_essay = |control: &Control| control.kind == ControlKind::Text("textarea".to_owned());
            if !speaks && form.controls.iter().any(is_essay) {
                return Err(RejectReason::OtherUse);
            }
            let user = user_field(form, Some(password), &hints.given);
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
                return Err(RejectReason::Registers);
            }
            if vocabulary::speaks_of_other_uses(&says) {
                return Err(RejectReason::OtherUse);
            }
            let user = user_field(form, None, &hints.given).ok_or(RejectReason::NoField)?;
            let control = &form.controls[user.0];
            if positions(form, Control::is_text).len() > 1 {
                return Err(RejectReason::SeveralFields);
            }
            let is_marked = control.autocomplete.split(' ').any(|token| token == "username");
            let titled = page.headings.iter().any(|heading| vocabulary::speaks_of_login(heading));
            let tells = is_marked || speaks || titled;
            if form.method != FormMethod::Post || !vocabulary::speaks_of_user(&names_of(control)) || !tells {
                return Err(RejectReason::Silent);
            }
            Ok(LoginForm { form: index, user: Some(user), password: None, score: 5 })
        }
        // Two passwords: a new account or a new password.
        _ => Err(RejectReason::SeveralPasswords),
    }
}

/// The caller knows better: a form that has what was named is one.
fn judge_by_hints(page: &Page, index: usize, hints: &Hints) -> Result<LoginForm, RejectReason> {
    let form = &page.forms[index];
    if hints.form.is_some() {
        let choice = FormChoice { form: hints.form.clone(), button: None };
        if !choice.form_among(&page.forms, &[]).is_ok_and(|chosen| std::ptr::eq(chosen, form)) {
            return Err(RejectReason::NotNamed);
        }
    }
    let called = |wanted: &Option<String>| match wanted {
        None => Ok(None),
        Some(wanted) => {
            let is_it = |control: &Control| control.name == *wanted || control.id == *wanted;
            let found = form.controls.iter().position(|control| is_it(control) && !control.disabled);
            found.map(Some).ok_or(RejectReason::NotNamed)
        }
    };
    let (user, password) = match (called(&hints.user_field), called(&hints.password_field)) {
        (Ok(user), Ok(password)) => (user, password),
        // The password may be asked for on a second page.
        (Ok(Some(user)), Err(_)) if positions(form, Control::is_password).is_empty() => (Some(user), None),
        (Ok(None), Err(_)) if positions(form, Control::is_password).is_empty() => {
            let hints = Hints { given: hints.given.clone(), ..Hints::default() };
            return judge(page, index, &hints);
        }
        (Err(why), _) | (_, Err(why)) => return Err(why),
    };
    let password = password.or_else(|| positions(form, Control::is_password).first().copied());
    let user =
        user.map(|user| (user, FieldMatch::Named)).or_else(|| user_field(form, password, &hints.given));
    let user = user.filter(|(user, _)| Some(*user) != password);
    // Of several that would do, one with a password.
    Ok(LoginForm { form: index, user, password, score: 100 + i32::from(password.is_some()) })
}

fn positions(form: &Form, is: impl Fn(&Control) -> bool) -> Vec<usize> {
    form.controls.iter().enumerate().filter(|(_, control)| is(control)).map(|(index, _)| index).collect()
}

/// The field for the user's name: the one that says so, else the last before the password.
fn user_field(form: &Form, password: Option<usize>, given: &[String]) -> Option<(usize, FieldMatch)> {
    let is_free = |control: &Control| {
        control.is_text()
            && !given.contains(&control.name)
            && !vocabulary::speaks_of_other_uses(&names_of(control))
    };
    let texts = positions(form, is_free);
    // Of several that would do, the one nearest to the password before it.
    let by = |because: FieldMatch, is: &dyn Fn(&Control) -> bool| {
        let fitting = || texts.iter().copied().filter(|index| is(&form.controls[*index]));
        let before = password.and_then(|password| fitting().rfind(|index| *index < password));
        before.or_else(|| fitting().next()).map(|index| (index, because))
    };
    let marked = |control: &Control, mark: &str| control.autocomplete.split(' ').any(|token| token == mark);
    by(FieldMatch::Autocomplete, &|control| marked(control, "username"))
        .or_else(|| {
            by(FieldMatch::Name, &|control| {
                vocabulary::speaks_of_user(&control.name) || vocabulary::speaks_of_user(&control.id)
            })
        })
        .or_else(|| by(FieldMatch::Autocomplete, &|control| marked(control, "email")))
        .or_else(|| by(FieldMatch::Type, &|control| control.kind == ControlKind::Text("email".to_owned())))
        .or_else(|| by(FieldMatch::Label, &|control| vocabulary::speaks_of_user(&control.label)))
        .or_else(|| {
            let before = |index: &usize| password.is_some_and(|password| *index < password);
            texts.iter().copied().rfind(before).map(|index| (index, FieldMatch::BeforePassword))
        })
        .or_else(|| texts.first().map(|index| (*index, FieldMatch::FirstText)))
}

fn names_of(control: &Control) -> String {
    let kind = match &control.kind {
        ControlKind::Text(kind) => kind.as_str(),
        _ => "",
    };
    [&control.name, &control.id, &control.label, &control.autocomplete, kind].join(" ")
}

/// Whether a form opens an account: its button says so, or else its names and its address, or else all that it says
/// where nothing of it speaks of logging in.
fn registers(form: &Form, speaks_of_login: bool) -> bool {
    let buttons: Vec<String> = form
        .controls
        .iter()
        .filter(|control| control.is_submit())
        .map(|button| format!("{} {}", button.label, button.value))
        .collect();
    let address = format!("{} {}", form.names, form.action.path());
    for says in [buttons.join(" "), address] {
        match (vocabulary::speaks_of_registering(&says), vocabulary::speaks_of_login(&says)) {
            (true, false) => return true,
            (false, true) => return false,
            _ => {}
        }
    }
    !speaks_of_login && vocabulary::speaks_of_registering(&form.text)
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
        2 * i32::from(vocabulary::speaks_of_login(&says))
            - 4 * i32::from(vocabulary::speaks_of_other_ways(&says))
            - i32::from(elsewhere)
    };
    buttons.rev().max_by_key(|(_, button)| score(button)).map(|(index, _)| index)
}

/// How many links are tried.
const MOST_LINKS: usize = 3;

/// The links of a page that lead to its login, the plainest first. Another way to log in, at another site, is none: the
/// password is not for that one.
pub(super) fn login_links(page: &Page) -> Vec<Link> {
    let without_fragment = |url: &Url| {
        let mut url = url.clone();
        url.set_fragment(None);
        url
    };
    let here = without_fragment(&page.url);
    // A form with nothing to fill in that leads there by a button is as good as a link.
    let by_button = page.forms.iter().filter_map(|form| {
        let button = form.controls.iter().find(|control| control.is_submit())?;
        let is_empty = form.controls.iter().all(|control| control.is_submit());
        let text = if button.label.is_empty() { button.value.clone() } else { button.label.clone() };
        let leads = form.method == FormMethod::Get && is_empty;
        leads.then(|| Link { target: form.action.clone(), text, method: None })
    });
    let mut found: Vec<((bool, u8), Url, Link)> = Vec::new();
    let links = page.links.iter().cloned().chain(by_button);
    for link in links.filter(|link| matches!(link.target.scheme(), "http" | "https")) {
        let target = without_fragment(&link.target);
        let says = format!("{} {}", link.text, target.path());
        let leads = vocabulary::speaks_of_login(&says) || vocabulary::is_the_account(&link.text);
        let speaks = leads && !vocabulary::speaks_of_logout(&says);
        let (is_other, is_foreign) =
            (vocabulary::speaks_of_other_ways(&link.text), target.origin() != here.origin());
        if speaks
            && target != here
            && !(is_other && is_foreign)
            && !found.iter().any(|(_, other, _)| *other == target)
        {
            let rank = if vocabulary::is_login(&link.text) {
                0
            } else if vocabulary::speaks_of_login(target.path()) && link.text.split_whitespace().count() <= 4
            {
                1
            } else {
                2
            };
            found.push(((is_other || is_foreign, rank), target, link));
        }
    }
    found.sort_by_key(|(rank, ..)| *rank);
    found.into_iter().map(|(.., link)| link).take(MOST_LINKS).collect()
}

/// Forms with nothing to fill in that lead to a login by posting, and their buttons.
pub(super) fn login_buttons(page: &Page) -> impl Iterator<Item = (usize, usize)> {
    let own = |form: &Form| form.method == FormMethod::Post && form.action.origin() == page.url.origin();
    page.forms.iter().enumerate().filter(move |(_, form)| own(form)).filter_map(|(index, form)| {
        let has_fields = form.controls.iter().any(|control| {
            !control.is_submit() && !matches!(control.kind, ControlKind::Hidden | ControlKind::Button)
        });
        let button = form.controls.iter().position(|control| {
            control.is_submit()
                && vocabulary::speaks_of_login(&format!("{} {}", control.label, control.value))
        });
        button.filter(|_| !has_fields).map(|button| (index, button))
    })
}

/// Whether a page asks for a code of one use, after the password and before it lets anybody in: by a form that has
/// hardly anything else.
pub(super) fn asks_for_code(page: &Page) -> bool {
    let titled = page.headings.iter().any(|heading| vocabulary::speaks_of_step(heading));
    page.forms.iter().any(|form| {
        let texts = positions(form, Control::is_text);
        let is_code = |control: &Control| {
            let marked = control.autocomplete.split(' ').any(|token| token == "one-time-code");
            let names = format!("{} {} {}", control.name, control.id, control.label);
            let is_other = vocabulary::speaks_of_other_codes(&names);
            // A field for some digits, on a page or in a form that speaks of such a step.
            let is_short = control.constraints.max_length.is_some_and(|length| (1..=10).contains(&length));
            let about = titled || vocabulary::speaks_of_step(&form.text);
            marked || (!is_other && (vocabulary::speaks_of_code(&names) || (about && is_short)))
        };
        let has_code = form
            .controls
            .iter()
            .any(|control| (control.is_text() || control.is_password()) && is_code(control));
        has_code && (texts.len() <= 2 || texts.iter().all(|index| is_code(&form.controls[*index]) || titled))
    })
}

/// Whether a page asks for something more of somebody whose password was taken, and for nothing else: its headings
/// speak of a step, or its form has few fields to fill in and the page hardly leads anywhere.
pub(super) fn asks_for_more(page: &Page) -> bool {
    if asks_for_code(page) || page.headings.iter().any(|heading| vocabulary::speaks_of_step(heading)) {
        return true;
    }
    let is_field = |control: &Control| {
        control.is_text()
            || control.is_password()
            || matches!(control.kind, ControlKind::Radio { .. } | ControlKind::Select { .. })
    };
    let asking = |form: &Form| {
        let fields = form.controls.iter().filter(|control| is_field(control) && !control.concealed).count();
        let posts = form.method == FormMethod::Post;
        posts && (1..=4).contains(&fields)
    };
    if page.links.len() > 3 {
        return false;
    }
    let speaks =
        page.texts.iter().any(|text| vocabulary::speaks_of_step(text) || vocabulary::speaks_of_code(text));
    let is_short = page.texts.iter().map(|text| text.chars().count()).sum::<usize>() < 400;
    let has_password = page.forms.iter().any(|form| form.controls.iter().any(Control::is_password));
    (page.forms.iter().any(asking) && (speaks || has_password)) || (is_short && speaks)
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
