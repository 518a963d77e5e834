//! Whether browsers are told to use https only.

use http::HeaderName;

use crate::audit::auditor::Auditor;
use crate::audit::check::{Check, CheckGroup, Severity, asvs};
use crate::audit::observation::{NotTested, Observation, Observed};

const YEAR: u64 = 365 * 24 * 60 * 60;

pub(super) static CHECK: Check = Check {
    id: "hsts",
    title: "Browsers use https for a year after a visit",
    group: CheckGroup::Responses,
    severity: Severity::Low,
    asvs: &[asvs("3.4.1", 1)],
    cwe: &[319],
    sends: "nothing more than a login",
    control: "the response arrived over https",
    fix: "send Strict-Transport-Security: max-age=31536000 with every response over https",
    repeat: &["curl -si PAGE | grep -i strict-transport-security"],
    is_passive: true,
};

#[allow(clippy::unused_async, reason = "all checks have the same type")]
pub(super) async fn run(auditor: &mut Auditor<'_>) -> Observed {
    let name = HeaderName::from_static("strict-transport-security");
    let place = auditor.app.proof.place();
    if !auditor.app.uses_tls() {
        return Err(NotTested::not_applicable("the application is not reached over https"));
    }
    let of_place = auditor.app.exchanges.iter().filter(|it| it.request.url.origin() == place.origin());
    let mut seen = Vec::new();
    for exchange in of_place {
        let Some(response) = &exchange.response else { continue };
        let max_age = response.headers.get(&name).and_then(|value| max_age(value.to_str().ok()?));
        let reason = match max_age {
            Some(seconds) if seconds >= YEAR => continue,
            Some(seconds) => format!("Strict-Transport-Security lasts only {seconds} s"),
            None => {
                "the response has no Strict-Transport-Security: the first request may go over http".to_owned()
            }
        };
        seen.push(Observation::fail(reason).at(&exchange.request.url));
        break;
    }
    if seen.is_empty() {
        seen.push(Observation::pass("every response has Strict-Transport-Security of at least a year"));
    }
    Ok(seen)
}

fn max_age(value: &str) -> Option<u64> {
    value.split(';').find_map(|directive| {
        let (name, seconds) = directive.split_once('=')?;
        let is_max_age = name.trim().eq_ignore_ascii_case("max-age");
        is_max_age.then(|| seconds.trim().trim_matches('"').parse().ok()).flatten()
    })
}
