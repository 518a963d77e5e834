//! Whether the session cookie is sent to the host alone.

use crate::audit::auditor::Auditor;
use crate::audit::check::{Check, CheckGroup, Severity, asvs};
use crate::audit::observation::{Observation, Observed};

pub(super) static CHECK: Check = Check {
    id: "cookie-domain",
    title: "The session cookie is sent to one host only",
    group: CheckGroup::Responses,
    severity: Severity::Low,
    asvs: &[asvs("3.3.3", 2)],
    cwe: &[565],
    sends: "nothing more than a login",
    control: "the page that shows the session is anonymous without the cookie",
    fix: "leave out Domain, so that the cookie is sent to the host alone",
    repeat: &[
        "sessctl --jar audit.json login URL --user USER",
        "sessctl --jar audit.json show-cookies --name COOKIE",
    ],
    is_passive: true,
};

#[allow(clippy::unused_async, reason = "all checks have the same type")]
pub(super) async fn run(auditor: &mut Auditor<'_>) -> Observed {
    Ok(auditor.per_session_cookie(|cookie| match cookie.is_host_only() {
        true => Observation::pass("the cookie has no Domain"),
        false => {
            let domain = cookie.domain_name();
            Observation::fail(format!(
                "the cookie has Domain={domain}: all hosts below {domain} get the token"
            ))
        }
    }))
}
