//! [`EarlierSession`]: a session that the jar has before a login. It ends when the new session is known.

use url::Url;

use super::error::LoginError;
use crate::client::auth::evidence::{Difference, Evidence};
use crate::client::auth::logout_controls::logout_controls;
use crate::client::auth::snapshot::PageSnapshot;
use crate::client::html::page::HtmlPage;
use crate::client::http::agent::UserAgent;
use crate::client::http::request::{CookieSource, Request};
use crate::cookies::{Jar, StoredCookie};

/// A session that the jar has before a login, and its page with a logout control.
pub(super) struct EarlierSession {
    page: HtmlPage,
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
        for place in places {
            let is_start = place == *start;
            let mut request = Request::page(place);
            request.cookies = CookieSource::Probe(agent.jar().snapshot());
            match agent.load(request).await {
                Ok((_, page)) if !logout_controls(&page).is_empty() => {
                    return Ok(Some(EarlierSession { page }));
                }
                Ok(_) => {}
                Err(error) if is_start && !error.is_bad_redirect() => return Err(error.into()),
                Err(_) => {}
            }
        }
        Ok(None)
    }

    /// Uses its logout control, and replays its cookies to see whether the server ended it.
    pub(super) async fn end(&self, agent: &mut UserAgent) -> Result<Option<Evidence>, LoginError> {
        let Some(control) = logout_controls(&self.page).into_iter().next() else { return Ok(None) };
        let old = agent.jar().snapshot();
        // A failure does not affect the new session.
        let sent = agent.send(control.request(&self.page, agent.jar())?).await;
        let later = match sent {
            Ok(_) => PageSnapshot::with_jar(agent, &self.page.url, &old).await.unwrap_or_default(),
            Err(_) => None,
        };
        let control = control.seen(&self.page);
        let is_ended = later.is_some_and(|page| page.status != 429 && !page.logout.contains(&control));
        let evidence =
            if is_ended { Evidence::EarlierSessionEnded } else { Evidence::EarlierSessionMayRemain };
        Ok(Some(evidence(control)))
    }
}

/// Whether a cookie is one of the host, at any path.
pub(super) fn is_of_host(cookie: &StoredCookie, url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let parent = host.strip_suffix(cookie.domain_name()).unwrap_or("-");
    parent.is_empty() || (!cookie.is_host_only() && parent.ends_with('.'))
}

/// Replaces the cookies of the host of `url` by those of a login.
pub(super) fn replace_cookies(jar: &Jar, url: &Url, fresh: &Jar) {
    jar.remove(|cookie| is_of_host(cookie, url));
    jar.merge(fresh.cookies());
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
