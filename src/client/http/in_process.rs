//! [`InProcess`]: a tower service in this process, which answers requests without a network.

use std::convert::Infallible;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use tower_service::Service;

pub(super) type BoxError = Box<dyn std::error::Error + Send + Sync>;

type ServiceFuture = Pin<Box<dyn Future<Output = Result<Response<Bytes>, BoxError>> + Send>>;

/// The body of a request to a service in this process: one chunk, or nothing.
#[derive(Debug, Default)]
pub struct ServiceBody(Option<Bytes>);

impl Body for ServiceBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}

/// A service, without its type.
#[derive(Clone)]
pub(super) struct InProcess(Arc<dyn Fn(Request<ServiceBody>) -> ServiceFuture + Send + Sync>);

impl fmt::Debug for InProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InProcess")
    }
}

impl InProcess {
    pub(super) fn new<S, B>(service: S) -> Self
    where
        S: Service<Request<ServiceBody>, Response = Response<B>, Error: Into<BoxError>, Future: Send>
            + Clone
            + Send
            + 'static,
        B: Body<Error: Into<BoxError>> + Send + 'static,
    {
        let service = Mutex::new(service);
        InProcess(Arc::new(move |request| {
            // Each request gets a clone that is ready for it. A panic leaves the original as it was.
            let mut service = service.lock().unwrap_or_else(PoisonError::into_inner).clone();
            Box::pin(async move {
                poll_fn(|cx| service.poll_ready(cx)).await.map_err(Into::into)?;
                let (head, body) = service.call(request).await.map_err(Into::into)?.into_parts();
                Ok(Response::from_parts(head, read(body).await?))
            })
        }))
    }

    pub(super) async fn call(&self, request: Request<Option<Bytes>>) -> Result<Response<Bytes>, BoxError> {
        (self.0)(request.map(ServiceBody)).await
    }
}

async fn read<B: Body<Error: Into<BoxError>>>(body: B) -> Result<Bytes, BoxError> {
    let (mut body, mut whole) = (pin!(body), BytesMut::new());
    while let Some(frame) = poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
        if let Ok(mut data) = frame.map_err(Into::into)?.into_data() {
            let length = data.remaining();
            whole.put(data.copy_to_bytes(length));
        }
    }
    Ok(whole.freeze())
}
