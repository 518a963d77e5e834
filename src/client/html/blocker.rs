//! [`Blocker`]: what requires a real browser or a person.

use std::fmt;

use scraper::ElementRef;

use super::dom::text_of;
use super::form::{ControlKind, Form};

/// Something on a page that `sessctl` cannot do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Blocker {
    /// A test that only a person can solve.
    Captcha,
    /// A key on a device (WebAuthn).
    Passkey,
    /// The page is a JavaScript-only page.
    Script,
    /// The fields are not in a form: a script submits them.
    LooseFields,
    /// The login may be in a frame of another site.
    ForeignFrame,
    /// The page uses HTTP authentication (RFC 7617) instead of a form.
    HttpAuthentication,
    /// The page refuses the credentials for HTTP Basic authentication.
    BasicRefused,
    /// The page uses another scheme of HTTP authentication, such as Digest, NTLM or Bearer.
    UnsupportedAuthentication,
}

impl fmt::Display for Blocker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Blocker::Captcha => "the page has a captcha; only a person can solve it",
            Blocker::Passkey => "the page asks for a passkey (WebAuthn); only a device can provide it",
            Blocker::Script => "the page is rendered by JavaScript, which only a browser runs",
            Blocker::LooseFields => {
                "the fields are not in a form with an action; JavaScript submits them, which only a browser runs"
            }
            Blocker::ForeignFrame => "a frame shows a page of another site; if the login is there, pass the URL of that page",
            Blocker::UnsupportedAuthentication => {
                "the page uses HTTP authentication, but not with the Basic scheme; sessctl cannot answer Digest, NTLM or others"
            }
            Blocker::HttpAuthentication => {
                "the page uses HTTP authentication (Basic); --basic-user NAME answers it"
            }
            Blocker::BasicRefused => {
                "it refuses the user name or the password for HTTP authentication (Basic)"
            }
        })
    }
}

/// A page with scripts and less text, in characters, is a JavaScript-only page.
const MIN_TEXT_LEN: usize = 200;

/// All blockers on a page.
pub(crate) fn all_in(elements: &[ElementRef<'_>], forms: &[Form]) -> Vec<Blocker> {
    let mut found = Vec::new();
    let is_secret = |element: &&ElementRef<'_>| {
        element.attr("type").is_some_and(|kind| kind.eq_ignore_ascii_case("password"))
    };
    let secrets = elements.iter().filter(is_secret).count();
    let in_forms = forms.iter().flat_map(|form| &form.controls);
    if secrets > in_forms.filter(|control| control.kind == ControlKind::Password).count() {
        found.push(Blocker::LooseFields);
    }
    if elements.iter().any(is_captcha) {
        found.push(Blocker::Captcha);
    }
    if elements.iter().any(is_passkey) {
        found.push(Blocker::Passkey);
    }
    let has = |name: &str| elements.iter().any(|element| element.value().name() == name);
    if has("script") && !has("form") && !has("input") {
        let body = elements.iter().find(|element| element.value().name() == "body");
        let text = body.map(|body| text_of(*body)).unwrap_or_default();
        let links = elements.iter().filter(|element| element.value().name() == "a").count();
        if links == 0 && text.chars().count() < MIN_TEXT_LEN {
            found.push(Blocker::Script);
        }
    }
    found
}

/// Captchas of all vendors have `captcha` in a name or address, or a site key.
fn is_captcha(element: &ElementRef<'_>) -> bool {
    let names = ["id", "class", "name", "src"].iter().filter_map(|name| element.attr(name));
    element.attr("data-sitekey").is_some()
        || names.into_iter().any(|name| name.to_ascii_lowercase().contains("captcha"))
}

/// Detects a passkey field, or a script that requests a passkey.
fn is_passkey(element: &ElementRef<'_>) -> bool {
    let is_field = element
        .attr("autocomplete")
        .is_some_and(|tokens| tokens.split_ascii_whitespace().any(|it| it.eq_ignore_ascii_case("webauthn")));
    let requests = || {
        element.value().name() == "script"
            && element.text().any(|text| {
                ["navigator.credentials.get", "PublicKeyCredential"].iter().any(|it| text.contains(it))
            })
    };
    is_field || requests()
}
