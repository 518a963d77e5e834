//! [`Limits`], and the service that holds each request to them.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, X_CONTENT_TYPE_OPTIONS};
use http::uri::Authority;
use http::{HeaderValue, Request, Response, StatusCode, Version};
use hyper::body::Incoming;
use pin_project_lite::pin_project;
use tokio::time::{Sleep, sleep};
use tower_service::Service;

use super::connections::Connection;
use super::request_body::RequestBody;

/// What a client may take of a server.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Open connections; default 10,000. When one more comes, the one that has been silent for longest is
    /// closed; when all are busy, the new one waits.
    pub connections: usize,
    /// Requests that one HTTP/2 connection may have running at once; default 100. More are refused, to be sent again; who
    /// goes on sending them is disconnected. Each may have a whole answer in memory that its client leaves unread, for as
    /// long as [`request_time`](Limits::request_time) allows.
    pub streams: u32,
    /// Request line and headers together, in octets; default 16 KiB, at least 8 KiB. More is answered 431.
    pub head_octets: usize,
    /// From the opening of a connection, or the end of the request before, to the end of a request's
    /// headers, a TLS handshake included; default 15 s. So it is also how long a kept connection may lie idle.
    pub head_time: Duration,
    /// The body of a request, in octets; default 64 KiB. A larger one is answered 413. The requests of one HTTP/2
    /// connection may bring a megabyte together, or this where it is more.
    pub body_octets: usize,
    /// From the end of a request's headers to its response, and how long a client may leave a response unread;
    /// default 30 s. A slower request is answered 408, a client that does not read is cut off.
    pub request_time: Duration,
    /// How long running requests may take to end once the server is told to stop; default 10 s.
    pub drain_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            connections: 10_000,
            streams: 100,
            head_octets: 16 * 1024,
            head_time: Duration::from_secs(15),
            body_octets: 64 * 1024,
            request_time: Duration::from_secs(30),
            drain_time: Duration::from_secs(10),
        }
    }
}

/// Holds one request to the limits.
pub(super) fn limited<S, R>(
    service: &mut S,
    request: Request<Incoming>,
    limits: &Limits,
    connection: &Arc<Connection>,
) -> LimitedFuture<S::Future>
where
    S: Service<Request<RequestBody>, Response = Response<R>>,
{
    let declared =
        request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if declared.is_some_and(|length: usize| length > limits.body_octets) {
        return LimitedFuture { answer: Answer::TooLarge };
    }
    if names_two_hosts(&request) {
        return LimitedFuture { answer: Answer::TwoHosts };
    }
    let request = request.map(|body| RequestBody::new(body, limits.body_octets, connection));
    let (response, patience) = (service.call(request), limits.request_time);
    LimitedFuture { answer: Answer::Response { response, patience, timer: None } }
}

pin_project! {
    pub(super) struct LimitedFuture<F> {
        #[pin]
        answer: Answer<F>,
    }
}

pin_project! {
    #[project = AnswerProjection]
    enum Answer<F> {
        Response { #[pin] response: F, patience: Duration, timer: Option<Pin<Box<Sleep>>> },
        TooLarge,
        TwoHosts,
    }
}

impl<F, R, E> Future for LimitedFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
    R: From<&'static str>,
{
    type Output = Result<Response<R>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().answer.project() {
            AnswerProjection::Response { response, patience, timer } => {
                if let Poll::Ready(answer) = response.poll(cx) {
                    return Poll::Ready(answer);
                }
                // Most answers are there at once: a timer is made only for one that is not.
                let timer = timer.get_or_insert_with(|| Box::pin(sleep(*patience)));
                timer
                    .as_mut()
                    .poll(cx)
                    .map(|()| Ok(closing(StatusCode::REQUEST_TIMEOUT, "408: the request took too long\n")))
            }
            AnswerProjection::TwoHosts => {
                Poll::Ready(Ok(closing(StatusCode::BAD_REQUEST, "400: the request names two hosts\n")))
            }
            AnswerProjection::TooLarge => {
                Poll::Ready(Ok(closing(StatusCode::PAYLOAD_TOO_LARGE, "413: the request is too large\n")))
            }
        }
    }
}

/// Over HTTP/2 the target has the host, and a `Host` field may only say the same (RFC 9113 §8.3.1).
fn names_two_hosts<B>(request: &Request<B>) -> bool {
    let authority = request.uri().authority().filter(|_| request.version() == Version::HTTP_2);
    let same = |host: &HeaderValue, authority: &Authority| {
        host.as_bytes().eq_ignore_ascii_case(authority.as_str().as_bytes())
    };
    authority
        .is_some_and(|authority| request.headers().get_all(HOST).iter().any(|host| !same(host, authority)))
}

/// What is left of the request is not worth reading.
fn closing<R: From<&'static str>>(status: StatusCode, text: &'static str) -> Response<R> {
    let mut response = Response::new(R::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}
