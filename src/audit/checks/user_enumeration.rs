//! Whether the login tells which user names exist.

use std::time::Duration;

use crate::audit::application::WrongPassword;
use crate::audit::auditor::Auditor;
use crate::audit::check::{Check, CheckGroup, Severity, asvs};
use crate::audit::observation::{NotTested, Observation, Observed};
use crate::audit::random::random_text;
use crate::audit::refusal::Refusal;

/// A smaller difference is noise.
const MIN_TIME_DIFFERENCE: Duration = Duration::from_millis(10);

pub(super) static CHECK: Check = Check {
    id: "user-enumeration",
    title: "The login does not tell which user names exist",
    group: CheckGroup::LifeCycle,
    severity: Severity::Low,
    asvs: &[asvs("6.3.8", 3)],
    cwe: &[204],
    sends: "a login with a wrong password, and two with a name that does not exist",
    control: "what differs between the two answers for a name that does not exist is ignored",
    fix: "answer with the same status, target and text, and take the same time, whether the name exists or not",
    repeat: &[
        "SESSCTL_PASSWORD=wrong sessctl --jar audit.json -v login URL --user USER",
        "SESSCTL_PASSWORD=wrong sessctl --jar audit.json -v login URL --user nobody-at-all",
    ],
    is_passive: false,
};

pub(super) async fn run(auditor: &mut Auditor<'_>) -> Observed {
    let known = match &auditor.app.wrong_password {
        WrongPassword::Refused(refusal) => refusal.clone(),
        WrongPassword::NotAsked => return Err(NotTested::not_applicable("the login asks for no password")),
        WrongPassword::NotSent => {
            let reason = "it needs a wrong password: give --max-wrong-passwords 1 or more";
            return Err(NotTested::needs_option(reason));
        }
    };
    if !auditor.app.login.has_user() {
        return Err(NotTested::not_applicable("the login asks for no user name"));
    }
    let (first, second) = (refused_login(auditor).await?, refused_login(auditor).await?);
    let differs_by_itself = first.texts != second.texts;
    let difference = match () {
        () if known.status != first.status && first.status == second.status => Some(format!(
            "status {} for a user that exists, {} for one that does not",
            known.status, first.status
        )),
        () if known.path != first.path && first.path == second.path => Some(format!(
            "it leads to {} for a user that exists, to {} for one that does not",
            known.path, first.path
        )),
        () => text_difference(&known, &first, &second),
    };
    // The first answer of a server is slow. A right login takes as long as a wrong password.
    let usual = auditor.state.fastest_login.map_or(known.time, |login| login.min(known.time));
    let is_faster = [&first, &second]
        .iter()
        .all(|it| it.time * 4 < usual && usual.saturating_sub(it.time) > MIN_TIME_DIFFERENCE);
    let seen = match difference {
        Some(difference) => {
            Observation::fail(format!("a wrong password shows whether the name exists: {difference}"))
        }
        None if is_faster => Observation::info(format!(
            "a name that does not exist is refused in {} ms, an existing one in {} ms",
            first.time.as_millis(),
            usual.as_millis()
        )),
        None => Observation::pass("status, target and text are the same for a name that does not exist"),
    };
    let varies = if differs_by_itself { "their texts differ" } else { "they are the same" };
    Ok(vec![seen.at(auditor.app.login.page()).control(varies)])
}

/// A text that a name that exists gets, and one that does not exist never gets, or the other way round.
fn text_difference(known: &Refusal, first: &Refusal, second: &Refusal) -> Option<String> {
    let is_stable = |text: &&String| first.texts.contains(text) && second.texts.contains(text);
    let only_known = known.texts.iter().find(|it| !first.texts.contains(it) && !second.texts.contains(it));
    let only_unknown = first.texts.iter().filter(is_stable).find(|it| !known.texts.contains(it));
    match (only_known, only_unknown) {
        (Some(known), Some(unknown)) => Some(format!("{known:?} or {unknown:?}")),
        (None, Some(unknown)) => Some(format!("only a name that does not exist gets {unknown:?}")),
        // A text that only one of three answers has may vary by itself, if those of the others do.
        (Some(known), None) if first.texts == second.texts => {
            Some(format!("only a name that exists gets {known:?}"))
        }
        _ => None,
    }
}

/// A login with a name that does not exist.
async fn refused_login(auditor: &mut Auditor<'_>) -> Result<Refusal, NotTested> {
    let mut agent = auditor.traffic.anonymous();
    let form = auditor.find_login(&mut agent).await?;
    let user = format!("nobody{}", random_text(8)?);
    let refusal =
        Refusal::of(auditor.traffic, &form, &auditor.config.account, Some(&user), &mut agent).await?;
    match refusal.failure() {
        Some(failure) => Err(failure),
        None => Ok(refusal),
    }
}
