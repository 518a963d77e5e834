//! [`GuardLayer`]: requests that a foreign page made, or that are meant for another host, are refused.
//!
//! Foreign pages are told by what browsers say themselves: `Sec-Fetch-Site` (Fetch Metadata), or `Origin`
//! where that is missing. A client that sends neither is no browser, carries no cookies that it was not
//! given on purpose, and passes. The host check stops DNS rebinding: a foreign name that was made to
//! resolve to this machine.

use std::future::Future;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::header::{CONTENT_TYPE, HOST, ORIGIN};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Version};
use pin_project_lite::pin_project;
use thiserror::Error;
use tower_layer::Layer;
use tower_service::Service;

/// Which hosts we are, and over what scheme.
#[derive(Debug, Clone, Default)]
pub struct Guard {
    /// Whether browsers reach us over TLS: our origins are then `https` ones.
    pub tls: bool,
    /// Host names that are ours beside loopback names; `None`: every name is ours.
    pub hosts: Option<Vec<String>>,
    /// Our origin as browsers see it (`https://app.example`), where a proxy shows another host; `None`: it is that of
    /// the host that a request names.
    pub origin: Option<String>,
}

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Refused {
    /// 400: an HTTP/1.1 request must say which host it is for (RFC 9112 §3.2).
    #[error("the request does not say, or not clearly, which host it is for")]
    NoHost,
    /// 421: the request is for a host that is not ours.
    #[error("this server does not answer for that host")]
    NotOurHost,
    /// 403: a page of another site sent this request.
    #[error("a page of another site may not send this request")]
    CrossSite,
}

impl Refused {
    /// The status to answer with.
    #[must_use]
    pub fn status(self) -> StatusCode {
        match self {
            Refused::NoHost => StatusCode::BAD_REQUEST,
            Refused::NotOurHost => StatusCode::MISDIRECTED_REQUEST,
            Refused::CrossSite => StatusCode::FORBIDDEN,
        }
    }

    const fn text(self) -> &'static str {
        match self {
            Refused::NoHost => "400: the request must name its host once, in a Host header\n",
            Refused::NotOurHost => "421: this server does not answer for that host\n",
            Refused::CrossSite => "403: a page of another site may not send this request\n",
        }
    }
}

impl Guard {
    /// Decides whether a request may pass.
    ///
    /// # Errors
    /// [`Refused`], with the status to answer.
    pub fn check<B>(&self, request: &Request<B>) -> Result<(), Refused> {
        let host = host_of(request)?;
        if let (Some(ours), Some(host)) = (&self.hosts, host) {
            let name = without_port(host);
            if !is_loopback(name) && !ours.iter().any(|our| our.eq_ignore_ascii_case(name)) {
                return Err(Refused::NotOurHost);
            }
        }
        let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE);
        if safe || self.is_own_page(request.headers(), host) { Ok(()) } else { Err(Refused::CrossSite) }
    }

    fn is_own_page(&self, headers: &HeaderMap, host: Option<&str>) -> bool {
        let mut sites = headers.get_all("sec-fetch-site").iter().peekable();
        if sites.peek().is_some() {
            return sites.all(|site| site == "same-origin" || site == "none");
        }
        headers.get_all(ORIGIN).iter().all(|origin| match &self.origin {
            Some(own) => origin == own.as_str(),
            None => self.is_own_origin(origin, host),
        })
    }

    /// Compares as browsers write origins: scheme and host in lower case, no default port (RFC 6454 §6.2).
    fn is_own_origin(&self, origin: &HeaderValue, host: Option<&str>) -> bool {
        let (Ok(origin), Some(host)) = (origin.to_str(), host) else { return false };
        let Some((scheme, authority)) = origin.split_once("://") else { return false };
        let default_port = match scheme {
            // Browsers treat loopback as trustworthy: a secure cookie may be tried there without TLS.
            "http" if !self.tls || is_loopback(without_port(host)) => ":80",
            "https" if self.tls => ":443",
            _ => return false,
        };
        let plain =
            |authority: &str| authority.strip_suffix(default_port).unwrap_or(authority).to_ascii_lowercase();
        plain(authority) == plain(host)
    }
}

/// The host that a request is for: of its target, else of its `Host` header. HTTP/1.0 needs none.
fn host_of<B>(request: &Request<B>) -> Result<Option<&str>, Refused> {
    if let Some(authority) = request.uri().authority() {
        return Ok(Some(authority.as_str()));
    }
    let mut fields = request.headers().get_all(HOST).iter();
    match (fields.next(), fields.next()) {
        (None, _) if request.version() <= Version::HTTP_10 => Ok(None),
        (Some(host), None) => {
            let host = host.to_str().map_err(|_| Refused::NoHost)?;
            if !host.is_empty() && host.bytes().all(|octet| IS_HOST_CHAR[usize::from(octet)]) {
                Ok(Some(host))
            } else {
                Err(Refused::NoHost)
            }
        }
        _ => Err(Refused::NoHost),
    }
}

/// What may stand in a host and its port (RFC 3986 §3.2.2), without user information. A table, since every request is
/// asked.
const IS_HOST_CHAR: [bool; 256] = {
    let mut table = [false; 256];
    let chars = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_:[]~%!$&'()*+,;=";
    let mut index = 0;
    while index < chars.len() {
        table[chars[index] as usize] = true;
        index += 1;
    }
    table
};

fn without_port(authority: &str) -> &str {
    let host = authority.trim_end_matches(|c: char| c.is_ascii_digit());
    host.strip_suffix(':').unwrap_or(authority)
}

/// `localhost`, names below it, `127.0.0.0/8` and `[::1]`: what resolves to this machine by definition.
fn is_loopback(name: &str) -> bool {
    // What nearly all who ask here call it.
    if matches!(name, "127.0.0.1" | "localhost") {
        return true;
    }
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
    /// A layer that lets through what `guard` lets through.
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

/// What a [`GuardLayer`] makes of a service.
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
    type Future = GuardFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        match self.guard.check(&request) {
            Ok(()) => GuardFuture { answer: Answer::Passed { response: self.inner.call(request) } },
            Err(refused) => GuardFuture { answer: Answer::Refused { refused } },
        }
    }
}

pin_project! {
    /// The response of the service within, or the refusal.
    #[derive(Debug)]
    pub struct GuardFuture<F> {
        #[pin]
        answer: Answer<F>,
    }
}

pin_project! {
    #[derive(Debug)]
    #[project = AnswerProjection]
    enum Answer<F> {
        Passed { #[pin] response: F },
        Refused { refused: Refused },
    }
}

impl<F, R, E> Future for GuardFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
    R: From<&'static str>,
{
    type Output = Result<Response<R>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let refused = match self.project().answer.project() {
            AnswerProjection::Passed { response } => return response.poll(cx),
            AnswerProjection::Refused { refused } => *refused,
        };
        let mut response = Response::new(R::from(refused.text()));
        *response.status_mut() = refused.status();
        let plain = HeaderValue::from_static("text/plain; charset=utf-8");
        response.headers_mut().insert(CONTENT_TYPE, plain);
        Poll::Ready(Ok(response))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(guard: &Guard, method: &str, headers: &[(&str, &str)]) -> Result<(), Refused> {
        let mut request = Request::builder().method(method).uri("/");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        guard.check(&request.body(()).unwrap())
    }

    const US: (&str, &str) = ("host", "127.0.0.1:8000");

    #[test]
    fn pages_of_other_sites_cannot_post() {
        let guard = Guard::default();
        let cross = Err(Refused::CrossSite);
        for (header, expected) in [
            (("sec-fetch-site", "same-origin"), Ok(())),
            (("sec-fetch-site", "none"), Ok(())),
            (("sec-fetch-site", "same-site"), cross),
            (("sec-fetch-site", "cross-site"), cross),
            (("origin", "http://127.0.0.1:8000"), Ok(())),
            (("origin", "http://127.0.0.1:8001"), cross),
            (("origin", "https://127.0.0.1:8000"), cross),
            (("origin", "http://evil.example"), cross),
            (("origin", "null"), cross),
            (("accept", "*/*"), Ok(())),
        ] {
            assert_eq!(check(&guard, "POST", &[US, header]), expected, "{header:?}");
            assert_eq!(check(&guard, "GET", &[US, header]), Ok(()), "{header:?}");
        }
        // What the browser says of the site outweighs the origin.
        let both = [US, ("sec-fetch-site", "cross-site"), ("origin", "http://127.0.0.1:8000")];
        assert_eq!(check(&guard, "POST", &both), cross);
    }

    #[test]
    fn default_ports_and_case_make_no_other_origin() {
        let guard = Guard { tls: true, ..Guard::default() };
        for (host, origin) in
            [("Example.org", "https://example.org"), ("example.org:443", "https://example.org")]
        {
            assert_eq!(check(&guard, "POST", &[("host", host), ("origin", origin)]), Ok(()));
        }
        let downgraded = [("host", "example.org"), ("origin", "http://example.org")];
        assert_eq!(check(&guard, "POST", &downgraded), Err(Refused::CrossSite));
    }

    #[test]
    fn behind_a_proxy_our_origin_is_the_one_that_browsers_see() {
        let guard = Guard { tls: true, origin: Some("https://app.example".into()), ..Guard::default() };
        let host = ("host", "10.0.0.5:8000");
        assert_eq!(check(&guard, "POST", &[host, ("origin", "https://app.example")]), Ok(()));
        for origin in ["https://10.0.0.5:8000", "http://app.example", "null", "https://app.example.evil"] {
            assert_eq!(
                check(&guard, "POST", &[host, ("origin", origin)]),
                Err(Refused::CrossSite),
                "{origin}"
            );
        }
    }

    #[test]
    fn only_our_hosts_are_answered() {
        let guard = Guard { hosts: Some(vec!["app.test".into()]), ..Guard::default() };
        for host in
            ["localhost", "LOCALHOST.:80", "a.localhost:1", "127.9.9.9", "[::1]:8000", "App.Test:8000"]
        {
            assert_eq!(check(&guard, "GET", &[("host", host)]), Ok(()), "{host}");
        }
        for host in
            ["evil.example", "localhost.evil.example", "notlocalhost", "127.0.0.1.evil.example", "[::2]"]
        {
            assert_eq!(check(&guard, "GET", &[("host", host)]), Err(Refused::NotOurHost), "{host}");
        }
    }

    #[test]
    fn a_request_without_one_clear_host_is_bad() {
        let guard = Guard::default();
        for headers in [&[][..], &[US, US], &[("host", "")], &[("host", "a b")], &[("host", "u@localhost")]] {
            assert_eq!(check(&guard, "GET", headers), Err(Refused::NoHost), "{headers:?}");
        }
        let old = Request::builder().version(Version::HTTP_10).body(()).unwrap();
        assert_eq!(guard.check(&old), Ok(()));
    }
}
