//! Whether a user name with markup is escaped.

use crate::audit::auditor::Auditor;
use crate::audit::check::{Check, CheckGroup, Severity, asvs};
use crate::audit::observation::{NotTested, Observation, Observed};
use crate::audit::random::random_text;
use crate::client::Request;

pub(super) static CHECK: Check = Check {
    id: "name-escaping",
    title: "A user name with markup is escaped",
    group: CheckGroup::SessionsAndUsers,
    severity: Severity::Medium,
    asvs: &[asvs("1.2.1", 1)],
    cwe: &[79],
    sends: "a login with a name that contains an element, where a name alone logs in",
    control: "a plain name is shown",
    fix: "escape the name wherever it is written into a page",
    repeat: &["sessctl --jar audit.json login URL --user '<b>x</b>'", "sessctl --jar audit.json visit PAGE"],
    is_passive: false,
};

pub(super) async fn run(auditor: &mut Auditor<'_>) -> Observed {
    if auditor.app.login.has_password() {
        return Err(NotTested::not_applicable("it is tested only where a name alone logs in"));
    }
    let word = random_text(6)?;
    if !shows(auditor, &word, &word).await? {
        return Err(NotTested::control_failed("a plain name is not shown"));
    }
    let markup = format!("<b>{word}</b>");
    let is_raw = shows(auditor, &markup, &markup).await? && shows(auditor, &markup, &markup).await?;
    let seen = match is_raw {
        true => Observation::fail(
            "a name with an element is written into the page as it is: a name can run scripts",
        ),
        false => Observation::pass("a name with an element is escaped"),
    };
    Ok(vec![seen.at(auditor.app.proof.place()).control("it is shown")])
}

/// Whether the page of a user with this name contains the text. A name that is refused is not shown.
async fn shows(auditor: &mut Auditor<'_>, name: &str, text: &str) -> Result<bool, NotTested> {
    let account = auditor.config.account.with_user(name, None);
    let (mut agent, answer) = auditor.submit_login_of(&account).await?;
    let place = auditor.app.proof.place().clone();
    let page = match answer.response.url == place {
        true => answer.response,
        false => auditor.load(&mut agent, Request::page(place)).await?.0,
    };
    Ok(page.text().contains(text))
}
