//! [`AccessLogLayer`]: adds the security headers to every response, counts it, and reports the request to the observer.

use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use http::{Method, Request, Response, StatusCode};
use tower_layer::Layer;
use tower_service::Service;

use sessctl::session::{Activity, Handle, Session};
use sessctl::web::security_headers;

use super::inspect::SessionSlot;
use super::layer_future::LayerFuture;
use super::metrics::Metrics;

/// A request that has been answered.
#[derive(Debug, Clone)]
pub(crate) struct Access {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) status: StatusCode,
    pub(crate) handle: Option<Handle>,
    pub(crate) activity: Activity,
    /// From the request's head to the response.
    pub(crate) took: Duration,
}

/// Is called for every request.
#[derive(Clone)]
pub(crate) struct Observer(pub(crate) Arc<dyn Fn(&Access) + Send + Sync>);

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer")
    }
}

#[derive(Debug, Clone)]
pub(super) struct AccessLogLayer {
    pub(super) tls: bool,
    pub(super) observer: Option<Observer>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) has_inspector: bool,
}

impl<S> Layer<S> for AccessLogLayer {
    type Service = AccessLogService<S>;

    fn layer(&self, inner: S) -> AccessLogService<S> {
        AccessLogService { log: self.clone(), inner }
    }
}

#[derive(Debug, Clone)]
pub(super) struct AccessLogService<S> {
    log: AccessLogLayer,
    inner: S,
}

impl<S, B, R> Service<Request<B>> for AccessLogService<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Future: Send + 'static,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = LayerFuture<Response<R>, S::Error>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let AccessLogLayer { tls, observer, metrics, has_inspector } = &self.log;
        if *has_inspector && let Some(slot) = request.extensions().get::<SessionSlot>() {
            slot.fill(request.extensions().get());
        }
        let observed = observer.clone().map(|observer| Observed {
            observer,
            method: request.method().clone(),
            path: request.uri().path().to_owned(),
            session: request.extensions().get().cloned(),
        });
        let (tls, metrics, route) = (*tls, Arc::clone(metrics), Metrics::route_of(request.uri().path()));
        let started = Instant::now();
        let response = self.inner.call(request);
        Box::pin(async move {
            let mut response = response.await?;
            security_headers(response.headers_mut(), tls);
            let took = started.elapsed();
            metrics.answered(route, response.status(), took);
            if let Some(observed) = observed {
                observed.report(response.status(), took);
            }
            Ok(response)
        })
    }
}

#[derive(Debug)]
struct Observed {
    observer: Observer,
    method: Method,
    path: String,
    session: Option<Session>,
}

impl Observed {
    fn report(self, status: StatusCode, took: Duration) {
        let (handle, activity) = match &self.session {
            Some(session) => (session.known_handle(), session.activity()),
            None => (None, Activity::default()),
        };
        (self.observer.0)(&Access { method: self.method, path: self.path, status, handle, activity, took });
    }
}
