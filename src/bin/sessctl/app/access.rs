//! What every response gets, whoever made it: security headers, and a word to the observer.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use http::{Method, Request, Response, StatusCode};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use sessctl::session::{Activity, Handle, Session};
use sessctl::web::security_headers;

use super::inspect::Witness;
use super::metrics::Metrics;

/// One request, told when its response is known.
#[derive(Debug, Clone)]
pub(crate) struct Access {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) status: StatusCode,
    pub(crate) handle: Option<Handle>,
    pub(crate) activity: Activity,
    /// From its head to its response.
    pub(crate) took: Duration,
}

/// What a request did with its session, in words, each with the mark that a list of changes gives it: `+` new, `~`
/// another than before, `-` gone.
pub(crate) fn changes(activity: Activity) -> impl Iterator<Item = (char, &'static str)> {
    let Activity { created, rotated, changed, ended, .. } = activity;
    let all = [
        (created, '+', "session began"),
        (rotated, '~', "token renewed"),
        (changed, '~', "data changed"),
        (ended, '-', "session ended"),
    ];
    all.into_iter().filter(|(happened, ..)| *happened).map(|(_, mark, what)| (mark, what))
}

/// Hears of every request.
#[derive(Clone)]
pub(crate) struct Observer(pub(crate) Arc<dyn Fn(&Access) + Send + Sync>);

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer")
    }
}

#[derive(Debug, Clone)]
pub(super) struct FinishLayer {
    pub(super) tls: bool,
    pub(super) observer: Option<Observer>,
    pub(super) metrics: Arc<Metrics>,
    /// Whether an inspector asks of some requests what became of their session.
    pub(super) inspected: bool,
}

impl<S> Layer<S> for FinishLayer {
    type Service = FinishService<S>;

    fn layer(&self, inner: S) -> FinishService<S> {
        FinishService { finish: self.clone(), inner }
    }
}

#[derive(Debug, Clone)]
pub(super) struct FinishService<S> {
    finish: FinishLayer,
    inner: S,
}

impl<S, B, R> Service<Request<B>> for FinishService<S>
where
    S: Service<Request<B>, Response = Response<R>>,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = FinishFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        if self.finish.inspected {
            let extensions = request.extensions();
            if let (Some(witness), Some(session)) = (extensions.get::<Witness>(), extensions.get()) {
                witness.meets(session);
            }
        }
        let observed = self.finish.observer.clone().map(|observer| Observed {
            observer,
            method: request.method().clone(),
            path: request.uri().path().to_owned(),
            session: request.extensions().get().cloned(),
        });
        let counted = Counted {
            metrics: Arc::clone(&self.finish.metrics),
            route: Metrics::route_of(request.uri().path()),
            started: Instant::now(),
        };
        FinishFuture { response: self.inner.call(request), tls: self.finish.tls, observed, counted }
    }
}

#[derive(Debug)]
struct Counted {
    metrics: Arc<Metrics>,
    route: usize,
    started: Instant,
}

#[derive(Debug)]
struct Observed {
    observer: Observer,
    method: Method,
    path: String,
    session: Option<Session>,
}

impl Observed {
    fn tell(self, status: StatusCode, took: Duration) {
        let (handle, activity) = match &self.session {
            Some(session) => (session.known_handle(), session.activity()),
            None => (None, Activity::default()),
        };
        (self.observer.0)(&Access { method: self.method, path: self.path, status, handle, activity, took });
    }
}

pin_project! {
    #[derive(Debug)]
    pub(super) struct FinishFuture<F> {
        #[pin]
        response: F,
        tls: bool,
        observed: Option<Observed>,
        counted: Counted,
    }
}

impl<F, R, E> Future for FinishFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = Result<Response<R>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut response = ready!(this.response.poll(cx))?;
        security_headers(response.headers_mut(), *this.tls);
        let Counted { metrics, route, started } = this.counted;
        let took = started.elapsed();
        metrics.answered(*route, response.status(), took);
        if let Some(observed) = this.observed.take() {
            observed.tell(response.status(), took);
        }
        Poll::Ready(Ok(response))
    }
}
