//! [`ConnectionService`]: answers the requests of one connection within the limits.

use std::future::{Future, pending, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use http::header::CONNECTION;
use http::{HeaderValue, Method, Request, Response, StatusCode, Version};
use http_body::Body;
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use tokio::time::error::Elapsed;
use tokio::time::timeout;
use tower_service::Service;

use super::connection_state::ConnectionState;
use super::peer::Peer;
use super::queued_bytes::QueuedBytes;
use super::rejection::{closing_response, rejection};
use super::request_body::RequestBody;
use super::response_body::{ActiveRequest, ResponseBody};

const TOO_MUCH_QUEUED: &str = "503: too many clients do not read their responses; try again\n";

/// The service and what it needs to know about the connection.
pub(super) struct ConnectionService<S> {
    clones: Mutex<Clones<S>>,
    peer: Peer,
    connection: Arc<ConnectionState>,
}

/// Clones of the service. `spare` is one that no request is calling: over HTTP/1.1 it answers every request. A clone for
/// each request would write reference counts that all cores share.
struct Clones<S> {
    original: S,
    spare: Option<S>,
}

impl<S: Clone> ConnectionService<S> {
    pub(super) fn new(service: S, peer: Peer, connection: Arc<ConnectionState>) -> Self {
        let clones = Mutex::new(Clones { original: service, spare: None });
        ConnectionService { clones, peer, connection }
    }

    fn clones(&self) -> MutexGuard<'_, Clones<S>> {
        // A panic leaves the clones usable.
        self.clones.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_clone(&self) -> S {
        let mut clones = self.clones();
        clones.spare.take().unwrap_or_else(|| clones.original.clone())
    }
}

impl<S, R> ConnectionService<S>
where
    S: Service<Request<RequestBody>, Response = Response<R>> + Clone,
    R: Body + From<&'static str>,
{
    /// Calls the service; a request that takes too long gets 408. The request is active from this call on, not from the
    /// first poll of the future.
    pub(super) fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> impl Future<Output = Result<Response<ResponseBody<R>>, S::Error>> {
        let active = ActiveRequest::begin(&self.connection);
        async move {
            let Some(active) = active else { return pending().await };
            let is_http1 = request.version() <= Version::HTTP_11;
            let is_connect = request.method() == Method::CONNECT;
            let (connection, server) = (&self.connection, &self.connection.server);
            let limits = &server.limits;
            let mut place = None;
            let mut response = if let Some(response) = rejection(&request, limits) {
                response
            } else {
                let body = |body| RequestBody::new(body, limits.max_body_len, connection);
                let mut request = request.map(body);
                request.extensions_mut().insert(self.peer);
                if request.extensions().get::<OnUpgrade>().is_some() {
                    place = server.reserve_upgrade();
                    if place.is_none() {
                        // Otherwise hyper would give the connection to the application in spite of the 503.
                        request.extensions_mut().remove::<OnUpgrade>();
                    }
                }
                // In a box, because the future is large, and the timeout moves it.
                let response = Box::pin(async {
                    let mut service = self.take_clone();
                    poll_fn(|cx| service.poll_ready(cx)).await?;
                    let response = service.call(request);
                    self.clones().spare = Some(service);
                    response.await
                });
                within(limits.request_timeout, response).await.unwrap_or_else(|_| {
                    Ok(closing_response(StatusCode::REQUEST_TIMEOUT, "408: the request took too long\n"))
                })?
            };
            let mut queued = QueuedBytes::of(response.body(), connection);
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
            } else if is_http1 && server.is_stopping() {
                // HTTP/2 sends GOAWAY instead.
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            Ok(response.map(|body| ResponseBody::new(body, active, queued)))
        }
    }
}

/// `work` with a time limit. Most requests are answered at the first poll, and need no timer.
async fn within<F: Future + Unpin>(limit: Duration, mut work: F) -> Result<F::Output, Elapsed> {
    if let Poll::Ready(output) = poll_fn(|cx| Poll::Ready(Pin::new(&mut work).poll(cx))).await {
        return Ok(output);
    }
    timeout(limit, work).await
}

/// Whether the connection speaks another protocol after this response (RFC 9110 §7.8 and §9.3.6).
fn is_upgrade<B>(response: &Response<B>, is_connect: bool) -> bool {
    response.status() == StatusCode::SWITCHING_PROTOCOLS || (is_connect && response.status().is_success())
}
