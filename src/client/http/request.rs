//! [`Request`]: a request to send, and its complete headers.

use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HOST, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde::Serialize;
use url::Url;

use super::content_encoding;
use super::error::ClientError;
use super::exchange::{SentField, SentRequest};
use super::fetch_metadata::{Destination, Site};
use crate::cookies::Jar;

/// The `User-Agent` of all commands. Many applications treat only clients that start with `Mozilla/5.0` as browsers, and
/// some end a session if the `User-Agent` changes.
const USER_AGENT_VALUE: &str = concat!("Mozilla/5.0 (compatible; sessctl/", env!("CARGO_PKG_VERSION"), ")");

/// The `Accept` header of a browser that requests a page.
const ACCEPT_PAGE: &str = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8";

/// The number of fields of a form that are recorded.
const MAX_FIELDS: usize = 100;

/// A request to send.
///
/// ```
/// use http::Method;
/// use sessctl::client::Request;
///
/// let mut request = Request::new(Method::DELETE, "http://127.0.0.1:8000/cart".parse()?);
/// request.headers.insert("x-reason", "test".parse()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The URL. User information in it becomes an `Authorization` header. If the user named the URL, it is sent to its
    /// origin from then on.
    pub url: Url,
    /// Additional headers. They replace default headers, and are never sent to another origin.
    pub headers: HeaderMap,
    /// The `Accept` header, unless `headers` contains one.
    pub accept: &'static str,
    /// The body.
    pub body: Option<Body>,
    /// The page that causes the request: the one with the form or link that is used. It determines `Referer`, for unsafe
    /// methods `Origin`, and which `SameSite` cookies are sent. `None` if the user makes the request.
    pub from_page: Option<Url>,
    /// What the response is used for (Fetch Metadata). `None` sends no Fetch Metadata.
    pub destination: Option<Destination>,
    /// The least related site among the redirects so far.
    pub(crate) redirected_through: Site,
    /// The cookies to send, with the tokens of the same client.
    pub cookies: CookieSource,
    /// Whether it carries no token, although there is one for its origin.
    pub(crate) without_tokens: bool,
    /// Whether a field contains a password.
    pub(crate) has_password: bool,
    /// Whether a field contains a one-time code, which is not sent where a password is not.
    pub(crate) has_code: bool,
    /// The fields of its form, if it submits one of a page.
    pub(crate) fields: Vec<SentField>,
}

/// A request body with its type.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Body {
    /// The `Content-Type`.
    pub content_type: Option<String>,
    /// The bytes.
    pub bytes: Vec<u8>,
}

impl Body {
    /// A body of this media type.
    ///
    /// ```
    /// # use sessctl::client::{Request, http::Body};
    /// let mut upload = Request::new(http::Method::PUT, "http://127.0.0.1:8000/avatar".parse()?);
    /// upload.body = Some(Body::new("image/png", vec![0x89, 0x50]));
    /// # Ok::<(), url::ParseError>(())
    /// ```
    #[must_use]
    pub fn new(content_type: impl Into<String>, bytes: Vec<u8>) -> Self {
        Body { content_type: Some(content_type.into()), bytes }
    }
}

/// The cookies that a request uses.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum CookieSource {
    /// The agent's jar. It stores the cookies of the response.
    Jar,
    /// Another jar, for a probe. The agent's jar is not changed.
    Probe(Jar),
    /// No jar: no cookies are sent, and none are stored.
    None,
}

impl Request {
    /// A request with the jar's cookies.
    #[must_use]
    pub fn new(method: Method, url: Url) -> Self {
        Request {
            method,
            url,
            headers: HeaderMap::new(),
            accept: "*/*",
            body: None,
            from_page: None,
            destination: None,
            redirected_through: Site::default(),
            cookies: CookieSource::Jar,
            without_tokens: false,
            has_password: false,
            has_code: false,
            fields: Vec::new(),
        }
    }

    /// The request as it is recorded, with this URL and these headers, which have no secrets.
    pub(crate) fn sent(&self, url: Url, headers: Vec<(HeaderName, HeaderValue)>) -> SentRequest {
        let body_size = self.body.as_ref().map_or(0, |body| body.bytes.len() as u64);
        SentRequest { method: self.method.clone(), url, headers, body_size, fields: self.sent_fields() }
    }

    /// The fields of the form in the body.
    fn sent_fields(&self) -> Vec<SentField> {
        let Some(body) = &self.body else { return Vec::new() };
        let is_form = body.content_type.as_deref() == Some("application/x-www-form-urlencoded");
        if is_form && self.fields.is_empty() {
            let names =
                form_urlencoded::parse(&body.bytes).take(MAX_FIELDS).map(|(name, _)| name.into_owned());
            return names.map(|name| SentField { name, from_page: false }).collect();
        }
        self.fields.iter().take(MAX_FIELDS).cloned().collect()
    }

    /// A request that sends these fields as a form. Give it [`from_page`](Request::from_page) if the application checks
    /// where forms come from.
    ///
    /// ```
    /// # use sessctl::client::Request;
    /// let request = Request::form("http://127.0.0.1:8000/search".parse()?, [("q", "tea & milk")]);
    /// assert_eq!(request.body.map(|body| body.bytes), Some(b"q=tea+%26+milk".to_vec()));
    /// # Ok::<(), url::ParseError>(())
    /// ```
    #[must_use]
    pub fn form<'a>(url: Url, fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let encoded = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let body = Body::new("application/x-www-form-urlencoded", encoded.into_bytes());
        Request { accept: ACCEPT_PAGE, body: Some(body), ..Request::new(Method::POST, url) }
    }

    /// A request that sends JSON.
    ///
    /// ```
    /// # use sessctl::client::Request;
    /// let request = Request::json("http://127.0.0.1:8000/api/cart".parse()?, &serde_json::json!({ "pens": 2 }))?;
    /// assert_eq!(request.body.map(|body| body.bytes), Some(br#"{"pens":2}"#.to_vec()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The error of `serde_json` if the value cannot be written as JSON, for example a map whose keys are not text.
    pub fn json(url: Url, value: &impl Serialize) -> Result<Self, serde_json::Error> {
        let body = Body::new("application/json", serde_json::to_vec(value)?);
        Ok(Request { accept: "application/json", body: Some(body), ..Request::new(Method::POST, url) })
    }

    /// A request for a page, as a browser sends it.
    ///
    /// ```
    /// # use sessctl::client::{Request, http::Destination};
    /// let mut link = Request::page("https://app.example/account".parse()?);
    /// link.from_page = Some("https://mail.example/inbox".parse()?); // a `SameSite=Strict` cookie stays behind
    /// assert_eq!(link.destination, Some(Destination::Document));
    /// # Ok::<(), url::ParseError>(())
    /// ```
    #[must_use]
    pub fn page(url: Url) -> Self {
        Request {
            accept: ACCEPT_PAGE,
            destination: Some(Destination::Document),
            ..Request::new(Method::GET, url)
        }
    }

    /// The request that following a link on `page` sends.
    #[must_use]
    pub(crate) fn link(target: Url, page: &Url) -> Self {
        Request { from_page: Some(page.clone()), ..Request::page(target) }
    }

    /// All headers, in the order in which they are sent.
    pub(crate) fn full_headers(&self, cookie: Option<HeaderValue>) -> Result<HeaderMap, ClientError> {
        let mut headers = HeaderMap::new();
        let mut put = |name: HeaderName, value: &str| match HeaderValue::try_from(value) {
            Ok(_) if self.headers.contains_key(&name) => Ok(()),
            Ok(value) => {
                headers.insert(name, value);
                Ok(())
            }
            Err(_) => Err(ClientError::BadRequest(format!(
                "cannot send the header {name}: {value:?} contains invalid characters"
            ))),
        };
        put(HOST, &self.url[url::Position::BeforeHost..url::Position::AfterPort])?;
        put(USER_AGENT, USER_AGENT_VALUE)?;
        put(ACCEPT, self.accept)?;
        put(ACCEPT_ENCODING, content_encoding::ACCEPTED)?;
        for (name, value) in self.headers_of_browser() {
            put(name, &value)?;
        }
        if let Some(body) = &self.body {
            if let Some(content_type) = &body.content_type {
                put(CONTENT_TYPE, content_type)?;
            }
            put(CONTENT_LENGTH, &body.bytes.len().to_string())?;
        } else if matches!(self.method, Method::POST | Method::PUT | Method::PATCH) {
            put(CONTENT_LENGTH, "0")?; // RFC 9110 §8.6
        }
        headers.extend(self.headers.clone());
        if let Some(cookie) = self.merged_cookies(cookie)? {
            headers.insert(COOKIE, cookie);
        } else {
            headers.remove(COOKIE);
        }
        Ok(headers)
    }

    /// One header (RFC 6265bis §5.8.1): the jar's cookies, then those in `headers`, which replace those of the same name.
    fn merged_cookies(&self, of_jar: Option<HeaderValue>) -> Result<Option<HeaderValue>, ClientError> {
        let own: Vec<&[u8]> = self.own_cookies().collect();
        if own.is_empty() {
            return Ok(of_jar);
        }
        let of_jar = of_jar.as_ref().map_or(&b""[..], HeaderValue::as_bytes);
        let kept = pairs_of(of_jar).filter(|pair| !self.has_own_cookie(name_of(pair)));
        let merged = kept.chain(own.iter().copied()).collect::<Vec<&[u8]>>().join(&b"; "[..]);
        let merged = HeaderValue::from_bytes(&merged);
        Ok(Some(merged.map_err(|error| ClientError::BadRequest(error.to_string()))?))
    }

    /// The cookies in `headers`, as `NAME=VALUE`.
    fn own_cookies(&self) -> impl Iterator<Item = &[u8]> {
        self.headers.get_all(COOKIE).iter().flat_map(|line| pairs_of(line.as_bytes()))
    }

    /// Whether a cookie in `headers` has this name. The jar's cookies of the same name are not sent then.
    ///
    /// ```
    /// # use sessctl::client::Request;
    /// let mut request = Request::page("http://127.0.0.1:8000/".parse()?);
    /// request.headers.insert("cookie", "theme=dark".parse()?);
    /// assert!(request.has_own_cookie(b"theme") && !request.has_own_cookie(b"sessionid"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn has_own_cookie(&self, name: &[u8]) -> bool {
        self.own_cookies().any(|pair| name_of(pair) == name)
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
        self.has_password &= self.body.is_some();
        self.has_code &= self.body.is_some();
        if target.origin() != self.url.origin() {
            self.headers.clear();
        }
        self.redirected_through = self.site();
        self.url = target;
        self
    }
}

/// The cookies of a `Cookie` header.
fn pairs_of(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|byte| *byte == b';').map(<[u8]>::trim_ascii).filter(|pair| !pair.is_empty())
}

/// The name of a cookie in a `Cookie` header. A pair without `=` is a nameless cookie.
fn name_of(pair: &[u8]) -> &[u8] {
    pair.split(|byte| *byte == b'=').next().filter(|name| name.len() < pair.len()).unwrap_or_default()
}
