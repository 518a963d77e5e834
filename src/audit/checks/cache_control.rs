//! Whether caches may keep pages and cookies of a user.

use http::Method;
use http::header::{CACHE_CONTROL, EXPIRES, SET_COOKIE};

use crate::audit::auditor::Auditor;
use crate::audit::check::{Check, CheckGroup, Severity, asvs};
use crate::audit::observation::{Observation, Observed};
use crate::client::http::{Exchange, Purpose, ReceivedResponse};
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
    fix: "send Cache-Control: no-store with pages of a user and with responses that set the session cookie",
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
            Storage::of(&exchange.request.method, response),
            if sets { "the response that sets the session cookie" } else { "a page of the user" },
        );
        let finding = match storage {
            Storage::None => continue,
            Storage::Shared => Observation::fail(format!("shared caches may keep {what}: anyone may get it"))
                .severity(Severity::Medium),
            Storage::Private => {
                Observation::fail(format!("the browser may keep {what}: its Cache-Control has no no-store"))
            }
        };
        let finding = finding.at(&exchange.request.url);
        if !seen.iter().any(|it| it.path == finding.path) {
            seen.push(finding);
        }
    }
    if seen.is_empty() {
        seen.push(Observation::pass("no cache may keep them"));
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

/// The statuses of responses that a cache may keep without being told so.
const HEURISTIC: [u16; 12] = [200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501];

/// Which caches may keep a response (RFC 9111 §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Storage {
    None,
    Private,
    Shared,
}

impl Storage {
    fn of(method: &Method, response: &ReceivedResponse) -> Storage {
        let headers = &response.headers;
        let lines = headers.get_all(CACHE_CONTROL).iter().filter_map(|line| line.to_str().ok());
        let directives: Vec<String> =
            lines.flat_map(|line| line.split(',')).map(|it| it.trim().to_ascii_lowercase()).collect();
        let has = |name: &str| {
            directives.iter().any(|it| it.split('=').next() == Some(name) && !it.ends_with("=0"))
        };
        let has_lifetime =
            has("public") || has("s-maxage") || has("max-age") || headers.contains_key(EXPIRES);
        // Without a lifetime, these statuses alone may be kept (RFC 9110 §15.1), and no answer to a POST.
        let may_be_kept = *method == Method::GET && HEURISTIC.contains(&response.status.as_u16());
        match () {
            () if has("no-store") || !(has_lifetime || may_be_kept) => Storage::None,
            () if has("private") || has("no-cache") => Storage::Private,
            () if has_lifetime => Storage::Shared,
            // Without a lifetime, a shared cache would need a date of change to keep it.
            () => Storage::Private,
        }
    }
}
