//! [`GuardLayer`]: puts a [`Guard`] in front of a service.

use std::future::{Ready, ready};
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::future::Either;
use http::{Request, Response};
use tower_layer::Layer;
use tower_service::Service;

use super::guard::{Guard, Rejection};

/// Puts a [`Guard`] in front of a service. A rejected request gets the status of its [`Rejection`] and an empty body, unless
/// [`respond_with`](GuardLayer::respond_with) sets another response.
///
/// ```
/// use axum::Router;
/// use sessctl::web::{Guard, GuardLayer};
///
/// let mut guard = Guard::new(true, Some(vec!["app.example".to_owned()]), None);
/// guard.trusted_origins = vec!["https://www.app.example".to_owned()];
/// let routes: Router = Router::new().layer(GuardLayer::new(guard));
/// # drop(routes);
/// ```
#[derive(Debug, Clone)]
pub struct GuardLayer<F = EmptyResponse> {
    guard: Arc<Guard>,
    respond: F,
}

/// The response to a rejected request. Functions from a [`Rejection`] to a response implement it.
pub trait RejectionResponse<R> {
    /// The response.
    fn respond(&self, rejection: Rejection) -> Response<R>;
}

/// A response with a status and an empty body.
#[derive(Debug, Clone, Copy, Default)]
pub struct EmptyResponse;

impl<R: Default> RejectionResponse<R> for EmptyResponse {
    fn respond(&self, rejection: Rejection) -> Response<R> {
        let mut response = Response::new(R::default());
        *response.status_mut() = rejection.status();
        response
    }
}

impl<R, F: Fn(Rejection) -> Response<R>> RejectionResponse<R> for F {
    fn respond(&self, rejection: Rejection) -> Response<R> {
        self(rejection)
    }
}

impl GuardLayer {
    /// A layer that rejects the requests that `guard` rejects.
    ///
    /// ```
    /// # use sessctl::web::{Guard, GuardLayer};
    /// use tower_layer::Layer;
    /// use warp::Filter;
    ///
    /// let service = GuardLayer::new(Guard::default()).layer(warp::service(warp::any().map(|| "hello")));
    /// # drop(service);
    /// ```
    #[must_use]
    pub fn new(guard: Guard) -> Self {
        GuardLayer { guard: Arc::new(guard), respond: EmptyResponse }
    }
}

impl<F> GuardLayer<F> {
    /// Sets the response to a rejected request.
    ///
    /// ```
    /// # use axum::{Router, body::Body, routing::post};
    /// # use sessctl::web::{Guard, GuardLayer, Rejection};
    /// let guard = GuardLayer::new(Guard::default()).respond_with(|rejection: Rejection| {
    ///     let mut response = http::Response::new(Body::from(rejection.message()));
    ///     *response.status_mut() = rejection.status();
    ///     response
    /// });
    /// let routes: Router = Router::new().route("/transfer", post(|| async { "done" })).layer(guard);
    /// # drop(routes);
    /// ```
    #[must_use]
    pub fn respond_with<R, G: Fn(Rejection) -> Response<R>>(self, respond: G) -> GuardLayer<G> {
        GuardLayer { guard: self.guard, respond }
    }
}

impl<S, F: Clone> Layer<S> for GuardLayer<F> {
    type Service = GuardService<S, F>;

    fn layer(&self, inner: S) -> GuardService<S, F> {
        GuardService { guard: Arc::clone(&self.guard), respond: self.respond.clone(), inner }
    }
}

/// The service of a [`GuardLayer`].
#[derive(Debug, Clone)]
pub struct GuardService<S, F = EmptyResponse> {
    guard: Arc<Guard>,
    respond: F,
    inner: S,
}

impl<S, F, B, R> Service<Request<B>> for GuardService<S, F>
where
    S: Service<Request<B>, Response = Response<R>>,
    F: RejectionResponse<R>,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = Either<S::Future, Ready<Result<Response<R>, S::Error>>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        match self.guard.check(&request) {
            Ok(()) => Either::Left(self.inner.call(request)),
            Err(rejection) => Either::Right(ready(Ok(self.respond.respond(rejection)))),
        }
    }
}
