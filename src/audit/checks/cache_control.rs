//! Whether caches may keep pages and cookies of a user.

use http::HeaderMap;
use http::header::{CACHE_CONTROL, EXPIRES, SET_COOKIE};

use crate::audit::auditor::Auditor;
use crate::audit::check::{Check, CheckGroup, Severity, asvs};
use crate::audit::observation::{Observation, Observed};
use crate::client::http::{Exchange, Purpose};
use crate::cookies::{SetAction, StoredCookie};

pub(super) static CHECK: Check = Check {
    id: "cache-control",
    title: "No cache keeps what only a user may see",
    group: CheckGroup::Responses,
    severity: Severity::Low,
    asvs: &[asvs("14.3.2", 2), asvs("14.2.2", 2)],
    cwe: &[524, 525],
    sends: "the page that shows the session, with and without the cookies",
    control: "the page differs without the cookies",
    fix: "send Cache-ControlOutcome: no-store with pages of a user and with responses that set the session cookie",
    repeat: &[
        "sessctl --jar audit.json login URL --user USER",
        "sessctl --jar audit.json show-cookies --netscape > audit.txt",
        "curl -si -b audit.txt PAGE | grep -i cache-control",
    ],
    is_passive: true,
};

#[allow(clippy::unused_async, reason = "all checks have the same type")]
pub(super) async fn run(auditor: &mut Auditor<'_>) -> Observed {
    let place = auditor.app.proof.place();
    let mut seen: Vec<Observation> = Vec::new();
    for exchange in &auditor.app.exchanges {
        let Some(response) = &exchange.response else { continue };
        let sets = sets_session_cookie(exchange, &auditor.app.session_cookies);
        // The probe without cookies gets the anonymous page, which may be cached.
        let is_personal = exchange.request.url == *place
            && response.status.is_success()
            && exchange.cookies.iter().any(|it| it.withheld.is_none());
        if !is_personal && (!sets || exchange.purpose == Purpose::Probe) {
            continue;
        }
        let (storage, what) = (
            Storage::of(&response.headers),
            if sets { "the response that sets the session cookie" } else { "a page of the user" },
        );
        let finding = match storage {
            Storage::None => continue,
            Storage::Shared => Observation::fail(format!("shared caches may keep {what}: anyone may get it"))
                .severity(Severity::Medium),
            Storage::Private => Observation::fail(format!(
                "the browser may keep {what}: its Cache-ControlOutcome has no no-store"
            )),
        };
        let finding = finding.at(&exchange.request.url);
        if !seen.iter().any(|it| it.path == finding.path) {
            seen.push(finding);
        }
    }
    if seen.is_empty() {
        seen.push(Observation::pass("all of them have Cache-ControlOutcome: no-store"));
    }
    Ok(seen)
}

fn sets_session_cookie(exchange: &Exchange, session_cookies: &[StoredCookie]) -> bool {
    let has_line = exchange.response.as_ref().is_some_and(|it| it.headers.contains_key(SET_COOKIE));
    has_line
        && exchange.set.iter().any(|decision| {
            let is_stored = matches!(decision.action, SetAction::Stored | SetAction::Replaced { .. });
            is_stored && session_cookies.iter().any(|cookie| cookie.name == decision.name)
        })
}

/// Which caches may keep a response (RFC 9111 §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Storage {
    None,
    Private,
    Shared,
}

impl Storage {
    fn of(headers: &HeaderMap) -> Storage {
        let lines = headers.get_all(CACHE_CONTROL).iter().filter_map(|line| line.to_str().ok());
        let directives: Vec<String> =
            lines.flat_map(|line| line.split(',')).map(|it| it.trim().to_ascii_lowercase()).collect();
        let has = |name: &str| {
            directives.iter().any(|it| it.split('=').next() == Some(name) && !it.ends_with("=0"))
        };
        match () {
            () if has("no-store") => Storage::None,
            () if has("private") || has("no-cache") => Storage::Private,
            () if has("public") || has("s-maxage") || has("max-age") || headers.contains_key(EXPIRES) => {
                Storage::Shared
            }
            // Without a lifetime, a shared cache would need a date of change to keep it.
            () => Storage::Private,
        }
    }
}
