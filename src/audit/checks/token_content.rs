//! Whether the token shows data of the user, and whether a forged JWT is accepted.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::audit::auditor::Auditor;
use crate::audit::check::{Check, CheckGroup, Severity, asvs};
use crate::audit::observation::{NotTested, Observation, Observed};
use crate::cookies::value::decode;
use crate::cookies::{Jar, StoredCookie};

/// A shorter name is found by chance.
const MIN_NAME_LEN: usize = 3;

pub(super) static CHECK: Check = Check {
    id: "token-content",
    title: "The token shows no data of the user, and cannot be forged",
    group: CheckGroup::Token,
    severity: Severity::Low,
    asvs: &[asvs("7.2.2", 1), asvs("9.1.1", 1), asvs("9.1.2", 1), asvs("9.2.1", 1)],
    cwe: &[315, 347],
    sends: "if the token is a JWT: the page that shows the session with a forged one",
    control: "the unchanged token is accepted",
    fix: "use a random token and keep the data on the server; check signature, algorithm and exp of a JWT",
    repeat: &[
        "sessctl --jar audit.json login URL --user USER",
        "sessctl --jar audit.json show-cookies --name COOKIE --decode",
    ],
    is_passive: false,
};

pub(super) async fn run(auditor: &mut Auditor<'_>) -> Observed {
    let jar = auditor.log_in().await?.jar().snapshot();
    let mut seen = Vec::new();
    for cookie in auditor.app.session_cookies_in(&jar) {
        let text = cookie.value.to_text();
        if let Some(finding) = forged(auditor, &jar, &cookie, &text).await? {
            seen.push(finding.cookie(&cookie.name).control("it is accepted"));
            continue;
        }
        let decoded = decode(&cookie.name.to_text(), &cookie.value.0, jar.now());
        let user = auditor.config.account.user.as_deref().unwrap_or_default().to_lowercase();
        let shows_user = user.len() >= MIN_NAME_LEN
            && decoded.kind != "opaque"
            && decoded.parts.iter().any(|part| part.text.to_lowercase().contains(&user));
        let kind = decoded.kind;
        seen.push(
            match shows_user {
                true => Observation::fail(format!("the token ({kind}) contains the user name in clear")),
                false => {
                    Observation::pass(format!("the token ({kind}) contains no data of the user in clear"))
                }
            }
            .cookie(&cookie.name),
        );
    }
    if !auditor.is_live(&jar).await? {
        return Err(NotTested::control_failed("the unchanged token is not accepted"));
    }
    Ok(seen)
}

/// The finding about a JWT that was forged.
async fn forged(
    auditor: &mut Auditor<'_>,
    jar: &Jar,
    cookie: &StoredCookie,
    text: &str,
) -> Result<Option<Observation>, NotTested> {
    for (what, token) in forgeries(text) {
        let changed = auditor.app.jar_to_change(jar, cookie);
        changed.merge([cookie.with_value(token)]);
        if auditor.still_opens(&changed).await? {
            let reason = format!("a JWT with {what} opens the session: anyone can write one for any user");
            return Ok(Some(Observation::fail(reason).severity(Severity::High)));
        }
    }
    Ok(None)
}

/// Forged forms of a JWT. Empty if the text is not a JWT.
fn forgeries(text: &str) -> Vec<(&'static str, String)> {
    let parts: Vec<&str> = text.split('.').collect();
    let [header, payload, signature] = parts[..] else { return Vec::new() };
    let json_of = |part: &str| serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(part).ok()?).ok();
    let (Some(mut head), Some(mut claims)) = (json_of(header), json_of(payload)) else { return Vec::new() };
    if head.get("alg").is_none() {
        return Vec::new();
    }
    let encoded = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let reversed: String = signature.chars().rev().collect();
    let mut forged = vec![("a wrong signature", format!("{header}.{payload}.{reversed}"))];
    if signature.is_empty() || reversed == signature {
        forged.clear();
    }
    head["alg"] = json!("none");
    forged.push(("the algorithm none", format!("{}.{payload}.", encoded(&head))));
    if claims.get("exp").is_some() {
        claims["exp"] = json!(1);
        forged.push((
            "an exp in the past and the old signature",
            format!("{header}.{}.{signature}", encoded(&claims)),
        ));
    }
    forged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_jwt_is_forged() {
        let token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSIsImV4cCI6MTcwMDAwMDAwMH0.AbCd";
        let forged: Vec<&str> = forgeries(token).into_iter().map(|(what, _)| what).collect();
        assert_eq!(
            forged,
            ["a wrong signature", "the algorithm none", "an exp in the past and the old signature"]
        );
        for other in ["", "abc", "a.b.c", "eyJhIjoxfQ.eyJhIjoxfQ.AbCd"] {
            assert!(forgeries(other).is_empty(), "{other}");
        }
    }
}
