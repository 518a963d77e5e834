//! Requests to addresses that may log out although no page has a control for them: the page that the user named, addresses
//! in scripts, and common paths.

use http::Method;
use url::Url;

use super::attempt::{LogoutAttempt, State};
use super::requests::Requests;
use super::session::{SessionPage, is_same_page};
use crate::client::auth::evidence::ControlSeen;
use crate::client::auth::logout_controls::is_logout_address;
use crate::client::auth::well_known;
use crate::client::html::page::HtmlPage;
use crate::client::http::error::ClientError;
use crate::client::http::request::{Body, Request};

/// The requests that are kept for the comparison after a logout.
const RESERVED_REQUESTS: usize = 5;

/// How a request may log out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Get,
    Post,
    /// POST with `_method=delete`, as the scripts of some frameworks send it.
    Delete,
}

/// Common paths, the most common first.
const COMMON: [(&str, &[Way]); 12] = [
    ("logout", &[Way::Get, Way::Post, Way::Delete]),
    ("session", &[Way::Delete]),
    ("users/sign_out", &[Way::Delete]),
    ("api/logout", &[Way::Post]),
    ("signout", &[Way::Get, Way::Post]),
    ("api/auth/logout", &[Way::Post]),
    ("auth/logout", &[Way::Get, Way::Post]),
    ("accounts/logout/", &[Way::Get, Way::Post]),
    ("user/logout", &[Way::Get, Way::Post]),
    ("sign-out", &[Way::Get, Way::Post]),
    ("users/sign_out", &[Way::Get]),
    ("account/logout", &[Way::Get, Way::Post]),
];

/// An address that may log out.
pub(super) struct Guess {
    pub(super) target: Url,
    pub(super) ways: &'static [Way],
    /// A common path. The others are named by the user or by a script.
    pub(super) is_common: bool,
}

impl Guess {
    /// An address that the user or a page names.
    pub(super) fn named(target: Url, ways: &'static [Way]) -> Guess {
        Guess { target, ways, is_common: false }
    }

    /// The addresses in the scripts of a page that mention a logout.
    pub(super) fn in_scripts(page: &HtmlPage) -> impl Iterator<Item = Guess> {
        let is_own = |target: &&Url| target.origin() == page.url.origin();
        let targets = page.script_addresses.iter().filter(is_own);
        let targets = targets.filter(|target| is_logout_address(target));
        targets.map(|target| Guess::named(target.clone(), &[Way::Post, Way::Get]))
    }

    /// The common paths in the folders of these pages, which are of one site, and then in its root.
    pub(super) fn common(page: &HtmlPage, pages: &[Url]) -> Vec<Guess> {
        let mut guesses: Vec<Guess> = Vec::new();
        for (path, ways) in COMMON {
            let is_possible = |way: &Way| *way != Way::Delete || page.csrf_token.is_some();
            let in_folders = pages.iter().flat_map(|page| well_known::below(page, path));
            for target in in_folders.filter(|target| target.origin() == page.url.origin()) {
                let is_known = guesses.iter().any(|guess| guess.target == target && guess.ways == ways);
                if !is_known && ways.iter().any(is_possible) {
                    guesses.push(Guess { target, ways, is_common: true });
                }
            }
        }
        guesses
    }

    fn seen(&self, method: Method, target: &Url) -> ControlSeen {
        let path = target.path().to_owned();
        if self.is_common { ControlSeen::WellKnown(method, path) } else { ControlSeen::Request(method, path) }
    }

    /// Tries each way until the session is over for this client. Returns the attempt that ended it.
    pub(super) async fn attempt(
        &self,
        requests: &mut Requests<'_>,
        page: &HtmlPage,
        session: &mut SessionPage,
    ) -> Result<Option<LogoutAttempt>, ClientError> {
        let mut target = self.target.clone();
        for way in self.ways {
            if requests.agent.requests_left() <= RESERVED_REQUESTS
                || (*way == Way::Delete && page.csrf_token.is_none())
            {
                break;
            }
            let old = requests.agent.jar().snapshot();
            let request = way.request(&target, page, requests);
            let method = request.method.clone();
            let sent_to = target.clone();
            let answer = match requests.load(request.clone()).await {
                Err(ClientError::Protocol { .. } | ClientError::Body { .. }) => None,
                Err(error) if error.is_bad_redirect() => None,
                loaded => loaded?,
            };
            target = redirected_to(requests, &target).unwrap_or(target);
            // A response that did not log out may have deleted the cookie that the next attempt needs.
            let Some(answer) = answer.filter(|answer| answer.status() < 400) else {
                requests.agent.jar().merge(old.cookies());
                continue;
            };
            let has_changed_cookies = requests.agent.jar().cookies().len() != old.cookies().len()
                || requests.agent.jar().cookies().iter().any(|cookie| {
                    !old.cookies().iter().any(|other| other.is_same_as(cookie) && other.value == cookie.value)
                });
            // Single-page applications answer unknown paths with their only page.
            if !has_changed_cookies
                && answer.page.texts == page.texts
                && is_same_page(&answer.page.url, &target)
            {
                continue;
            }
            let mut attempt = LogoutAttempt::new(self.seen(method, &sent_to), request, old, &answer);
            attempt.go_on(requests, Some(&mut *session), answer).await?;
            if !matches!(attempt.state, State::LoggedIn | State::Unknown) {
                return Ok(Some(attempt));
            }
        }
        Ok(None)
    }
}

impl Way {
    fn request(self, target: &Url, page: &HtmlPage, requests: &Requests<'_>) -> Request {
        let mut request = Request::link(target.clone(), &page.url);
        if self != Way::Get {
            request.method = Method::POST;
        }
        if self == Way::Delete {
            request.body = Some(Body::new("application/x-www-form-urlencoded", b"_method=delete".to_vec()));
        }
        request.add_csrf_token(page, false, requests.agent.jar());
        request
    }
}

/// Where the last request was redirected to, if that is an address for a logout too.
fn redirected_to(requests: &Requests<'_>, target: &Url) -> Option<Url> {
    let last = &requests.agent.flow().exchanges.last()?.request.url;
    let is_logout = last.origin() == target.origin() && is_logout_address(last);
    (is_logout && last != target).then(|| last.clone())
}
