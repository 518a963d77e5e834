//! The links and buttons of a page that lead to its login form.

use url::Url;

use super::vocabulary::{ACCOUNT, LOGIN, is_exactly, mentions, mentions_logout, mentions_other_button};
use crate::client::html::form::{Control, ControlKind, Form, FormMethod};
use crate::client::html::page::{HtmlPage, Link};

/// How many links are followed.
const MAX_LINKS: usize = 3;

/// The links of a page that lead to its login, the clearest first. Links to other login methods on other sites are left
/// out: the password is not for them.
pub(super) fn login_links(page: &HtmlPage) -> Vec<Link> {
    let here = without_fragment(&page.url);
    let mut found: Vec<((bool, u8), Url, Link)> = Vec::new();
    let links = page.links.iter().cloned().chain(page.forms.iter().filter_map(as_link));
    for link in links.filter(|link| matches!(link.target.scheme(), "http" | "https")) {
        let target = without_fragment(&link.target);
        let words = format!("{} {}", link.text, target.path());
        let leads_to_login = (mentions(&words, LOGIN) || is_exactly(&link.text, ACCOUNT))
            && !mentions_logout(&words)
            && target != here;
        let is_other_method = mentions_other_button(&link.text);
        let is_other_site = target.origin() != here.origin();
        let is_known = found.iter().any(|(_, other, _)| *other == target);
        if leads_to_login && !is_known && !(is_other_method && is_other_site) {
            found.push(((is_other_method || is_other_site, rank(&link, &target)), target, link));
        }
    }
    found.sort_by_key(|(rank, ..)| *rank);
    found.into_iter().map(|(.., link)| link).take(MAX_LINKS).collect()
}

/// How clearly a link leads to a login; 0 is the clearest.
fn rank(link: &Link, target: &Url) -> u8 {
    if is_exactly(&link.text, LOGIN) {
        0
    } else if mentions(target.path(), LOGIN) && link.text.split_whitespace().count() <= 4 {
        1
    } else {
        2
    }
}

fn without_fragment(url: &Url) -> Url {
    let mut url = url.clone();
    url.set_fragment(None);
    url
}

/// A GET form with nothing but buttons works like a link.
fn as_link(form: &Form) -> Option<Link> {
    let button = form.controls.iter().find(|control| control.is_submit())?;
    let text = if button.label.is_empty() { button.value.clone() } else { button.label.clone() };
    let is_link = form.method == FormMethod::Get && form.controls.iter().all(Control::is_submit);
    is_link.then(|| Link { target: form.action.clone(), text, method: None })
}

/// POST forms without fields that lead to a login, as indexes of the form and of its button.
pub(super) fn login_buttons(page: &HtmlPage) -> impl Iterator<Item = (usize, usize)> {
    page.forms.iter().enumerate().filter_map(|(index, form)| {
        let is_same_site = form.method == FormMethod::Post && form.action.origin() == page.url.origin();
        let has_fields = form.controls.iter().any(|control| {
            !control.is_submit() && !matches!(control.kind, ControlKind::Hidden | ControlKind::Button)
        });
        let mut buttons =
            form.positions(|control| control.is_submit() && mentions(&control.caption(), LOGIN));
        buttons.next().filter(|_| is_same_site && !has_fields).map(|button| (index, button))
    })
}
