//! [`Evidence`]: what shows that a session began, and the sentences for it.

use std::fmt;

use http::Method;
use url::{Position, Url};

use crate::client::http::agent::UserAgent;
use crate::client::http::exchange::Purpose;
use crate::cookies::{ByteString, SetAction};

/// Something that shows that a session began.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Evidence {
    /// The server issued this cookie.
    CookieIssued(ByteString),
    /// The server gave this cookie a new value.
    CookieRenewed(ByteString),
    /// The page on which the login ended has no login form.
    LoginFormGone,
    /// That page has this logout control.
    LogoutControl(ControlSeen),
    /// A page changes when the cookies of the login are left out.
    Differs(Url, Vec<Difference>),
    /// A page that scripts draw changes in a browser without the cookies and tokens of the login.
    DrawnDiffers(Url, Vec<Difference>),
    /// A JSON endpoint accepted the credentials with this status.
    Accepted(u16),
    /// The answer has a token with this name, which a header may carry.
    TokenIssued(String),
    /// A page changes when the token of the login is left out.
    DiffersWithToken(Url, Vec<Difference>),
    /// The page contains the expected text.
    ExpectedText(String),
    /// The client was logged in before, and logged out of that session with this control.
    EarlierSessionEnded(ControlSeen),
    /// The client was logged in before, and nothing shows that this control ended that session.
    EarlierSessionMayRemain(ControlSeen),
}

/// What logs out.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ControlSeen {
    /// A form that is sent to this path.
    Form(String),
    /// A link to this path.
    Link(String),
    /// A request to a path at which many applications log out; no page has a control.
    WellKnown(Method, String),
    /// A request to a path that the user or a script of the page names.
    Request(Method, String),
    /// Nothing: there is no such control.
    Nothing,
}

/// A property in which a page with the cookies differs from the page without them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Difference {
    /// The status: with the cookies, and without.
    Status(u16, u16),
    /// The address after redirects: with the cookies, and without.
    Url(Url, Url),
    /// There is a login form only without the cookies.
    LoginForm,
    /// There is a logout control only with the cookies.
    LogoutControl,
    /// These members of a JSON object have a value only with the cookies.
    Members(Vec<String>),
    /// The page names this user only with the cookies.
    Name(String),
    /// There is a link to the login only without the cookies.
    LoginLink,
}

impl Evidence {
    /// The cookies that the server issued or renewed since this number of exchanges.
    pub(super) fn of_cookies(agent: &UserAgent, since: usize) -> Vec<Evidence> {
        let steps = agent.exchanges_since(since).iter().filter(|exchange| exchange.purpose != Purpose::Probe);
        let mut found = Vec::new();
        for decision in steps.flat_map(|exchange| &exchange.set) {
            let evidence = match decision.action {
                SetAction::Stored => Evidence::CookieIssued(decision.name.clone()),
                SetAction::Replaced { changed: true } => Evidence::CookieRenewed(decision.name.clone()),
                _ => continue,
            };
            let is_same_cookie = |other: &Evidence| match other {
                Evidence::CookieIssued(name) | Evidence::CookieRenewed(name) => *name == decision.name,
                _ => false,
            };
            if !found.iter().any(is_same_cookie) {
                found.push(evidence);
            }
        }
        found
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Evidence::CookieIssued(name) => write!(f, "cookie {} was issued", name.to_text()),
            Evidence::CookieRenewed(name) => write!(f, "cookie {} was renewed", name.to_text()),
            Evidence::LoginFormGone => f.write_str("the login form is gone"),
            Evidence::LogoutControl(control) => write!(f, "there is a logout control: {control}"),
            Evidence::Differs(url, differences) => {
                let all: Vec<String> = differences.iter().map(ToString::to_string).collect();
                write!(f, "{} changes with the cookie: {}", shown_address(url), all.join("; "))
            }
            Evidence::DrawnDiffers(url, differences) => {
                let all: Vec<String> = differences.iter().map(ToString::to_string).collect();
                write!(
                    f,
                    "{} is drawn differently in an empty browser: {}",
                    shown_address(url),
                    all.join("; ")
                )
            }
            Evidence::EarlierSessionEnded(control) => {
                write!(f, "logged out of the earlier session with {control}")
            }
            Evidence::EarlierSessionMayRemain(control) => {
                write!(f, "the earlier session may still be active: nothing shows that {control} ended it")
            }
            Evidence::Accepted(status) => {
                write!(f, "the server accepted the user name and password (status {status})")
            }
            Evidence::TokenIssued(name) => write!(f, "token {name} was issued"),
            Evidence::DiffersWithToken(url, differences) => {
                let all: Vec<String> = differences.iter().map(ToString::to_string).collect();
                write!(f, "{} changes with the token: {}", shown_address(url), all.join("; "))
            }
            Evidence::ExpectedText(text) => write!(f, "the page contains {text:?}"),
        }
    }
}

impl fmt::Display for ControlSeen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ControlSeen::Form(path) => write!(f, "the form to {path}"),
            ControlSeen::Link(path) => write!(f, "the link to {path}"),
            ControlSeen::WellKnown(method, path) => write!(f, "{method} {path}, a common logout path"),
            ControlSeen::Request(method, path) => write!(f, "{method} {path}"),
            ControlSeen::Nothing => f.write_str("nothing"),
        }
    }
}

/// The longest query that is shown.
const MAX_QUERY_LEN: usize = 60;

/// Path and query of a page. A long query, such as that of a sign-on, is left out.
#[must_use]
pub fn shown_address(url: &Url) -> String {
    let is_long = url.query().is_some_and(|query| query.len() > MAX_QUERY_LEN);
    let end = if is_long { Position::AfterPath } else { Position::AfterQuery };
    let address = &url[Position::BeforePath..end];
    if is_long { format!("{address}?…") } else { address.to_owned() }
}

impl Difference {
    /// Whether both are about the same property, with any values.
    pub(super) fn is_like(&self, other: &Difference) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Difference::Status(with, without) => write!(f, "logged in status {with}, logged out {without}"),
            Difference::Url(_, without) => {
                write!(f, "logged out it redirects to {}", shown_address(without))
            }
            Difference::LoginForm => f.write_str("logged out it shows a login form"),
            Difference::LogoutControl => f.write_str("logged in it shows a logout control"),
            Difference::Members(names) => write!(f, "logged in it has a value for {}", names.join(", ")),
            Difference::Name(name) => write!(f, "logged in it names {name}"),
            Difference::LoginLink => f.write_str("logged out it links to the login"),
        }
    }
}
