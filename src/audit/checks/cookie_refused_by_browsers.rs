//! Whether browsers refuse a `Set-Cookie` line.

use crate::audit::auditor::Auditor;
use crate::audit::check::{Check, CheckGroup, Severity, asvs};
use crate::audit::observation::{Observation, Observed};
use crate::cookies::{Reason, SetAction, Stage};

pub(super) static CHECK: Check = Check {
    id: "cookie-refused-by-browsers",
    title: "Browsers store every cookie that the application sets",
    group: CheckGroup::Responses,
    severity: Severity::Low,
    asvs: &[asvs("3.3.1", 1), asvs("3.3.3", 2)],
    cwe: &[],
    sends: "nothing more than a login",
    control: "other Set-Cookie lines are stored",
    fix: "correct the attributes of the cookie; sessctl why URL --set-cookie LINE explains the rule",
    repeat: &["sessctl --jar audit.json -v login URL --user USER"],
    is_passive: true,
};

#[allow(clippy::unused_async, reason = "all checks have the same type")]
pub(super) async fn run(auditor: &mut Auditor<'_>) -> Observed {
    let mut seen: Vec<Observation> = Vec::new();
    for decision in auditor.app.exchanges.iter().flat_map(|exchange| &exchange.set) {
        let SetAction::Rejected(reason) = decision.action else { continue };
        if reason != Reason::NameValuePairExceedsMaxSize {
            let rule = reason.explain(Stage::Storing).rule;
            seen.push(
                Observation::fail(format!("browsers refuse the cookie: {rule}")).cookie(&decision.name),
            );
        }
    }
    seen.dedup_by(|one, other| one.cookie == other.cookie && one.reason == other.reason);
    if seen.is_empty() {
        seen.push(Observation::pass("every Set-Cookie line was stored"));
    }
    Ok(seen)
}
