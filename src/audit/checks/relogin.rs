//! Whether a second login gets a new token and ends the first session.

use crate::audit::auditor::Auditor;
use crate::audit::check::{Check, CheckGroup, Severity, asvs};
use crate::audit::observation::{NotTested, Observation, Observed};
use crate::client::UserAgent;
use crate::client::auth::FoundLogin;

pub(super) static CHECK: Check = Check {
    id: "relogin",
    title: "A second login gets a new token and ends the first session",
    group: CheckGroup::LifeCycle,
    severity: Severity::Low,
    asvs: &[asvs("7.2.4", 1)],
    cwe: &[384, 613],
    sends: "two logins of one browser",
    control: "the first session was live",
    fix: "issue a new token at each login, and delete the session that the browser had before",
    repeat: &[
        "sessctl --jar audit.json login URL --user USER",
        "sessctl --jar audit.json show-cookies --netscape > audit.txt",
        "sessctl --jar audit.json login URL --user USER",
        "curl -si -b audit.txt PAGE",
    ],
    is_passive: false,
};

/// A page, and a redirect: there is no search for another form.
const REQUESTS_OF_PAGE: usize = 2;

const CONTROL: &str = "the first session was live";

pub(super) async fn run(auditor: &mut Auditor<'_>) -> Observed {
    let mut agent = auditor.traffic.anonymous();
    let form = auditor.find_login(&mut agent).await?;
    auditor.submit_login(&mut agent, &form).await?;
    let first = agent.jar().snapshot();
    if !auditor.is_live(&first).await? {
        return Err(NotTested::control_failed("the first login opened no session"));
    }
    let form = form_of_second_login(auditor, &mut agent, form).await;
    auditor.submit_login(&mut agent, &form).await?;
    if !auditor.is_live(agent.jar()).await? {
        return Err(NotTested::control_failed("the second login opened no session"));
    }
    let (old, new) = (auditor.app.session_cookies_in(&first), auditor.app.session_cookies_in(agent.jar()));
    let is_kept = |cookie: &_| new.iter().any(|it| it.is_same_as(cookie) && it.value == cookie.value);
    let name = &auditor.app.main_cookie.name;
    let seen = if old.iter().all(is_kept) {
        Observation::fail("the second login keeps the token of the first one")
    } else if auditor.still_opens(&first).await? {
        Observation::fail("the second login gets a new token, but the first session stays open")
    } else {
        auditor.closed(&first);
        Observation::pass("the second login gets a new token, and the first session ends")
    };
    Ok(vec![seen.cookie(name).control(CONTROL, "it was live")])
}

/// The login form as a browser with a session gets it. Many applications do not show it then: a second tab has it.
async fn form_of_second_login(
    auditor: &mut Auditor<'_>,
    agent: &mut UserAgent,
    second_tab: FoundLogin,
) -> FoundLogin {
    let limited = auditor.traffic.limited_to(REQUESTS_OF_PAGE);
    let found = auditor.find_login(agent).await;
    auditor.traffic.restore(limited);
    found.unwrap_or(second_tab)
}
