//! The application that `serve` runs: login, a welcome page, a counter. It uses only public parts of the library, as any
//! application would.

mod accept;
mod access;
pub(crate) mod accounts;
mod clock;
mod form_fields;
mod inspect;
mod local_target;
mod login;
mod metrics;
mod my_sessions;
mod page_texts;
mod pages;
mod problem;
mod proxy;
mod reply;
mod router;
mod routes;
mod session_pages;

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;

use http::Request;
use tower_layer::Layer;
use tower_service::Service;
use warp::reply::Response;

use sessctl::clock::{OffsetClock, SystemClock};
use sessctl::server::RequestBody;
use sessctl::session::Sessions;
use sessctl::web::{Guard, GuardLayer, SessionLayer};

use access::AccessLogLayer;
pub(crate) use access::{Access, Observer, SessionChange};
use accounts::Accounts;
use inspect::InspectLayer;
pub(crate) use inspect::Inspector;
pub(crate) use metrics::Metrics;
pub(crate) use proxy::ProxyConfig;
use proxy::ProxyLayer;

type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

#[derive(Clone)]
pub(crate) struct App {
    pub(crate) sessions: Sessions,
    pub(crate) guard: Guard,
    /// Called for every request.
    pub(crate) observer: Option<Observer>,
    pub(crate) proxy: Option<ProxyConfig>,
    pub(crate) metrics: Arc<Metrics>,
    /// `None`: any name logs in, without a password.
    pub(crate) accounts: Option<Arc<Accounts>>,
    /// The clock, if `POST /clock/advance` may advance it.
    pub(crate) clock: Option<Arc<OffsetClock<SystemClock>>>,
    pub(crate) inspector: Option<Arc<Inspector>>,
}

/// The application as a service for the listener. Call it within a tokio runtime.
pub(crate) fn service(
    app: App,
) -> impl Service<Request<RequestBody>, Response = Response, Error = Infallible, Future: Send>
+ Clone
+ Send
+ 'static {
    let router = router::router(&app);
    let App { sessions, guard, observer, proxy, metrics, inspector, .. } = app;
    let access_log = AccessLogLayer { tls: guard.tls, observer, metrics, has_inspector: inspector.is_some() };
    let inspect = InspectLayer::new(inspector, &sessions, guard.tls);
    let guarded = GuardLayer::new(guard).layer(warp::service(router));
    let proxied = ProxyLayer(proxy.map(Arc::new)).layer(guarded);
    inspect.layer(SessionLayer::new(sessions).layer(access_log.layer(proxied)))
}
