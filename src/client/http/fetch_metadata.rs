//! Where a request comes from and what it is for, as browsers say it: `Referer`, `Origin` and Fetch Metadata.

use http::header::{ORIGIN, REFERER};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use url::Url;

use crate::cookies::{RequestContext, is_secure};

/// What the response of a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination {
    /// To be the page that a person sees.
    Document,
    /// To be a page within a page.
    Frame,
    /// For a script of the page.
    Script,
}

/// How a request stands to the page that it comes from, the nearest first (Fetch Metadata §2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) enum Distance {
    /// It comes from no page: somebody typed it.
    #[default]
    None,
    SameOrigin,
    SameSite,
    CrossSite,
}

impl Distance {
    /// How a URL stands to the page that leads there.
    fn between(page: Option<&Url>, url: &Url) -> Distance {
        let Some(page) = page else { return Distance::None };
        if page.origin() == url.origin() {
            return Distance::SameOrigin;
        }
        let context = RequestContext { initiator: Some(page.clone()), ..RequestContext::default() };
        if context.is_same_site(url) { Distance::SameSite } else { Distance::CrossSite }
    }

    const fn name(self) -> &'static str {
        match self {
            Distance::None => "none",
            Distance::SameOrigin => "same-origin",
            Distance::SameSite => "same-site",
            Distance::CrossSite => "cross-site",
        }
    }
}

/// A request as far as its provenance goes.
#[derive(Debug)]
pub(crate) struct Provenance<'a> {
    pub(crate) method: &'a Method,
    pub(crate) url: &'a Url,
    pub(crate) page: Option<&'a Url>,
    pub(crate) destination: Option<Destination>,
    /// The furthest that a redirect before has led.
    pub(crate) furthest: Distance,
}

impl Provenance<'_> {
    /// How far this hop and those before have led.
    pub(crate) fn site(&self) -> Distance {
        Distance::between(self.page, self.url).max(self.furthest)
    }

    /// The headers that tell it.
    pub(crate) fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let mut put = |name: HeaderName, value: &str| {
            // An origin and a URL are ASCII without controls, so each is a header value.
            headers.extend(HeaderValue::try_from(value).ok().map(|value| (name, value)));
        };
        if let Some(page) = self.page {
            let downgraded = page.scheme() == "https" && self.url.scheme() != "https";
            let origin = page.origin().ascii_serialization();
            if !matches!(*self.method, Method::GET | Method::HEAD) {
                put(ORIGIN, if downgraded { "null" } else { &origin }); // Fetch, append a request Origin header
            }
            // The policy that browsers have by themselves: strict-origin-when-cross-origin.
            if page.origin() == self.url.origin() {
                let mut referrer = page.clone();
                referrer.set_fragment(None);
                put(REFERER, referrer.as_str());
            } else if !downgraded {
                put(REFERER, &format!("{origin}/"));
            }
        }
        // Fetch Metadata §2: only to where nobody on the way can change it.
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
