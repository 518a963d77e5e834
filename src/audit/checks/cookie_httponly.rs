//! Whether the session cookie has `HttpOnly`.

use crate::audit::auditor::Auditor;
use crate::audit::check::{Check, CheckGroup, Severity, asvs};
use crate::audit::observation::{Observation, Observed};

pub(super) static CHECK: Check = Check {
    id: "cookie-httponly",
    title: "Scripts cannot read the session cookie",
    group: CheckGroup::Responses,
    severity: Severity::Medium,
    asvs: &[asvs("3.3.4", 2)],
    cwe: &[1004],
    sends: "nothing more than a login",
    control: "the page that shows the session is anonymous without the cookie",
    fix: "add HttpOnly to the session cookie",
    repeat: &[
        "sessctl --jar audit.json login URL --user USER",
        "sessctl --jar audit.json show-cookies --name COOKIE",
    ],
    is_passive: true,
};

#[allow(clippy::unused_async, reason = "all checks have the same type")]
pub(super) async fn run(auditor: &mut Auditor<'_>) -> Observed {
    Ok(auditor.per_session_cookie(|cookie| match cookie.http_only {
        true => Observation::pass("the cookie has HttpOnly"),
        false => Observation::fail("the cookie has no HttpOnly: injected JavaScript can read the token"),
    }))
}
