//! Whether the login redirects to another site.

use http::header::LOCATION;
use url::Url;

use crate::audit::auditor::Auditor;
use crate::audit::check::{Check, CheckGroup, Severity, asvs};
use crate::audit::observation::{NotTested, Observation, Observed};
use crate::client::UserAgent;
use crate::client::auth::FoundLogin;

/// The usual names of the parameter.
const NAMES: [&str; 12] = [
    "next",
    "redirect",
    "redirect_to",
    "redirect_uri",
    "return",
    "return_to",
    "returnTo",
    "returnUrl",
    "ReturnUrl",
    "continue",
    "url",
    "back",
];

/// A path of the application that no application has.
const LOCAL: &str = "/sessctl-audit";

const HOST: &str = "attacker.example";

pub(super) static CHECK: Check = Check {
    id: "open-redirect",
    title: "The login does not redirect to another site",
    group: CheckGroup::SessionsAndUsers,
    severity: Severity::Medium,
    asvs: &[asvs("3.7.2", 2)],
    cwe: &[601],
    sends: "logins with an address of another site in next and similar parameters",
    control: "a local path in the parameter is followed",
    fix: "redirect only to a path that starts with one /, and resolves to your own origin",
    repeat: &["sessctl --jar audit.json -v login 'URL?next=//attacker.example' --user USER"],
    is_passive: false,
};

pub(super) async fn run(auditor: &mut Auditor<'_>) -> Observed {
    let followed = target_of_login(auditor, LOCAL).await?;
    if followed.is_none_or(|target| target.path() != LOCAL) {
        return Err(NotTested::not_applicable("the login follows no parameter such as next"));
    }
    let values = [format!("//{HOST}"), format!("/\\{HOST}"), format!("https://{HOST}")];
    for value in values {
        let mut targets = Vec::new();
        for _ in 0..2 {
            let target = target_of_login(auditor, &value).await?;
            let is_foreign = target.is_some_and(|it| it.host_str() == Some(HOST));
            targets.push(is_foreign);
            if !is_foreign {
                break;
            }
        }
        if targets == [true, true] {
            let reason = format!("a login with {value} in the parameter redirects there");
            let seen = Observation::fail(reason).at(auditor.app.login.page());
            return Ok(vec![seen.control("it is followed")]);
        }
    }
    Ok(vec![Observation::pass("the login stays on the site").control("it is followed")])
}

/// Where a login redirects to that has this value in all parameters.
async fn target_of_login(auditor: &mut Auditor<'_>, value: &str) -> Result<Option<Url>, NotTested> {
    let mut page = auditor.app.login.page().clone();
    page.query_pairs_mut().extend_pairs(NAMES.iter().map(|name| (name, value)));
    let mut agent = auditor.traffic.anonymous();
    let account = &auditor.config.account;
    let find = async |agent: &mut UserAgent| FoundLogin::from(agent, &page, &mut account.credentials()).await;
    let found = auditor.traffic.run(&mut agent, find).await?;
    agent.config.max_redirects = 0;
    let answer = auditor.submit_login(&mut agent, &found).await?;
    let location = answer.response.headers.get(LOCATION).and_then(|it| it.to_str().ok());
    Ok(location.and_then(|location| answer.response.url.join(location).ok()))
}
