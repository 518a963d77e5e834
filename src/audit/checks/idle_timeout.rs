//! Whether an unused session expires.

use super::timeouts::{ENDED_AT, LIVE_AT};
use crate::audit::auditor::Auditor;
use crate::audit::check::{Check, CheckGroup, Severity, asvs};
use crate::audit::observation::{NotTested, Observation, Observed};

pub(super) static CHECK: Check = Check {
    id: "idle-timeout",
    title: "An unused session expires",
    group: CheckGroup::LifeCycle,
    severity: Severity::Medium,
    asvs: &[asvs("7.3.1", 2)],
    cwe: &[613],
    sends: "two logins; one session is used after 0.9 of the timeout, the other one after 1.1",
    control: "a session that is used after 0.9 of the timeout is live",
    fix: "end a session on the server when it was not used for the timeout",
    repeat: &["sessctl audit URL --user USER --only idle-timeout --idle-timeout DURATION"],
    is_passive: false,
};

pub(super) async fn run(auditor: &mut Auditor<'_>) -> Observed {
    let Some(timeout) = auditor.config.idle_timeout else {
        return Err(NotTested::needs_option("give the timeout with --idle-timeout"));
    };
    let (used, unused) = (auditor.log_in().await?, auditor.log_in().await?);
    if auditor.tokens_in(used.jar()) == auditor.tokens_in(unused.jar()) {
        return Err(NotTested::control_failed("two logins get the same token, so neither session is unused"));
    }
    auditor.let_pass(timeout.mul_f64(LIVE_AT)).await?;
    if !auditor.is_live(used.jar()).await? {
        let reason = "the session ended before 0.9 of the timeout: give the real one with --idle-timeout";
        return Err(NotTested::control_failed(reason));
    }
    auditor.let_pass(timeout.mul_f64(ENDED_AT - LIVE_AT)).await?;
    let seen = match auditor.still_opens(unused.jar()).await? {
        true => Observation::fail("a session that was unused for 1.1 of the timeout is still open"),
        false => Observation::pass("an unused session is anonymous after 1.1 of the timeout"),
    };
    Ok(vec![seen.control("it is live")])
}
