//! [`Inner`]: the service that a fault wraps.

use std::convert::Infallible;

use http::Request;
use tower::service_fn;
use tower::util::BoxCloneService;
use tower_service::Service;
use warp::reply::Response;

use sessctl::server::RequestBody;

use crate::app::http_service::HttpService;

/// The service inside a fault: the sound one, or one that has other faults already.
#[derive(Clone)]
pub(in crate::app::weaknesses) struct Inner(BoxCloneService<Request<RequestBody>, Response, Infallible>);

impl Inner {
    pub(in crate::app::weaknesses) fn new(service: impl HttpService) -> Self {
        Inner(BoxCloneService::new(service))
    }

    /// A layer around this service: the function answers each request, and may ask this service.
    pub(in crate::app::weaknesses) fn wrapped<F>(
        self,
        answer: impl Fn(Request<RequestBody>, Inner) -> F + Clone + Send + 'static,
    ) -> Inner
    where
        F: Future<Output = Response> + Send + 'static,
    {
        Inner::new(service_fn(move |request| {
            let response = answer(request, self.clone());
            async move { Ok(response.await) }
        }))
    }

    /// A layer that changes requests.
    pub(in crate::app::weaknesses) fn with_request(
        self,
        change: impl Fn(&mut Request<RequestBody>) + Clone + Send + 'static,
    ) -> Inner {
        self.wrapped(move |mut request, inner| {
            change(&mut request);
            inner.answer(request)
        })
    }

    /// A layer that changes the responses to some requests. The first function decides which, and may keep something of
    /// the request for the second one.
    pub(in crate::app::weaknesses) fn with_response<T: Send + 'static>(
        self,
        concerns: impl Fn(&Request<RequestBody>) -> Option<T> + Clone + Send + 'static,
        change: impl Fn(&mut Response, T) + Clone + Send + 'static,
    ) -> Inner {
        self.wrapped(move |request, inner| {
            let (concerned, change) = (concerns(&request), change.clone());
            async move {
                let mut response = inner.answer(request).await;
                if let Some(concerned) = concerned {
                    change(&mut response, concerned);
                }
                response
            }
        })
    }

    pub(in crate::app::weaknesses) async fn answer(mut self, request: Request<RequestBody>) -> Response {
        let Ok(response) = self.0.call(request).await;
        response
    }

    pub(in crate::app::weaknesses) fn into_service(self) -> impl HttpService {
        self.0
    }
}
