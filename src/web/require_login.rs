//! [`RequireLogin`]: lets only requests of logged-in users pass.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::header::LOCATION;
use http::{Extensions, HeaderValue, Method, Request, Response, StatusCode};
use tower_layer::Layer;
use tower_service::Service;

use super::RealmSession;
use super::session_response::{UserRejection, advise};
use crate::session::Session;

/// Lets only requests of logged-in users pass to the routes inside. It needs a [`SessionLayer`](super::SessionLayer)
/// around it. With [several layers](super::SessionLayer::for_realm), name the realm: without [`in_realm`](Self::in_realm),
/// the users of the layer without a realm pass.
///
/// An anonymous `GET` is redirected to the login page, with its own path in `next`: pass that to
/// [`local_target`](super::local_target) after the login. Other anonymous requests get 401. Add the layer outside of
/// `axum::Router::nest`, which hides the first part of the path from the layers inside.
///
/// ```
/// use axum::{Router, routing::get};
/// use sessctl::web::RequireLogin;
///
/// let account: Router = Router::new()
///     .route("/account", get(|| async { "your account" }))
///     .route_layer(RequireLogin::at("/login"));
/// # drop(account);
/// ```
#[derive(Debug, Clone)]
pub struct RequireLogin {
    login_page: Arc<str>,
    session: fn(&Extensions) -> Option<Session>,
}

impl RequireLogin {
    /// Redirects to this path.
    #[must_use]
    pub fn at(login_page: &str) -> Self {
        RequireLogin { login_page: login_page.into(), session: |extensions| extensions.get().cloned() }
    }

    /// Asks the session of a [`SessionLayer::for_realm`](super::SessionLayer::for_realm) instead.
    ///
    /// ```
    /// # use axum::{Router, routing::get};
    /// # use sessctl::web::RequireLogin;
    /// struct Admin; // the type of `SessionLayer::<Admin>::for_realm`
    ///
    /// let users = get(|| async { "all users" });
    /// let admin: Router = Router::new()
    ///     .route("/admin/users", users)
    ///     .route_layer(RequireLogin::at("/admin/login").in_realm::<Admin>());
    /// # drop(admin);
    /// ```
    #[must_use]
    pub fn in_realm<R: 'static>(self) -> Self {
        let session: fn(&Extensions) -> Option<Session> =
            |extensions| extensions.get::<RealmSession<R>>().cloned().map(RealmSession::into_session);
        RequireLogin { session, ..self }
    }

    /// Where an anonymous request is redirected. `None` if it is not a page that a browser opens.
    fn redirect<B>(&self, request: &Request<B>) -> Option<HeaderValue> {
        let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
        login_page_for(request.method(), target, &self.login_page)
    }
}

/// The address of the login page, with where to go after the login. `None` if the request does not ask for a page.
pub(super) fn login_page_for(method: &Method, target: &str, login_page: &str) -> Option<HeaderValue> {
    if !matches!(*method, Method::GET | Method::HEAD) {
        return None;
    }
    let separator = if login_page.contains('?') { '&' } else { '?' };
    HeaderValue::try_from(format!("{login_page}{separator}next={}", encoded(target))).ok()
}

/// Percent-encodes what would end the value of a query.
fn encoded(target: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~:@!$'()*,;=?".contains(&byte);
    let encode =
        |byte: u8| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    target.bytes().map(encode).collect()
}

impl<S> Layer<S> for RequireLogin {
    type Service = RequireLoginService<S>;

    fn layer(&self, inner: S) -> RequireLoginService<S> {
        RequireLoginService { layer: self.clone(), inner }
    }
}

/// The service of a [`RequireLogin`].
#[derive(Debug, Clone)]
pub struct RequireLoginService<S> {
    layer: RequireLogin,
    inner: S,
}

impl<S, B, R> Service<Request<B>> for RequireLoginService<S>
where
    S: Service<Request<B>, Response = Response<R>, Future: Send> + Clone + Send + 'static,
    B: Send + 'static,
    R: Default,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<R>, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // The service that is ready answers; a clone takes its place.
        let clone = self.inner.clone();
        let (mut inner, layer) = (std::mem::replace(&mut self.inner, clone), self.layer.clone());
        let session = (layer.session)(request.extensions());
        Box::pin(async move {
            let user = match &session {
                Some(session) => session.user().await.map_err(UserRejection::Session),
                None => Err(UserRejection::MissingLayer),
            };
            let rejection = match user {
                Ok(Some(_)) => return inner.call(request).await,
                Ok(None) => UserRejection::LoginRequired,
                Err(rejection) => rejection,
            };
            let mut response = Response::new(R::default());
            *response.status_mut() = rejection.status();
            advise(rejection.status(), response.headers_mut());
            if let (UserRejection::LoginRequired, Some(target)) = (rejection, layer.redirect(&request)) {
                *response.status_mut() = StatusCode::SEE_OTHER;
                response.headers_mut().clear();
                response.headers_mut().insert(LOCATION, target);
            }
            Ok(response)
        })
    }
}
