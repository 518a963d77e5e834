//! Whether a second login gets a new token and ends the first session.

use http::Method;

use crate::audit::auditor::Auditor;
use crate::audit::check::{Check, CheckGroup, Severity, asvs};
use crate::audit::observation::{NotTested, Observation, Observed};
use crate::client::auth::{FoundLogin, LoginAnswer};
use crate::client::{Request, UserAgent};

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

pub(super) async fn run(auditor: &mut Auditor<'_>) -> Observed {
    let mut agent = auditor.traffic.anonymous();
    let form = auditor.find_login(&mut agent).await?;
    let answer = auditor.submit_login(&mut agent, &form).await?;
    let first = agent.jar().snapshot();
    if !auditor.is_live(&first).await? {
        return Err(NotTested::control_failed("the first login opened no session"));
    }
    let form = form_of_second_login(auditor, &mut agent, form).await?;
    let sent = auditor.traffic.trail.len();
    let second = auditor.submit_login(&mut agent, &form).await?;
    if !carried_the_session(auditor, sent) {
        return Err(NotTested::control_failed("the second login was sent without the session cookie"));
    }
    if !auditor.is_live(agent.jar()).await? {
        return Err(NotTested::control_failed("the second login opened no session"));
    }
    let (old, new) = (auditor.app.session_cookies_in(&first), auditor.app.session_cookies_in(agent.jar()));
    let is_kept = |cookie: &_| new.iter().any(|it| it.is_same_as(cookie) && it.value == cookie.value);
    let is_kept = old.iter().all(is_kept);
    if is_kept && let Some(why) = was_ignored(auditor, &answer, &second) {
        return Err(NotTested::not_applicable(why));
    }
    let name = &auditor.app.main_cookie.name;
    let seen = if is_kept {
        Observation::fail("the second login keeps the token of the first one")
    } else if auditor.still_opens(&first).await? {
        Observation::fail("the second login gets a new token, but the first session stays open")
    } else {
        auditor.closed(&first);
        Observation::pass("the second login gets a new token, and the first session ends")
    };
    Ok(vec![seen.cookie(name).control("it was live")])
}

/// Whether the request of a login that was answered last, after redirects, had the session cookie.
fn carried_the_session(auditor: &Auditor<'_>, sent: usize) -> bool {
    let name = &auditor.app.main_cookie.name;
    let submissions = auditor.traffic.trail[sent..].iter().filter(|it| it.request.method != Method::GET);
    let last = submissions.last().or(auditor.traffic.trail.get(sent));
    last.is_some_and(|it| it.cookies.iter().any(|cookie| cookie.name == *name && cookie.withheld.is_none()))
}

/// Why the second login was perhaps no login: it was answered unlike the first one, or like a wrong password.
fn was_ignored(auditor: &Auditor<'_>, first: &LoginAnswer, second: &LoginAnswer) -> Option<String> {
    let path = |answer: &LoginAnswer| answer.page.url.path().to_owned();
    if (second.status, path(second)) != (first.status, path(first)) {
        let status = second.status;
        return Some(format!(
            "a client that is logged in cannot log in again: the answer has status {status}"
        ));
    }
    let wrong = auditor.state.refusal_in_session.as_ref()?;
    let is_same = (wrong.status, &wrong.path) == (second.status, &path(second));
    is_same.then(|| {
        "a client that is logged in cannot log in again: a wrong password gets the same answer".to_owned()
    })
}

/// The login form as a browser with a session gets it. Many applications do not show it then: a second tab has it, and its
/// hidden fields are taken from the page of the session.
async fn form_of_second_login(
    auditor: &mut Auditor<'_>,
    agent: &mut UserAgent,
    mut second_tab: FoundLogin,
) -> Result<FoundLogin, NotTested> {
    let limited = auditor.traffic.limited_to(REQUESTS_OF_PAGE);
    let found = auditor.find_login(agent).await;
    auditor.traffic.restore(limited);
    if let Ok(found) = found {
        return Ok(found);
    }
    let place = auditor.app.proof.place().clone();
    let (_, page) = auditor.load(agent, Request::page(place)).await?;
    second_tab.refresh_hidden_fields(&page);
    Ok(second_tab)
}
