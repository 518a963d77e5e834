//! Whether two logins of a user get two tokens, and how many sessions stay open.

use std::time::Duration;

use crate::audit::auditor::Auditor;
use crate::audit::check::{Check, CheckGroup, Severity, asvs};
use crate::audit::observation::{Observation, Observed};

/// Longer than a second.
const SECOND: Duration = Duration::from_millis(1100);

pub(super) static CHECK: Check = Check {
    id: "parallel-sessions",
    title: "Two logins of a user get two tokens",
    group: CheckGroup::SessionsAndUsers,
    severity: Severity::Medium,
    asvs: &[asvs("7.1.2", 2), asvs("7.2.4", 1)],
    cwe: &[],
    sends: "two logins of two browsers",
    control: "both sessions were live after their login",
    fix: "issue a random token at each login",
    repeat: &[
        "sessctl --jar audit-1.json login URL --user USER",
        "sessctl --jar audit-2.json login URL --user USER",
        "sessctl --jar audit-1.json show-cookies --name COOKIE --value",
        "sessctl --jar audit-2.json show-cookies --name COOKIE --value",
    ],
    is_passive: false,
};

pub(super) async fn run(auditor: &mut Auditor<'_>) -> Observed {
    let (one, other) = (auditor.log_in().await?, auditor.log_in().await?);
    let first_token = auditor.tokens_in(one.jar());
    let mut are_equal = first_token == auditor.tokens_in(other.jar());
    if are_equal {
        // A signed token may contain the second of the login.
        tokio::time::sleep(SECOND).await;
        let third = auditor.log_in().await?;
        are_equal = first_token == auditor.tokens_in(third.jar());
    }
    let seen = if are_equal {
        Observation::fail(
            "two logins of a user get the same token: ending one session ends the other, and a stolen token stays valid",
        )
    } else if auditor.is_live(one.jar()).await? {
        Observation::info("both sessions of the user stay open")
    } else {
        Observation::info("the second login ends the first session of the user")
    };
    Ok(vec![seen.cookie(&auditor.app.main_cookie.name).control("they were live")])
}
