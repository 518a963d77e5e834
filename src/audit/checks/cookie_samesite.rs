//! Whether the session cookie has a `SameSite` that restricts it.

use crate::audit::auditor::Auditor;
use crate::audit::check::{Check, CheckGroup, Severity, asvs};
use crate::audit::observation::{Observation, Observed};
use crate::cookies::SameSite;

pub(super) static CHECK: Check = Check {
    id: "cookie-samesite",
    title: "Other sites cannot send requests with the session cookie",
    group: CheckGroup::Responses,
    severity: Severity::Medium,
    asvs: &[asvs("3.3.2", 2)],
    cwe: &[1275],
    sends: "nothing more than a login",
    control: "the page that shows the session is anonymous without the cookie",
    fix: "add SameSite=Lax, or SameSite=Strict, to the session cookie",
    repeat: &[
        "sessctl --jar audit.json login URL --user USER",
        "sessctl --jar audit.json show-cookies --name COOKIE",
    ],
    is_passive: true,
};

#[allow(clippy::unused_async, reason = "all checks have the same type")]
pub(super) async fn run(auditor: &mut Auditor<'_>) -> Observed {
    Ok(auditor.per_session_cookie(|cookie| match cookie.same_site {
        Some(SameSite::Lax) => Observation::pass("the cookie has SameSite=Lax"),
        Some(SameSite::Strict) => Observation::pass("the cookie has SameSite=Strict"),
        Some(SameSite::None) => {
            Observation::fail("the cookie has SameSite=None: requests of any site carry it")
        }
        None => Observation::fail(
            "the cookie has no valid SameSite: only some browsers treat it as Lax, and not in its first two minutes",
        ),
    }))
}
