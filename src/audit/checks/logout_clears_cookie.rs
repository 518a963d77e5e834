//! Whether the logout deletes the session cookie.

use crate::audit::auditor::Auditor;
use crate::audit::check::{Check, CheckGroup, Severity, asvs};
use crate::audit::observation::{NotTested, Observation, Observed};

pub(super) static CHECK: Check = Check {
    id: "logout-clears-cookie",
    title: "The logout deletes the session cookie",
    group: CheckGroup::LifeCycle,
    severity: Severity::Low,
    asvs: &[asvs("14.3.1", 1)],
    cwe: &[613],
    sends: "a logout",
    control: "the cookie was in the jar before",
    fix: "send the cookie again with Max-Age=0 and the same name, Path and Domain, and Clear-Site-Data: \"cache\", \"cookies\", \"storage\"",
    repeat: &[
        "sessctl --jar audit.json login URL --user USER",
        "sessctl --jar audit.json logout PAGE",
        "sessctl --jar audit.json show-cookies --name COOKIE",
    ],
    is_passive: true,
};

pub(super) async fn run(auditor: &mut Auditor<'_>) -> Observed {
    let logout = auditor.quiet_logout().await?;
    if logout.needs_script {
        return Err(NotTested::control_failed(
            "the logout does not log this client out; it may need a script",
        ));
    }
    let kept = logout.cookies_left.first();
    let seen = match kept {
        Some(cookie) => {
            Observation::fail("the cookie with the token is still in the browser after the logout")
                .cookie(&cookie.name)
        }
        None if logout.clears_site_data => {
            Observation::pass("the token is no longer in the browser, and Clear-Site-Data clears the rest")
        }
        None => Observation::info(
            "the token is no longer in the browser; without Clear-Site-Data, caches and storage keep the rest",
        ),
    };
    Ok(vec![seen.control("it was there")])
}
