//! Which of two cookies of the same name is used.

use http::HeaderValue;
use http::header::COOKIE;

use crate::audit::application::CookieUse;
use crate::audit::auditor::Auditor;
use crate::audit::check::{Check, CheckGroup, Severity, asvs};
use crate::audit::observation::{NotTested, Observation, Observed};
use crate::audit::random::of_same_shape;
use crate::client::Request;
use crate::client::auth::SessionState;
use crate::client::http::CookieSource;
use crate::cookies::Jar;

pub(super) static CHECK: Check = Check {
    id: "duplicate-cookies",
    title: "Two session cookies of the same name do not choose a session",
    group: CheckGroup::LifeCycle,
    severity: Severity::Info,
    asvs: &[asvs("3.3.3", 2)],
    cwe: &[565],
    sends: "the page that shows the session with two cookies of the same name: two live tokens, and a live and a random one, in both orders",
    control: "each of the live tokens alone opens its session",
    fix: "name the cookie __Host-NAME, so that no other host can add one; treat two live tokens as anonymous",
    repeat: &["curl -si -H 'Cookie: COOKIE=one; COOKIE=two' PAGE"],
    is_passive: false,
};

pub(super) async fn run(auditor: &mut Auditor<'_>) -> Observed {
    let (one, other) = (auditor.log_in().await?, auditor.log_in().await?);
    for jar in [one.jar(), other.jar()] {
        if !auditor.is_live(jar).await? {
            return Err(NotTested::control_failed("only one session of a user stays open"));
        }
    }
    let (a, b) = (token_of(auditor, one.jar())?, token_of(auditor, other.jar())?);
    if auditor.app.cookie_use == CookieUse::OneTime {
        return Err(NotTested::control_failed("the token changes with each request"));
    }
    if a == b {
        return Err(NotTested::control_failed("two logins of the user get the same token"));
    }
    let random = of_same_shape(&a)?;
    let both = with_two(auditor, one.jar(), &a, &b).await? && with_two(auditor, one.jar(), &b, &a).await?;
    let first = with_two(auditor, one.jar(), &a, &random).await?;
    let last = with_two(auditor, one.jar(), &random, &a).await?;
    let seen = match (both, first, last) {
        (false, ..) => Observation::pass("with two live tokens, the request is anonymous"),
        (true, true, false) => Observation::info(
            "the first of two cookies is used: a cookie of a longer path chooses the session",
        ),
        (true, false, true) => Observation::info(
            "the last of two cookies is used: a cookie that is set later chooses the session",
        ),
        (true, ..) => Observation::info(
            "one of two live tokens is used: a cookie of another host may choose the session",
        ),
    };
    let seen = seen.cookie(&auditor.app.main_cookie.name);
    Ok(vec![seen.control("it opens it")])
}

fn token_of(auditor: &Auditor<'_>, jar: &Jar) -> Result<Vec<u8>, NotTested> {
    let main = &auditor.app.main_cookie;
    let found = auditor.app.session_cookies_in(jar).into_iter().find(|it| it.is_same_as(main));
    found.map(|it| it.value.0).ok_or_else(|| NotTested::control_failed("a login set no session cookie"))
}

/// Whether two cookies of the same name, in this order, open a session. Other cookies are sent from the jar.
async fn with_two(
    auditor: &mut Auditor<'_>,
    jar: &Jar,
    first: &[u8],
    second: &[u8],
) -> Result<bool, NotTested> {
    let name = &auditor.app.main_cookie.name.0;
    let line = [name, &b"="[..], first, b"; ", name, b"=", second].concat();
    let line = HeaderValue::from_bytes(&line)
        .map_err(|_| NotTested::not_applicable("the token cannot be repeated"))?;
    let mut request = Request::page(auditor.app.proof.place().clone());
    request.headers.insert(COOKIE, line);
    let jar = auditor.app.jar_to_change(jar, &auditor.app.main_cookie);
    request.cookies = CookieSource::Probe(jar);
    Ok(auditor.state_after(request).await? == SessionState::LoggedIn)
}
