//! [`InspectLayer`]: answers the inspector's own requests, and tells it of all others. Without an inspector it passes
//! everything on.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

use http::Request;
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;
use warp::reply::Response;

use sessctl::session::{Session, Sessions};

use super::exchange::Beginning;
use super::{Desk, Inspector, routes};

/// Where the session of a request that is shown is put: it is known further inside.
#[derive(Debug, Clone, Default)]
pub(in crate::app) struct Witness(Arc<OnceLock<Session>>);

impl Witness {
    pub(in crate::app) fn meets(&self, session: &Session) {
        // A request has one.
        let _ = self.0.set(session.clone());
    }
}

#[derive(Debug, Clone)]
pub(in crate::app) struct InspectLayer(Option<Desk>);

impl InspectLayer {
    /// Within a tokio runtime: with an inspector, its pulse begins.
    pub(in crate::app) fn new(inspector: Option<Arc<Inspector>>, sessions: &Sessions, tls: bool) -> Self {
        InspectLayer(inspector.map(|inspector| Desk::new(inspector, sessions.clone(), tls)))
    }
}

impl<S> Layer<S> for InspectLayer {
    type Service = InspectService<S>;

    fn layer(&self, inner: S) -> InspectService<S> {
        InspectService { desk: self.0.clone(), inner }
    }
}

#[derive(Debug, Clone)]
pub(in crate::app) struct InspectService<S> {
    desk: Option<Desk>,
    inner: S,
}

impl<S, B> Service<Request<B>> for InspectService<S>
where
    S: Service<Request<B>, Response = Response, Error = Infallible>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = InspectFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let mut shown = None;
        if let Some(desk) = &self.desk {
            if let Some(page) = desk.page_of(request.uri().path()) {
                let response = Some(Box::new(routes::answer(desk, page, &request)));
                return InspectFuture { answer: Answer::Own { response } };
            }
            shown = Shown::begin(&desk.inspector, &mut request);
        }
        InspectFuture { answer: Answer::Passed { response: self.inner.call(request), shown } }
    }
}

/// An exchange that is shown when it has ended.
#[derive(Debug)]
struct Shown {
    inspector: Arc<Inspector>,
    beginning: Beginning,
    witness: Witness,
}

impl Shown {
    fn begin<B>(inspector: &Arc<Inspector>, request: &mut Request<B>) -> Option<Box<Self>> {
        let number = inspector.feed.admit(!request.method().is_safe())?;
        let (beginning, witness) = (Beginning::of(request, number, inspector.now()), Witness::default());
        request.extensions_mut().insert(witness.clone());
        Some(Box::new(Shown { inspector: Arc::clone(inspector), beginning, witness }))
    }

    fn end(self, response: &Response) {
        let Shown { inspector, beginning, witness } = self;
        inspector.feed.publish(beginning.end(response, witness.0.get(), &inspector));
    }
}

pin_project! {
    #[derive(Debug)]
    pub(in crate::app) struct InspectFuture<F> {
        #[pin]
        answer: Answer<F>,
    }
}

pin_project! {
    #[derive(Debug)]
    #[project = AnswerProjection]
    enum Answer<F> {
        Passed { #[pin] response: F, shown: Option<Box<Shown>> },
        Own { response: Option<Box<Response>> },
    }
}

impl<F> Future for InspectFuture<F>
where
    F: Future<Output = Result<Response, Infallible>>,
{
    type Output = Result<Response, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().answer.project() {
            AnswerProjection::Passed { response, shown } => {
                let response = ready!(response.poll(cx))?;
                if let Some(shown) = shown.take() {
                    shown.end(&response);
                }
                Poll::Ready(Ok(response))
            }
            // Polled again after its end, which no caller may do, it is empty.
            AnswerProjection::Own { response } => {
                Poll::Ready(Ok(response.take().map(|response| *response).unwrap_or_default()))
            }
        }
    }
}
