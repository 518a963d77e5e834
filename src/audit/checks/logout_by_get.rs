//! Whether a plain GET logs out.

use http::Method;

use crate::audit::auditor::Auditor;
use crate::audit::check::{Check, CheckGroup, Severity, asvs};
use crate::audit::observation::{NotTested, Observation, Observed};
use crate::client::Request;

/// A query value of this length with a digit is a token, which another site cannot guess.
const MIN_TOKEN_LEN: usize = 8;

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
    let mut target = request.url.clone();
    let is_token =
        |value: &str| value.len() >= MIN_TOKEN_LEN && value.bytes().any(|byte| byte.is_ascii_digit());
    let has_token = target.query_pairs().any(|(_, value)| is_token(&value));
    if has_token {
        target.set_query(None);
    }
    let mut get = Request::page(target.clone());
    get.method = Method::GET;
    auditor.traffic.send_once(&mut agent, get).await?;
    let seen = match auditor.is_ended(&jar).await? {
        false => Observation::pass("a plain GET keeps the session"),
        true => {
            auditor.closed(&jar);
            Observation::fail("a plain GET logs out: any link or image of any site can do that")
        }
    };
    Ok(vec![seen.at(&target).control("a GET of another page keeps the session", "it keeps it")])
}
