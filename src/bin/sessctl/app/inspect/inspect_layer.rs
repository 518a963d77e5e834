//! Answers the requests for the inspector's page, and reports all other exchanges to the feed.

use std::future::ready;
use std::sync::Arc;

use futures_util::future::Either;
use http::{Request, StatusCode};
use tower::{service_fn, util};

use sessctl::server::RequestBody;
use sessctl::session::Sessions;
use sessctl::web::TrustedProxies;

use super::endpoints;
use super::inspector::Inspector;
use super::observed_exchange::ObservedExchange;
use super::ticker;
use crate::app::http_service::HttpService;
use crate::app::operational::is_from_this_machine;
use crate::app::reply;

/// Without an inspector, it passes every request on. With one, responses must have their session in their extensions.
/// Call it within a tokio runtime: it starts the ticker.
pub(in crate::app) fn inspected(
    inspector: Option<Arc<Inspector>>,
    proxies: Option<TrustedProxies>,
    sessions: Sessions,
    mut inner: impl HttpService,
) -> impl HttpService {
    let Some(inspector) = inspector else { return util::Either::Left(inner) };
    ticker::start(Arc::downgrade(&inspector), sessions.clone());
    util::Either::Right(service_fn(move |request: Request<RequestBody>| {
        if let Some(path) = inspector.own_path(request.uri().path()) {
            // The Host may be localhost although a proxy on this machine forwards the request.
            let response = if is_from_this_machine(&request, proxies.as_ref()) {
                endpoints::answer(&inspector, &sessions, path, &request)
            } else {
                let message = "the inspector answers only this machine, and no proxy";
                reply::json_error(StatusCode::FORBIDDEN, message)
            };
            return Either::Left(ready(Ok(response)));
        }
        let observed = ObservedExchange::begin(Arc::clone(&inspector), &request);
        let response = inner.call(request);
        Either::Right(async move {
            let mut response = response.await?;
            let session = response.extensions_mut().remove();
            if let Some(observed) = observed {
                observed.publish(&response, session).await;
            }
            Ok(response)
        })
    }))
}
