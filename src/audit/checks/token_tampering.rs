//! Whether a changed token opens a session, or breaks the server.

use crate::audit::auditor::Auditor;
use crate::audit::check::{Check, CheckGroup, Severity, asvs};
use crate::audit::observation::{NotTested, Observation, Observed};
use crate::client::auth::SessionState;
use crate::client::http::{CookieSource, Request};
use crate::cookies::{Jar, StoredCookie};

pub(super) static CHECK: Check = Check {
    id: "token-tampering",
    title: "A changed token is refused, and breaks nothing",
    group: CheckGroup::Token,
    severity: Severity::High,
    asvs: &[asvs("7.2.1", 1)],
    cwe: &[565, 20],
    sends: "the page that shows the session with the token changed at three places, cut, lengthened and empty",
    control: "the unchanged token is accepted before and after",
    fix: "look the whole token up, or check its signature, and treat everything else as no session",
    repeat: &[
        "sessctl --jar audit.json login URL --user USER",
        "TOKEN=$(sessctl --jar audit.json show-cookies --name COOKIE --value)",
        "curl -si -b COOKIE=\"${TOKEN%?}\" PAGE",
    ],
    is_passive: false,
};

pub(super) async fn run(auditor: &mut Auditor<'_>) -> Observed {
    let jar = auditor.log_in().await?.jar().snapshot();
    let mut seen = Vec::new();
    for cookie in auditor.app.session_cookies_in(&jar) {
        for (what, value) in changes_of(&cookie.value.0) {
            let Some(finding) = with_value(auditor, &jar, &cookie, what, value).await? else { continue };
            seen.push(finding.cookie(&cookie.name).control("it is accepted"));
            break;
        }
    }
    if !auditor.is_live(&jar).await? {
        return Err(NotTested::control_failed(
            "the unchanged token is no longer accepted after the changed ones",
        ));
    }
    if seen.is_empty() {
        seen.push(Observation::pass("no changed token opens a session").control("it is accepted"));
    }
    Ok(seen)
}

/// The finding about one changed value.
async fn with_value(
    auditor: &mut Auditor<'_>,
    jar: &Jar,
    cookie: &StoredCookie,
    what: &str,
    value: Vec<u8>,
) -> Result<Option<Observation>, NotTested> {
    let changed = auditor.app.jar_to_change(jar, cookie);
    changed.merge([cookie.with_value(value)]);
    let mut states = Vec::new();
    for _ in 0..2 {
        let mut request = Request::page(auditor.app.proof.place().clone());
        request.cookies = CookieSource::Probe(changed.clone());
        match auditor.state_after(request).await? {
            SessionState::Anonymous | SessionState::Unclear => return Ok(None),
            SessionState::Failed(429) => {
                return Err(NotTested::target_failed("the server limits the rate of requests (429)"));
            }
            state => states.push(state),
        }
    }
    Ok(match states[..] {
        [SessionState::LoggedIn, SessionState::LoggedIn] => {
            Some(Observation::fail(format!("a token that was {what} opens the session")))
        }
        [SessionState::Failed(status), SessionState::Failed(_)] => Some(
            Observation::fail(format!("the server answers a token that was {what} with status {status}"))
                .severity(Severity::Medium),
        ),
        _ => None,
    })
}

/// Changed values, each with what was done.
fn changes_of(value: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let length = value.len();
    let flipped = |at: usize| {
        let mut value = value.to_vec();
        if let Some(byte) = value.get_mut(at) {
            *byte = other_than(*byte);
        }
        value
    };
    let mut changes = vec![
        ("changed at its start", flipped(1.min(length.saturating_sub(1)))),
        ("changed in its middle", flipped(length / 2)),
        // The last character of base64 may have bits that do not count.
        ("changed at its end", flipped(length.saturating_sub(3))),
        ("cut to a half", value[..length / 2].to_vec()),
        ("lengthened", [value, b"A"].concat()),
        ("emptied", Vec::new()),
    ];
    changes.retain(|(_, changed)| changed != value);
    changes
}

/// Another character of the same kind.
fn other_than(byte: u8) -> u8 {
    match byte {
        b'0'..=b'8' | b'a'..=b'e' | b'A'..=b'E' | b'g'..=b'y' | b'G'..=b'Y' => byte + 1,
        b'9' => b'0',
        b'f' | b'z' => b'a',
        b'F' | b'Z' => b'A',
        _ => b'a',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_change_is_another_value_and_keeps_the_kind_of_characters() {
        for value in ["0123456789abcdef", "AZaz09-_", "f", "z"] {
            for (what, changed) in changes_of(value.as_bytes()) {
                assert_ne!(changed, value.as_bytes(), "{what}");
            }
        }
        assert!((0..=255).all(|byte| other_than(byte) != byte || byte == b'a'));
    }
}
