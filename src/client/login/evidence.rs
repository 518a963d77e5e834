//! What tells that a session began or ended: a page seen with the cookie and without it.

use std::fmt;

use http::header::CONTENT_TYPE;
use serde_json::{Value, json};
use url::Url;

use super::finder::{self, Hints};
use super::way_out;
use crate::client::jar::{Jar, Octets, SetAction};
use crate::client::{ClientError, Cookies, Exchange, Request, Response, UserAgent};

/// What of a page differs between one who is logged in and one who is not. Never mere octets: those vary by
/// themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::client) struct Look {
    status: u16,
    url: Url,
    /// Which login form there is.
    login_form: Option<String>,
    /// Which logout controls there are.
    logout: Vec<String>,
    /// Of an answer in JSON: which members say something.
    members: Vec<String>,
}

/// One property in which two looks differ.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Difference {
    /// The status: with the cookie, and without.
    Status(u16, u16),
    /// Where redirects lead: with the cookie, and without.
    Url(Url, Url),
    /// Only without the cookie there is a login form.
    LoginForm,
    /// Only with the cookie there is a logout control.
    LogoutControl,
    /// Only with the cookie these members of an answer in JSON say something.
    Members(Vec<String>),
}

/// Something that speaks for a session.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Evidence {
    /// The application gave out this cookie.
    CookieIssued(Octets),
    /// The application gave this cookie a new value.
    CookieRenewed(Octets),
    /// The page on which the login ended has no login form.
    LoginFormGone,
    /// That page has a control that logs out.
    LogoutControl(String),
    /// A page is another one without the cookie.
    Differs(Url, Vec<Difference>),
    /// A program's interface answered with this status.
    Accepted(u16),
    /// The answer has a token of this name in its body. It is no cookie: nobody keeps it.
    TokenInBody(String),
    /// The page contains the text that was asked for.
    ExpectedText(String),
    /// The client was logged in before, and used this to log out of that session.
    EarlierSessionLeft(String),
    /// The client was logged in before, and this did not log out of that session.
    EarlierSessionMayLive(String),
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Difference::Status(with, without) => write!(f, "status {with} with it, {without} without"),
            Difference::Url(_, without) => write!(f, "without it the way leads to {}", without.path()),
            Difference::LoginForm => f.write_str("a login form only without it"),
            Difference::LogoutControl => f.write_str("a logout control only with it"),
            Difference::Members(names) => write!(f, "{} only with it", names.join(", ")),
        }
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Evidence::CookieIssued(name) => write!(f, "cookie {} was issued", name.to_text()),
            Evidence::CookieRenewed(name) => write!(f, "cookie {} was renewed", name.to_text()),
            Evidence::LoginFormGone => f.write_str("the login form is gone"),
            Evidence::LogoutControl(what) => write!(f, "there is a way to log out: {what}"),
            Evidence::Differs(url, differences) => {
                let all: Vec<String> = differences.iter().map(ToString::to_string).collect();
                write!(f, "{} depends on the cookie: {}", url.path(), all.join("; "))
            }
            Evidence::EarlierSessionLeft(control) => write!(f, "the earlier session was left by {control}"),
            Evidence::EarlierSessionMayLive(control) => {
                write!(f, "the earlier session may live on: {control} did not end it")
            }
            Evidence::Accepted(status) => write!(f, "name and password were taken (status {status})"),
            Evidence::TokenInBody(name) => {
                write!(
                    f,
                    "the answer has a token ({name}), which is no cookie: send it with visit -H yourself"
                )
            }
            Evidence::ExpectedText(text) => write!(f, "the page says {text:?}"),
        }
    }
}

impl Look {
    /// Looks at `url` with the cookies of `jar`, which stays as it is. `None` where there is nothing to see: a
    /// server that fails, that has had enough of us, or that sends a stranger round in circles.
    pub(in crate::client) async fn at(
        agent: &mut UserAgent,
        url: &Url,
        jar: &Jar,
    ) -> Result<Option<Look>, ClientError> {
        let mut request = Request::page(url.clone());
        request.cookies = Cookies::Control(jar.snapshot());
        let response = match agent.send(request).await {
            Ok(response) => response,
            Err(ClientError::TooManyRedirects { .. } | ClientError::BadRedirect { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let status = response.status.as_u16();
        if status == 429 || status >= 500 {
            return Ok(None);
        }
        let page = agent.parse(&response).await?;
        let login_form = finder::login_signature(&page, &Hints::default());
        let (logout, members) = (way_out::logout_names(&page), members_of(&response));
        Ok(Some(Look { status, url: response.url, login_form, logout, members }))
    }

    /// Whether there is such a page, for whoever looked.
    pub(super) fn is_shown(&self) -> bool {
        self.status < 400
    }
}

/// A page as it is with the cookies and without any.
#[derive(Debug)]
pub(in crate::client) struct Comparison {
    with: Look,
    without: Look,
    differences: Vec<Difference>,
}

impl Comparison {
    /// Looks twice with the jar's cookies, which shows what varies by itself, and once with a stranger's.
    /// `None` where one of them saw nothing.
    pub(in crate::client) async fn of(
        agent: &mut UserAgent,
        url: &Url,
        stranger: &Jar,
    ) -> Result<Option<Comparison>, ClientError> {
        let jar = agent.jar().snapshot();
        let Some(with) = Look::at(agent, url, &jar).await? else { return Ok(None) };
        let Some(again) = Look::at(agent, url, &jar).await? else { return Ok(None) };
        let Some(without) = Look::at(agent, url, stranger).await? else { return Ok(None) };
        let differences = differences(&with, &again, &without);
        Ok(Some(Comparison { with, without, differences }))
    }

    /// What the cookies make of the page, in properties that do not vary by themselves.
    pub(in crate::client) fn differences(&self) -> &[Difference] {
        &self.differences
    }

    /// Whether the page tells somebody who is logged in from somebody who is not.
    pub(in crate::client) fn shows_a_session(&self) -> bool {
        let has_way_out = self.differences.contains(&Difference::LogoutControl);
        let still_asks = self.with.login_form.is_some() && self.with.login_form == self.without.login_form;
        self.with.status < 400 && !self.differences.is_empty() && (has_way_out || !still_asks)
    }

    /// Whether the difference is one that only a session makes: a cookie that stands for a language, say, leads
    /// to other pages too.
    pub(in crate::client) fn is_clear(&self) -> bool {
        self.differences.iter().any(|difference| match difference {
            Difference::LoginForm | Difference::LogoutControl | Difference::Members(_) => true,
            Difference::Status(with, without) => *with < 400 && *without >= 400,
            Difference::Url(..) => false,
        })
    }

    /// Whether `later` has nothing of what the cookies made of the page: `Some(true)`; all of it:
    /// `Some(false)`; or something of each.
    pub(in crate::client) fn is_over(&self, later: &Look) -> Option<bool> {
        let persists = |difference: &Difference| match difference {
            Difference::Status(with, _) => later.status == *with,
            Difference::Url(with, _) => later.url == *with,
            Difference::LoginForm => {
                later.login_form != self.without.login_form && later.url == self.with.url
            }
            Difference::LogoutControl => self
                .with
                .logout
                .iter()
                .any(|control| !self.without.logout.contains(control) && later.logout.contains(control)),
            Difference::Members(names) => names.iter().any(|name| later.members.contains(name)),
        };
        let persisting = self.differences.iter().filter(|difference| persists(difference)).count();
        match persisting {
            0 => Some(true),
            all if all == self.differences.len() => Some(false),
            _ => None,
        }
    }
}

fn differences(with: &Look, again: &Look, without: &Look) -> Vec<Difference> {
    let mut found = Vec::new();
    let turns_away = without.login_form.is_some() || without.status >= 400;
    if with.status == again.status && with.status != without.status {
        found.push(Difference::Status(with.status, without.status));
    }
    // Elsewhere is evidence only where a stranger is turned away: a choice of language leads elsewhere too.
    if with.url == again.url && with.url != without.url && turns_away {
        found.push(Difference::Url(with.url.clone(), without.url.clone()));
    }
    if without.login_form.is_some()
        && with.login_form != without.login_form
        && again.login_form != without.login_form
    {
        found.push(Difference::LoginForm);
    }
    if with.logout.iter().any(|control| again.logout.contains(control) && !without.logout.contains(control)) {
        found.push(Difference::LogoutControl);
    }
    let only_with = |name: &&String| again.members.contains(name) && !without.members.contains(name);
    let members: Vec<String> = with.members.iter().filter(only_with).cloned().collect();
    if !members.is_empty() && without.status < 400 {
        found.push(Difference::Members(members));
    }
    found
}

/// The members of an answer in JSON that say something: not `null`, not `false`, not empty.
fn members_of(response: &Response) -> Vec<String> {
    let kind = response.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.contains("json") {
        return Vec::new();
    }
    let Ok(Value::Object(members)) = serde_json::from_slice(&response.body) else { return Vec::new() };
    let empty = [Value::Null, Value::Bool(false), json!(""), json!([]), json!({})];
    members.into_iter().filter(|(_, value)| !empty.contains(value)).map(|(name, _)| name).collect()
}

/// The cookies that these exchanges gave out or renewed.
pub(super) fn of_cookies<'a>(exchanges: impl Iterator<Item = &'a Exchange>) -> Vec<Evidence> {
    let mut found = Vec::new();
    for decision in exchanges.flat_map(|exchange| &exchange.set) {
        let evidence = match decision.action {
            SetAction::Stored => Evidence::CookieIssued(decision.name.clone()),
            SetAction::Replaced { changed: true } => Evidence::CookieRenewed(decision.name.clone()),
            _ => continue,
        };
        let same_name = |other: &Evidence| match other {
            Evidence::CookieIssued(name) | Evidence::CookieRenewed(name) => *name == decision.name,
            _ => false,
        };
        if !found.iter().any(same_name) {
            found.push(evidence);
        }
    }
    found
}
