//! Whether a session that is in use expires.

use super::timeouts::{ENDED_AT, LIVE_AT, STEPS};
use crate::audit::auditor::Auditor;
use crate::audit::check::{Check, CheckGroup, Severity, asvs};
use crate::audit::observation::{NotTested, Observation, Observed};

/// More requests would need most of the limit.
const MAX_STEPS: u32 = 60;

pub(super) static CHECK: Check = Check {
    id: "absolute-timeout",
    title: "A session that is in use expires too",
    group: CheckGroup::LifeCycle,
    severity: Severity::Medium,
    asvs: &[asvs("7.3.2", 2)],
    cwe: &[613],
    sends: "a login, and then the page that shows the session again and again until 1.1 of the timeout",
    control: "the session is live until 0.9 of the timeout",
    fix: "end a session on the server when it has existed for the timeout, used or not",
    repeat: &["sessctl audit URL --user USER --only absolute-timeout --absolute-timeout DURATION"],
    is_passive: false,
};

pub(super) async fn run(auditor: &mut Auditor<'_>) -> Observed {
    let Some(timeout) = auditor.config.absolute_timeout else {
        return Err(NotTested::needs_option("give the timeout with --absolute-timeout"));
    };
    let idle = auditor.config.idle_timeout.unwrap_or(timeout);
    // Twice in each idle timeout, so that the session never ends for being unused.
    let steps = (timeout.as_secs_f64() * 2.0 / idle.as_secs_f64().max(1.0)).ceil() as u32;
    let steps = steps.clamp(STEPS, MAX_STEPS);
    let agent = auditor.log_in().await?;
    for step in 1..=steps {
        auditor.let_pass(timeout.mul_f64(LIVE_AT / f64::from(steps))).await?;
        if !auditor.is_live(agent.jar()).await? {
            let part = LIVE_AT * f64::from(step) / f64::from(steps);
            let reason = format!(
                "the session ended at {part:.2} of the timeout: give the real one with --absolute-timeout, and --idle-timeout"
            );
            return Err(NotTested::control_failed(reason));
        }
    }
    let rest = steps.div_ceil(5);
    for _ in 0..rest {
        auditor.let_pass(timeout.mul_f64((ENDED_AT - LIVE_AT) / f64::from(rest))).await?;
        if !auditor.is_live(agent.jar()).await? {
            break;
        }
    }
    let seen = match auditor.still_opens(agent.jar()).await? {
        true => Observation::fail("a session that is in use is still open after 1.1 of the timeout"),
        false => Observation::pass("a session that is in use is anonymous after 1.1 of the timeout"),
    };
    Ok(vec![seen.control("it is live")])
}
