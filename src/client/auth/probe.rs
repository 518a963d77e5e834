//! What tells that a session began or ended: a page seen with the cookie and without it.

use std::fmt;

use http::header::CONTENT_TYPE;
use serde_json::{Value, json};
use url::Url;

use super::classify;
use super::classify::Hints;
use super::logout_controls;
use crate::client::{ClientError, CookieSource, Exchange, Request, Response, UserAgent};
use crate::cookies::{ByteString, Jar, SetAction, SetDecision};

/// What of a page differs between one who is logged in and one who is not. Never mere octets: those vary by
/// themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::client) struct PageSnapshot {
    status: u16,
    url: Url,
    /// Which login form there is.
    login_form: Option<String>,
    /// Which logout controls there are.
    logout: Vec<String>,
    /// Of an answer in JSON: which members say something.
    members: Vec<String>,
    /// Whether a link leads to a login.
    login_link: bool,
    /// What it says, for looking for a name in it.
    texts: Vec<String>,
    /// It marks something as an error.
    complains: bool,
    /// It asks for something more before it lets anybody in.
    asks: bool,
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
    /// Only with the cookie the page names the user.
    Name(String),
    /// Only without the cookie a link leads to the login.
    LoginLink,
}

/// Something that speaks for a session.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Evidence {
    /// The application gave out this cookie.
    CookieIssued(ByteString),
    /// The application gave this cookie a new value.
    CookieRenewed(ByteString),
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
            Difference::Name(name) => write!(f, "it names {name} only with it"),
            Difference::LoginLink => f.write_str("a link to the login only without it"),
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

impl PageSnapshot {
    /// Looks at `url` with the cookies of `jar`, which stays as it is. `None` where there is nothing to see: a
    /// server that fails, that has had enough of us, or that sends a stranger round in circles.
    pub(in crate::client) async fn at(
        agent: &mut UserAgent,
        url: &Url,
        jar: &Jar,
    ) -> Result<Option<PageSnapshot>, ClientError> {
        let mut request = Request::page(url.clone());
        request.cookies = CookieSource::Probe(jar.snapshot());
        Self::by(agent, request).await
    }

    /// Looks with the agent's own cookies. Some applications give out a new one with each answer, after which the one
    /// before is dead: such a one is kept.
    pub(super) async fn own(agent: &mut UserAgent, url: &Url) -> Result<Option<PageSnapshot>, ClientError> {
        let mut request = Request::page(url.clone());
        let jar = agent.jar().snapshot();
        request.cookies = CookieSource::Probe(jar.clone());
        let before = agent.flow().exchanges.len();
        let look = Self::by(agent, request).await;
        let steps = agent.flow().exchanges.get(before..).unwrap_or_default();
        let renewed = |decision: &SetDecision| decision.action == (SetAction::Replaced { changed: true });
        if steps.iter().flat_map(|exchange| &exchange.set).any(renewed) {
            agent.jar().merge(jar.cookies());
        }
        look
    }

    async fn by(agent: &mut UserAgent, request: Request) -> Result<Option<PageSnapshot>, ClientError> {
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
        let login_form = classify::login_signature(&page, &Hints::default());
        Ok(Some(PageSnapshot {
            status,
            logout: logout_controls::logout_names(&page),
            members: members_of(&response),
            login_link: !classify::login_links(&page).is_empty(),
            complains: !page.errors.is_empty(),
            asks: status < 400 && login_form.is_none() && classify::asks_for_more(&page),
            login_form,
            texts: page.texts,
            url: response.url,
        }))
    }

    /// Whether there is such a page, for whoever looked.
    pub(super) fn is_shown(&self) -> bool {
        self.status < 400
    }

    /// What it says, if it asks for something more of somebody whose password was taken.
    pub(super) fn asks(&self) -> Option<&[String]> {
        self.asks.then_some(self.texts.as_slice())
    }

    /// Whether it has a login form, as for a stranger.
    pub(super) fn is_for_strangers(&self) -> bool {
        self.login_form.is_some()
    }

    fn names(&self, user: &str) -> bool {
        let is_edge = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
        let user = user.to_lowercase();
        self.texts.iter().any(|text| {
            let text = text.to_lowercase();
            text.match_indices(&user).any(|(start, found)| {
                is_edge(text[..start].chars().next_back())
                    && is_edge(text[start + found.len()..].chars().next())
            })
        })
    }
}

/// A page as it is with the cookies and without any.
#[derive(Debug)]
pub(in crate::client) struct SessionProbe {
    with: PageSnapshot,
    without: PageSnapshot,
    differences: Vec<Difference>,
}

impl SessionProbe {
    /// Looks twice with the agent's own cookies, which shows what varies by itself, and once with a stranger's; and where
    /// that shows a difference, once more with either. `None` where one of them saw nothing. `user`: a name to look for.
    pub(in crate::client) async fn of(
        agent: &mut UserAgent,
        url: &Url,
        stranger: &Jar,
        user: Option<&str>,
    ) -> Result<Option<SessionProbe>, ClientError> {
        let Some(with) = PageSnapshot::own(agent, url).await? else { return Ok(None) };
        let Some(again) = PageSnapshot::own(agent, url).await? else { return Ok(None) };
        let Some(without) = PageSnapshot::at(agent, url, stranger).await? else { return Ok(None) };
        let mut found = differences(&with, &again, &without, user);
        // What may be there by chance, as a box on a start page, has to be so again and again.
        let is_sure = |it: &Difference| {
            !matches!(it, Difference::LoginForm | Difference::LoginLink | Difference::Url(..))
        };
        let rounds = if found.iter().any(is_sure) { 1 } else { 3 };
        for _ in 0..rounds {
            if found.is_empty() {
                break;
            }
            let Some(third) = PageSnapshot::own(agent, url).await? else { return Ok(None) };
            let Some(without) = PageSnapshot::at(agent, url, stranger).await? else { return Ok(None) };
            let confirmed = differences(&with, &third, &without, user);
            found.retain(|difference| confirmed.iter().any(|other| other.is_like(difference)));
        }
        Ok(Some(SessionProbe { with, without, differences: found }))
    }

    /// What the cookies make of the page, in properties that do not vary by themselves.
    pub(in crate::client) fn differences(&self) -> &[Difference] {
        &self.differences
    }

    /// Whether the page tells somebody who is logged in from somebody who is not: it offers a way out, or lets in where
    /// others are turned away, or knows the name. A login form that is merely gone proves nothing where the login was:
    /// who is locked out does not see it either. While there is any login form left, only a way out proves a session.
    pub(in crate::client) fn shows_a_session(&self, login_page: Option<&Url>) -> bool {
        let is_at_login = login_page.is_some_and(|page| self.with.url.path() == page.path());
        if self.differences.contains(&Difference::LogoutControl) {
            return true;
        }
        if self.with.login_form.is_some() {
            let names = |difference: &Difference| matches!(difference, Difference::Name(_));
            return !is_at_login && !self.with.complains && self.differences.iter().any(names);
        }
        self.differences.iter().any(|difference| match difference {
            Difference::Status(with, without) => *with < 400 && *without >= 400,
            Difference::Url(..) | Difference::LoginForm => !is_at_login && !self.with.complains,
            Difference::Members(_) => self.with.status < 400,
            Difference::Name(_) => !self.with.complains,
            Difference::LoginLink => !is_at_login && !self.with.complains && self.with.status < 400,
            Difference::LogoutControl => true,
        })
    }

    /// Whether it offers a way out or names the user.
    pub(super) fn names_somebody(&self) -> bool {
        let is_personal = |it: &Difference| matches!(it, Difference::LogoutControl | Difference::Name(_));
        self.differences.iter().any(is_personal)
    }

    /// Whether the page says with the cookies just what these texts do.
    pub(super) fn says(&self, texts: &[String]) -> bool {
        self.with.texts == texts
    }

    /// Whether the difference is one that only a session makes: a cookie that stands for a language, say, leads
    /// to other pages too.
    pub(in crate::client) fn is_clear(&self) -> bool {
        self.differences.iter().any(|difference| match difference {
            Difference::LoginForm
            | Difference::LogoutControl
            | Difference::Members(_)
            | Difference::Name(_)
            | Difference::LoginLink => true,
            Difference::Status(with, without) => *with < 400 && *without >= 400,
            Difference::Url(..) => false,
        })
    }

    /// Whether `later` has nothing of what the cookies made of the page: `Some(true)`; all of it:
    /// `Some(false)`; or something of each.
    pub(in crate::client) fn is_over(&self, later: &PageSnapshot) -> Option<bool> {
        let persists = |difference: &Difference| match difference {
            Difference::Status(with, _) => later.status == *with,
            Difference::Url(with, _) => later.url == *with,
            Difference::LoginForm => later.login_form.is_none() && later.url == self.with.url,
            Difference::LogoutControl => self
                .with
                .logout
                .iter()
                .any(|control| !self.without.logout.contains(control) && later.logout.contains(control)),
            Difference::Members(names) => names.iter().any(|name| later.members.contains(name)),
            Difference::Name(name) => later.names(name),
            Difference::LoginLink => !later.login_link && later.login_form.is_none(),
        };
        // Where the way out is gone, or the login form is back, the session is over, whatever else a new cookie of
        // another kind makes of the page.
        let tells = |difference: &&Difference| {
            matches!(difference, Difference::LogoutControl | Difference::LoginForm | Difference::Members(_))
        };
        let telling: Vec<&Difference> = self.differences.iter().filter(tells).collect();
        if !telling.is_empty() && !telling.iter().any(|difference| persists(difference)) {
            return Some(true);
        }
        let persisting = self.differences.iter().filter(|difference| persists(difference)).count();
        match persisting {
            0 => Some(true),
            all if all == self.differences.len() => Some(false),
            _ => None,
        }
    }
}

impl Difference {
    /// Whether both are of one property, whatever it was.
    fn is_like(&self, other: &Difference) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

fn differences(
    with: &PageSnapshot,
    again: &PageSnapshot,
    without: &PageSnapshot,
    user: Option<&str>,
) -> Vec<Difference> {
    let mut found = Vec::new();
    let turns_away = without.login_form.is_some() || without.status >= 400;
    if with.status == again.status && with.status != without.status {
        found.push(Difference::Status(with.status, without.status));
    }
    // Elsewhere is evidence only where a stranger is turned away: a choice of language leads elsewhere too.
    if with.url == again.url && with.url != without.url && turns_away {
        found.push(Difference::Url(with.url.clone(), without.url.clone()));
    }
    if without.login_form.is_some() && with.login_form.is_none() && again.login_form.is_none() {
        found.push(Difference::LoginForm);
    }
    if with.logout.iter().any(|control| again.logout.contains(control) && !without.logout.contains(control)) {
        found.push(Difference::LogoutControl);
    }
    // A name that is too short stands in many words.
    let user = user.filter(|user| user.chars().count() >= 3);
    let both = |user: &&str| with.names(user) && again.names(user) && !without.names(user);
    found.extend(user.filter(both).map(|user| Difference::Name(user.to_owned())));
    if without.login_link && !with.login_link && !again.login_link {
        found.push(Difference::LoginLink);
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
