//! Whether the token is in a body, where scripts can read it.

use http::header::{LOCATION, SET_COOKIE};

use super::token_places::{contains, forms_of, occurrences, urls_in};
use crate::audit::auditor::Auditor;
use crate::audit::check::{Check, CheckGroup, Severity, asvs};
use crate::audit::observation::{NotTested, Observation, Observed};
use crate::audit::random::random_text;
use crate::client::http::Exchange;

pub(super) static CHECK: Check = Check {
    id: "token-in-body",
    title: "The token is in no page and in no other header",
    group: CheckGroup::Responses,
    severity: Severity::Medium,
    asvs: &[asvs("3.3.4", 2)],
    cwe: &[1004],
    sends: "nothing more than a login",
    control: "a random value of the same length is not found either",
    fix: "send the token in Set-Cookie only; HttpOnly does not protect a copy in the page",
    repeat: &["sessctl --jar audit.json login URL --user USER", "sessctl --jar audit.json visit PAGE"],
    is_passive: true,
};

#[allow(clippy::unused_async, reason = "all checks have the same type")]
pub(super) async fn run(auditor: &mut Auditor<'_>) -> Observed {
    let mut seen: Vec<Observation> = Vec::new();
    for cookie in &auditor.app.session_cookies {
        let tokens = forms_of(cookie);
        let random = vec![random_text(cookie.value.0.len().max(16))?];
        for exchange in &auditor.app.exchanges {
            if place_of(exchange, &random).is_some() {
                return Err(NotTested::control_failed(
                    "a random value is in the page too: it repeats what is sent",
                ));
            }
            if let Some(place) = place_of(exchange, &tokens) {
                let reason =
                    format!("the token is in {place}: a script of the page can read it in spite of HttpOnly");
                seen.push(Observation::fail(reason).cookie(&cookie.name).at(&exchange.request.url));
                break;
            }
        }
    }
    if seen.is_empty() {
        seen.push(
            Observation::pass("no body and no other header contains the token").control("it is not found"),
        );
    }
    Ok(seen)
}

/// Where a response has one of these texts, apart from `Set-Cookie` and addresses.
fn place_of(exchange: &Exchange, tokens: &[String]) -> Option<String> {
    let response = exchange.response.as_ref()?;
    let body = String::from_utf8_lossy(&response.body);
    let in_urls: usize = urls_in(exchange).iter().map(|url| occurrences(url, tokens)).sum();
    if occurrences(&body, tokens) > in_urls {
        return Some("the body".to_owned());
    }
    let others = response.headers.iter().filter(|(name, _)| *name != SET_COOKIE && *name != LOCATION);
    let mut with_token =
        others.filter(|(_, value)| contains(&String::from_utf8_lossy(value.as_bytes()), tokens));
    with_token.next().map(|(name, _)| format!("the header {name}"))
}
