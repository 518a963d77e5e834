//! [`Navigation`]: what the user named, how the client reached each page since then, and how far it may go.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use url::Url;

use super::agent::UserAgent;
use super::fetch_metadata::Destination;
use super::request::Request;
use crate::cookies::{is_cross_site, is_secure};

/// What the user named, how the client reached each page since then, and how far it may go.
#[derive(Debug, Default)]
pub(crate) struct Navigation {
    /// The URLs that the user named. If there are none, the caller of the library names each URL itself.
    named: Vec<Url>,
    trails: HashMap<Url, Trail>,
    /// The number of exchanges after which no request is sent, if there is a limit.
    max_exchanges: Option<usize>,
}

/// What the pages and redirects that lead to a URL have in common.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Trail {
    /// One of them is https: a user who trusts it does not expect clear text.
    pub(super) had_https: bool,
    /// One that anyone on the network can forge led to a site that the user did not name.
    pub(super) is_forgeable: bool,
}

impl Navigation {
    /// Whether the URL is of a site that the user named.
    pub(crate) fn is_named(&self, url: &Url) -> bool {
        self.named.is_empty() || self.named.iter().any(|named| !is_cross_site(named, url))
    }

    /// The first URL that the user named.
    pub(super) fn start(&self) -> Option<&Url> {
        self.named.first()
    }

    /// The page that causes a request. Only the sites that the user named are requested without one.
    pub(super) fn initiator_of(&self, request: &Request) -> Option<Url> {
        let by_page = request.from_page.clone();
        by_page.or_else(|| self.start().filter(|_| !self.is_named(&request.url)).cloned())
    }

    /// The trail of a request that is about to be sent.
    pub(super) fn trail_of(&self, request: &Request) -> Trail {
        match &request.from_page {
            Some(page) if request.destination != Some(Destination::Script) => {
                self.extended(self.trail_to(page), page, &request.url)
            }
            // A guess, or a script's request to the endpoint that the user named.
            _ => self
                .start()
                .map_or_else(Trail::default, |start| self.extended(Trail::default(), start, &request.url)),
        }
    }

    /// The trail that leads from `from` on to `to`.
    pub(crate) fn extended(&self, trail: Trail, from: &Url, to: &Url) -> Trail {
        let is_authentic = self.is_named(to) && to.scheme() == "https";
        Trail {
            had_https: trail.had_https || from.scheme() == "https",
            is_forgeable: !is_authentic && (trail.is_forgeable || (!self.is_named(to) && !is_secure(from))),
        }
    }

    /// The trail that led to a page.
    pub(crate) fn trail_to(&self, page: &Url) -> Trail {
        self.trails.get(page).copied().unwrap_or_default()
    }

    /// Records how a page was reached.
    pub(crate) fn arrived(&mut self, url: &Url, trail: Trail) {
        if !self.named.is_empty() {
            self.trails.insert(url.clone(), trail);
        }
    }
}

impl UserAgent {
    /// Runs work that starts at the URLs that the user named, and may lead to others.
    pub(crate) async fn navigate<T>(
        &mut self,
        named: Vec<Url>,
        work: impl AsyncFnOnce(&mut UserAgent) -> T,
    ) -> T {
        let max_exchanges = self.navigation.max_exchanges;
        self.navigation = Navigation { named, max_exchanges, ..Navigation::default() };
        let result = work(self).await;
        self.navigation = Navigation { max_exchanges, ..Navigation::default() };
        result
    }

    /// Runs `work`, which may send at most this many requests, redirects included, and no more than an outer limit allows.
    pub(crate) async fn with_at_most<T>(
        &mut self,
        requests: usize,
        work: impl AsyncFnOnce(&mut UserAgent) -> T,
    ) -> T {
        let outer = self.navigation.max_exchanges;
        self.navigation.max_exchanges = Some(self.flow.exchanges.len() + requests.min(self.requests_left()));
        let result = work(self).await;
        self.navigation.max_exchanges = outer;
        result
    }

    /// How many requests may still be sent.
    pub(crate) fn requests_left(&self) -> usize {
        self.navigation.max_exchanges.map_or(usize::MAX, |max| max.saturating_sub(self.flow.exchanges.len()))
    }
}
