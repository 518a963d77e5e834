//! Whether the token is in an address.

use http::header::LOCATION;

use super::token_places::{contains, forms_of, urls_in};
use crate::audit::auditor::Auditor;
use crate::audit::check::{Check, CheckGroup, Severity, asvs};
use crate::audit::observation::{Observation, Observed};

pub(super) static CHECK: Check = Check {
    id: "token-in-url",
    title: "The token is in no address",
    group: CheckGroup::Responses,
    severity: Severity::Medium,
    asvs: &[asvs("14.2.1", 1)],
    cwe: &[598],
    sends: "nothing more than a login",
    control: "the token is in the Cookie header",
    fix: "send the token in the cookie only; addresses end up in logs, histories and Referer",
    repeat: &[
        "sessctl --jar audit.json -v --reveal login URL --user USER",
        "sessctl --jar audit.json visit PAGE",
    ],
    is_passive: true,
};

#[allow(clippy::unused_async, reason = "all checks have the same type")]
pub(super) async fn run(auditor: &mut Auditor<'_>) -> Observed {
    let mut seen: Vec<Observation> = Vec::new();
    for cookie in &auditor.app.session_cookies {
        let tokens = forms_of(cookie);
        for exchange in &auditor.app.exchanges {
            let url = &exchange.request.url;
            let headers = exchange.response.as_ref().map(|it| &it.headers);
            let location = headers.and_then(|it| it.get(LOCATION)?.to_str().ok());
            let place = match () {
                () if contains(url.as_str(), &tokens) => "the address of a request",
                () if location.is_some_and(|it| contains(it, &tokens)) => "the target of a redirect",
                () if urls_in(exchange).iter().any(|it| contains(it, &tokens)) => {
                    "a link or a form of the page"
                }
                () => continue,
            };
            let reason =
                format!("the token is in {place}: it ends up in logs, in the history and in Referer");
            seen.push(Observation::fail(reason).cookie(&cookie.name).at(url));
            break;
        }
    }
    if seen.is_empty() {
        let seen_in_cookie = Observation::pass("no address contains the token");
        seen.push(seen_in_cookie.control("it is sent there"));
    }
    Ok(seen)
}
