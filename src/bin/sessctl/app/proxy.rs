//! [`ProxyLayer`]: finds the client's address behind a proxy, and answers only requests that used HTTPS.

use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::header::LOCATION;
use http::{Request, StatusCode};
use tower_layer::Layer;
use tower_service::Service;
use warp::reply::Response;

use sessctl::internal::https_location;
use sessctl::server::Peer;
use sessctl::web::{ForwardedConflict, ForwardedRequest, TrustedProxies};

use super::layer_future::LayerFuture;
use super::{reply, routes};

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
    fn check<B>(&self, request: &Request<B>) -> Result<Option<Peer>, Box<Response>> {
        let Some(Peer(address)) = request.extensions().get().copied() else { return Ok(None) };
        let ForwardedRequest { client, secure, proxied, .. } =
            self.proxies.forwarded(address.ip(), request.headers()).map_err(|error: ForwardedConflict| {
                Box::new(reply::json_error(StatusCode::BAD_REQUEST, &error.to_string()))
            })?;
        // With a public HTTPS origin, a proxy that does not name the scheme serves that origin.
        let is_secure = secure.unwrap_or(if proxied { self.public.is_some() } else { self.own_tls });
        let is_operational = || {
            routes::position(request.uri().path()).is_some_and(|place| routes::ROUTES[place].is_operational)
        };
        if is_secure || is_operational() {
            return Ok(Some(Peer(SocketAddr::new(client, 0))));
        }
        if proxied && secure.is_none() {
            return Err(Box::new(reply::json_error(
                StatusCode::BAD_GATEWAY,
                "cannot tell whether the request used HTTPS: the proxy sends neither X-Forwarded-Proto nor Forwarded; \
                 configure it to send one of them, or start the server with --public-url",
            )));
        }
        Err(Box::new(self.redirect(request)))
    }

    fn redirect<B>(&self, request: &Request<B>) -> Response {
        let Some(target) = https_location(request, self.public.as_deref()) else {
            return reply::json_error(
                StatusCode::FORBIDDEN,
                "this server requires HTTPS: use https:// in the URL",
            );
        };
        let mut response = Response::default();
        *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
        response.headers_mut().insert(LOCATION, target);
        response
    }
}

#[derive(Debug, Clone)]
pub(super) struct ProxyLayer(pub(super) Option<Arc<ProxyConfig>>);

impl<S> Layer<S> for ProxyLayer {
    type Service = ProxyService<S>;

    fn layer(&self, inner: S) -> ProxyService<S> {
        ProxyService { config: self.0.clone(), inner }
    }
}

#[derive(Debug, Clone)]
pub(super) struct ProxyService<S> {
    config: Option<Arc<ProxyConfig>>,
    inner: S,
}

impl<S, B> Service<Request<B>> for ProxyService<S>
where
    S: Service<Request<B>, Response = Response>,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
{
    type Response = Response;
    type Error = S::Error;
    type Future = LayerFuture<Response, S::Error>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        match self.config.as_ref().map(|config| config.check(&request)) {
            Some(Err(response)) => return Box::pin(std::future::ready(Ok(*response))),
            Some(Ok(Some(client))) => _ = request.extensions_mut().insert(client),
            Some(Ok(None)) | None => {}
        }
        Box::pin(self.inner.call(request))
    }
}
