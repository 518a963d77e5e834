//! Whether the credentials are sent in an address.

use http::Method;

use crate::audit::auditor::Auditor;
use crate::audit::check::{Check, CheckGroup, Severity, asvs};
use crate::audit::observation::{Observation, Observed};

pub(super) static CHECK: Check = Check {
    id: "login-by-get",
    title: "The credentials are in no address",
    group: CheckGroup::Responses,
    severity: Severity::High,
    asvs: &[asvs("14.2.1", 1), asvs("3.5.3", 1)],
    cwe: &[598],
    sends: "nothing more than a login",
    control: "the form logs in",
    fix: "send the login form with method=post",
    repeat: &["sessctl --jar audit.json login URL --user USER --explain"],
    is_passive: true,
};

#[allow(clippy::unused_async, reason = "all checks have the same type")]
pub(super) async fn run(auditor: &mut Auditor<'_>) -> Observed {
    let login = &auditor.app.login;
    let seen = match login.method() {
        Method::GET => {
            Observation::fail("the login form is sent with GET: the credentials end up in logs and histories")
        }
        _ => Observation::pass("the credentials are sent with POST"),
    };
    Ok(vec![seen.at(login.target()).control("it logged in")])
}
