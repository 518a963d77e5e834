//! Answers the requests for the inspector's page, and reports all other exchanges to the feed.

use std::future::ready;
use std::sync::Arc;

use futures_util::future::Either;
use http::Request;
use tower::service_fn;

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
    if let Some(inspector) = &inspector {
        ticker::start(Arc::downgrade(inspector), sessions.clone());
    }
    service_fn(move |request: Request<RequestBody>| {
        let own = inspector.as_ref().and_then(|it| Some((it, it.own_path(request.uri().path())?)));
        if let Some((inspector, path)) = own {
            return Either::Left(ready(Ok(endpoints::answer(inspector, &sessions, path, &request))));
        }
        let observed = inspector.clone().and_then(|it| ObservedExchange::begin(it, &request));
        let response = inner.call(request);
        Either::Right(async move {
            let mut response = response.await?;
            let session = response.extensions_mut().remove();
            if let Some(observed) = observed {
                observed.publish(&response, session).await;
            }
            Ok(response)
        })
    })
}
