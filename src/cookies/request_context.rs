//! Who makes a request, as far as cookies depend on it (RFC 6265bis §5.2).

use http::Method;
use url::Url;

use super::policy::site_of;

/// Who makes a request, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestContext {
    /// The page that makes it; `None`: the user does, or a page of the same site.
    pub initiator: Option<Url>,
    /// The method.
    pub method: Method,
    /// It is for something in the page (an image, a frame, a script's request), not for a page in its place.
    pub embedded: bool,
}

impl Default for RequestContext {
    /// The user's own request.
    fn default() -> Self {
        RequestContext { initiator: None, method: Method::GET, embedded: false }
    }
}

/// How the page that makes a request stands to the one that it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    SameSite,
    /// The same but for http and https.
    OtherScheme,
    CrossSite,
}

impl RequestContext {
    pub(super) fn relation_to(&self, url: &Url) -> Relation {
        let Some(initiator) = &self.initiator else { return Relation::SameSite };
        let site = |url: &Url| url.host_str().map(|host| site_of(host).to_owned());
        match (site(initiator) == site(url), initiator.scheme() == url.scheme()) {
            (true, true) => Relation::SameSite,
            (true, false) => Relation::OtherScheme,
            (false, _) => Relation::CrossSite,
        }
    }

    /// Whether the page that makes it is of the site of `url`, http and https told apart.
    #[must_use]
    pub fn is_same_site(&self, url: &Url) -> bool {
        self.relation_to(url) == Relation::SameSite
    }

    /// Whether it leads to a page by a method that changes nothing (RFC 9110 §9.2.1): as a link does.
    pub(super) fn is_like_a_link(&self) -> bool {
        !self.embedded && matches!(self.method, Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE)
    }
}
