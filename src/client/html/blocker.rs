//! What only a person with a browser gets past: recognised by what all of a kind have in common, and said.

use std::fmt;

use scraper::ElementRef;

use super::form::{ControlKind, Form};
use super::page::text_of;

/// Something that a page wants and this client cannot give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Blocker {
    /// A riddle that tells people from programs.
    Captcha,
    /// A key that a device holds (WebAuthn).
    Passkey,
    /// The page is drawn by scripts, which are not run here.
    Script,
    /// The fields are in no form: a script would send them.
    LooseFields,
    /// It shows a page of another site within itself, where the login may be.
    ForeignFrame,
    /// It asks by HTTP authentication (RFC 7617), not by a form.
    HttpAuthentication,
}

impl fmt::Display for Blocker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Blocker::Captcha => "it has a captcha, which only a person can solve",
            Blocker::Passkey => "it asks for a passkey (WebAuthn), which only a device can give",
            Blocker::Script => "it is drawn by scripts, which only a browser runs",
            Blocker::LooseFields => {
                "its fields are in no form that goes anywhere: a script would send them, which only a browser runs"
            }
            Blocker::ForeignFrame => "a frame shows a page of another site: name that page, if its login is meant",
            Blocker::HttpAuthentication => {
                "it asks by HTTP authentication (Basic): write http://NAME:PASSWORD@HOST/, or send Authorization with visit -H"
            }
        })
    }
}

/// A page that says less than this, in characters, and has scripts leaves the saying to them.
const SILENT: usize = 200;

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
        let says = body.map(|body| text_of(*body)).unwrap_or_default();
        let links = elements.iter().filter(|element| element.value().name() == "a").count();
        if links == 0 && says.chars().count() < SILENT {
            found.push(Blocker::Script);
        }
    }
    found
}

/// Captchas of all makers are called so in names or addresses, or have a key of the site.
fn is_captcha(element: &ElementRef<'_>) -> bool {
    let names = ["id", "class", "name", "src"].iter().filter_map(|name| element.attr(name));
    element.attr("data-sitekey").is_some()
        || names.into_iter().any(|name| name.to_ascii_lowercase().contains("captcha"))
}

/// A field for it, or a script that asks for one.
fn is_passkey(element: &ElementRef<'_>) -> bool {
    let is_field = element
        .attr("autocomplete")
        .is_some_and(|tokens| tokens.split_ascii_whitespace().any(|it| it.eq_ignore_ascii_case("webauthn")));
    let asks = || {
        element.value().name() == "script"
            && element.text().any(|text| {
                ["navigator.credentials.get", "PublicKeyCredential"].iter().any(|it| text.contains(it))
            })
    };
    is_field || asks()
}
