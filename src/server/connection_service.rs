//! [`ConnectionService`]: answers the requests of one connection within the limits.

use std::future::{Future, pending, poll_fn};
use std::sync::Arc;

use http::header::CONNECTION;
use http::{HeaderValue, Request, Response, StatusCode, Version};
use http_body::Body;
use hyper::body::Incoming;
use tokio::time::timeout;
use tower_service::Service;

use super::connection_state::ConnectionState;
use super::connections::Connections;
use super::peer::Peer;
use super::queued_bytes::QueuedBytes;
use super::rejection::{closing_response, rejection};
use super::request_body::RequestBody;
use super::response_body::{ActiveRequest, ResponseBody};

const TOO_MUCH_QUEUED: &str = "503: too many clients do not read their responses; try again\n";

/// The service and what it needs to know about the connection. Each request is answered by a clone.
#[derive(Clone)]
pub(super) struct ConnectionService<S> {
    pub(super) service: S,
    pub(super) peer: Peer,
    pub(super) connections: Arc<Connections>,
    pub(super) connection: Arc<ConnectionState>,
}

impl<S, R> ConnectionService<S>
where
    S: Service<Request<RequestBody>, Response = Response<R>>,
    R: Body + From<&'static str>,
{
    /// Calls the service; a request that takes too long gets 408. The request is active from this call on, not from the
    /// first poll of the future.
    pub(super) fn answer(
        self,
        request: Request<Incoming>,
    ) -> impl Future<Output = Result<Response<ResponseBody<R>>, S::Error>> {
        let active = ActiveRequest::begin(&self.connection);
        async move {
            let Some(active) = active else { return pending().await };
            let is_http1 = request.version() <= Version::HTTP_11;
            let ConnectionService { mut service, peer, connections, connection } = self;
            let limits = &connections.limits;
            let mut response = if let Some(response) = rejection(&request, limits) {
                response
            } else {
                let body = |body| RequestBody::new(body, limits.max_body_len, &connection);
                let mut request = request.map(body);
                request.extensions_mut().insert(peer);
                // In a box, because the future is large, and the timeout moves it.
                let response = Box::pin(async {
                    poll_fn(|cx| service.poll_ready(cx)).await?;
                    service.call(request).await
                });
                timeout(limits.request_timeout, response).await.unwrap_or_else(|_| {
                    Ok(closing_response(StatusCode::REQUEST_TIMEOUT, "408: the request took too long\n"))
                })?
            };
            let mut queued = QueuedBytes::of(response.body(), &connections, &connection);
            if !queued.has_room() {
                response = closing_response(StatusCode::SERVICE_UNAVAILABLE, TOO_MUCH_QUEUED);
                queued.split(usize::MAX);
            }
            // HTTP/2 sends GOAWAY instead.
            if is_http1 && connections.is_stopping() {
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            Ok(response.map(|body| ResponseBody::new(body, active, queued)))
        }
    }
}
