//! Whether a token from before the login opens the session after it.

use crate::audit::auditor::Auditor;
use crate::audit::check::{Check, CheckGroup, Severity, asvs};
use crate::audit::observation::{Observation, Observed};

pub(super) static CHECK: Check = Check {
    id: "fixation",
    title: "A token from before the login does not open the session after it",
    group: CheckGroup::LifeCycle,
    severity: Severity::High,
    asvs: &[asvs("7.2.3", 1), asvs("7.2.4", 1)],
    cwe: &[384],
    sends: "a login with an invented session cookie, and one with the cookie that the application gave before it",
    control: "both are anonymous before the login",
    fix: "issue a new token at login, and never adopt one that the server did not issue",
    repeat: &[
        "sessctl --jar audit.json set-cookie URL 'COOKIE=an-invented-value; Path=/'",
        "sessctl --jar audit.json login URL --user USER",
        "curl -si -b COOKIE=an-invented-value PAGE",
    ],
    is_passive: false,
};

pub(super) async fn run(auditor: &mut Auditor<'_>) -> Observed {
    let seen = auditor.pre_login().await?;
    let control = "they are anonymous before it";
    let fixed = seen.logins()?.into_iter().find(|(_, login)| login.opens_session);
    let name = &auditor.app.main_cookie.name;
    Ok(vec![
        match fixed {
            Some((what, _)) => {
                let reason =
                    format!("{what} opens the session after the login: anyone who knows it is logged in too");
                Observation::fail(reason).cookie(name)
            }
            None => {
                Observation::pass("no value from before the login opens the session after it").cookie(name)
            }
        }
        .control(control),
    ])
}
