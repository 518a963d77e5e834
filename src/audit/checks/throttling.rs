//! Whether failed logins are slowed down.

use std::time::Duration;

use crate::audit::application::WrongPassword;
use crate::audit::auditor::Auditor;
use crate::audit::check::{Check, CheckGroup, Severity, asvs};
use crate::audit::observation::{NotTested, Observation, Observed};
use crate::audit::refusal::Refusal;

/// How many wrong passwords are needed to see a limit.
const ATTEMPTS: usize = 12;

/// An answer that takes this much longer than the first one is slowed down.
const SLOWER: u32 = 8;
const MIN_DELAY: Duration = Duration::from_millis(500);

pub(super) static CHECK: Check = Check {
    id: "throttling",
    title: "Failed logins are slowed down",
    group: CheckGroup::SessionsAndUsers,
    severity: Severity::Medium,
    asvs: &[asvs("6.3.1", 1)],
    cwe: &[307],
    sends: "wrong passwords, if --max-wrong-passwords 12 allows it, and then the right one. It runs last",
    control: "the first attempt is answered normally",
    fix: "answer 429 after some failed logins of an account and of a network, and let the owner in",
    repeat: &[
        "for n in $(seq 12); do SESSCTL_PASSWORD=wrong sessctl --jar audit.json login URL --user USER; done",
    ],
    is_passive: false,
};

pub(super) async fn run(auditor: &mut Auditor<'_>) -> Observed {
    if matches!(auditor.app.wrong_password, WrongPassword::NotAsked) {
        return Err(NotTested::not_applicable("the login asks for no password"));
    }
    if auditor.config.max_wrong_passwords < ATTEMPTS {
        let reason = format!("it needs {ATTEMPTS} wrong passwords: give --max-wrong-passwords {ATTEMPTS}");
        return Err(NotTested::needs_option(reason));
    }
    let left = auditor.wrong_passwords_left();
    // A limit forgets old attempts: those from before a long pause do not count.
    let before = auditor.state.wrong_passwords_in_a_row;
    if before + left < ATTEMPTS {
        let needed = auditor.config.max_wrong_passwords + ATTEMPTS - before - left;
        let reason = format!("the checks of timeouts came between: give --max-wrong-passwords {needed}");
        return Err(NotTested::needs_option(reason));
    }
    let mut refusals: Vec<Refusal> = Vec::new();
    for _ in 0..left {
        let mut agent = auditor.traffic.anonymous();
        // The limit itself is what is looked for.
        agent.config.wait = Duration::ZERO;
        let form = auditor.find_login(&mut agent).await?;
        auditor.count_wrong_password();
        let account = &auditor.config.account;
        refusals
            .push(Refusal::of(auditor.traffic, &form, account, account.user.as_deref(), &mut agent).await?);
    }
    let Some(first) = refusals.first() else {
        return Err(NotTested::needs_option(
            "no wrong password is left: give a larger --max-wrong-passwords",
        ));
    };
    let limited = refusals.iter().position(|it| it.status == 429 || it.status == 423);
    let is_slow = |it: &Refusal| it.time > first.time * SLOWER && it.time > MIN_DELAY;
    let is_other = |it: &Refusal| it.status != first.status || it.texts != first.texts;
    let count = left + before;
    let seen = if let Some(index) = limited {
        Observation::pass(format!(
            "attempt {} is refused with status {}",
            index + 1 + before,
            refusals[index].status
        ))
    } else if refusals.iter().skip(1).any(is_slow) {
        Observation::pass("later attempts are answered more slowly")
    } else if refusals.last().is_some_and(is_other) {
        Observation::pass("later attempts get another answer")
    } else {
        Observation::fail(format!("{count} wrong passwords in a row were answered normally"))
    };
    let mut all = vec![seen.control(format!("it got status {}", first.status))];
    if limited.is_some() && auditor.log_in().await.is_err() {
        all.push(Observation::info(
            "the right password is locked out too for a while: others can lock a user out",
        ));
    }
    Ok(all)
}
