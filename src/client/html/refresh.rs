//! Pages that redirect by `Refresh`, `meta` or script (HTML, shared declarative refresh steps).

use http::HeaderMap;
use scraper::ElementRef;
use url::Url;

use super::form::{ControlKind, Form, FormMethod};
use crate::cookies::is_cross_site;

/// A page with a longer delay in seconds is meant to be read.
const MAX_DELAY: f64 = 10.0;

/// The target of a `Refresh` header.
pub(crate) fn in_headers(headers: &HeaderMap, page: &Url) -> Option<Url> {
    target_of(headers.get("refresh")?.to_str().ok()?, page)
}

/// The target of a `meta` element.
pub(crate) fn in_metas(elements: &[ElementRef<'_>], base: &Url) -> Option<Url> {
    let metas = elements.iter().filter(|element| element.value().name() == "meta");
    let mut refreshes = metas.filter(|meta| {
        meta.attr("http-equiv").is_some_and(|what| what.trim().eq_ignore_ascii_case("refresh"))
    });
    target_of(refreshes.next()?.attr("content")?, base)
}

/// Parses `0; url=/login`. `url=`, the quotes and the separator are optional.
fn target_of(content: &str, base: &Url) -> Option<Url> {
    let content = content.trim();
    let digits = content.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(content.len());
    let (seconds, rest) = content.split_at(digits);
    // Browsers read `.5` and the empty string as 0.
    if seconds.split('.').next()?.parse::<f64>().unwrap_or(0.0) > MAX_DELAY {
        return None;
    }
    let rest = rest.trim_start().trim_start_matches([';', ',']).trim_start();
    let named = rest.split_at_checked(3).filter(|(name, _)| name.eq_ignore_ascii_case("url"));
    let target = named.and_then(|(_, value)| value.trim_start().strip_prefix('=')).unwrap_or(rest).trim();
    let target = match target.chars().next() {
        Some(quote @ ('"' | '\'')) => target.split(quote).nth(1)?,
        _ => target,
    };
    if target.is_empty() {
        return None;
    }
    let target = base.join(target).ok()?;
    matches!(target.scheme(), "http" | "https").then_some(target)
}

/// Longer scripts do more than redirect.
const MAX_SCRIPT_LEN: usize = 2000;

/// The target of a short inline script, on a page without fields: `location = "/home"`, `location.href = …`,
/// `location.replace(…)`, `location.assign(…)`.
pub(crate) fn in_scripts(elements: &[ElementRef<'_>], base: &Url) -> Option<Url> {
    if elements.iter().any(|element| matches!(element.value().name(), "form" | "input" | "button")) {
        return None;
    }
    scripts(elements).find_map(|script| {
        let after = script.split("location").skip(1);
        after.filter_map(assigned).find_map(|target| target_of(&format!("0;url={target}"), base))
    })
}

fn scripts<'a>(elements: &'a [ElementRef<'_>]) -> impl Iterator<Item = String> + 'a {
    let scripts = elements.iter().filter(|it| it.value().name() == "script" && it.attr("src").is_none());
    scripts.map(|script| script.text().collect::<String>()).filter(|script| script.len() < MAX_SCRIPT_LEN)
}

/// The string literal that a script assigns to `location`.
fn assigned(rest: &str) -> Option<&str> {
    let rest = rest.strip_prefix(".href").unwrap_or(rest).trim_start();
    let rest = [".replace(", ".assign(", "="].iter().find_map(|way| rest.strip_prefix(way))?.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    rest.split(quote).nth(1).filter(|target| !target.contains(['\\', '\n']))
}

/// The index of the form that a script submits on load: the only form, with only hidden fields. A form for another site
/// must have a message of a single sign-on, so that a hostile page cannot make the client send other requests there.
pub(crate) fn self_submitting_form(elements: &[ElementRef<'_>], forms: &[Form]) -> Option<usize> {
    let [only] = forms else { return None };
    let mut kinds = only.controls.iter().map(|control| &control.kind);
    let is_ready = |kind| matches!(kind, &ControlKind::Hidden | ControlKind::Submit(_) | ControlKind::Button);
    let is_complete = kinds.clone().all(is_ready) && kinds.any(|kind| *kind == ControlKind::Hidden);
    let is_submitted = match has_sign_on_message(only) {
        true => has_script(elements),
        false => !is_cross_site(&only.page, &only.action) && has_submit_script(elements),
    };
    (is_complete && is_submitted).then_some(0)
}

/// Whether a form carries a message of a single sign-on between two sites: SAML (HTTP POST binding, saml-bindings §3.5.4),
/// WS-Federation, or OpenID Connect (OAuth 2.0 Form Post Response Mode).
pub(crate) fn has_sign_on_message(form: &Form) -> bool {
    let has = |name: &str| form.controls.iter().any(|it| it.kind == ControlKind::Hidden && it.name == name);
    let is_oidc = has("state") && (has("code") || has("id_token"));
    form.method == FormMethod::Post
        && (has("SAMLResponse") || has("SAMLRequest") || has("wresult") || is_oidc)
}

/// Whether the page has a script of its own: it may be external, click the button, or wait.
fn has_script(elements: &[ElementRef<'_>]) -> bool {
    elements.iter().any(|element| element.value().name() == "script" || element.attr("onload").is_some())
}

fn has_submit_script(elements: &[ElementRef<'_>]) -> bool {
    elements.iter().any(|element| element.attr("onload").is_some_and(|it| it.contains("submit")))
        || scripts(elements).any(|script| script.contains(".submit()"))
}
