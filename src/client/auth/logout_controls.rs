//! What logs out: the forms, links and buttons of a page that end a session.

use url::Url;

use super::vocabulary;
use crate::client::html::form::{Control, FormMethod};
use crate::client::html::page::{Link, Page};

/// What logs out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::client) enum LogoutControl {
    /// A form, by its number and that of its button.
    Form(usize, Option<usize>),
    /// A link.
    Link(Link),
}

/// Everything on a page that may log out, forms first.
pub(in crate::client) fn logout_controls(page: &Page) -> Vec<LogoutControl> {
    let mut found = Vec::new();
    for (index, form) in page.forms.iter().enumerate().filter(|(_, form)| form.method != FormMethod::Dialog) {
        let speaks = |control: &Control| {
            let says = format!("{} {} {} {}", control.label, control.value, control.name, control.id);
            control.is_submit() && vocabulary::speaks_of_logout(&says)
        };
        let is_yes = |control: &Control| {
            control.is_submit()
                && !vocabulary::speaks_of_other_ways(&format!("{} {}", control.label, control.value))
        };
        let button = form.controls.iter().position(speaks);
        let has_fields = form.controls.iter().any(|control| control.is_text() || control.is_password());
        let by_address = vocabulary::is_about_logout(form.action.path())
            || asks_for_logout(&form.action)
            || vocabulary::speaks_of_logout(&form.names);
        if button.is_some() || (by_address && !has_fields) {
            let yes = || form.controls.iter().position(is_yes);
            found.push(LogoutControl::Form(index, button.or_else(yes).or_else(|| form.default_button())));
        }
    }
    let links = page.links.iter().filter(|link| matches!(link.target.scheme(), "http" | "https"));
    let speaking = links.filter(|link| {
        // A sentence about logging out is no control.
        let is_short = link.text.split_whitespace().count() <= 4;
        let leads_away = link.target[..url::Position::AfterQuery] != page.url[..url::Position::AfterQuery];
        let by_address = vocabulary::is_about_logout(link.target.path()) || asks_for_logout(&link.target);
        leads_away && (by_address || (is_short && vocabulary::speaks_of_logout(&link.text)))
    });
    found.extend(speaking.map(|link| LogoutControl::Link(link.clone())));
    // What leaves a newsletter is none; what logs out elsewhere too comes last.
    let says = |control: &LogoutControl| match control {
        LogoutControl::Form(index, button) => {
            let form = &page.forms[*index];
            let button = button
                .and_then(|button| form.controls.get(button))
                .map_or("", |button| button.label.as_str());
            format!("{button} {} {}", form.action.path(), form.names)
        }
        LogoutControl::Link(link) => format!("{} {}", link.text, link.target.path()),
    };
    found.retain(|control| !vocabulary::speaks_of_other_uses(&says(control)));
    // What says it plainest comes first: by its address, by a label that says nothing else.
    let rank = |control: &LogoutControl| {
        let (path, label) = match control {
            LogoutControl::Form(index, button) => {
                let form = &page.forms[*index];
                let button = button.and_then(|button| form.controls.get(button));
                (form.action.path(), button.map_or("", |button| button.label.as_str()))
            }
            LogoutControl::Link(link) => (link.target.path(), link.text.as_str()),
        };
        let by_address =
            path.rsplit('/').find(|part| !part.is_empty()).is_some_and(vocabulary::is_about_logout);
        let is_help = vocabulary::speaks_of_help(path) || vocabulary::speaks_of_help(label);
        2 * u8::from(!vocabulary::is_logout(label)) + u8::from(!by_address) + 4 * u8::from(is_help)
    };
    found.sort_by_key(|control| (vocabulary::speaks_of_everywhere(&says(control)), rank(control)));
    found
}

/// Whether a query asks for it (`?logout=1`, `?action=logout`). One that only names a page (`?next=/logout`) does not.
fn asks_for_logout(url: &Url) -> bool {
    let is_word = |text: &str| !text.contains('/') && vocabulary::speaks_of_logout(text);
    url.query_pairs().any(|(name, value)| is_word(&name) || is_word(&value))
}

impl LogoutControl {
    /// Whether it works by a mere `GET`, as any link or image of any site can make a browser do.
    pub(in crate::client) fn is_get(&self, page: &Page) -> bool {
        match self {
            LogoutControl::Form(form, _) => page.forms[*form].method == FormMethod::Get,
            LogoutControl::Link(link) => link.method.is_none() && !has_token(&link.target),
        }
    }
}

/// Whether a query holds what another site could not guess.
fn has_token(url: &Url) -> bool {
    let is_opaque = |value: &str| {
        let is_plain = value.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"-_.|".contains(&octet));
        value.len() >= 8 && is_plain && value.bytes().any(|octet| octet.is_ascii_digit())
    };
    url.query_pairs().any(|(_, value)| is_opaque(&value))
}

/// What a logout control is called, for a person.
pub(in crate::client) fn name_of(control: &LogoutControl, page: &Page) -> String {
    let path = |url: &Url| url.path().split(';').next().unwrap_or_default().to_owned();
    match control {
        LogoutControl::Form(form, _) => format!("the form to {}", path(&page.forms[*form].action)),
        LogoutControl::Link(link) => format!("the link to {}", path(&link.target)),
    }
}

/// The names of all logout controls of a page.
pub(in crate::client) fn logout_names(page: &Page) -> Vec<String> {
    logout_controls(page).iter().map(|control| name_of(control, page)).collect()
}
