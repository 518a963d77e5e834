//! The application as a service for the listener: its layers around the router.

use std::convert::Infallible;
use std::sync::Arc;

use http::Request;
use tower_layer::Layer;
use tower_service::Service;
use warp::reply::Response;

use sessctl::server::RequestBody;
use sessctl::web::{GuardLayer, SessionLayer};

use super::access::AccessLogLayer;
use super::application::App;
use super::inspect::InspectLayer;
use super::proxy::ProxyLayer;
use super::router::router;

/// Call it within a tokio runtime.
pub(crate) fn service(
    app: App,
) -> impl Service<Request<RequestBody>, Response = Response, Error = Infallible, Future: Send>
+ Clone
+ Send
+ 'static {
    let router = router(&app);
    let App { sessions, guard, observer, proxy, metrics, inspector, .. } = app;
    let access_log = AccessLogLayer { tls: guard.tls, observer, metrics, has_inspector: inspector.is_some() };
    let inspect = InspectLayer::new(inspector, &sessions, guard.tls);
    let guarded = GuardLayer::new(guard).layer(warp::service(router));
    let proxied = ProxyLayer(proxy.map(Arc::new)).layer(guarded);
    inspect.layer(SessionLayer::new(sessions).layer(access_log.layer(proxied)))
}
