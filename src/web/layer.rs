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

/// Opens the [`Session`] of each request and puts it into the request's extensions; when the response comes,
/// writes what follows from what was done with it:
///
/// - `Set-Cookie`, when the session began, was renewed or ended;
/// - `Vary: Cookie`, when the application looked at the session, unless its own `Vary` says so;
/// - `Cache-Control: no-store`, when the response carries a cookie or may carry a session's data.
///
/// The application sees to it that changes are made before it returns its response: what it does while a
/// body is streamed comes too late for the cookie.
#[derive(Debug, Clone)]
pub struct SessionLayer {
    sessions: Sessions,
}

impl SessionLayer {
    /// A layer that opens sessions of `sessions`.
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

/// What a [`SessionLayer`] makes of a service.
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
    /// The response to come, and the session whose cookie it may have to carry.
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
    if activity.live || set_cookie.is_some() {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if let Some(line) = set_cookie {
        headers.append(SET_COOKIE, line);
    }
}

fn varies_by_cookie(headers: &HeaderMap) -> bool {
    let mut names =
        headers.get_all(VARY).iter().flat_map(|line| line.as_bytes().split(|octet| *octet == b','));
    names.any(|name| name.trim_ascii().eq_ignore_ascii_case(b"cookie"))
}
