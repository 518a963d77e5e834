//! Whether a cookie is too large to be stored.

use crate::audit::auditor::Auditor;
use crate::audit::check::{Check, CheckGroup, Severity, asvs};
use crate::audit::observation::{Observation, Observed};
use crate::cookies::{Reason, SetAction};

/// In bytes. Browsers refuse more than 4096, and a growing cookie is close to that.
const LARGE: usize = 3072;

pub(super) static CHECK: Check = Check {
    id: "cookie-size",
    title: "Every cookie is small enough to be stored",
    group: CheckGroup::Responses,
    severity: Severity::Low,
    asvs: &[asvs("3.3.5", 3)],
    cwe: &[],
    sends: "nothing more than a login",
    control: "smaller cookies are stored",
    fix: "keep the data on the server, and only its key in the cookie",
    repeat: &["sessctl --jar audit.json -v login URL --user USER"],
    is_passive: true,
};

#[allow(clippy::unused_async, reason = "all checks have the same type")]
pub(super) async fn run(auditor: &mut Auditor<'_>) -> Observed {
    let mut seen = Vec::new();
    let decisions = auditor.app.exchanges.iter().flat_map(|exchange| &exchange.set);
    for decision in
        decisions.filter(|it| it.action == SetAction::Rejected(Reason::NameValuePairExceedsMaxSize))
    {
        let reason = "the cookie has more than 4096 bytes, so browsers do not store it";
        seen.push(Observation::fail(reason).cookie(&decision.name));
    }
    for cookie in auditor.app.first.cookies() {
        let size = cookie.name.0.len() + cookie.value.0.len();
        if size >= LARGE {
            let reason = format!("the cookie has {size} bytes; browsers store at most 4096");
            seen.push(Observation::info(reason).cookie(&cookie.name));
        }
    }
    seen.dedup_by(|one, other| one.cookie == other.cookie);
    if seen.is_empty() {
        let count = auditor.app.first.cookies().len();
        let reason = format!("each of the cookies ({count}) is below {LARGE} bytes");
        seen.push(Observation::pass(reason).control("it is stored"));
    }
    Ok(seen)
}
