//! Whether parallel writes of a session are all kept.

use futures_util::future::join_all;

use crate::audit::auditor::Auditor;
use crate::audit::check::{Check, CheckGroup, Severity, asvs};
use crate::audit::observation::{NotTested, Observation, Observed};

/// How many writes are in flight at once.
const PARALLEL: usize = 10;

/// How many are sent one after the other.
const SEQUENTIAL: i64 = 3;

pub(super) static CHECK: Check = Check {
    id: "lost-updates",
    title: "Parallel writes of a session are all kept",
    group: CheckGroup::SessionsAndUsers,
    severity: Severity::Medium,
    asvs: &[asvs("2.3.3", 2)],
    cwe: &[362],
    sends: "the request of --write, three times one after the other, then ten times at once",
    control: "writes that are sent one after the other are kept",
    fix: "change the stored value in one step (an atomic operation, or a version that is compared)",
    repeat: &["sessctl audit URL --user USER --only lost-updates --write 'METHOD PATH' --value PLACE"],
    is_passive: false,
};

pub(super) async fn run(auditor: &mut Auditor<'_>) -> Observed {
    let Some(write) = auditor.write_request()? else {
        return Err(NotTested::needs_option(
            "name a request that adds 1 with --write, and the number with --value",
        ));
    };
    let mut agent = auditor.log_in().await?;
    let start = auditor.write_once(&mut agent, write.clone()).await?;
    let mut before = start;
    for _ in 0..SEQUENTIAL {
        before = auditor.write_once(&mut agent, write.clone()).await?;
    }
    if before != start + SEQUENTIAL {
        let reason = format!("{SEQUENTIAL} writes one after the other changed {start} to {before}");
        return Err(NotTested::control_failed(reason));
    }
    let seen_control = "they are kept";
    let mut kept = PARALLEL;
    // The result must be the same twice: only the loss has to repeat, not how many.
    for _ in 0..2 {
        auditor.traffic.check_left(PARALLEL + 2)?;
        let clients = (0..PARALLEL).map(|_| auditor.traffic.agent(agent.jar().snapshot()));
        let work = clients.map(|mut client| {
            let write = write.clone();
            async move {
                let sent = client.send(write).await;
                (client, sent)
            }
        });
        let done = join_all(work).await;
        let mut accepted = 0;
        for (mut client, sent) in done {
            auditor.traffic.record(&mut client);
            accepted += i64::from(sent?.status.as_u16() < 400);
        }
        let after = auditor.write_once(&mut agent, write.clone()).await?;
        let found = after - before - 1;
        before = after;
        if found == accepted {
            let reason = format!("{found} of {accepted} parallel writes were kept");
            return Ok(vec![Observation::pass(reason).control(seen_control)]);
        }
        kept = usize::try_from(found).unwrap_or_default();
    }
    let reason = format!("only {kept} of {PARALLEL} parallel writes were kept, twice in a row");
    Ok(vec![Observation::fail(reason).control(seen_control)])
}
