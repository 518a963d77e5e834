//! [`GuardLayer`]: rejects cross-site requests (CSRF) and requests for other hosts (DNS rebinding).
//!
//! Browsers send `Sec-Fetch-Site` (Fetch Metadata) or at least `Origin` with cross-site requests. A request with neither
//! header is not from a browser and passes: such a client sends only cookies that it was given on purpose.

use std::future::{Ready, ready};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::future::Either;
use http::header::{CONTENT_TYPE, HOST, ORIGIN};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Version};
use thiserror::Error;
use tower_layer::Layer;
use tower_service::Service;

/// The hosts and origins of an application.
///
/// ```
/// use sessctl::web::Guard;
///
/// let guard = Guard::new(true, None, None);
/// let request = http::Request::post("/transfer")
///     .header("host", "app.example")
///     .header("sec-fetch-site", "cross-site")
///     .body(())
///     .unwrap();
/// assert!(guard.check(&request).is_err());
/// ```
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Guard {
    /// Whether browsers use TLS: the application's origins are then `https` origins.
    pub tls: bool,
    /// The application's host names, besides loopback names. `None` accepts every name.
    pub hosts: Option<Vec<String>>,
    /// The application's origin as browsers see it (`https://app.example`), if it is behind a proxy with another host
    /// name. `None` derives it from the host of each request.
    pub origin: Option<String>,
}

/// Why a [`Guard`] rejects a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Rejection {
    /// 400: an HTTP/1.1 request must have exactly one valid `Host` (RFC 9112 §3.2).
    #[error("the request must have exactly one valid Host header")]
    NoHost,
    /// 421: the request is for another host.
    #[error("this server does not serve the requested host")]
    UnknownHost,
    /// 403: a page of another site sent the request.
    #[error("cross-site requests with this method are not allowed")]
    CrossSite,
}

impl Rejection {
    /// The status of the response.
    #[must_use]
    pub fn status(self) -> StatusCode {
        match self {
            Rejection::NoHost => StatusCode::BAD_REQUEST,
            Rejection::UnknownHost => StatusCode::MISDIRECTED_REQUEST,
            Rejection::CrossSite => StatusCode::FORBIDDEN,
        }
    }

    const fn body(self) -> &'static str {
        match self {
            Rejection::NoHost => "400: the request must have exactly one valid Host header\n",
            Rejection::UnknownHost => "421: this server does not serve the requested host\n",
            Rejection::CrossSite => "403: cross-site requests with this method are not allowed\n",
        }
    }

    fn response<R: From<&'static str>>(self) -> Response<R> {
        let mut response = Response::new(R::from(self.body()));
        *response.status_mut() = self.status();
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        response
    }
}

impl Guard {
    /// A guard with these values of its fields.
    #[must_use]
    pub fn new(tls: bool, hosts: Option<Vec<String>>, origin: Option<String>) -> Self {
        Guard { tls, hosts, origin }
    }

    /// Checks a request.
    ///
    /// # Errors
    /// [`Rejection`], with the status of the response.
    pub fn check<B>(&self, request: &Request<B>) -> Result<(), Rejection> {
        let host = host_of(request)?;
        if let (Some(ours), Some(host)) = (&self.hosts, host) {
            let name = without_port(host);
            if !is_loopback(name) && !ours.iter().any(|our| our.eq_ignore_ascii_case(name)) {
                return Err(Rejection::UnknownHost);
            }
        }
        let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE);
        if safe || self.is_same_origin(request.headers(), host) { Ok(()) } else { Err(Rejection::CrossSite) }
    }

    fn is_same_origin(&self, headers: &HeaderMap, host: Option<&str>) -> bool {
        let mut sites = headers.get_all("sec-fetch-site").iter().peekable();
        if sites.peek().is_some() {
            return sites.all(|site| site == "same-origin" || site == "none");
        }
        headers.get_all(ORIGIN).iter().all(|origin| match &self.origin {
            Some(own) => origin == own.as_str(),
            None => self.is_own_origin(origin, host),
        })
    }

    /// Compares origins as browsers serialize them: scheme and host in lower case, no default port (RFC 6454 §6.2).
    fn is_own_origin(&self, origin: &HeaderValue, host: Option<&str>) -> bool {
        let (Ok(origin), Some(host)) = (origin.to_str(), host) else { return false };
        let Some((scheme, authority)) = origin.split_once("://") else { return false };
        let default_port = match scheme {
            // Browsers treat loopback as trustworthy: they store `Secure` cookies there without TLS.
            "http" if !self.tls || is_loopback(without_port(host)) => ":80",
            "https" if self.tls => ":443",
            _ => return false,
        };
        let plain =
            |authority: &str| authority.strip_suffix(default_port).unwrap_or(authority).to_ascii_lowercase();
        plain(authority) == plain(host)
    }
}

/// The host of a request: from its target, or from its `Host` header, which HTTP/1.0 does not require.
fn host_of<B>(request: &Request<B>) -> Result<Option<&str>, Rejection> {
    if let Some(authority) = request.uri().authority() {
        return Ok(Some(authority.as_str()));
    }
    let mut fields = request.headers().get_all(HOST).iter();
    match (fields.next(), fields.next()) {
        (None, _) if request.version() <= Version::HTTP_10 => Ok(None),
        (Some(host), None) => {
            let host = host.to_str().map_err(|_| Rejection::NoHost)?;
            if !host.is_empty() && host.bytes().all(is_host_char) {
                Ok(Some(host))
            } else {
                Err(Rejection::NoHost)
            }
        }
        _ => Err(Rejection::NoHost),
    }
}

/// Characters of a host and port, without user information (RFC 3986 §3.2.2).
fn is_host_char(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b".-_:[]~%!$&'()*+,;=".contains(&byte)
}

fn without_port(authority: &str) -> &str {
    let host = authority.trim_end_matches(|c: char| c.is_ascii_digit());
    host.strip_suffix(':').unwrap_or(authority)
}

/// Whether a name always means this machine: `localhost`, its subdomains, `127.0.0.0/8` and `[::1]`.
fn is_loopback(name: &str) -> bool {
    if let Some(address) = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return address.parse::<Ipv6Addr>().is_ok_and(|address| address.is_loopback());
    }
    let name = name.strip_suffix('.').unwrap_or(name);
    if name.ends_with(|c: char| c.is_ascii_digit()) {
        return name.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback());
    }
    let top = name.rsplit('.').next().unwrap_or(name);
    top.eq_ignore_ascii_case("localhost")
}

/// Puts a [`Guard`] in front of a service.
#[derive(Debug, Clone)]
pub struct GuardLayer(Arc<Guard>);

impl GuardLayer {
    /// A layer that rejects the requests that `guard` rejects.
    #[must_use]
    pub fn new(guard: Guard) -> Self {
        GuardLayer(Arc::new(guard))
    }
}

impl<S> Layer<S> for GuardLayer {
    type Service = GuardService<S>;

    fn layer(&self, inner: S) -> GuardService<S> {
        GuardService { guard: Arc::clone(&self.0), inner }
    }
}

/// The service of a [`GuardLayer`].
#[derive(Debug, Clone)]
pub struct GuardService<S> {
    guard: Arc<Guard>,
    inner: S,
}

impl<S, B, R> Service<Request<B>> for GuardService<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: From<&'static str>,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = Either<S::Future, Ready<Result<Response<R>, S::Error>>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        match self.guard.check(&request) {
            Ok(()) => Either::Left(self.inner.call(request)),
            Err(rejection) => Either::Right(ready(Ok(rejection.response()))),
        }
    }
}
