//! Whether the logout ends the session on the server.

use crate::audit::auditor::Auditor;
use crate::audit::check::{Check, CheckGroup, Severity, asvs};
use crate::audit::observation::{NotTested, Observation, Observed};

pub(super) static CHECK: Check = Check {
    id: "logout-ends-session",
    title: "The logout ends the session on the server",
    group: CheckGroup::LifeCycle,
    severity: Severity::High,
    asvs: &[asvs("7.4.1", 1)],
    cwe: &[613],
    sends: "a logout, and then the page that shows the session with a copy of the cookies from before it",
    control: "the copy was logged in before the logout",
    fix: "delete the session in the store at logout; a token that the server does not store cannot be ended",
    repeat: &[
        "sessctl --jar audit.json login URL --user USER",
        "sessctl --jar audit.json show-cookies --netscape > audit.txt",
        "sessctl --jar audit.json logout PAGE",
        "curl -si -b audit.txt PAGE",
    ],
    is_passive: true,
};

pub(super) async fn run(auditor: &mut Auditor<'_>) -> Observed {
    let logout = auditor.quiet_logout().await?;
    if logout.needs_script {
        return Err(NotTested::control_failed(format!(
            "{} does not log this client out; it may need a script",
            logout.control
        )));
    }
    let seen = match logout.copy_is_live {
        true => Observation::fail("a copy of the cookies still opens the session after the logout"),
        false => Observation::pass("a copy of the cookies is anonymous after the logout"),
    };
    Ok(vec![seen.cookie(&auditor.app.main_cookie.name).control("it was logged in")])
}
