//! [`InspectLayer`]: answers the requests for the inspector's page, and reports all other exchanges to the feed. Without
//! an inspector it passes every request on.

use std::convert::Infallible;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use http::Request;
use tower_layer::Layer;
use tower_service::Service;
use warp::reply::Response;

use sessctl::session::{Session, Sessions};

use super::endpoints;
use super::inspector::Inspector;
use super::inspector_handle::InspectorHandle;
use super::observed_exchange::PendingExchange;
use crate::app::layer_future::LayerFuture;

/// The session of a request that is shown. An inner layer fills it, because this layer runs before the session exists.
#[derive(Debug, Clone, Default)]
pub(in crate::app) struct SessionSlot(Arc<OnceLock<Session>>);

impl SessionSlot {
    pub(in crate::app) fn fill(&self, session: Option<&Session>) {
        // A request has one session, so a second call would change nothing.
        session.into_iter().for_each(|session| _ = self.0.set(session.clone()));
    }
}

#[derive(Debug, Clone)]
pub(in crate::app) struct InspectLayer(Option<InspectorHandle>);

impl InspectLayer {
    /// Call it within a tokio runtime.
    pub(in crate::app) fn new(inspector: Option<Arc<Inspector>>, sessions: &Sessions, tls: bool) -> Self {
        InspectLayer(inspector.map(|inspector| InspectorHandle::new(inspector, sessions.clone(), tls)))
    }
}

impl<S> Layer<S> for InspectLayer {
    type Service = InspectService<S>;

    fn layer(&self, inner: S) -> InspectService<S> {
        InspectService { handle: self.0.clone(), inner }
    }
}

#[derive(Debug, Clone)]
pub(in crate::app) struct InspectService<S> {
    handle: Option<InspectorHandle>,
    inner: S,
}

impl<S, B> Service<Request<B>> for InspectService<S>
where
    S: Service<Request<B>, Response = Response, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = LayerFuture<Response, Infallible>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let Some(handle) = &self.handle else { return Box::pin(self.inner.call(request)) };
        if let Some(path) = handle.own_path(request.uri().path()) {
            return Box::pin(std::future::ready(Ok(endpoints::answer(handle, path, &request))));
        }
        let inspector = Arc::clone(&handle.inspector);
        let Some(number) = inspector.feed.admit(!request.method().is_safe()) else {
            return Box::pin(self.inner.call(request));
        };
        let (pending, slot) =
            (PendingExchange::new(&request, number, inspector.now()), SessionSlot::default());
        request.extensions_mut().insert(slot.clone());
        let response = self.inner.call(request);
        Box::pin(async move {
            let response = response.await?;
            inspector.feed.publish(pending.finish(&response, slot.0.get(), &inspector).await);
            Ok(response)
        })
    }
}
