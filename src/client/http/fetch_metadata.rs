//! `Referer`, `Origin` and Fetch Metadata headers, as browsers send them.

use http::header::{ORIGIN, REFERER};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use url::Url;

use crate::cookies::{RequestContext, is_secure};

/// What the response of a request is used for (Fetch Metadata, `Sec-Fetch-Dest`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Destination {
    /// A page.
    Document,
    /// A frame within a page.
    Frame,
    /// A script of the page (`fetch`).
    Script,
}

/// The relation between a request and its page, from the closest to the most distant (Fetch Metadata §2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
#[allow(clippy::enum_variant_names, reason = "these are the values of Sec-Fetch-Site")]
pub(crate) enum Site {
    /// There is no page: the user entered the URL.
    #[default]
    None,
    SameOrigin,
    SameSite,
    CrossSite,
}

impl Site {
    /// The relation between a URL and the page that leads to it.
    fn between(page: Option<&Url>, url: &Url) -> Site {
        let Some(page) = page else { return Site::None };
        if page.origin() == url.origin() {
            return Site::SameOrigin;
        }
        let context = RequestContext { initiator: Some(page.clone()), ..RequestContext::default() };
        if context.is_same_site(url) { Site::SameSite } else { Site::CrossSite }
    }

    const fn name(self) -> &'static str {
        match self {
            Site::None => "none",
            Site::SameOrigin => "same-origin",
            Site::SameSite => "same-site",
            Site::CrossSite => "cross-site",
        }
    }
}

/// The parts of a request that determine these headers.
#[derive(Debug)]
pub(crate) struct FetchMetadata<'a> {
    pub(crate) method: &'a Method,
    pub(crate) url: &'a Url,
    pub(crate) page: Option<&'a Url>,
    pub(crate) destination: Option<Destination>,
    /// The most distant site among the redirects so far.
    pub(crate) redirected_through: Site,
}

impl FetchMetadata<'_> {
    /// The most distant site of this hop and the redirects before it.
    pub(crate) fn site(&self) -> Site {
        Site::between(self.page, self.url).max(self.redirected_through)
    }

    /// The headers.
    pub(crate) fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let mut put = |name: HeaderName, value: &str| {
            // Origins and URLs are ASCII without control characters, so they are valid header values.
            headers.extend(HeaderValue::try_from(value).ok().map(|value| (name, value)));
        };
        if let Some(page) = self.page {
            let downgraded = page.scheme() == "https" && self.url.scheme() != "https";
            let origin = page.origin().ascii_serialization();
            if !matches!(*self.method, Method::GET | Method::HEAD) {
                put(ORIGIN, if downgraded { "null" } else { &origin }); // Fetch, append a request Origin header
            }
            // The default policy of browsers: strict-origin-when-cross-origin.
            if page.origin() == self.url.origin() {
                let mut referrer = page.clone();
                referrer.set_fragment(None);
                put(REFERER, referrer.as_str());
            } else if !downgraded {
                put(REFERER, &format!("{origin}/"));
            }
        }
        // Fetch Metadata §2: only to potentially trustworthy URLs.
        if let Some(destination) = self.destination.filter(|_| is_secure(self.url)) {
            let (mode, name) = match destination {
                Destination::Document => ("navigate", "document"),
                Destination::Frame => ("navigate", "iframe"),
                Destination::Script => ("cors", "empty"),
            };
            put(HeaderName::from_static("sec-fetch-site"), self.site().name());
            put(HeaderName::from_static("sec-fetch-mode"), mode);
            put(HeaderName::from_static("sec-fetch-dest"), name);
            if destination == Destination::Document {
                put(HeaderName::from_static("sec-fetch-user"), "?1");
            }
        }
        headers
    }
}
