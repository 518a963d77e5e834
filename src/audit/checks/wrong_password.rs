//! Whether a wrong password is refused, and changes no session.

use crate::audit::application::WrongPassword;
use crate::audit::auditor::Auditor;
use crate::audit::check::{Check, CheckGroup, Severity};
use crate::audit::observation::{NotTested, Observation, Observed};
use crate::audit::refusal::Refusal;

pub(super) static CHECK: Check = Check {
    id: "wrong-password",
    title: "A wrong password is refused, and changes no session",
    group: CheckGroup::LifeCycle,
    severity: Severity::High,
    asvs: &[],
    cwe: &[287],
    sends: "a login with a wrong password, without and with a session",
    control: "the right password is accepted",
    fix: "compare the password before anything else happens",
    repeat: &["SESSCTL_PASSWORD=wrong sessctl --jar audit.json login URL --user USER"],
    is_passive: false,
};

pub(super) async fn run(auditor: &mut Auditor<'_>) -> Observed {
    let status = match &auditor.app.wrong_password {
        WrongPassword::Refused(refusal) => refusal.status,
        WrongPassword::NotAsked => return Err(NotTested::not_applicable("the login asks for no password")),
        WrongPassword::NotSent => {
            let reason = "no wrong password may be sent: give --max-wrong-passwords 1 or more";
            return Err(NotTested::needs_option(reason));
        }
    };
    let refused = format!("a wrong password is refused with status {}", status);
    if auditor.wrong_passwords_left() == 0 {
        return Ok(vec![Observation::pass(refused).control("it is accepted")]);
    }
    // A second tab still has the form that the session no longer shows.
    let mut agent = auditor.traffic.anonymous();
    let form = auditor.find_login(&mut agent).await?;
    auditor.submit_login(&mut agent, &form).await?;
    let session = agent.jar().snapshot();
    auditor.count_wrong_password();
    let account = &auditor.config.account;
    let in_session =
        Refusal::of(auditor.traffic, &form, account, account.user.as_deref(), &mut agent).await?;
    auditor.state.refusal_in_session = Some(in_session);
    let seen = match !auditor.is_ended(&session).await? {
        true => Observation::pass(format!("{refused}, and leaves the session of the browser as it is")),
        false => Observation::info(format!("{refused}, but ends the session of the browser")),
    };
    Ok(vec![seen.control("it is accepted")])
}
