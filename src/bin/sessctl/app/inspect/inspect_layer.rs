//! Answers the requests for the inspector's page, and reports all other exchanges to the feed.

use std::future::ready;
use std::sync::Arc;

use futures_util::future::Either;
use http::Request;
use tower::{service_fn, util};

use sessctl::server::RequestBody;
use sessctl::session::Sessions;

use super::endpoints;
use super::inspector::Inspector;
use super::observed_exchange::ObservedExchange;
use super::ticker;
use crate::app::http_service::HttpService;

/// Without an inspector, it passes every request on. With one, responses must have their session in their extensions.
/// Call it within a tokio runtime: it starts the ticker.
pub(in crate::app) fn inspected(
    inspector: Option<Arc<Inspector>>,
    sessions: Sessions,
    mut inner: impl HttpService,
) -> impl HttpService {
    let Some(inspector) = inspector else { return util::Either::Left(inner) };
    ticker::start(Arc::downgrade(&inspector), sessions.clone());
    util::Either::Right(service_fn(move |request: Request<RequestBody>| {
        if let Some(path) = inspector.own_path(request.uri().path()) {
            return Either::Left(ready(Ok(endpoints::answer(&inspector, &sessions, path, &request))));
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
