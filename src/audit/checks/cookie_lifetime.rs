//! How long a persistent session cookie lives.

use std::time::Duration;

use http::header::SET_COOKIE;

use crate::audit::application::headers_of;
use crate::audit::auditor::Auditor;
use crate::audit::check::{Check, CheckGroup, Severity, asvs};
use crate::audit::observation::{Observation, Observed};
use crate::cookies::{StoredCookie, asks_for_too_long_a_lifetime};

const DAY: u64 = 24 * 60 * 60;

pub(super) static CHECK: Check = Check {
    id: "cookie-lifetime",
    title: "The session cookie does not outlive the session",
    group: CheckGroup::Responses,
    severity: Severity::Low,
    asvs: &[asvs("7.3.2", 2)],
    cwe: &[539, 613],
    sends: "nothing more than a login",
    control: "the page that shows the session is anonymous without the cookie",
    fix: "leave out Max-Age and Expires, or set them to the lifetime of the session",
    repeat: &[
        "sessctl --jar audit.json login URL --user USER",
        "sessctl --jar audit.json show-cookies --name COOKIE",
    ],
    is_passive: true,
};

#[allow(clippy::unused_async, reason = "all checks have the same type")]
pub(super) async fn run(auditor: &mut Auditor<'_>) -> Observed {
    let longest = auditor.config.absolute_timeout;
    Ok(auditor.per_session_cookie(|cookie| {
        let Some(expires) = cookie.expires else {
            return Observation::pass(
                "the cookie has neither Max-Age nor Expires: browsers delete it on exit",
            );
        };
        let lifetime = expires.since(cookie.created);
        if is_too_long(auditor, cookie) {
            return Observation::fail("the cookie asks for more than 400 days, which browsers cut");
        }
        if let Some(timeout) = longest.filter(|timeout| lifetime > *timeout + Duration::from_secs(1)) {
            let (lifetime, timeout) = (shown(lifetime), shown(timeout));
            return Observation::fail(format!(
                "the cookie lives for {lifetime}, but the session only for {timeout}"
            ));
        }
        Observation::info(format!("the cookie stays on disk for {}", shown(lifetime)))
    }))
}

fn is_too_long(auditor: &Auditor<'_>, cookie: &StoredCookie) -> bool {
    let name = [&cookie.name.0[..], b"="].concat();
    let headers = auditor.app.exchanges.iter().filter_map(headers_of);
    let mut lines = headers.flat_map(|headers| headers.get_all(SET_COOKIE));
    lines.any(|line| {
        let line = line.as_bytes();
        line.trim_ascii_start().starts_with(&name) && asks_for_too_long_a_lifetime(line, cookie.created)
    })
}

fn shown(duration: Duration) -> String {
    match duration.as_secs() {
        seconds if seconds >= 2 * DAY => format!("{} days", seconds / DAY),
        seconds => format!("{seconds} s"),
    }
}
