//! Whether another site can send a request that changes something.

use http::{HeaderName, HeaderValue};

use crate::audit::auditor::Auditor;
use crate::audit::check::{Check, CheckGroup, Severity, asvs};
use crate::audit::form_token::{has_token, without_token};
use crate::audit::observation::{NotTested, Observation, Observed};
use crate::client::http::Body;
use crate::client::{Request, UserAgent};
use crate::cookies::{Jar, SameSite};

pub(super) static CHECK: Check = Check {
    id: "csrf",
    title: "Another site cannot log a user out, or change anything for them",
    group: CheckGroup::SessionsAndUsers,
    severity: Severity::Medium,
    asvs: &[asvs("3.5.1", 1), asvs("3.5.2", 1), asvs("3.5.3", 1)],
    cwe: &[352],
    sends: "the logout and the request of --write as another site would: with its Origin, without and with a token of another session",
    control: "the same request works with the headers of the application's own page",
    fix: "refuse a request whose Origin or Sec-Fetch-Site is not your own, or require a token that is bound to the session",
    repeat: &[
        "sessctl --jar audit.json login URL --user USER",
        "sessctl --jar audit.json visit LOGOUT -X POST -H 'Origin: https://attacker.example'",
        "sessctl --jar audit.json visit PAGE",
    ],
    is_passive: false,
};

/// A request of another site.
struct Attack {
    name: &'static str,
    /// What a browser adds to it.
    headers: &'static [(&'static str, &'static str)],
    /// It is a form with `enctype=text/plain`.
    is_text: bool,
}

const FOREIGN: (&str, &str) = ("origin", "https://attacker.example");

const ATTACKS: [Attack; 5] = [
    Attack { name: "a foreign Origin", headers: &[FOREIGN], is_text: false },
    Attack { name: "Origin: null", headers: &[("origin", "null")], is_text: false },
    Attack {
        name: "Sec-Fetch-Site: cross-site",
        headers: &[FOREIGN, ("sec-fetch-site", "cross-site")],
        is_text: false,
    },
    Attack { name: "Sec-Fetch-Site: same-site", headers: &[("sec-fetch-site", "same-site")], is_text: false },
    Attack { name: "a foreign Origin and text/plain", headers: &[FOREIGN], is_text: true },
];

pub(super) async fn run(auditor: &mut Auditor<'_>) -> Observed {
    let mut agent = auditor.log_in().await?;
    let Some(request) = auditor.logout_request(&mut agent).await? else {
        return Err(NotTested::not_applicable("the page that shows the session has no logout control"));
    };
    if request.method.is_safe() {
        return Err(NotTested::not_applicable("the logout is a link; logout-by-get tests that"));
    }
    let mut tokens = vec![("without a token", without_token(&request))];
    if has_token(&request)
        && let Ok(mut other) = auditor.log_in().await
        && let Some(foreign) = auditor.logout_request(&mut other).await?
    {
        tokens.push(("with a token of another session", foreign));
    }
    let expected = "the same request works with the headers of the application's own page";
    for (token, request) in &tokens {
        for (headers, attack) in attacks_with(request) {
            auditor.traffic.send_once(&mut agent_like(auditor, agent.jar()), attack.clone()).await?;
            if !auditor.is_ended(agent.jar()).await? {
                continue;
            }
            let shown =
                if has_token(&tokens[0].1) { format!("{headers}, {token}") } else { headers.to_owned() };
            let seen = Observation::fail(format!("a request with {shown} logs out")).at(&attack.url);
            return Ok(vec![seen.severity(severity(auditor)).control(expected, "the attack itself worked")]);
        }
    }
    let jar = agent.jar().snapshot();
    auditor.traffic.send_once(&mut agent, request.clone()).await?;
    if auditor.is_live(&jar).await? {
        return Err(NotTested::control_failed(
            "the logout does not work from the application's own page either",
        ));
    }
    auditor.closed(&jar);
    if let Some(finding) = forged_write(auditor).await? {
        return Ok(vec![finding.severity(severity(auditor)).control(expected, "it works")]);
    }
    Ok(vec![
        Observation::pass("no request of another site was accepted")
            .at(&request.url)
            .control(expected, "it works"),
    ])
}

/// The finding about the request of `--write`, if one was given and another site can send it.
async fn forged_write(auditor: &mut Auditor<'_>) -> Result<Option<Observation>, NotTested> {
    let Some(write) = auditor.write_request()? else { return Ok(None) };
    if auditor.config.value.is_none() || write.method.is_safe() {
        return Ok(None);
    }
    let mut agent = auditor.log_in().await?;
    let mut number = auditor.write_once(&mut agent, write.clone()).await?;
    for (headers, attack) in attacks_with(&write) {
        auditor.traffic.send_once(&mut agent_like(auditor, agent.jar()), attack).await?;
        let after = auditor.write_once(&mut agent, write.clone()).await?;
        if after > number + 1 {
            let reason = format!("a request with {headers} changes the number");
            return Ok(Some(Observation::fail(reason).at(&write.url)));
        }
        number = after;
    }
    Ok(None)
}

fn agent_like(auditor: &Auditor<'_>, jar: &Jar) -> UserAgent {
    auditor.traffic.agent(jar.snapshot())
}

/// The request as another site would send it, with each set of headers.
fn attacks_with(request: &Request) -> impl Iterator<Item = (&'static str, Request)> {
    ATTACKS.iter().map(|attack| {
        let mut forged = Request::new(request.method.clone(), request.url.clone());
        forged.body.clone_from(&request.body);
        if attack.is_text {
            let bytes = forged.body.map(|body| body.bytes).unwrap_or_default();
            forged.body = Some(Body::new("text/plain", bytes));
        }
        for (name, value) in attack.headers {
            forged.headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        (attack.name, forged)
    })
}

/// A request of another site carries a cookie only if its `SameSite` allows that.
fn severity(auditor: &Auditor<'_>) -> Severity {
    let is_kept_back = |same_site| matches!(same_site, Some(SameSite::Lax | SameSite::Strict));
    let all = auditor.app.session_cookies.iter();
    if all.map(|cookie| cookie.same_site).any(is_kept_back) { Severity::Medium } else { Severity::High }
}
