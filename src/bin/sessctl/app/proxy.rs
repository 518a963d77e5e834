//! Behind a proxy: who really asks, and that nobody gets a session over plain HTTP.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::header::{HOST, LOCATION};
use http::{HeaderValue, Method, Request, StatusCode};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;
use warp::reply::Response;

use sessctl::server::Peer;
use sessctl::web::{ForwardedConflict, ForwardedRequest, TrustedProxies};

use super::reply;

/// What the operator says of what stands before the server.
#[derive(Debug, Clone)]
pub(crate) struct Proxying {
    pub(crate) proxies: TrustedProxies,
    /// The origin at which browsers reach the server (`https://app.example`).
    pub(crate) public: Option<String>,
    /// Whether the server itself speaks TLS: then whoever asks it without a proxy came over TLS.
    pub(crate) own_tls: bool,
}

/// Pages without a session, for those who watch the server from beside it.
const FOR_OPERATORS: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

impl Proxying {
    /// Who asks; or what is answered in place of the page.
    fn pass<B>(&self, request: &Request<B>) -> Result<Option<Peer>, Box<Response>> {
        let peer = request.extensions().get::<Peer>().copied();
        let Some(Peer(address)) = peer else { return Ok(None) };
        let origin = match self.proxies.forwarded(address.ip(), request.headers()) {
            Ok(origin) => origin,
            Err(conflict @ ForwardedConflict) => {
                return Err(Box::new(reply::problem(StatusCode::BAD_REQUEST, &conflict.to_string())));
            }
        };
        let ForwardedRequest { client, secure, proxied, .. } = origin;
        // A proxy that says nothing is taken to serve what the operator says is public.
        let says_nothing = proxied && secure.is_none();
        let is_secure = secure.unwrap_or(if proxied { self.public.is_some() } else { self.own_tls });
        if is_secure || FOR_OPERATORS.contains(&request.uri().path()) {
            return Ok(Some(Peer(SocketAddr::new(client, 0))));
        }
        if says_nothing {
            let problem = "the proxy says neither X-Forwarded-Proto nor Forwarded: nobody knows whether this came over TLS";
            return Err(Box::new(reply::problem(StatusCode::BAD_GATEWAY, problem)));
        }
        Err(Box::new(self.elsewhere(request)))
    }

    /// To the same page over TLS. What was sent with another method is not asked for again: it has gone in the clear.
    fn elsewhere<B>(&self, request: &Request<B>) -> Response {
        let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
        // Over HTTP/2 the target names it.
        let host = request.uri().authority().map(|authority| authority.as_str()).or(host);
        let public = self.public.clone().or_else(|| host.map(|host| format!("https://{host}")));
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let target = public.and_then(|public| HeaderValue::try_from(public + path).ok());
        match (target, request.method()) {
            (Some(target), &Method::GET | &Method::HEAD) => {
                let mut response = Response::default();
                *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
                response.headers_mut().insert(LOCATION, target);
                response
            }
            _ => reply::problem(StatusCode::FORBIDDEN, "this server answers over TLS alone"),
        }
    }
}

/// Lets through what came over TLS, and says who sent it.
#[derive(Debug, Clone)]
pub(super) struct ProxyLayer(pub(super) Option<Arc<Proxying>>);

impl<S> Layer<S> for ProxyLayer {
    type Service = ProxyService<S>;

    fn layer(&self, inner: S) -> ProxyService<S> {
        ProxyService { proxying: self.0.clone(), inner }
    }
}

#[derive(Debug, Clone)]
pub(super) struct ProxyService<S> {
    proxying: Option<Arc<Proxying>>,
    inner: S,
}

impl<S, B> Service<Request<B>> for ProxyService<S>
where
    S: Service<Request<B>, Response = Response>,
{
    type Response = Response;
    type Error = S::Error;
    type Future = ProxyFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        match self.proxying.as_ref().map(|proxying| proxying.pass(&request)) {
            Some(Err(response)) => ProxyFuture { answer: Answer::Instead { response: Some(response) } },
            Some(Ok(peer)) => {
                request.extensions_mut().extend(peer.map(with).unwrap_or_default());
                ProxyFuture { answer: Answer::Passed { response: self.inner.call(request) } }
            }
            None => ProxyFuture { answer: Answer::Passed { response: self.inner.call(request) } },
        }
    }
}

fn with(peer: Peer) -> http::Extensions {
    let mut extensions = http::Extensions::new();
    extensions.insert(peer);
    extensions
}

pin_project! {
    #[derive(Debug)]
    pub(super) struct ProxyFuture<F> {
        #[pin]
        answer: Answer<F>,
    }
}

pin_project! {
    #[derive(Debug)]
    #[project = AnswerProjection]
    enum Answer<F> {
        Passed { #[pin] response: F },
        Instead { response: Option<Box<Response>> },
    }
}

impl<F, E> Future for ProxyFuture<F>
where
    F: Future<Output = Result<Response, E>>,
{
    type Output = Result<Response, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().answer.project() {
            AnswerProjection::Passed { response } => response.poll(cx),
            // Polled again after its end, which no caller may do, it is empty.
            AnswerProjection::Instead { response } => {
                Poll::Ready(Ok(response.take().map(|response| *response).unwrap_or_default()))
            }
        }
    }
}
