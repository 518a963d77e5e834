//! The application as a service for the listener: its layers around the router.

use tower_layer::Layer;
use warp::reply::Response;

use sessctl::web::{GuardLayer, Rejection, SessionLayer};

use super::access_log::AccessLog;
use super::application::App;
use super::http_service::HttpService;
use super::inspect::inspected;
use super::operational::{only_operational, operational};
use super::proxy::{ProxyCheck, behind_proxy};
use super::reply;
use super::router::router;
use super::weaknesses::{FaultContext, weakened};

/// Call it within a tokio runtime.
pub(crate) fn service(app: App) -> impl HttpService {
    let router = router(&app);
    let App { sessions, guard, observer, proxy, warn, metrics, inspector, weaknesses, .. } = app;
    let weaknesses = FaultContext::of(weaknesses, &sessions, guard.tls);
    let access_log = AccessLog { tls: guard.tls, observer, metrics, shares_session: inspector.is_some() };
    let guarded = GuardLayer::new(guard.clone()).respond_with(rejected).layer(router.clone());
    let proxies = proxy.as_ref().map(|proxy| proxy.proxies.clone());
    let proxied = behind_proxy(proxy.map(|proxy| ProxyCheck::new(proxy, guard, warn)), guarded);
    let logged = access_log.layer(operational(proxies.clone(), router, proxied));
    let sound = SessionLayer::new(sessions.clone()).layer(logged);
    inspected(inspector, proxies, sessions, weakened(weaknesses, sound))
}

/// Probes and metrics, for the address of the administrator.
pub(crate) fn admin_service(app: App) -> impl HttpService {
    let router = router(&app);
    let access_log =
        AccessLog { tls: false, observer: app.observer, metrics: app.metrics, shares_session: false };
    access_log.layer(only_operational(router))
}

fn rejected(rejection: Rejection) -> Response {
    let mut response = reply::text("text/plain; charset=utf-8", rejection.message());
    *response.status_mut() = rejection.status();
    response
}
