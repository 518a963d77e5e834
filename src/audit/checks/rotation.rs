//! Whether the login issues a new token.

use crate::audit::auditor::Auditor;
use crate::audit::check::{Check, CheckGroup, Severity, asvs};
use crate::audit::observation::{Observation, Observed};
use crate::audit::pre_login::LoginWithCookies;

pub(super) static CHECK: Check = Check {
    id: "rotation",
    title: "The login issues a new token",
    group: CheckGroup::LifeCycle,
    severity: Severity::Medium,
    asvs: &[asvs("7.2.4", 1)],
    cwe: &[384],
    sends: "a login with an invented session cookie, and one with the cookie that the application gave before it",
    control: "the values of before the login are known",
    fix: "issue a new token at each login, and delete the old session",
    repeat: &[
        "sessctl --jar audit.json visit URL -q > /dev/null",
        "sessctl --jar audit.json show-cookies --name COOKIE --value",
        "sessctl --jar audit.json login URL --user USER",
        "sessctl --jar audit.json show-cookies --name COOKIE --value",
    ],
    is_passive: false,
};

pub(super) async fn run(auditor: &mut Auditor<'_>) -> Observed {
    let seen = auditor.pre_login().await?;
    let kept = seen.logins()?.into_iter().find(|(_, login)| is_kept(login));
    let name = &auditor.app.main_cookie.name;
    Ok(vec![
        match kept {
            Some((what, _)) => {
                Observation::fail(format!("the login keeps {what} as the token of the session"))
            }
            None => Observation::pass("a session cookie has a new value after the login"),
        }
        .cookie(name)
        .control("they are known"),
    ])
}

/// Whether no session cookie has a new value.
fn is_kept(login: &LoginWithCookies) -> bool {
    let is_old =
        |cookie: &_| login.before.iter().any(|old| old.is_same_as(cookie) && old.value == cookie.value);
    !login.after.is_empty() && login.after.iter().all(is_old)
}
