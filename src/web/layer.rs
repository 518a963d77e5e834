//! [`SessionLayer`]: a session around every request.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::header::{CACHE_CONTROL, COOKIE, SET_COOKIE, VARY};
use http::{HeaderMap, HeaderValue, Request, Response};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use crate::session::{Session, Sessions};

/// Adds a [`Session`] to the extensions of each request, and adds these headers to its response:
///
/// - `Set-Cookie`, if the session was created, rotated or ended;
/// - `Vary: Cookie`, if the application read the session;
/// - `Cache-Control: no-store`, if the response has a `Set-Cookie` or may contain session data. Without a `Set-Cookie`, a
///   `Cache-Control` of the application that contains `private`, `no-cache` or `no-store` is kept.
///
/// Change the session before you return the response: a change while the body is streamed is too late for the cookie.
///
/// ```
/// use sessctl::session::{Session, SessionConfig, Sessions};
/// use sessctl::stores::MemoryStore;
/// use sessctl::web::{SessionLayer, session};
/// use tower_layer::Layer;
/// use warp::Filter;
///
/// let routes = warp::path!("count").and(session()).then(|session: Session| async move {
///     session.increment("visits", 1).await.map_or_else(|error| error.to_string(), |n| n.to_string())
/// });
/// let sessions = Sessions::new(MemoryStore::new(), SessionConfig::default())?;
/// let service = SessionLayer::new(sessions).layer(warp::service(routes));
/// # drop(service);
/// # Ok::<(), sessctl::session::ConfigError>(())
/// ```
#[derive(Debug, Clone)]
pub struct SessionLayer {
    sessions: Sessions,
}

impl SessionLayer {
    /// A layer for these sessions.
    #[must_use]
    pub fn new(sessions: Sessions) -> Self {
        SessionLayer { sessions }
    }
}

impl<S> Layer<S> for SessionLayer {
    type Service = SessionService<S>;

    fn layer(&self, inner: S) -> SessionService<S> {
        SessionService { sessions: self.sessions.clone(), inner }
    }
}

/// The service of a [`SessionLayer`].
#[derive(Debug, Clone)]
pub struct SessionService<S> {
    sessions: Sessions,
    inner: S,
}

impl<S, B, R> Service<Request<B>> for SessionService<S>
where
    S: Service<Request<B>, Response = Response<R>>,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = SessionFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let fields = request.headers().get_all(COOKIE).iter().map(HeaderValue::as_bytes);
        let session = self.sessions.open(fields);
        request.extensions_mut().insert(session.clone());
        SessionFuture { response: self.inner.call(request), session }
    }
}

pin_project! {
    /// The future of a [`SessionService`].
    #[derive(Debug)]
    pub struct SessionFuture<F> {
        #[pin]
        response: F,
        session: Session,
    }
}

impl<F, R, E> Future for SessionFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = Result<Response<R>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut response = ready!(this.response.poll(cx))?;
        write_headers(this.session, &mut response);
        Poll::Ready(Ok(response))
    }
}

fn write_headers<R>(session: &Session, response: &mut Response<R>) {
    let (activity, set_cookie) = (session.activity(), session.set_cookie());
    let headers = response.headers_mut();
    if activity.read && !varies_by_cookie(headers) {
        headers.append(VARY, HeaderValue::from_static("Cookie"));
    }
    if set_cookie.is_some() || (activity.live && !is_kept_from_others(headers)) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if let Some(line) = set_cookie {
        headers.append(SET_COOKIE, line);
    }
}

/// Whether no shared cache may answer another client with the response (RFC 9111 §5.2.2).
fn is_kept_from_others(headers: &HeaderMap) -> bool {
    const DIRECTIVES: [&[u8]; 3] = [b"private", b"no-cache", b"no-store"];
    let lines = headers.get_all(CACHE_CONTROL).iter();
    let mut directives = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
    // With a value, `private` and `no-cache` apply only to the headers that it names.
    directives.any(|found| DIRECTIVES.iter().any(|kept| found.trim_ascii().eq_ignore_ascii_case(kept)))
}

fn varies_by_cookie(headers: &HeaderMap) -> bool {
    let mut names = headers.get_all(VARY).iter().flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
    names.any(|name| name.trim_ascii().eq_ignore_ascii_case(b"cookie"))
}
