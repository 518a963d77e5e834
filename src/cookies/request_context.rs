//! [`RequestContext`]: who makes a request, as far as `SameSite` depends on it (RFC 6265bis §5.2).

use http::Method;
use url::Url;

use super::site::{SiteRelation, relation};

/// Who makes a request, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RequestContext {
    /// The page that makes the request; `None` if the user or a page of the same site makes it.
    pub initiator: Option<Url>,
    /// The method.
    pub method: Method,
    /// The request is for a part of the page (an image, a frame, a script's request) and does not open a new page.
    pub embedded: bool,
}

impl Default for RequestContext {
    /// A request that the user makes.
    fn default() -> Self {
        RequestContext::new(None, Method::GET, false)
    }
}

impl RequestContext {
    /// A request that the page `initiator` makes.
    #[must_use]
    pub const fn new(initiator: Option<Url>, method: Method, embedded: bool) -> Self {
        RequestContext { initiator, method, embedded }
    }

    pub(super) fn relation_to(&self, url: &Url) -> SiteRelation {
        self.initiator.as_ref().map_or(SiteRelation::SameSite, |initiator| relation(initiator, url))
    }

    /// Whether the initiator is of the site of `url`. Pages over http and https are of different sites.
    #[must_use]
    pub fn is_same_site(&self, url: &Url) -> bool {
        self.relation_to(url) == SiteRelation::SameSite
    }

    /// Whether the request opens a page with a safe method (RFC 9110 §9.2.1), as a link does.
    pub(super) fn is_safe_navigation(&self) -> bool {
        !self.embedded && matches!(self.method, Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE)
    }
}
