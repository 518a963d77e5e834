//! [`ConnectionService`]: answers the requests of one connection within the limits.

use std::future::{Future, pending, poll_fn};
use std::sync::Arc;

use http::header::CONNECTION;
use http::{HeaderValue, Method, Request, Response, StatusCode, Version};
use http_body::Body;
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
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
            let is_connect = request.method() == Method::CONNECT;
            let ConnectionService { mut service, peer, connections, connection } = self;
            let limits = &connections.limits;
            let mut place = None;
            let mut response = if let Some(response) = rejection(&request, limits) {
                response
            } else {
                let body = |body| RequestBody::new(body, limits.max_body_len, &connection);
                let mut request = request.map(body);
                request.extensions_mut().insert(peer);
                if request.extensions().get::<OnUpgrade>().is_some() {
                    place = connections.reserve_upgrade();
                    if place.is_none() {
                        // Otherwise hyper would give the connection to the application in spite of the 503.
                        request.extensions_mut().remove::<OnUpgrade>();
                    }
                }
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
            let is_upgrade = is_http1 && is_upgrade(&response, is_connect);
            if !is_upgrade && !queued.has_room() {
                response = closing_response(StatusCode::SERVICE_UNAVAILABLE, TOO_MUCH_QUEUED);
                queued.split(usize::MAX);
            }
            if is_upgrade {
                match place {
                    Some(place) => connection.set_upgraded(place),
                    None => {
                        let text = "503: too many upgraded connections, or the server stops\n";
                        response = closing_response(StatusCode::SERVICE_UNAVAILABLE, text);
                    }
                }
            } else if is_http1 && connections.is_stopping() {
                // HTTP/2 sends GOAWAY instead.
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            Ok(response.map(|body| ResponseBody::new(body, active, queued)))
        }
    }
}

/// Whether the connection speaks another protocol after this response (RFC 9110 §7.8 and §9.3.6).
fn is_upgrade<B>(response: &Response<B>, is_connect: bool) -> bool {
    response.status() == StatusCode::SWITCHING_PROTOCOLS || (is_connect && response.status().is_success())
}
