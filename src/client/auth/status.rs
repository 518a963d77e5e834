//! [`status`]: whether the cookies and tokens of the jar open a session, whose it is, and how long they last.

use serde_json::Value;
use url::Url;

use super::csrf::may_be_session;
use super::evidence::{Difference, Evidence};
use super::login_prompt::is_login_address;
use super::probe::{Expected, SessionProbe};
use super::snapshot::PageSnapshot;
use crate::client::http::agent::UserAgent;
use crate::client::http::error::ClientError;
use crate::client::http::request::Request;
use crate::client::http::response::Response;
use crate::clock::Timestamp;
use crate::cookies::{ByteString, Jar, StoredCookie, TokenSession, is_cross_site};

/// How many requests it sends at most, redirects included.
const MAX_REQUESTS: usize = 10;

/// Members of a JSON object that have the name of the user.
const USER_MEMBERS: &[&str] = &["user", "username", "user_name", "userName", "login"];

/// What is known about the session before the page is requested.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct StatusHints {
    /// The names of users that the page may show, the most likely one first.
    pub users: Vec<String>,
    /// Whether the page changed with the session when it began.
    pub changed_at_login: bool,
    /// A text that only a client that is logged in gets. It decides alone.
    pub expect_text: Option<String>,
}

/// Whether the cookies of the jar open a session.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct StatusReport {
    /// Whether there is a session.
    pub state: LoginState,
    /// The page that was requested.
    pub page: Url,
    /// The user that the page names.
    pub user: Option<String>,
    /// What shows the session.
    pub evidence: Vec<Evidence>,
    /// The cookies that may carry the session, those that expire first at the start.
    pub until: Vec<CookieExpiry>,
}

/// Whether a client is logged in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoginState {
    /// A page changes with the cookies as only a session does.
    LoggedIn,
    /// The page is that of an anonymous client.
    LoggedOut(LoggedOutBy),
    /// The page does not show it.
    Unknown(NoComparison),
}

/// What shows that a client is not logged in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoggedOutBy {
    /// The jar has neither cookies nor a token for the page.
    NoCookies,
    /// The page has a login form, with the cookies too.
    LoginForm,
    /// It redirects to the address of a login, with the cookies too.
    LoginAddress(Url),
    /// It links to a login, with the cookies too.
    LoginLink,
    /// It asks for a further step of the login.
    FurtherStep,
    /// It refuses the client with this status, with the cookies too.
    Status(u16),
    /// It changed with the cookies when the client logged in, and does not change any more.
    NoDifference,
    /// The expected text is missing.
    NoText(String),
}

/// Why a page does not show whether the client is logged in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoComparison {
    /// It is the same page with and without the cookies.
    SamePage,
    /// The server failed, or limits the rate, with this status.
    Unavailable(u16),
    /// It redirects in a loop, or to an invalid address.
    BadRedirect,
    /// It changes, but not as with a session: this is its status with the cookies.
    Unclear(u16),
}

/// When a cookie or a token expires.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CookieExpiry {
    /// The name of the cookie or token.
    pub name: ByteString,
    /// It is a token.
    pub is_token: bool,
    /// `None`: only the server decides, and a browser deletes the cookie on exit.
    pub expires: Option<Timestamp>,
}

/// Requests `page` with the jar's cookies and without them, and decides whether they open a session.
///
/// It sends nothing but GET requests. New cookies of the server are stored in the jar.
///
/// # Errors
/// [`ClientError`], if the server cannot be asked.
///
/// ```
/// # use axum::{Router, http::HeaderMap, response::Html, routing::get};
/// use sessctl::client::auth::{LoginState, StatusHints, status};
/// # use sessctl::client::UserAgent;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let home = |headers: HeaderMap| async move {
/// #     Html(if headers.contains_key("cookie") { "<a href=/logout>Log out</a>" } else { "<a href=/login>Log in</a>" })
/// # };
/// let mut agent = UserAgent::for_service(Router::new().route("/", get(home))); // an application with sessions
/// let page = "https://app.test/".parse()?;
/// agent.jar().receive(&page, [&b"sid=31d4"[..]]);
/// let report = status(&mut agent, &page, StatusHints::default()).await?;
/// assert_eq!(report.state, LoginState::LoggedIn);
/// # Ok(()) }
/// ```
pub async fn status(
    agent: &mut UserAgent,
    page: &Url,
    hints: StatusHints,
) -> Result<StatusReport, ClientError> {
    let page = agent.take_credentials(page)?;
    let work = async |agent: &mut UserAgent| judge(agent, &page, &hints).await;
    let named = vec![page.clone()];
    agent.navigate(named, async |agent| agent.with_at_most(MAX_REQUESTS, work).await).await
}

async fn judge(agent: &mut UserAgent, page: &Url, hints: &StatusHints) -> Result<StatusReport, ClientError> {
    let (jar, exchanges_before) = (agent.jar().snapshot(), agent.flow().exchanges.len());
    let (state, user) = (LoginState::Unknown(NoComparison::BadRedirect), None);
    let mut report =
        StatusReport { state, page: page.clone(), user, evidence: Vec::new(), until: Vec::new() };
    let (response, shown) = match agent.load(Request::page(page.clone())).await {
        Err(error) if error.is_bad_redirect() => return Ok(report),
        loaded => loaded?,
    };
    let sent = CredentialsSent {
        cookies: cookies_sent(agent, &jar, page, exchanges_before),
        tokens: agent.jar().tokens().into_iter().filter(|token| token.is_for(page)).collect(),
    };
    if let Some(text) = &hints.expect_text {
        report.decide_by_text(text, &response, &sent);
        return Ok(report);
    }
    let Some(with) = PageSnapshot::of(&response, &shown) else {
        report.state = LoginState::Unknown(NoComparison::Unavailable(response.status.as_u16()));
        return Ok(report);
    };
    if sent.cookies.is_empty() && sent.tokens.is_empty() {
        report.state = LoginState::LoggedOut(LoggedOutBy::NoCookies);
        return Ok(report);
    }
    let user = hints.users.iter().find(|user| with.names(user));
    let expected = Expected { user: user.map(String::as_str), any_address: false };
    let anonymous = agent.jar().empty();
    let probe = SessionProbe::of_page(agent, page, with.clone(), &anonymous, expected).await?;
    let Some(probe) = probe else {
        let last = agent.flow().exchanges.last().and_then(|exchange| exchange.response.as_ref());
        let status = last.map_or(with.status, |response| response.status.as_u16());
        report.state = LoginState::Unknown(NoComparison::Unavailable(status));
        return Ok(report);
    };
    if probe.is_opened_by_cookies() {
        report.logged_in(agent, &probe, &response, &sent);
    } else {
        report.state = not_logged_in(agent, &probe, &with, hints);
    }
    Ok(report)
}

/// What the request for the page and its redirects carried, on the site of the page.
struct CredentialsSent {
    cookies: Vec<StoredCookie>,
    tokens: Vec<TokenSession>,
}

/// The cookies that they carried.
fn cookies_sent(agent: &UserAgent, jar: &Jar, page: &Url, since: usize) -> Vec<StoredCookie> {
    let mut sent: Vec<StoredCookie> = Vec::new();
    let hops = agent.exchanges_since(since).iter().map(|exchange| &exchange.request.url);
    for cookie in hops.filter(|url| !is_cross_site(page, url)).flat_map(|url| jar.sent_to(url)) {
        if !sent.iter().any(|other| other.is_same_as(&cookie)) {
            sent.push(cookie);
        }
    }
    sent
}

impl StatusReport {
    fn decide_by_text(&mut self, text: &str, response: &Response, sent: &CredentialsSent) {
        if response.text().contains(text) {
            self.state = LoginState::LoggedIn;
            self.evidence.push(Evidence::ExpectedText(text.to_owned()));
            self.until = expiries(sent);
        } else {
            self.state = LoginState::LoggedOut(LoggedOutBy::NoText(text.to_owned()));
        }
    }

    fn logged_in(
        &mut self,
        agent: &UserAgent,
        probe: &SessionProbe,
        response: &Response,
        sent: &CredentialsSent,
    ) {
        let mut differences = probe.differences().to_vec();
        for difference in &mut differences {
            if let Difference::Url(_, without) = difference {
                *without = agent.redactor.url(without);
            }
        }
        let named = differences.iter().find_map(|difference| match difference {
            Difference::Name(name) => Some(name.clone()),
            Difference::Members(members) => user_in_json(response, members),
            _ => None,
        });
        self.user = named.or_else(|| user_in_texts(&probe.texts_only_with_cookies()));
        self.state = LoginState::LoggedIn;
        let page = self.page.clone();
        self.evidence.push(match sent.cookies.is_empty() {
            true => Evidence::DiffersWithToken(page, differences),
            false => Evidence::Differs(page, differences),
        });
        self.until = expiries(sent);
    }
}

/// What the page shows instead of a session.
fn not_logged_in(
    agent: &UserAgent,
    probe: &SessionProbe,
    with: &PageSnapshot,
    hints: &StatusHints,
) -> LoginState {
    let is_same = probe.differences().is_empty();
    LoginState::LoggedOut(match with.status {
        _ if with.asks_for_code || with.asks_for_step => LoggedOutBy::FurtherStep,
        _ if with.login_form.is_some() => LoggedOutBy::LoginForm,
        _ if is_login_address(&with.url) && !is_login_address(&probe.place) => {
            LoggedOutBy::LoginAddress(agent.redactor.url(&with.url))
        }
        status @ 401 => LoggedOutBy::Status(status),
        status @ 403 if is_same => LoggedOutBy::Status(status),
        _ if is_same && with.login_link => LoggedOutBy::LoginLink,
        _ if is_same && hints.changed_at_login => LoggedOutBy::NoDifference,
        _ if is_same => return LoginState::Unknown(NoComparison::SamePage),
        status => return LoginState::Unknown(NoComparison::Unclear(status)),
    })
}

/// The expiry of each cookie that may carry a session, those that expire first at the start.
fn expiries(sent: &CredentialsSent) -> Vec<CookieExpiry> {
    let cookies = &sent.cookies;
    let mut may_carry: Vec<&StoredCookie> = cookies.iter().filter(|cookie| may_be_session(cookie)).collect();
    if may_carry.is_empty() {
        may_carry = cookies.iter().collect();
    }
    let of_cookie = |cookie: &StoredCookie| CookieExpiry {
        name: cookie.name.clone(),
        is_token: false,
        expires: cookie.expires,
    };
    let of_token = |token: &TokenSession| CookieExpiry {
        name: ByteString(token.name.clone().into_bytes()),
        is_token: true,
        expires: token.expires,
    };
    let mut expiries: Vec<CookieExpiry> = may_carry.into_iter().map(of_cookie).collect();
    expiries.extend(sent.tokens.iter().map(of_token));
    expiries.sort_by_key(|it| it.expires.unwrap_or(Timestamp::MAX));
    expiries
}

/// The name of the user in one of these members of a JSON object.
fn user_in_json(response: &Response, members: &[String]) -> Option<String> {
    let body = response.json::<Value>().ok()?;
    let member = members.iter().find(|name| USER_MEMBERS.contains(&name.as_str()))?;
    let inner =
        |user: &Value| ["username", "login", "name", "email"].iter().find_map(|it| text_of(user.get(it)?));
    body.get(member).and_then(|user| text_of(user).or_else(|| inner(user)))
}

fn text_of(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

/// What precedes the name of the user, in lower case.
const GREETINGS: &[&str] =
    &["logged in as ", "signed in as ", "welcome back, ", "welcome, ", "hello, ", "welcome back ", "hello "];

/// The longest name in a greeting.
const MAX_NAME_LEN: usize = 64;

/// The name in a greeting, such as `Welcome, alice!`. A greeting of several words has no certain name.
fn user_in_texts(texts: &[String]) -> Option<String> {
    let name = |text: &String| {
        let text = text.trim();
        let (start, rest) = GREETINGS.iter().find_map(|greeting| {
            text.split_at_checked(greeting.len()).filter(|(start, _)| start.eq_ignore_ascii_case(greeting))
        })?;
        let name = rest.trim_end_matches(|c: char| c.is_ascii_punctuation() && c != '_');
        let is_name = !start.is_empty() && !name.is_empty() && name.len() <= MAX_NAME_LEN;
        (is_name && !name.contains(char::is_whitespace)).then(|| name.to_owned())
    };
    texts.iter().find_map(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_in_a_greeting_is_one_word() {
        for (text, name) in [
            ("Welcome, alice!", Some("alice")),
            ("Logged in as bob@example.org.", Some("bob@example.org")),
            ("Hello carol_", Some("carol_")),
            ("Welcome to our shop", None),
            ("Hello, dear user", None),
            ("Welcome, !", None),
            ("환영합니다", None),
        ] {
            assert_eq!(user_in_texts(&[text.to_owned()]).as_deref(), name, "{text}");
        }
    }
}
