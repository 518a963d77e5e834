//! HTTP/2 (RFC 9113): many requests at the same time on a connection, each on a stream.

use std::sync::Arc;

use http::header::HOST;
use http::uri::Authority;
use http::{HeaderValue, Request, Version};
use http_body::Body;
use hyper::body::Incoming;
use hyper::rt::bounds::Http2ServerConnExec;
use hyper::server::conn::http2;
use hyper::service::HttpService;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use super::connection::{BoxError, drive};
use super::connection_state::ConnectionState;
use super::executor::StreamExecutor;

/// How much a client may send on one stream before the service reads it (RFC 9113 §6.9.2).
const INITIAL_STREAM_WINDOW: u32 = 65_535;

/// Speaks HTTP/2 on `io` until the connection ends.
pub(super) async fn serve<I, S, B>(io: I, service: S, connection: Arc<ConnectionState>)
where
    S: HttpService<Incoming, ResBody = B, Error: Into<BoxError>>,
    I: AsyncRead + AsyncWrite + Unpin,
    B: Body<Error: Into<BoxError>> + 'static,
    StreamExecutor: Http2ServerConnExec<S::Future, B>,
{
    connection.set_multiplexed();
    let limits = &connection.server.limits;
    let executor = StreamExecutor::new(limits.request_timeout, Arc::clone(&connection));
    let http = http2::Builder::new(executor)
        .max_concurrent_streams(limits.max_concurrent_streams)
        .max_header_list_size(u32::try_from(limits.max_head_len).unwrap_or(u32::MAX))
        .initial_stream_window_size(INITIAL_STREAM_WINDOW)
        .serve_connection(TokioIo::new(io), service);
    drive(http, http2::Connection::graceful_shutdown, &connection).await;
}

/// Whether `Host` names another host than `:authority` (RFC 9113 §8.3.1).
pub(super) fn has_conflicting_host<B>(request: &Request<B>) -> bool {
    let authority = request.uri().authority().filter(|_| request.version() == Version::HTTP_2);
    let differs = |host: &HeaderValue, authority: &Authority| {
        !host.as_bytes().eq_ignore_ascii_case(authority.as_str().as_bytes())
    };
    authority
        .is_some_and(|authority| request.headers().get_all(HOST).iter().any(|host| differs(host, authority)))
}
