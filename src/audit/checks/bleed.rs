//! Whether a user gets the page of another one.

use futures_util::future::join_all;

use crate::audit::auditor::Auditor;
use crate::audit::check::{Check, CheckGroup, Severity, asvs};
use crate::audit::config::AuditAccount;
use crate::audit::observation::{NotTested, Observation, Observed};
use crate::audit::random::random_text;
use crate::client::http::{Request, Response};
use crate::cookies::Jar;

/// How often both users request the page at once.
const ROUNDS: usize = 5;

pub(super) static CHECK: Check = Check {
    id: "bleed",
    title: "No user gets the page of another one",
    group: CheckGroup::SessionsAndUsers,
    severity: Severity::High,
    asvs: &[asvs("8.2.2", 1), asvs("14.2.5", 3)],
    cwe: &[488, 524],
    sends: "the page that shows the session, as two users and as an anonymous client at once, five times",
    control: "each user alone gets a page with the own name",
    fix: "make the cookie a part of every cache key, and share no object of a request between requests",
    repeat: &["sessctl audit URL --user USER --second-user NAME --only bleed"],
    is_passive: false,
};

pub(super) async fn run(auditor: &mut Auditor<'_>) -> Observed {
    let Some(first_name) = auditor.config.account.user.clone() else {
        return Err(NotTested::not_applicable("the login asks for no user name"));
    };
    let (second, second_name) = second_account(auditor)?;
    let first = auditor.log_in().await?.jar().snapshot();
    let (agent, _) = auditor.log_in_as(&second).await?;
    let users = [(first, first_name), (agent.jar().snapshot(), second_name)];
    for (index, (jar, name)) in users.iter().enumerate() {
        let alone = at_once(auditor, &[jar.snapshot()]).await?;
        let other = &users[1 - index].1;
        if !alone.iter().all(|page| names(page, name) && !names(page, other)) {
            return Err(NotTested::control_failed(format!("the page of {name} does not name only {name}")));
        }
    }
    for _ in 0..ROUNDS {
        let anonymous = auditor.traffic.empty_jar();
        let pages = at_once(auditor, &[users[0].0.snapshot(), users[1].0.snapshot(), anonymous]).await?;
        let [one, two, none] = &pages[..] else { continue };
        let leaks = [
            (names(one, &users[1].1), format!("{} got the page of {}", users[0].1, users[1].1)),
            (names(two, &users[0].1), format!("{} got the page of {}", users[1].1, users[0].1)),
            (
                users.iter().any(|(_, name)| names(none, name)),
                "an anonymous client got the page of a user".to_owned(),
            ),
        ];
        if let Some((_, what)) = leaks.into_iter().find(|(leaks, _)| *leaks) {
            let reason = format!("{what}, when both requested it at once");
            let seen = Observation::fail(reason).at(auditor.app.proof.place());
            return Ok(vec![seen.control("it did")]);
        }
    }
    let later = at_once(auditor, &[auditor.traffic.empty_jar()]).await?;
    if later.iter().any(|page| users.iter().any(|(_, name)| names(page, name))) {
        let seen =
            Observation::fail("an anonymous client gets the page of a user, after that user requested it");
        return Ok(vec![seen.at(auditor.app.proof.place()).control("it did")]);
    }
    let reason = format!("in {ROUNDS} rounds, each client got its own page");
    Ok(vec![Observation::pass(reason).control("it did")])
}

/// The account of the second user and its name. Where a name alone logs in, any name will do.
fn second_account(auditor: &Auditor<'_>) -> Result<(AuditAccount, String), NotTested> {
    let config = &auditor.config;
    let second = config.second.as_ref().and_then(|it| Some((it.user.clone()?, it.password.clone())));
    let (user, password) = match second {
        Some(second) => second,
        None if !auditor.app.login.has_password() => (format!("second{}", random_text(6)?), None),
        None => {
            let reason = "give a second account with --second-user and --second-password-file";
            return Err(NotTested::needs_option(reason));
        }
    };
    Ok((config.account.with_user(user.as_str(), password), user))
}

/// Requests the page with the cookies of each jar, all at once.
async fn at_once(auditor: &mut Auditor<'_>, jars: &[Jar]) -> Result<Vec<Response>, NotTested> {
    auditor.traffic.check_left(jars.len())?;
    let place = auditor.app.proof.place();
    let clients = jars.iter().map(|jar| auditor.traffic.agent(jar.snapshot()));
    let work = clients.map(|mut agent| async move {
        let sent = agent.send(Request::page(place.clone())).await;
        (agent, sent)
    });
    let mut pages = Vec::new();
    let done = join_all(work).await;
    for (mut agent, sent) in done {
        auditor.traffic.record(&mut agent);
        pages.push(sent?);
    }
    Ok(pages)
}

fn names(page: &Response, user: &str) -> bool {
    page.text().contains(user)
}
