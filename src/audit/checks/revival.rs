//! Whether a request that is in flight during the logout revives the session.

use std::time::Duration;

use futures_util::future::join_all;

use crate::audit::auditor::Auditor;
use crate::audit::check::{Check, CheckGroup, Severity, asvs};
use crate::audit::observation::{NotTested, Observation, Observed};
use crate::client::Request;
use crate::cookies::Jar;

/// How long after the other requests the logout is sent, in each round. A slow request is caught by one of them.
const DELAYS_MS: [u64; 5] = [0, 5, 15, 30, 60];

/// How many requests are in flight.
const IN_FLIGHT: usize = 2;

pub(super) static CHECK: Check = Check {
    id: "revival",
    title: "A request that is in flight during the logout does not revive the session",
    group: CheckGroup::LifeCycle,
    severity: Severity::High,
    asvs: &[asvs("7.4.1", 1)],
    cwe: &[362, 613],
    sends: "five times: a login, and a logout while other requests are in flight",
    control: "a quiet logout ends the session",
    fix: "change a session only if it still exists; never write back what a request read at its start",
    repeat: &["sessctl audit URL --user USER --only revival"],
    is_passive: false,
};

pub(super) async fn run(auditor: &mut Auditor<'_>) -> Observed {
    let quiet = auditor.quiet_logout().await?;
    if quiet.copy_is_live {
        return Err(NotTested::control_failed("a quiet logout does not end the session either"));
    }
    let seen = "it ends it";
    for delay in DELAYS_MS {
        let mut agent = auditor.log_in().await?;
        let copy = agent.jar().snapshot();
        let Some(logout) = auditor.logout_request(&mut agent).await? else {
            return Err(NotTested::not_applicable("the page that shows the session has no logout control"));
        };
        let status = race(auditor, &copy, logout, Duration::from_millis(delay)).await?;
        if status.is_none_or(|status| status >= 400) {
            let status = status.unwrap_or_default();
            let reason =
                format!("the logout was refused with status {status} while other requests were in flight");
            return Err(NotTested::control_failed(reason));
        }
        if auditor.still_opens(&copy).await? {
            let reason = "a request that was in flight during the logout revived the session";
            return Ok(vec![Observation::fail(reason).control(seen)]);
        }
        auditor.closed(&copy);
    }
    let reason = format!("no session was revived in {} logouts", DELAYS_MS.len());
    Ok(vec![Observation::pass(reason).control(seen)])
}

/// Sends a logout while other requests of the session are in flight. Returns the status of its answer.
async fn race(
    auditor: &mut Auditor<'_>,
    copy: &Jar,
    logout: Request,
    delay: Duration,
) -> Result<Option<u16>, NotTested> {
    let page = auditor.app.proof.place().clone();
    let mut requests: Vec<Request> = (0..IN_FLIGHT).map(|_| Request::page(page.clone())).collect();
    if let Some(write) = auditor.write_request()? {
        requests.push(write.clone());
        requests.push(write);
    }
    auditor.traffic.check_left(requests.len() + 1)?;
    // Each client has its own copy: a late answer must not change the cookies of the others.
    let clients =
        requests.into_iter().map(|request| (auditor.traffic.agent(copy.snapshot()), request, Duration::ZERO));
    let logout = (auditor.traffic.agent(copy.snapshot()), logout, delay);
    let work = clients.chain([logout]).map(|(mut agent, request, delay)| async move {
        agent.config.max_redirects = 0;
        tokio::time::sleep(delay).await;
        let sent = agent.send(request).await;
        (agent, sent)
    });
    let (mut failure, mut status) = (None, None);
    for (mut agent, sent) in join_all(work).await {
        auditor.traffic.record(&mut agent);
        // The logout is the last one.
        status = sent.as_ref().ok().map(|response| response.status.as_u16());
        failure = failure.or(sent.err());
    }
    failure.map_or(Ok(status), |error| Err(error.into()))
}
