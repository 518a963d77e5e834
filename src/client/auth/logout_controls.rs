//! [`LogoutControl`]: the forms, links and buttons of a page that log out.

use http::Method;
use url::{Position, Url};

use super::evidence::ControlSeen;
use super::vocabulary::{
    EVERYWHERE, HELP, OTHER_USES, is_exactly_logout, mentions, mentions_logout, mentions_other_button,
    path_mentions_logout,
};
use crate::client::html::form::{Control, Filling, Form, FormMethod};
use crate::client::html::page::{HtmlPage, Link};
use crate::client::http::error::ClientError;
use crate::client::http::request::{Body, Request};
use crate::cookies::{Jar, is_cross_site};

/// A link with more words is a sentence, not a control.
const MAX_LINK_WORDS: usize = 4;

/// A query value of this length with a digit is a token that another site cannot guess.
const MIN_TOKEN_LEN: usize = 8;

/// A form or link that logs out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum LogoutControl {
    /// A form, by its index on the page in which it was found, and its button.
    Form(usize, Option<usize>),
    /// A link.
    Link(Link),
}

/// All forms and links of a page that may log out, the best first.
pub(super) fn logout_controls(page: &HtmlPage) -> Vec<LogoutControl> {
    let forms = page
        .forms
        .iter()
        .enumerate()
        .filter_map(|(index, form)| logout_button(form).map(|button| LogoutControl::Form(index, button)));
    let links = page.links.iter().filter(|link| is_logout_link(link, page));
    let mut found: Vec<LogoutControl> =
        forms.chain(links.map(|link| LogoutControl::Link(link.clone()))).collect();
    let words = |control: &LogoutControl| match control {
        LogoutControl::Form(index, _) => {
            let form = &page.forms[*index];
            format!("{} {} {}", control.label(page), form.action.path(), form.names)
        }
        LogoutControl::Link(link) => format!("{} {}", link.text, link.target.path()),
    };
    found.retain(|control| !mentions(&words(control), OTHER_USES));
    found.sort_by_key(|control| (mentions(&words(control), EVERYWHERE), control.rank(page)));
    found
}

/// The button of a form that logs out; `Some(None)` if the form has no button.
fn logout_button(form: &Form) -> Option<Option<usize>> {
    if form.method == FormMethod::Dialog {
        return None;
    }
    let is_logout = |control: &Control| {
        let text = format!("{} {} {}", control.caption(), control.name, control.id);
        control.is_submit() && mentions_logout(&text)
    };
    let button = form.positions(is_logout).next();
    if is_cross_site(&form.page, form.target(button)) {
        return None; // a hostile page may choose the words of its buttons
    }
    let has_fields = form.controls.iter().any(|control| control.is_text() || control.is_password());
    let deletes_session = is_session(&form.action)
        && form.controls.iter().any(|it| it.name == "_method" && it.value.eq_ignore_ascii_case("delete"));
    let is_named_so = path_mentions_logout(form.action.path())
        || query_asks_for_logout(&form.action)
        || mentions_logout(&form.names)
        || deletes_session;
    if button.is_none() && (has_fields || !is_named_so) {
        return None;
    }
    let is_other = |control: &Control| control.is_submit() && !mentions_other_button(&control.caption());
    Some(button.or_else(|| form.positions(is_other).next()).or_else(|| form.default_button()))
}

fn is_logout_link(link: &Link, page: &HtmlPage) -> bool {
    let is_short = link.text.split_whitespace().count() <= MAX_LINK_WORDS;
    let leads_away = link.target[..Position::AfterQuery] != page.url[..Position::AfterQuery];
    let deletes_session = link.method == Some(Method::DELETE) && is_session(&link.target);
    let is_named_so =
        path_mentions_logout(link.target.path()) || query_asks_for_logout(&link.target) || deletes_session;
    matches!(link.target.scheme(), "http" | "https")
        && leads_away
        && (is_named_so || (is_short && mentions_logout(&link.text)))
}

/// Whether a resource is the session of this client, which a `DELETE` ends.
fn is_session(url: &Url) -> bool {
    url.path().trim_end_matches('/').ends_with("/session")
}

/// Whether an address is unmistakably that of a logout.
pub(super) fn is_logout_address(url: &Url) -> bool {
    let is_other = [HELP, OTHER_USES, EVERYWHERE].into_iter().any(|words| mentions(url.path(), words));
    (mentions_logout(url.path()) || query_asks_for_logout(url)) && !is_other
}

/// The first logout link that a script runs, as messages call it.
pub(super) fn scripted_control(page: &HtmlPage) -> Option<String> {
    let is_logout = |link: &&Link| mentions_logout(&link.text) || mentions_logout(link.target.as_str());
    let is_scripted = |link: &&Link| {
        link.target.scheme() == "javascript"
            || link.target[..Position::AfterQuery] == page.url[..Position::AfterQuery]
    };
    let link = page.links.iter().filter(is_scripted).find(is_logout)?;
    let kind = if link.target.scheme() == "javascript" { " (a javascript: link)" } else { "" };
    Some(format!("{:?}{kind}", link.text))
}

/// Whether a query asks for a logout (`?logout=1`, `?action=logout`). One that contains a path (`?next=/logout`) does not.
fn query_asks_for_logout(url: &Url) -> bool {
    let is_logout = |text: &str| !text.contains('/') && mentions_logout(text);
    url.query_pairs().any(|(name, value)| is_logout(&name) || is_logout(&value))
}

/// Whether a query contains a value that another site cannot guess.
fn has_token(url: &Url) -> bool {
    let is_token = |value: &str| {
        let is_plain = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.|".contains(&byte));
        value.len() >= MIN_TOKEN_LEN && is_plain && value.bytes().any(|byte| byte.is_ascii_digit())
    };
    url.query_pairs().any(|(_, value)| is_token(&value))
}

impl LogoutControl {
    /// Whether a plain `GET` triggers it: any link or image of any site can make a browser send that.
    pub(super) fn is_get(&self, page: &HtmlPage) -> bool {
        match self {
            LogoutControl::Form(form, _) => page.forms[*form].method == FormMethod::Get,
            LogoutControl::Link(link) => link.method.is_none() && !has_token(&link.target),
        }
    }

    /// Where it leads.
    pub(super) fn target<'a>(&'a self, page: &'a HtmlPage) -> &'a Url {
        match self {
            LogoutControl::Form(form, _) => &page.forms[*form].action,
            LogoutControl::Link(link) => &link.target,
        }
    }

    fn label<'a>(&'a self, page: &'a HtmlPage) -> &'a str {
        match self {
            LogoutControl::Form(form, button) => {
                let button = button.and_then(|button| page.forms[*form].controls.get(button));
                button.map_or("", |button| button.label.as_str())
            }
            LogoutControl::Link(link) => &link.text,
        }
    }

    /// How it is called in messages.
    pub(super) fn seen(&self, page: &HtmlPage) -> ControlSeen {
        let path = self.target(page).path().split(';').next().unwrap_or_default().to_owned();
        match self {
            LogoutControl::Form(..) => ControlSeen::Form(path),
            LogoutControl::Link(_) => ControlSeen::Link(path),
        }
    }

    /// How clearly it logs out, by its label and the last part of its path; 0 is the clearest.
    fn rank(&self, page: &HtmlPage) -> u8 {
        let (path, label) = (self.target(page).path(), self.label(page));
        let is_named_so = path.rsplit('/').find(|part| !part.is_empty()).is_some_and(path_mentions_logout);
        let is_help = mentions(path, HELP) || mentions(label, HELP);
        2 * u8::from(!is_exactly_logout(label)) + u8::from(!is_named_so) + 4 * u8::from(is_help)
    }

    /// The request that it sends.
    pub(super) fn request(&self, page: &HtmlPage, jar: &Jar) -> Result<Request, ClientError> {
        let link = match self {
            LogoutControl::Form(form, button) => {
                return page.forms[*form].request(&Filling::of(Vec::new(), *button), page, jar);
            }
            LogoutControl::Link(link) => link,
        };
        let mut request = Request::link(link.target.clone(), &page.url);
        if let Some(method) = &link.method {
            // Scripts turn such a link into a form, and forms send other methods as POST with this field.
            let body = format!("_method={}", method.as_str().to_ascii_lowercase());
            request.method = Method::POST;
            request.body = Some(Body::new("application/x-www-form-urlencoded", body.into_bytes()));
            request.add_csrf_token(page, false, jar);
        }
        Ok(request)
    }
}

/// All logout controls of a page, as messages call them.
pub(super) fn controls_seen(page: &HtmlPage) -> Vec<ControlSeen> {
    logout_controls(page).iter().map(|control| control.seen(page)).collect()
}
