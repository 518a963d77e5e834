//! Whether a plain GET logs out.

use http::Method;

use crate::audit::auditor::Auditor;
use crate::audit::check::{Check, CheckGroup, Severity, asvs};
use crate::audit::logout_request::{LogoutRequest, without_fields};
use crate::audit::observation::{NotTested, Observation, Observed};
use crate::client::Request;

pub(super) static CHECK: Check = Check {
    id: "logout-by-get",
    title: "A link or an image of another site cannot log out",
    group: CheckGroup::LifeCycle,
    severity: Severity::Low,
    asvs: &[asvs("3.5.3", 1)],
    cwe: &[352],
    sends: "a plain GET to the address of the logout, without a token",
    control: "a GET of another page keeps the session",
    fix: "log out with POST only, and check the origin or a CSRF token",
    repeat: &[
        "sessctl --jar audit.json login URL --user USER",
        "sessctl --jar audit.json visit LOGOUT",
        "sessctl --jar audit.json visit PAGE",
    ],
    is_passive: false,
};

pub(super) async fn run(auditor: &mut Auditor<'_>) -> Observed {
    let mut agent = auditor.log_in().await?;
    let jar = agent.jar().snapshot();
    let Some(request) = auditor.logout_request(&mut agent).await? else {
        return Err(NotTested::not_applicable("the page that shows the session has no logout control"));
    };
    if !auditor.is_live(&jar).await? {
        return Err(NotTested::control_failed("a GET of another page ends the session"));
    }
    if matches!(auditor.state.logout, LogoutRequest::OfOne(_)) {
        // Two sessions show which fields are tokens.
        let mut other = auditor.log_in().await?;
        auditor.logout_request(&mut other).await?;
    }
    let target = without_fields(&request, auditor.state.logout.tokens()).url;
    let mut get = Request::page(target.clone());
    get.method = Method::GET;
    auditor.traffic.send_once(&mut agent, get).await?;
    // The browser itself, not the copy: a client-side session ends by deleting the cookie.
    let own = agent.jar().snapshot();
    let seen = match auditor.is_ended(&own).await? {
        false => Observation::pass("a plain GET keeps the session"),
        true => {
            auditor.closed(&jar);
            Observation::fail("a plain GET logs out: any link or image of any site can do that")
        }
    };
    Ok(vec![seen.at(&target).control("it keeps it")])
}
