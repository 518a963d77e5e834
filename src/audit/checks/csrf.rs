//! Whether another site can send a request that changes something.

use http::{HeaderName, HeaderValue, Method};

use crate::audit::auditor::Auditor;
use crate::audit::check::{Check, CheckGroup, Severity, asvs};
use crate::audit::logout_request::without_fields;
use crate::audit::observation::{NotTested, Observation, Observed};
use crate::audit::result::CheckVerdict;
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
    let logout = forged_logout(auditor).await;
    let write = forged_write(auditor).await;
    let mut seen: Vec<Observation> = Vec::new();
    let mut not_tested = None;
    for result in [logout, write] {
        match result {
            Ok(found) => seen.extend(found),
            Err(why) => not_tested = not_tested.or(Some(why)),
        }
    }
    match not_tested {
        Some(why) if seen.is_empty() => Err(why),
        _ if seen.iter().any(|it| it.verdict == CheckVerdict::Fail) => {
            seen.retain(|it| it.verdict == CheckVerdict::Fail);
            Ok(seen)
        }
        _ => Ok(seen.into_iter().take(1).collect()),
    }
}

/// Whether another site can log a user out.
async fn forged_logout(auditor: &mut Auditor<'_>) -> Result<Option<Observation>, NotTested> {
    let mut other = auditor.log_in().await?;
    let mut agent = auditor.log_in().await?;
    let foreign = auditor.logout_request(&mut other).await?;
    let Some(request) = auditor.logout_request(&mut agent).await? else {
        return Err(NotTested::not_applicable("the page that shows the session has no logout control"));
    };
    if request.method.is_safe() {
        return Err(NotTested::not_applicable("the logout is a link; logout-by-get tests that"));
    }
    let tokens = auditor.state.logout.tokens().to_vec();
    let mut requests = vec![("", without_fields(&request, &tokens))];
    if !tokens.is_empty() {
        requests[0].0 = ", without a token";
        requests.extend(foreign.map(|foreign| (", with a token of another session", foreign)));
    }
    for (token, request) in &requests {
        for (headers, attack) in attacks_with(request) {
            if !auditor.is_live(agent.jar()).await? {
                return Err(NotTested::control_failed("the session ended before the attack"));
            }
            let mut browser = agent_like(auditor, agent.jar());
            auditor.traffic.send_once(&mut browser, attack.clone()).await?;
            // The browser's own cookies: a client-side session ends by deleting the cookie.
            let after = browser.jar().snapshot();
            if !auditor.is_ended(&after).await? {
                continue;
            }
            let seen = Observation::fail(format!("a request with {headers}{token} logs out")).at(&attack.url);
            return Ok(Some(seen.severity(severity(auditor)).control("the attack itself worked")));
        }
    }
    let copy = agent.jar().snapshot();
    auditor.traffic.send_once(&mut agent, request.clone()).await?;
    let after = agent.jar().snapshot();
    if auditor.is_live(&after).await? {
        return Err(NotTested::control_failed(
            "the logout does not work from the application's own page either",
        ));
    }
    auditor.closed(&copy);
    let pass = Observation::pass("no request of another site logs out").at(&request.url);
    Ok(Some(pass.control("it works")))
}

/// Whether another site can send the request of `--write`, if one was given.
async fn forged_write(auditor: &mut Auditor<'_>) -> Result<Option<Observation>, NotTested> {
    let Some(write) = auditor.write_request()? else { return Ok(None) };
    // A browser asks the application before it sends another method.
    if auditor.config.value.is_none() || write.method != Method::POST {
        return Ok(None);
    }
    let mut agent = auditor.log_in().await?;
    let mut number = auditor.write_once(&mut agent, write.clone()).await?;
    for (headers, attack) in attacks_with(&write) {
        auditor.traffic.send_once(&mut agent_like(auditor, agent.jar()), attack).await?;
        let after = auditor.write_once(&mut agent, write.clone()).await?;
        if after > number + 1 {
            let seen =
                Observation::fail(format!("a request with {headers} changes the number")).at(&write.url);
            return Ok(Some(seen.severity(severity(auditor)).control("it works")));
        }
        number = after;
    }
    let pass = Observation::pass("no request of another site was accepted").at(&write.url);
    Ok(Some(pass.control("it works")))
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
