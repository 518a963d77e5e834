//! `Referer`, `Origin` and Fetch Metadata headers, as browsers send them.

use http::header::{ORIGIN, REFERER};
use http::{HeaderName, Method};
use url::Url;

use super::request::Request;
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

impl Request {
    /// The most distant site of this hop and the redirects before it.
    pub(super) fn site(&self) -> Site {
        Site::between(self.from_page.as_ref(), &self.url).max(self.redirected_through)
    }

    /// Who makes the request, as far as `SameSite` depends on it (RFC 6265bis §5.2). A redirect does not change that.
    pub(super) fn context(&self, initiator: Option<&Url>) -> RequestContext {
        let embedded = matches!(self.destination, Some(Destination::Frame | Destination::Script));
        RequestContext::new(initiator.cloned(), self.method.clone(), embedded)
    }

    /// `Referer`, `Origin` and Fetch Metadata.
    pub(super) fn headers_of_browser(&self) -> Vec<(HeaderName, String)> {
        let mut headers = Vec::new();
        let mut put = |name: HeaderName, value: &str| headers.push((name, value.to_owned()));
        if let Some(page) = &self.from_page {
            let downgraded = page.scheme() == "https" && self.url.scheme() != "https";
            let origin = page.origin().ascii_serialization();
            if !matches!(self.method, Method::GET | Method::HEAD) {
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
        if let Some(destination) = self.destination.filter(|_| is_secure(&self.url)) {
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
