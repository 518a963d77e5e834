//! [`EarlierSession`]: a session that the jar has before a login. It ends when the new session is known.

use url::Url;

use super::error::LoginError;
use crate::client::auth::evidence::{Difference, Evidence};
use crate::client::auth::logout::{LoadedPage, LogoutOutcome, Requests, end_session};
use crate::client::auth::logout_controls::logout_controls;
use crate::client::auth::snapshot::PageSnapshot;
use crate::client::http::agent::UserAgent;
use crate::client::http::request::{CookieSource, Request};
use crate::cookies::{Jar, StoredCookie};

/// How many requests the search for an earlier session sends at most.
const MAX_REQUESTS: usize = 5;

/// How many requests the look at the new session may need after the end of the earlier one.
const RESERVED_REQUESTS: usize = 2;

/// A session that the jar has before a login, and its page with a logout control.
pub(super) struct EarlierSession {
    page: LoadedPage,
}

impl EarlierSession {
    /// The session that one of these pages shows: the one on which the last login ended, the start of this login, the
    /// start page of its site.
    pub(super) async fn find(
        agent: &mut UserAgent,
        start: &Url,
        last_page: Option<&Url>,
    ) -> Result<Option<EarlierSession>, LoginError> {
        let last_page = last_page.filter(|page| page.origin() == start.origin()).cloned();
        let mut places: Vec<Url> =
            last_page.into_iter().chain([start.clone()]).chain(start.join("/")).collect();
        places.dedup();
        let cookies = CookieSource::Probe(agent.jar().snapshot());
        let search = async |agent: &mut UserAgent| {
            let mut requests = Requests::of(agent);
            for place in places {
                let is_start = place == *start;
                let mut request = Request::page(place);
                request.cookies = cookies.clone();
                match requests.load(request).await {
                    Ok(Some(page)) if !logout_controls(&page.page).is_empty() => {
                        return Ok(Some(EarlierSession { page }));
                    }
                    Ok(_) => {}
                    Err(error) if is_start && !error.is_bad_redirect() => return Err(error.into()),
                    Err(_) => {}
                }
            }
            Ok(None)
        };
        agent.with_at_most(MAX_REQUESTS, search).await
    }

    /// Logs out of it, and replays its cookies to see whether the server ended it. `None` if the page shows no session.
    pub(super) async fn end(self, agent: &mut UserAgent) -> Option<Evidence> {
        let control = logout_controls(&self.page.page).first()?.seen(&self.page.page);
        let end = async |agent: &mut UserAgent| {
            let ended = end_session(&mut Requests::of(agent), self.page).await;
            (ended, agent.requests_left())
        };
        let max = agent.requests_left().saturating_sub(RESERVED_REQUESTS);
        match agent.with_at_most(max, end).await {
            (Ok(Some(report)), _) if report.outcome == LogoutOutcome::EndedOnServer => {
                Some(Evidence::EarlierSessionEnded(report.control))
            }
            (Ok(Some(report)), _) => Some(Evidence::EarlierSessionMayRemain(report.control)),
            (Ok(None), 1..) => None,
            // A failure does not affect the new session.
            (Ok(None) | Err(_), _) => Some(Evidence::EarlierSessionMayRemain(control)),
        }
    }
}

/// Whether a cookie is one of the host, at any path.
pub(super) fn is_of_host(cookie: &StoredCookie, url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let parent = host.strip_suffix(cookie.domain_name()).unwrap_or("-");
    parent.is_empty() || (!cookie.is_host_only() && parent.ends_with('.'))
}

/// Replaces the cookies of the host of `url`, and the tokens of its origin, by those of a login.
pub(super) fn replace_cookies(jar: &Jar, url: &Url, fresh: &Jar) {
    jar.remove(|cookie| is_of_host(cookie, url));
    jar.merge(fresh.cookies());
    jar.remove_tokens(|token| token.is_for(url));
    fresh.tokens().into_iter().for_each(|token| jar.put_token(token));
}

/// Whether a page still shows the session of the new login. Some applications end all sessions of a user with one of them.
pub(super) async fn still_shows(
    agent: &mut UserAgent,
    page: &Url,
    differences: &[Difference],
) -> Result<bool, LoginError> {
    let Some(later) = PageSnapshot::with_own_jar(agent, page).await? else { return Ok(false) };
    let persists = |difference: &Difference| match difference {
        Difference::Status(with, _) => later.status == *with,
        Difference::Url(with, _) => later.url.path() == with.path(),
        Difference::LoginForm => later.login_form.is_none(),
        Difference::LogoutControl => !later.logout.is_empty(),
        Difference::Members(names) => names.iter().any(|name| later.members.contains(name)),
        Difference::Name(name) => later.names(name),
        Difference::LoginLink => !later.login_link,
    };
    Ok(differences.iter().all(persists))
}
