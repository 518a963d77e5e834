//! [`Request`]: what a caller wants sent, and the headers that follow from it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HOST, USER_AGENT,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use percent_encoding::percent_decode_str;
use url::Url;

use super::content_encoding;
use super::error::ClientError;
use super::fetch_metadata::{Destination, Distance, Provenance};
use crate::cookies::Jar;

/// How we introduce ourselves. Many applications take only those for browsers that begin so, and some end a session
/// whose client says something else than before: all commands say the same.
const OURSELVES: &str = concat!("Mozilla/5.0 (compatible; sessctl/", env!("CARGO_PKG_VERSION"), ")");

/// What a person's browser says it would like to see.
pub(crate) const PAGE: &str = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8";

/// A request to make.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Where to. User information in it becomes an `Authorization` header.
    pub url: Url,
    /// Headers of the caller's own. They replace those that would be sent anyway, and never go to another
    /// origin.
    pub headers: HeaderMap,
    /// What to accept, where the caller's headers do not say.
    pub accept: &'static str,
    /// The body.
    pub body: Option<Body>,
    /// The page whose form or link this is: what `Referer` and, for unsafe methods, `Origin` say.
    pub from_page: Option<Url>,
    /// What the response is for, which browsers tell servers (Fetch Metadata); `None`: not told.
    pub destination: Option<Destination>,
    /// The furthest from its page that redirects have led it.
    pub(crate) furthest: Distance,
    /// The cookies to send.
    pub cookies: Cookies,
}

/// A body with its type.
#[derive(Debug, Clone)]
pub struct Body {
    /// `Content-Type`, if there is one to tell.
    pub content_type: Option<String>,
    /// The octets.
    pub octets: Vec<u8>,
}

/// Which cookies a request carries.
#[derive(Debug, Clone)]
pub enum Cookies {
    /// The jar's, and the response's go into the jar.
    Jar,
    /// The cookies of another jar, for comparison. The agent's own jar does not change.
    Probe(Jar),
}

impl Request {
    /// A request with the jar's cookies and nothing else.
    #[must_use]
    pub fn new(method: Method, url: Url) -> Self {
        let headers = HeaderMap::new();
        Request {
            method,
            url,
            headers,
            accept: "*/*",
            body: None,
            from_page: None,
            destination: None,
            furthest: Distance::default(),
            cookies: Cookies::Jar,
        }
    }

    /// A request for a page as a person's browser makes it.
    #[must_use]
    pub fn page(url: Url) -> Self {
        Request { accept: PAGE, destination: Some(Destination::Document), ..Request::new(Method::GET, url) }
    }

    /// The request of a link: for a page, from a page.
    #[must_use]
    pub(crate) fn link(target: Url, page: &Url) -> Self {
        Request { from_page: Some(page.clone()), ..Request::page(target) }
    }

    /// Moves user information from the URL to where it is sent.
    pub(crate) fn settle_credentials(&mut self) -> Result<(), ClientError> {
        if self.url.username().is_empty() && self.url.password().is_none() {
            return Ok(());
        }
        let plain = |text: &str| percent_decode_str(text).collect::<Vec<u8>>();
        let credentials =
            [plain(self.url.username()), vec![b':'], plain(self.url.password().unwrap_or_default())].concat();
        let value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(credentials)));
        let value = value.map_err(|error| ClientError::BadRequest(error.to_string()))?;
        self.headers.entry(AUTHORIZATION).or_insert(value);
        // They fail only for URLs without a host, which have no user information.
        let _ = self.url.set_username("");
        let _ = self.url.set_password(None);
        Ok(())
    }

    /// All headers of this request, in the order in which they are sent.
    pub(crate) fn full_headers(&self, cookie: Option<HeaderValue>) -> Result<HeaderMap, ClientError> {
        let mut headers = HeaderMap::new();
        let mut put = |name: HeaderName, value: &str| match HeaderValue::try_from(value) {
            Ok(_) if self.headers.contains_key(&name) => Ok(()),
            Ok(value) => {
                headers.insert(name, value);
                Ok(())
            }
            Err(_) => Err(ClientError::BadRequest(format!("{value:?} cannot be sent as {name}"))),
        };
        put(HOST, &self.url[url::Position::BeforeHost..url::Position::AfterPort])?;
        put(USER_AGENT, OURSELVES)?;
        put(ACCEPT, self.accept)?;
        put(ACCEPT_ENCODING, content_encoding::ACCEPTED)?;
        for (name, value) in &self.provenance().headers() {
            put(name.clone(), value.to_str().unwrap_or_default())?;
        }
        if let Some(body) = &self.body {
            if let Some(content_type) = &body.content_type {
                put(CONTENT_TYPE, content_type)?;
            }
            put(CONTENT_LENGTH, &body.octets.len().to_string())?;
        } else if matches!(self.method, Method::POST | Method::PUT | Method::PATCH) {
            put(CONTENT_LENGTH, "0")?; // RFC 9110 §8.6
        }
        headers.extend(self.headers.clone());
        if let Some(cookie) = cookie {
            // One field (RFC 6265bis §5.8.1): the jar's cookies, then the caller's own.
            let own = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes);
            let merged =
                std::iter::once(cookie.as_bytes()).chain(own).collect::<Vec<&[u8]>>().join(&b"; "[..]);
            let merged = HeaderValue::from_bytes(&merged);
            headers.insert(COOKIE, merged.map_err(|error| ClientError::BadRequest(error.to_string()))?);
        }
        Ok(headers)
    }

    fn provenance(&self) -> Provenance<'_> {
        Provenance {
            method: &self.method,
            url: &self.url,
            page: self.from_page.as_ref(),
            destination: self.destination,
            furthest: self.furthest,
        }
    }

    /// The request that follows a redirect (Fetch, HTTP-redirect fetch).
    pub(crate) fn redirected(mut self, status: http::StatusCode, target: Url) -> Self {
        let becomes_get = match status.as_u16() {
            301 | 302 => self.method == Method::POST,
            303 => !matches!(self.method, Method::GET | Method::HEAD),
            _ => false,
        };
        if becomes_get {
            self.method = Method::GET;
            self.body = None;
            for name in [CONTENT_TYPE, CONTENT_LENGTH, http::header::CONTENT_ENCODING] {
                self.headers.remove(name);
            }
        }
        if target.origin() != self.url.origin() {
            self.headers.clear();
        }
        self.furthest = self.provenance().site();
        self.url = target;
        self
    }
}
