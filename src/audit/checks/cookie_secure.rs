//! Whether the session cookie has `Secure`.

use crate::audit::auditor::Auditor;
use crate::audit::check::{Check, CheckGroup, Severity, asvs};
use crate::audit::observation::{Observation, Observed};
use crate::cookies::is_loopback;

pub(super) static CHECK: Check = Check {
    id: "cookie-secure",
    title: "The session cookie is sent over https only",
    group: CheckGroup::Responses,
    severity: Severity::Medium,
    asvs: &[asvs("3.3.1", 1)],
    cwe: &[614],
    sends: "nothing more than a login",
    control: "the page that shows the session is anonymous without the cookie",
    fix: "add Secure to the session cookie, and serve the application over https only",
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
    Ok(auditor.per_session_cookie(|cookie| match cookie.secure {
        true => Observation::pass("the cookie has Secure"),
        false if is_risk => {
            Observation::fail("the cookie has no Secure: a request over http sends the token in clear text")
        }
        false => Observation::info("the cookie has no Secure; over http on this machine nobody can read it"),
    }))
}
