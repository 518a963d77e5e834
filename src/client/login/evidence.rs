//! What tells that a session began or ended: a page seen with the cookie and without it.

use std::fmt;

use super::finder;
use crate::client::html::Page;
use crate::client::jar::{Jar, Octets, SetAction};
use crate::client::{ClientError, Cookies, Exchange, Request, Response, UserAgent};
use url::Url;

/// What of a page differs between one who is logged in and one who is not. Never mere octets: those vary by
/// themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::client) struct Look {
    /// `None`: there was no whole response.
    status: Option<u16>,
    url: Option<Url>,
    login_form: bool,
    logout_control: bool,
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
    /// The page contains the text that was asked for.
    ExpectedText(String),
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Difference::Status(with, without) => write!(f, "status {with} with it, {without} without"),
            Difference::Url(_, without) => write!(f, "without it the way leads to {}", without.path()),
            Difference::LoginForm => f.write_str("a login form only without it"),
            Difference::LogoutControl => f.write_str("a logout control only with it"),
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
            Evidence::ExpectedText(text) => write!(f, "the page says {text:?}"),
        }
    }
}

impl Look {
    /// Looks at `url` with the cookies of `jar`, which stays as it is.
    ///
    /// A page that cannot be had (an endless redirect without a cookie, say) is a look too; only running out
    /// of time is an error.
    pub(in crate::client) async fn at(
        agent: &mut UserAgent,
        url: &Url,
        jar: &Jar,
    ) -> Result<Look, ClientError> {
        let mut request = Request::page(url.clone());
        request.cookies = Cookies::Control(jar.snapshot());
        match agent.send(request).await {
            Ok(response) => Ok(Look::of(&response, &Page::of(&response))),
            Err(error @ ClientError::TimedOut { .. }) => Err(error),
            Err(_) => Ok(Look { status: None, url: None, login_form: false, logout_control: false }),
        }
    }

    pub(in crate::client) fn of(response: &Response, page: &Page) -> Look {
        Look {
            status: Some(response.status.as_u16()),
            url: Some(response.url.clone()),
            login_form: finder::login_form(page).is_some(),
            logout_control: finder::logout_control(page).is_some(),
        }
    }

    /// Whether this may be the page of somebody who is logged in.
    fn may_be_logged_in(&self) -> bool {
        self.status.is_some_and(|status| status < 400) && (!self.login_form || self.logout_control)
    }
}

/// A page as it is with the cookies and without any.
#[derive(Debug)]
pub(in crate::client) struct Comparison {
    with: Look,
    again: Look,
    without: Look,
}

impl Comparison {
    /// Looks twice with the jar's cookies, which shows what varies by itself, and once with a stranger's.
    pub(in crate::client) async fn of(
        agent: &mut UserAgent,
        url: &Url,
        stranger: &Jar,
    ) -> Result<Comparison, ClientError> {
        let jar = agent.jar().snapshot();
        let with = Look::at(agent, url, &jar).await?;
        let again = Look::at(agent, url, &jar).await?;
        let without = Look::at(agent, url, stranger).await?;
        Ok(Comparison { with, again, without })
    }

    /// What the cookies make of the page, in properties that do not vary by themselves.
    pub(in crate::client) fn differences(&self) -> Vec<Difference> {
        let (with, again, without) = (&self.with, &self.again, &self.without);
        let mut found = Vec::new();
        if with.status == again.status
            && let (Some(with), Some(without)) = (with.status, without.status)
            && with != without
        {
            found.push(Difference::Status(with, without));
        }
        if with.url == again.url
            && let (Some(with), Some(without)) = (&with.url, &without.url)
            && with != without
        {
            found.push(Difference::Url(with.clone(), without.clone()));
        }
        if with.login_form == again.login_form && !with.login_form && without.login_form {
            found.push(Difference::LoginForm);
        }
        if with.logout_control == again.logout_control && with.logout_control && !without.logout_control {
            found.push(Difference::LogoutControl);
        }
        found
    }

    /// Whether the page tells somebody who is logged in from somebody who is not.
    pub(in crate::client) fn shows_a_session(&self) -> bool {
        self.with.may_be_logged_in() && self.again.may_be_logged_in() && !self.differences().is_empty()
    }

    /// Whether the difference is one that only a session makes: a cookie that stands for a language, say, leads
    /// to other pages too.
    pub(in crate::client) fn is_clear(&self) -> bool {
        self.differences().iter().any(|difference| match difference {
            Difference::LoginForm | Difference::LogoutControl => true,
            Difference::Status(with, without) => *with < 400 && *without >= 400,
            Difference::Url(..) => false,
        })
    }

    /// Whether `later`, a look with the old cookies, sees what a stranger sees, in everything that tells the
    /// two apart. `None` when it sees something of each, or something else.
    pub(in crate::client) fn is_strangers(&self, later: &Look) -> Option<bool> {
        let sees = |look: &Look| {
            self.differences().iter().all(|difference| match difference {
                Difference::Status(..) => later.status == look.status,
                Difference::Url(..) => later.url == look.url,
                Difference::LoginForm => later.login_form == look.login_form,
                Difference::LogoutControl => later.logout_control == look.logout_control,
            })
        };
        match (sees(&self.without), sees(&self.with)) {
            (true, false) => Some(true),
            (false, true) => Some(false),
            _ => None,
        }
    }
}

/// The cookies that these exchanges gave out or renewed.
pub(super) fn of_cookies(exchanges: &[Exchange]) -> Vec<Evidence> {
    let mut found = Vec::new();
    for decision in exchanges.iter().flat_map(|exchange| &exchange.set) {
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
