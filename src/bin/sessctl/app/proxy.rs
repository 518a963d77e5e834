//! [`ProxyConfig`]: finds the client's address behind a proxy, and accepts only requests that used HTTPS.

use std::future::ready;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::Either;
use http::header::{CACHE_CONTROL, FORWARDED};
use http::{HeaderValue, Request, StatusCode};
use tower::{service_fn, util};
use warp::reply::Response;

use sessctl::internal::https_location;
use sessctl::server::{Peer, RequestBody};
use sessctl::web::{ForwardedRequest, Guard, TrustedProxies};

use super::application::Warn;
use super::http_service::HttpService;
use super::reply;

#[derive(Debug, Clone)]
pub(crate) struct ProxyConfig {
    pub(crate) proxies: TrustedProxies,
    /// The origin at which browsers reach the server (`https://app.example`).
    pub(crate) public: Option<String>,
    /// Whether the server itself uses TLS: then a request without a proxy used HTTPS.
    pub(crate) own_tls: bool,
}

/// Checks the requests of a proxy.
#[derive(Clone)]
pub(super) struct ProxyCheck {
    pub(super) config: ProxyConfig,
    pub(super) guard: Guard,
    pub(super) warn: Warn,
    /// Whether the operator was warned that the proxy forwards plain HTTP.
    has_warned: Arc<AtomicBool>,
}

impl ProxyCheck {
    pub(super) fn new(config: ProxyConfig, guard: Guard, warn: Warn) -> Self {
        ProxyCheck { config, guard, warn, has_warned: Arc::default() }
    }

    /// The client's address, or the response if the request is rejected.
    fn check(&self, request: &Request<RequestBody>) -> Result<Option<Peer>, Box<Response>> {
        let Some(Peer(address)) = request.extensions().get().copied() else { return Ok(None) };
        let rejected = |status, message: &str| Err(Box::new(reply::json_error(status, message)));
        let ForwardedRequest { client, secure, proxied, .. } =
            match self.config.proxies.forwarded(address.ip(), request.headers()) {
                Ok(forwarded) => forwarded,
                Err(conflict) => return rejected(StatusCode::BAD_REQUEST, &conflict.to_string()),
            };
        // With a public HTTPS origin, a proxy that does not name the scheme serves that origin.
        let public = self.config.public.as_deref();
        let is_secure = secure.unwrap_or(if proxied { public.is_some() } else { self.config.own_tls });
        // The guard rejects a request for another host, so it is not redirected there.
        if is_secure || self.guard.check_host(request).is_err() {
            return Ok(Some(Peer(SocketAddr::new(client, 0))));
        }
        if proxied && secure.is_none() {
            return rejected(
                StatusCode::BAD_GATEWAY,
                "cannot tell whether the request used HTTPS: the proxy sends neither X-Forwarded-Proto nor Forwarded; \
                 configure it to send one of them, or start the server with --public-url",
            );
        }
        if let (true, Some(public)) = (proxied, public) {
            self.warn_once(address, request.headers().contains_key(FORWARDED), public);
        }
        match https_location(request, public) {
            Some(target) => {
                // Temporary and not stored: if the proxy is misconfigured, this is a loop, which must end with the repair.
                let mut response = reply::redirect(StatusCode::TEMPORARY_REDIRECT, target);
                response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
                Err(Box::new(response))
            }
            None => rejected(StatusCode::FORBIDDEN, "this server requires HTTPS: use https:// in the URL"),
        }
    }

    fn warn_once(&self, proxy: SocketAddr, uses_forwarded: bool, public: &str) {
        if self.has_warned.swap(true, Ordering::Relaxed) {
            return;
        }
        let (header, value) =
            if uses_forwarded { ("Forwarded", "proto=http") } else { ("X-Forwarded-Proto", "http") };
        (self.warn)(&format!(
            "the proxy {} sends {header}: {value}, so requests are redirected to {public} (--public-url); if browsers \
             already use https there, this is a loop: let the proxy send the scheme that the browser used",
            proxy.ip()
        ));
    }
}

/// Answers a request that is rejected, and replaces the address of the client in all others. Without a configuration,
/// it passes every request on.
pub(super) fn behind_proxy(check: Option<ProxyCheck>, mut inner: impl HttpService) -> impl HttpService {
    let Some(check) = check else { return util::Either::Left(inner) };
    util::Either::Right(service_fn(move |mut request: Request<RequestBody>| {
        match check.check(&request) {
            Err(response) => return Either::Left(ready(Ok(*response))),
            Ok(Some(client)) => _ = request.extensions_mut().insert(client),
            Ok(None) => {}
        }
        Either::Right(inner.call(request))
    }))
}
