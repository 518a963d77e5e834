//! [`Guard`]: rejects cross-site requests (CSRF) and requests for other hosts (DNS rebinding).
//!
//! Browsers send `Sec-Fetch-Site` (Fetch Metadata) or at least `Origin` with cross-site requests. A request with neither
//! header is not from a browser and passes: such a client sends only cookies that it was given on purpose.

use std::net::{Ipv4Addr, Ipv6Addr};

use http::header::{HOST, ORIGIN};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Version};
use thiserror::Error;

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
    /// Whether pages of loopback names without TLS count as our own although [`tls`](Guard::tls) is set: for an
    /// application whose cookie is `Secure`, but that serves plain HTTP. Browsers send such cookies to loopback.
    pub plain_loopback: bool,
    /// Other origins whose pages may send requests with unsafe methods, as browsers write them
    /// (`https://www.app.example`).
    pub trusted_origins: Vec<String>,
    /// Paths that pages of any site may post to, for example the callback of a sign-on with `response_mode=form_post`. Their
    /// handlers must check the request in another way.
    pub exempt_paths: Vec<String>,
}

/// Why a [`Guard`] rejects a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Rejection {
    /// 400: an HTTP/1.1 request must have exactly one valid `Host` (RFC 9112 §3.2).
    #[error("the request must have exactly one valid Host header")]
    NoHost,
    /// 400: the request target must be a path or an absolute URL (RFC 9112 §3.2).
    #[error("the request target must be a path or an absolute URL")]
    InvalidTarget,
    /// 421: the request is for another host.
    #[error("this server does not serve the requested host")]
    UnknownHost,
    /// 403: a page of another site sent the request.
    #[error("cross-site requests with this method are not allowed")]
    CrossSite,
}

impl Rejection {
    /// The status of the response.
    ///
    /// ```
    /// # use sessctl::web::Rejection;
    /// assert_eq!(Rejection::UnknownHost.status(), http::StatusCode::MISDIRECTED_REQUEST);
    /// ```
    #[must_use]
    pub fn status(self) -> StatusCode {
        match self {
            Rejection::NoHost | Rejection::InvalidTarget => StatusCode::BAD_REQUEST,
            Rejection::UnknownHost => StatusCode::MISDIRECTED_REQUEST,
            Rejection::CrossSite => StatusCode::FORBIDDEN,
        }
    }

    /// A text for the body of the response.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Rejection::NoHost => "400: the request must have exactly one valid Host header\n",
            Rejection::InvalidTarget => "400: the request target must be a path or an absolute URL\n",
            Rejection::UnknownHost => "421: this server does not serve the requested host\n",
            Rejection::CrossSite => "403: cross-site requests with this method are not allowed\n",
        }
    }
}

impl Guard {
    /// A guard with these values of its fields.
    ///
    /// ```
    /// # use sessctl::web::Guard;
    /// // Behind a proxy that passes on another host name, browsers still name the public one.
    /// let mut guard = Guard::new(true, None, Some("https://app.example".to_owned()));
    /// guard.exempt_paths.push("/saml/callback".to_owned());
    /// # let request = |path| http::Request::post(path).header("host", "10.0.0.7").header("origin", "https://idp.example").body(());
    /// assert!(guard.check(&request("/saml/callback")?).is_ok());
    /// assert!(guard.check(&request("/transfer")?).is_err());
    /// # Ok::<(), http::Error>(())
    /// ```
    #[must_use]
    pub fn new(tls: bool, hosts: Option<Vec<String>>, origin: Option<String>) -> Self {
        Guard { tls, hosts, origin, ..Guard::default() }
    }

    /// Checks a request.
    ///
    /// # Errors
    /// [`Rejection`], with the status of the response.
    pub fn check<B>(&self, request: &Request<B>) -> Result<(), Rejection> {
        let host = self.check_host(request)?;
        let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE);
        let is_exempt = || self.exempt_paths.iter().any(|path| path == request.uri().path());
        let is_allowed = safe || self.is_same_origin(request.headers(), host) || is_exempt();
        if is_allowed { Ok(()) } else { Err(Rejection::CrossSite) }
    }

    /// Checks only the host of a request, and returns it. `None` for an HTTP/1.0 request without a host.
    ///
    /// ```
    /// # use sessctl::web::{Guard, Rejection};
    /// let guard = Guard::new(true, Some(vec!["app.example".to_owned()]), None);
    /// let rebinding = http::Request::get("/").header("host", "evil.example").body(())?;
    /// assert_eq!(guard.check_host(&rebinding), Err(Rejection::UnknownHost));
    /// # Ok::<(), http::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Rejection`], with the status of the response.
    pub fn check_host<'a, B>(&self, request: &'a Request<B>) -> Result<Option<&'a str>, Rejection> {
        let host = host_of(request)?;
        match host {
            Some(host) if !self.serves(host) => Err(Rejection::UnknownHost),
            host => Ok(host),
        }
    }

    /// Whether the application serves this host, with or without a port.
    ///
    /// ```
    /// # use sessctl::web::Guard;
    /// let guard = Guard::new(true, Some(vec!["app.example".to_owned()]), None);
    /// assert!(guard.serves("app.example:8443") && guard.serves("localhost"));
    /// assert!(!guard.serves("www.app.example"));
    /// ```
    #[must_use]
    pub fn serves(&self, host: &str) -> bool {
        let name = without_port(host);
        let is_ours = |ours: &Vec<String>| ours.iter().any(|our| our.eq_ignore_ascii_case(name));
        self.hosts.as_ref().is_none_or(|ours| is_loopback(name) || is_ours(ours))
    }

    fn is_same_origin(&self, headers: &HeaderMap, host: Option<&str>) -> bool {
        let mut origins = headers.get_all(ORIGIN).iter();
        let is_trusted = |origin: &HeaderValue| self.trusted_origins.iter().any(|trusted| origin == trusted);
        if let (Some(origin), None) = (origins.next(), origins.next())
            && is_trusted(origin)
        {
            return true;
        }
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
            "http" if !self.tls || (self.plain_loopback && is_loopback(without_port(host))) => ":80",
            "https" if self.tls => ":443",
            _ => return false,
        };
        let plain =
            |authority: &str| authority.strip_suffix(default_port).unwrap_or(authority).to_ascii_lowercase();
        plain(authority) == plain(host)
    }
}

/// The host of a request: from its target, or from its `Host` header. HTTP/1.1 requires the header in any case, HTTP/1.0 does
/// not, and HTTP/2 has the host in the target.
fn host_of<B>(request: &Request<B>) -> Result<Option<&str>, Rejection> {
    let uri = request.uri();
    let is_connect = request.method() == Method::CONNECT;
    // `GET *` and `GET 127.0.0.1:8000`.
    let is_asterisk = uri.path() == "*" && request.method() != Method::OPTIONS;
    if is_asterisk || (uri.authority().is_some() && uri.scheme().is_none() && !is_connect) {
        return Err(Rejection::InvalidTarget);
    }
    let mut fields = request.headers().get_all(HOST).iter();
    let field = match (fields.next(), fields.next()) {
        (None, _) => None,
        (Some(host), None) => Some(host.to_str().map_err(|_| Rejection::NoHost)?),
        (Some(_), Some(_)) => return Err(Rejection::NoHost),
    };
    let authority = uri.authority().map(http::uri::Authority::as_str);
    let is_missing = match request.version() {
        Version::HTTP_09 | Version::HTTP_10 => false,
        Version::HTTP_11 => field.is_none(),
        _ => field.is_none() && authority.is_none(),
    };
    if is_missing || ![field, authority].into_iter().flatten().all(is_host) {
        return Err(Rejection::NoHost);
    }
    Ok(authority.or(field))
}

/// Whether the text is a host and maybe a port, without user information (RFC 3986 §3.2.2).
fn is_host(text: &str) -> bool {
    let (name, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, port)) => {
            if address.parse::<Ipv6Addr>().is_err() {
                return false;
            }
            ("", port.strip_prefix(':').or(port.is_empty().then_some("")))
        }
        None => {
            let (name, port) = text.split_once(':').unwrap_or((text, ""));
            if name.is_empty() {
                return false;
            }
            (name, Some(port))
        }
    };
    let is_name_char = |byte: u8| byte.is_ascii_alphanumeric() || b".-_~%!$&'()*+,;=".contains(&byte);
    name.bytes().all(is_name_char) && port.is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit()))
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
