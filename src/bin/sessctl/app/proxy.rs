//! [`ProxyConfig`]: finds the client's address behind a proxy, and accepts only requests that used HTTPS.

use std::future::ready;
use std::net::SocketAddr;
use std::sync::Arc;

use futures_util::future::Either;
use http::{Request, StatusCode};
use tower::{service_fn, util};
use warp::reply::Response;

use sessctl::internal::https_location;
use sessctl::server::{Peer, RequestBody};
use sessctl::web::{ForwardedRequest, TrustedProxies};

use super::http_service::HttpService;
use super::reply;
use super::routes;

#[derive(Debug, Clone)]
pub(crate) struct ProxyConfig {
    pub(crate) proxies: TrustedProxies,
    /// The origin at which browsers reach the server (`https://app.example`).
    pub(crate) public: Option<String>,
    /// Whether the server itself uses TLS: then a request without a proxy used HTTPS.
    pub(crate) own_tls: bool,
}

impl ProxyConfig {
    /// The client's address, or the response if the request is rejected.
    fn check(&self, request: &Request<RequestBody>) -> Result<Option<Peer>, Box<Response>> {
        let Some(Peer(address)) = request.extensions().get().copied() else { return Ok(None) };
        let rejected = |status, message: &str| Err(Box::new(reply::json_error(status, message)));
        let ForwardedRequest { client, secure, proxied, .. } =
            match self.proxies.forwarded(address.ip(), request.headers()) {
                Ok(forwarded) => forwarded,
                Err(conflict) => return rejected(StatusCode::BAD_REQUEST, &conflict.to_string()),
            };
        // With a public HTTPS origin, a proxy that does not name the scheme serves that origin.
        let is_secure = secure.unwrap_or(if proxied { self.public.is_some() } else { self.own_tls });
        if is_secure || routes::find(request.uri().path()).is_some_and(|route| route.is_operational) {
            return Ok(Some(Peer(SocketAddr::new(client, 0))));
        }
        if proxied && secure.is_none() {
            return rejected(
                StatusCode::BAD_GATEWAY,
                "cannot tell whether the request used HTTPS: the proxy sends neither X-Forwarded-Proto nor Forwarded; \
                 configure it to send one of them, or start the server with --public-url",
            );
        }
        match https_location(request, self.public.as_deref()) {
            Some(target) => Err(Box::new(reply::redirect(StatusCode::PERMANENT_REDIRECT, target))),
            None => rejected(StatusCode::FORBIDDEN, "this server requires HTTPS: use https:// in the URL"),
        }
    }
}

/// Answers a request that is rejected, and replaces the address of the client in all others. Without a configuration,
/// it passes every request on.
pub(super) fn behind_proxy(
    config: Option<Arc<ProxyConfig>>,
    mut inner: impl HttpService,
) -> impl HttpService {
    let Some(config) = config else { return util::Either::Left(inner) };
    util::Either::Right(service_fn(move |mut request: Request<RequestBody>| {
        match config.check(&request) {
            Err(response) => return Either::Left(ready(Ok(*response))),
            Ok(Some(client)) => _ = request.extensions_mut().insert(client),
            Ok(None) => {}
        }
        Either::Right(inner.call(request))
    }))
}
