//! Whether the token is accepted outside of its cookie.

use http::header::COOKIE;
use http::{HeaderName, HeaderValue};

use crate::audit::auditor::Auditor;
use crate::audit::check::{Check, CheckGroup, Severity, asvs};
use crate::audit::observation::{NotTested, Observation, Observed};
use crate::audit::random::of_same_shape;
use crate::client::Request;
use crate::client::auth::SessionState;
use crate::client::http::CookieSource;

pub(super) static CHECK: Check = Check {
    id: "token-elsewhere",
    title: "The token is accepted in its cookie only",
    group: CheckGroup::LifeCycle,
    severity: Severity::Medium,
    asvs: &[asvs("14.2.1", 1)],
    cwe: &[598, 384],
    sends: "the token in a query, in a path parameter, in another header, and in a cookie whose name contains the right one",
    control: "the right cookie opens the session, and a random token in the same place does not",
    fix: "read the token from its cookie only, and compare the whole name",
    repeat: &[
        "sessctl --jar audit.json login URL --user USER",
        "TOKEN=$(sessctl --jar audit.json show-cookies --name COOKIE --value)",
        "curl -si \"PAGE?COOKIE=$TOKEN\"",
        "curl -si -b \"xCOOKIE=$TOKEN\" PAGE",
    ],
    is_passive: false,
};

/// A place for a token that is not its cookie.
#[derive(Debug, Clone, Copy)]
enum Place {
    Query,
    PathParameter,
    /// With the name in lower case, as servlets read it.
    LowerCaseParameter,
    Header,
    OtherCookie,
}

const PLACES: [(Place, &str); 5] = [
    (Place::Query, "in the query: it ends up in logs, and a link can log others in"),
    (Place::PathParameter, "in a path parameter (;name=): it ends up in logs, and a link can log others in"),
    (
        Place::LowerCaseParameter,
        "in a path parameter (;name=): it ends up in logs, and a link can log others in",
    ),
    (Place::Header, "in a header with the name of the cookie"),
    (
        Place::OtherCookie,
        "in a cookie whose name only contains the right one: another application's cookie chooses the session",
    ),
];

pub(super) async fn run(auditor: &mut Auditor<'_>) -> Observed {
    let jar = auditor.log_in().await?.jar().snapshot();
    let main = auditor.app.main_cookie.clone();
    let token = auditor.app.session_cookies_in(&jar).into_iter().find(|it| it.is_same_as(&main));
    let Some(token) = token else { return Err(NotTested::control_failed("a login set no session cookie")) };
    let random = of_same_shape(&token.value.0)?;
    let mut seen = Vec::new();
    for (place, risk) in PLACES {
        let Some(request) = with_token(auditor, place, &token.value.0) else { continue };
        if auditor.state_after(request.clone()).await? != SessionState::LoggedIn
            || auditor.state_after(request).await? != SessionState::LoggedIn
        {
            continue;
        }
        if let Some(random) = with_token(auditor, place, &random)
            && auditor.state_after(random).await? == SessionState::LoggedIn
        {
            return Err(NotTested::control_failed("a random token in the same place is accepted too"));
        }
        let finding = Observation::fail(format!("the token is accepted {risk}")).cookie(&main.name);
        seen.push(finding.control("it does"));
        break;
    }
    if !auditor.is_live(&jar).await? {
        return Err(NotTested::control_failed("the right cookie does not open the session"));
    }
    if seen.is_empty() {
        let pass = Observation::pass("the token is accepted in no other place").cookie(&main.name);
        seen.push(pass.control("it does"));
    }
    Ok(seen)
}

/// The page that shows the session, with the token in this place and without cookies.
fn with_token(auditor: &Auditor<'_>, place: Place, token: &[u8]) -> Option<Request> {
    let name = auditor.app.main_cookie.name.to_text();
    let text = std::str::from_utf8(token).ok()?;
    let mut url = auditor.app.proof.place().clone();
    let mut cookie = None;
    let mut header = None;
    match place {
        Place::Query => {
            url.query_pairs_mut().append_pair(&name, text);
        }
        Place::PathParameter => {
            let path = format!("{};{name}={text}", url.path());
            url.set_path(&path);
        }
        Place::LowerCaseParameter => {
            let path = format!("{};{}={text}", url.path(), name.to_ascii_lowercase());
            url.set_path(&path);
        }
        Place::Header => header = Some(HeaderName::from_bytes(name.as_bytes()).ok()?),
        Place::OtherCookie => cookie = Some(format!("x{name}={text}")),
    }
    let mut request = Request::page(url);
    request.cookies = CookieSource::None;
    if let Some(header) = header {
        request.headers.insert(header, HeaderValue::from_bytes(token).ok()?);
    }
    if let Some(cookie) = cookie {
        request.headers.insert(COOKIE, HeaderValue::from_str(&cookie).ok()?);
    }
    Some(request)
}
