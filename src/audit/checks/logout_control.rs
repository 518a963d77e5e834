//! Whether a page of a logged-in user offers a logout.

use crate::audit::auditor::Auditor;
use crate::audit::check::{Check, CheckGroup, Severity, asvs};
use crate::audit::observation::{NotTested, Observation, Observed};
use crate::client::Request;
use crate::client::auth::{SessionState, has_scripted_logout, logout_request_on};
use crate::client::html::blocker::Blocker;

pub(super) static CHECK: Check = Check {
    id: "logout-control",
    title: "Pages of a logged-in user offer a logout",
    group: CheckGroup::LifeCycle,
    severity: Severity::Low,
    asvs: &[asvs("7.4.4", 2)],
    cwe: &[],
    sends: "the pages of the login, with its cookies",
    control: "the page is one of a logged-in user",
    fix: "show a logout button on every page of a logged-in user",
    repeat: &["sessctl --jar audit.json login URL --user USER", "sessctl --jar audit.json visit PAGE"],
    is_passive: true,
};

pub(super) async fn run(auditor: &mut Auditor<'_>) -> Observed {
    let mut agent = auditor.session().await?;
    let place = auditor.app.proof.place().clone();
    let (response, page) = auditor.load(&mut agent, Request::page(place.clone())).await?;
    if auditor.app.proof.state_on(&response, &page) != SessionState::LoggedIn {
        return Err(NotTested::control_failed("the page is not one of a logged-in user"));
    }
    if response.content_type().is_some_and(|kind| !kind.contains("html")) {
        return Err(NotTested::not_applicable("the page that shows the session is not HTML"));
    }
    let request = logout_request_on(&agent, &page)?;
    if let Some(request) = &request {
        auditor.learn_logout(request);
    }
    let has_control = request.is_some();
    if !has_control && page.blockers.contains(&Blocker::Script) {
        return Err(NotTested::not_applicable("a script draws the page"));
    }
    let has_scripted = has_scripted_logout(&page);
    let seen = match has_control || has_scripted {
        true => Observation::pass("the page has a logout control"),
        false => Observation::fail("the page of a logged-in user has no logout control"),
    };
    Ok(vec![seen.at(&place).control("it is")])
}
