//! [`Answering`]: what answers the requests of one connection.

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::header::CONNECTION;
use http::{HeaderValue, Request, Response, Version};
use http_body::Body;
use hyper::body::Incoming;
use tower_service::Service;

use super::Peer;
use super::connections::{Connection, Connections};
use super::limits::{Limits, limited};
use super::request_body::RequestBody;
use super::response_body::{Busy, TrackedBody};

/// It has a clone of the service to itself.
pub(super) struct Answering<S> {
    pub(super) service: Mutex<S>,
    pub(super) peer: Peer,
    pub(super) limits: Arc<Limits>,
    pub(super) connections: Arc<Connections>,
    pub(super) connection: Arc<Connection>,
}

impl<S, R> Answering<S>
where
    S: Service<Request<RequestBody>, Response = Response<R>>,
    R: Body + From<&'static str>,
{
    /// The connection is busy from this call on, not from the first look at what it returns.
    pub(super) fn answer(
        self: Arc<Self>,
        mut request: Request<Incoming>,
    ) -> impl Future<Output = Result<Response<TrackedBody<R>>, S::Error>> {
        let busy = Busy::begin(&self.connection);
        async move {
            let Some(busy) = busy else { return std::future::pending().await };
            let is_http1 = request.version() <= Version::HTTP_11;
            request.extensions_mut().insert(self.peer);
            std::future::poll_fn(|cx| self.service().poll_ready(cx)).await?;
            let response = limited(&mut *self.service(), request, &self.limits, &self.connection);
            let mut response = response.await?;
            // HTTP/2 has a frame for it.
            if self.connections.is_stopping() && is_http1 {
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            Ok(response.map(|body| busy.until_handed_on(body)))
        }
    }

    /// Held for a moment: over HTTP/1 nobody else is there to wait for, over HTTP/2 calls begin one after the other.
    fn service(&self) -> MutexGuard<'_, S> {
        self.service.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
