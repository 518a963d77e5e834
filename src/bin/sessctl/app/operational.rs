//! Probes and metrics: answered for any host, but only on the address of the administrator or to this machine itself.

use std::future::ready;

use futures_util::future::Either;
use http::header::{FORWARDED, VIA};
use http::{HeaderName, Request, StatusCode};
use tower::service_fn;

use sessctl::server::{Peer, RequestBody};
use sessctl::web::TrustedProxies;

use super::http_service::HttpService;
use super::reply;
use super::routes;

/// Headers that proxies add. A proxy on this machine may not be in `--trust-proxy`.
const PROXY_HEADERS: [HeaderName; 6] = [
    FORWARDED,
    VIA,
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-forwarded-proto"),
    HeaderName::from_static("x-real-ip"),
];

/// Whether a program on this machine sent the request, without a proxy.
pub(super) fn is_from_this_machine<B>(request: &Request<B>, proxies: Option<&TrustedProxies>) -> bool {
    let Some(Peer(peer)) = request.extensions().get() else { return false };
    let headers = request.headers();
    let is_proxy =
        proxies.is_some_and(|all| all.forwarded(peer.ip(), headers).map_or(true, |found| found.proxied));
    peer.ip().to_canonical().is_loopback()
        && !is_proxy
        && !PROXY_HEADERS.iter().any(|name| headers.contains_key(name))
}

/// Passes probes and requests for metrics of this machine to `router`, whatever their host is, and all other requests to
/// `inner`.
pub(super) fn operational(
    proxies: Option<TrustedProxies>,
    mut router: impl HttpService,
    mut inner: impl HttpService,
) -> impl HttpService {
    service_fn(move |request: Request<RequestBody>| {
        if !is_operational(&request) {
            return Either::Left(inner.call(request));
        }
        Either::Right(if is_from_this_machine(&request, proxies.as_ref()) {
            Either::Left(router.call(request))
        } else {
            let message = "probes and metrics are only at --admin-bind, or for this machine without a proxy";
            Either::Right(ready(Ok(reply::json_error(StatusCode::NOT_FOUND, message))))
        })
    })
}

/// Passes probes and requests for metrics to `router`. There is nothing else at the address of the administrator.
pub(super) fn only_operational(mut router: impl HttpService) -> impl HttpService {
    service_fn(move |request: Request<RequestBody>| {
        if is_operational(&request) {
            return Either::Left(router.call(request));
        }
        let message = "this address has only /healthz, /readyz and /metrics";
        Either::Right(ready(Ok(reply::json_error(StatusCode::NOT_FOUND, message))))
    })
}

fn is_operational<B>(request: &Request<B>) -> bool {
    routes::find(request.uri().path()).is_some_and(|route| route.is_operational)
}
