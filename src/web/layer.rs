//! [`SessionLayer`]: a session around every request.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::header::{AUTHORIZATION, CACHE_CONTROL, COOKIE, SET_COOKIE, VARY};
use http::{Extensions, HeaderMap, HeaderValue, Request, Response};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use super::realm_session::RealmSession;
use crate::session::{Session, Sessions};

/// Adds a [`Session`] to the extensions of each request, and adds these headers to its response:
///
/// - `Set-Cookie`, if the session was created, rotated or ended, or to extend a persistent cookie;
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
///
/// # Two layers around one application
///
/// A layer with a type parameter adds a [`RealmSession`] of that type, so that two layers do not overwrite each other's
/// session. Give each its own [realm](crate::session::SessionsBuilder::realm):
///
/// ```
/// use sessctl::session::{ConfigError, SessionStore, Sessions};
/// use sessctl::web::SessionLayer;
///
/// /// Marks the sessions of admins. A handler takes the `RealmSession<Admin>` from the request's extensions.
/// struct Admin;
///
/// fn layers<S: SessionStore + Clone>(store: S) -> Result<(SessionLayer, SessionLayer<Admin>), ConfigError> {
///     let customers = Sessions::builder(store.clone()).build()?;
///     let admins = Sessions::builder(store).realm("admin").build()?;
///     Ok((SessionLayer::new(customers), SessionLayer::for_realm(admins)))
/// }
/// ```
pub struct SessionLayer<R = ()> {
    sessions: Sessions,
    insert: Insert,
    accepts_bearer: bool,
    realm: PhantomData<fn() -> R>,
}

/// Adds the session to the extensions of a request, under the type of the layer.
type Insert = fn(&mut Extensions, Session);

impl SessionLayer {
    /// A layer that adds a [`Session`].
    #[must_use]
    pub fn new(sessions: Sessions) -> Self {
        let insert: Insert = |extensions, session| _ = extensions.insert(session);
        SessionLayer { sessions, insert, accepts_bearer: false, realm: PhantomData }
    }
}

impl<R: 'static> SessionLayer<R> {
    /// A layer that adds a [`RealmSession`] of this type: `SessionLayer::<Admin>::for_realm(admins)`.
    #[must_use]
    pub fn for_realm(sessions: Sessions) -> Self {
        let insert: Insert = |extensions, session| _ = extensions.insert(RealmSession::<R>::new(session));
        SessionLayer { sessions, insert, accepts_bearer: false, realm: PhantomData }
    }

    /// Accepts tokens in `Authorization: Bearer TOKEN` too, for clients that keep no cookies. A login returns the token with
    /// [`issued_token`](Session::issued_token). A request with such a header uses no cookie.
    ///
    /// ```
    /// # use sessctl::{session::Sessions, stores::MemoryStore, web::SessionLayer};
    /// # let handler = axum::routing::get(|| async { "hello" });
    /// let sessions = Sessions::new(MemoryStore::new(), Default::default())?;
    /// let api: axum::Router = axum::Router::new().route("/api", handler).layer(SessionLayer::new(sessions).bearer());
    /// # drop(api);
    /// # Ok::<(), sessctl::session::ConfigError>(())
    /// ```
    #[must_use]
    pub fn bearer(self) -> Self {
        SessionLayer { accepts_bearer: true, ..self }
    }
}

impl<R> Clone for SessionLayer<R> {
    fn clone(&self) -> Self {
        SessionLayer { sessions: self.sessions.clone(), realm: PhantomData, ..*self }
    }
}

impl<R> fmt::Debug for SessionLayer<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionLayer").field("sessions", &self.sessions).finish_non_exhaustive()
    }
}

impl<S, R> Layer<S> for SessionLayer<R> {
    type Service = SessionService<S>;

    fn layer(&self, inner: S) -> SessionService<S> {
        let (insert, accepts_bearer) = (self.insert, self.accepts_bearer);
        SessionService { sessions: self.sessions.clone(), insert, accepts_bearer, inner }
    }
}

/// The service of a [`SessionLayer`].
#[derive(Debug, Clone)]
pub struct SessionService<S> {
    sessions: Sessions,
    insert: Insert,
    accepts_bearer: bool,
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
        let headers = request.headers();
        let authorization = headers.get(AUTHORIZATION).filter(|_| self.accepts_bearer);
        let bearer = authorization.and_then(|value| self.sessions.open_bearer(value.as_bytes()));
        let fields = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes);
        let session = bearer.unwrap_or_else(|| self.sessions.open(fields));
        (self.insert)(request.extensions_mut(), session.clone());
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
    if set_cookie.is_none() && response.extensions().get::<SameForEveryone>().is_some() {
        return;
    }
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

/// An extension of a response that does not depend on the session although a layer read it, for example a static file behind
/// a login check of all pages. [`SessionLayer`] leaves its `Vary` and `Cache-Control` as they are, unless it sets the cookie.
///
/// ```
/// use sessctl::web::SameForEveryone;
///
/// let mut response = http::Response::new("body { color: black }");
/// response.extensions_mut().insert(SameForEveryone);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct SameForEveryone;

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
