//! Whether a user can see and end the other sessions.

use url::Url;

use crate::audit::auditor::Auditor;
use crate::audit::check::{Check, CheckGroup, Severity, asvs};
use crate::audit::observation::{NotTested, Observation, Observed};
use crate::client::html::form::{Filling, Form};
use crate::client::html::page::HtmlPage;
use crate::client::{Request, UserAgent};

pub(super) static CHECK: Check = Check {
    id: "session-list",
    title: "A user can see and end the other sessions",
    group: CheckGroup::SessionsAndUsers,
    severity: Severity::Medium,
    asvs: &[asvs("7.5.2", 2)],
    cwe: &[613],
    sends: "two logins; then the form of the session page that ends the other sessions",
    control: "two tokens, both live before",
    fix: "show a user all sessions, and delete the chosen ones in the store",
    repeat: &[
        "sessctl --jar audit-1.json login URL --user USER",
        "sessctl --jar audit-2.json login URL --user USER",
        "sessctl --jar audit-1.json submit URL --list",
        "sessctl --jar audit-2.json visit PAGE",
    ],
    is_passive: false,
};

/// The words of an address or a link that leads to the list of sessions.
const LIST_WORDS: [&str; 4] = ["sessions", "devices", "세션", "sitzungen"];

/// The words of a button that ends the other sessions.
const OTHER_WORDS: [&str; 5] = ["other", "다른", "ander", "autres", "otras"];

pub(super) async fn run(auditor: &mut Auditor<'_>) -> Observed {
    let mut one = auditor.log_in().await?;
    let other = auditor.log_in().await?;
    let Some(place) = page_of_sessions(auditor, &mut one).await? else {
        let reason = "no page lists the sessions of a user; if there is one, name it with --sessions-page";
        return Ok(vec![Observation::info(reason)]);
    };
    if auditor.tokens_in(one.jar()) == auditor.tokens_in(other.jar()) {
        return Err(NotTested::control_failed("two logins of the user get the same token"));
    }
    for jar in [one.jar().snapshot(), other.jar().snapshot()] {
        if !auditor.is_live(&jar).await? {
            return Err(NotTested::control_failed("only one session of a user stays open"));
        }
    }
    let (_, page) = auditor.load(&mut one, Request::page(place.clone())).await?;
    let Some(request) = request_to_end_others(&page, &one)? else {
        let reason = "the page of the sessions has no button that ends the others";
        return Ok(vec![Observation::info(reason).at(&place)]);
    };
    auditor.load(&mut one, request).await?;
    let control = "they were live";
    if !auditor.is_live(one.jar()).await? {
        let seen = Observation::fail("ending the other sessions ends this one too").at(&place);
        return Ok(vec![seen.control(control)]);
    }
    let seen = match auditor.still_opens(other.jar()).await? {
        true => Observation::fail("the other session is still open after the user ended the other sessions"),
        false => {
            auditor.closed_all_but(one.jar());
            Observation::pass("ending the other sessions ends them, and keeps this one")
        }
    };
    Ok(vec![seen.at(&place).control(control)])
}

async fn page_of_sessions(
    auditor: &mut Auditor<'_>,
    agent: &mut UserAgent,
) -> Result<Option<Url>, NotTested> {
    if let Some(named) = &auditor.config.sessions_page {
        return Ok(Some(named.clone()));
    }
    let place = auditor.app.proof.place().clone();
    let (_, page) = auditor.load(agent, Request::page(place.clone())).await?;
    let is_list = |text: &str| LIST_WORDS.iter().any(|word| text.to_lowercase().contains(word));
    let link = page.links.iter().find(|link| {
        link.target.origin() == place.origin() && (is_list(link.target.path()) || is_list(&link.text))
    });
    Ok(link.map(|link| link.target.clone()))
}

/// The request of the form whose button ends the other sessions.
fn request_to_end_others(page: &HtmlPage, agent: &UserAgent) -> Result<Option<Request>, NotTested> {
    let is_other = |text: &str| OTHER_WORDS.iter().any(|word| text.to_lowercase().contains(word));
    let button = |form: &Form| {
        form.controls.iter().position(|control| control.is_submit() && is_other(&control.caption()))
    };
    let found = page.forms.iter().find_map(|form| Some((form, button(form)?)));
    let Some((form, button)) = found else { return Ok(None) };
    let filling = Filling::of(Vec::new(), Some(button));
    Ok(Some(form.request(&filling, page, agent.jar())?))
}
