//! Whether a password is sent in clear text.

use crate::audit::auditor::Auditor;
use crate::audit::check::{Check, CheckGroup, Severity, asvs};
use crate::audit::observation::{Observation, Observed};
use crate::cookies::is_loopback;

pub(super) static CHECK: Check = Check {
    id: "clear-text-login",
    title: "The credentials are sent over https, from a page over https",
    group: CheckGroup::Responses,
    severity: Severity::High,
    asvs: &[asvs("12.2.1", 1)],
    cwe: &[319],
    sends: "nothing more than a login",
    control: "the address of the form is resolved as a browser does",
    fix: "serve the login page over https, and send its form to https",
    repeat: &["sessctl --jar audit.json login URL --user USER --explain"],
    is_passive: true,
};

#[allow(clippy::unused_async, reason = "all checks have the same type")]
pub(super) async fn run(auditor: &mut Auditor<'_>) -> Observed {
    let login = &auditor.app.login;
    let (page, target) = (login.page(), login.target());
    let seen = match (page.scheme(), target.scheme()) {
        ("https", "https") => Observation::pass("page and form use https"),
        ("https", _) => Observation::fail("a page over https sends the credentials to http, in clear text"),
        _ => Observation::fail_or_info(
            !is_loopback(page),
            "the page with the login form is served over http: anyone on the way can read and change it",
        ),
    };
    Ok(vec![seen.at(page).control(format!("it is sent to {}", target.origin().ascii_serialization()))])
}
