//! Whether the name of the session cookie has a prefix that keeps other hosts from setting it.

use crate::audit::auditor::Auditor;
use crate::audit::check::{Check, CheckGroup, Severity, asvs};
use crate::audit::observation::{Observation, Observed};
use crate::cookies::is_loopback;

/// RFC 6265bis §4.1.3, and those of its successor draft.
const PREFIXES: [&str; 4] = ["__host-", "__secure-", "__http-", "__host-http-"];

pub(super) static CHECK: Check = Check {
    id: "cookie-prefix",
    title: "Other hosts and plain http cannot set the session cookie",
    group: CheckGroup::Responses,
    severity: Severity::Low,
    asvs: &[asvs("3.3.1", 1), asvs("3.3.3", 2)],
    cwe: &[565],
    sends: "nothing more than a login",
    control: "the page that shows the session is anonymous without the cookie",
    fix: "name the session cookie __Host-NAME, or __Secure-NAME if it must have a Domain",
    repeat: &[
        "sessctl --jar audit.json login URL --user USER",
        "sessctl --jar audit.json show-cookies --name COOKIE",
    ],
    is_passive: true,
};

#[allow(clippy::unused_async, reason = "all checks have the same type")]
pub(super) async fn run(auditor: &mut Auditor<'_>) -> Observed {
    let place = auditor.app.proof.place();
    let is_risk = place.scheme() == "https" || !is_loopback(place);
    Ok(auditor.per_session_cookie(|cookie| {
        let name = cookie.name.to_text().to_ascii_lowercase();
        match PREFIXES.iter().find(|prefix| name.starts_with(**prefix)) {
            Some(_) => Observation::pass("the name has a prefix that browsers enforce"),
            None => Observation::fail_or_info(
                is_risk,
                "the name has neither __Host- nor __Secure-: another host of the domain, or plain http, can set the cookie",
            ),
        }
    }))
}
