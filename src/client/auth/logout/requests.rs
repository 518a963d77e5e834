//! [`Requests`]: sends the requests of one logout.

use http::header::LOCATION;
use url::Url;

use crate::client::auth::snapshot::PageSnapshot;
use crate::client::html::form::Filling;
use crate::client::html::page::HtmlPage;
use crate::client::http::agent::UserAgent;
use crate::client::http::error::ClientError;
use crate::client::http::request::{CookieSource, Request};
use crate::client::http::response::Response;
use crate::cookies::{Jar, is_cross_site};

/// How many refreshes and self-submitting forms are followed in a row.
const MAX_REFRESHES: usize = 5;

/// The requests of one logout.
pub(in crate::client::auth) struct Requests<'a> {
    pub(super) agent: &'a mut UserAgent,
    /// The status of a page that could not be compared, because the server failed or limits the rate.
    pub(super) unavailable: Option<u16>,
}

/// The page on which a request ended.
pub(in crate::client::auth) struct LoadedPage {
    pub(super) response: Response,
    pub(in crate::client::auth) page: HtmlPage,
    /// The URLs of all requests that led to it.
    pub(super) hops: Vec<Url>,
}

/// A page as it is with the cookies of one jar.
pub(super) struct Look {
    pub(super) snapshot: PageSnapshot,
    /// The URLs of all requests that led to it.
    pub(super) hops: Vec<Url>,
}

impl LoadedPage {
    pub(super) fn look(&self) -> Option<Look> {
        let snapshot = PageSnapshot::of(&self.response, &self.page)?;
        Some(Look { snapshot, hops: self.hops.clone() })
    }

    /// The target of a redirect that was not followed.
    pub(super) fn redirect(&self) -> Option<Url> {
        let location =
            self.response.headers.get(LOCATION).filter(|_| self.response.status.is_redirection())?;
        self.response.url.join(location.to_str().ok()?).ok()
    }

    pub(super) fn status(&self) -> u16 {
        self.response.status.as_u16()
    }
}

impl<'a> Requests<'a> {
    pub(in crate::client::auth) fn of(agent: &'a mut UserAgent) -> Self {
        Requests { agent, unavailable: None }
    }

    /// Sends a request, and follows redirects, refreshes and forms that submit themselves. `None` if no request is left.
    pub(in crate::client::auth) async fn load(
        &mut self,
        request: Request,
    ) -> Result<Option<LoadedPage>, ClientError> {
        let before = self.agent.flow().exchanges.len();
        let cookies = request.cookies.clone();
        let mut next = request;
        for refreshes in 0.. {
            if self.agent.requests_left() == 0 {
                return Ok(None);
            }
            let (response, page) = self.agent.load(next).await?;
            let is_end = refreshes == MAX_REFRESHES
                || response.status.as_u16() >= 400
                || self.agent.requests_left() == 0;
            // A page posts itself to its own site; to another one only as a part of a sign-on, which the agent follows.
            let is_own = |form: &usize| !is_cross_site(&page.url, &page.forms[*form].action);
            next = match (page.self_submitting_form.filter(is_own), page.refresh.clone()) {
                (Some(form), _) if !is_end => page.forms[form].submission(&Filling::of(Vec::new(), None))?,
                (None, Some(target)) if !is_end && target != page.url => Request::link(target, &page.url),
                _ => {
                    let hops = self.agent.exchanges_since(before).iter();
                    let hops = hops.map(|exchange| exchange.request.url.clone()).collect();
                    return Ok(Some(LoadedPage { response, page, hops }));
                }
            };
            next.cookies = cookies.clone();
        }
        Ok(None)
    }

    /// The page as it is with the cookies of `jar`, which does not change. `None` if that cannot be seen: the server fails,
    /// limits the rate or redirects in a loop, or no request is left.
    pub(super) async fn look(&mut self, url: &Url, jar: &Jar) -> Result<Option<Look>, ClientError> {
        let mut request = Request::page(url.clone());
        request.cookies = CookieSource::Probe(jar.snapshot());
        let answer = match self.load(request).await {
            Err(error) if error.is_bad_redirect() => None,
            loaded => loaded?,
        };
        Ok(answer.and_then(|answer| self.seen(&answer)))
    }

    /// The look at a page that was loaded. `None` if the server failed or limits the rate.
    pub(super) fn seen(&mut self, answer: &LoadedPage) -> Option<Look> {
        let look = answer.look();
        if look.is_none() {
            self.unavailable = Some(answer.status());
        }
        look
    }

    /// The first response to a request for the page with the cookies of `jar`, which may be a redirect.
    pub(super) async fn first_hop(
        &mut self,
        url: &Url,
        jar: &Jar,
    ) -> Result<Option<LoadedPage>, ClientError> {
        if self.agent.requests_left() == 0 {
            return Ok(None);
        }
        let mut request = Request::page(url.clone());
        request.cookies = CookieSource::Probe(jar.clone());
        let limit = std::mem::take(&mut self.agent.config.max_redirects);
        let sent = self.agent.send(request).await;
        self.agent.config.max_redirects = limit;
        let response = sent?;
        let page = self.agent.parse(&response).await?;
        Ok(Some(LoadedPage { response, page, hops: vec![url.clone()] }))
    }
}
