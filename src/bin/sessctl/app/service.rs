//! The application as a service for the listener: its layers around the router.

use std::sync::Arc;

use tower_layer::Layer;

use sessctl::web::{GuardLayer, SessionLayer};

use super::access_log::AccessLog;
use super::application::App;
use super::http_service::HttpService;
use super::inspect::inspected;
use super::proxy::behind_proxy;
use super::router::router;

/// Call it within a tokio runtime.
pub(crate) fn service(app: App) -> impl HttpService {
    let router = router(&app);
    let App { sessions, guard, observer, proxy, metrics, inspector, .. } = app;
    let access_log = AccessLog { tls: guard.tls, observer, metrics, shares_session: inspector.is_some() };
    let guarded = GuardLayer::new(guard).layer(warp::service(router));
    let logged = access_log.layer(behind_proxy(proxy.map(Arc::new), guarded));
    inspected(inspector, sessions.clone(), SessionLayer::new(sessions).layer(logged))
}
