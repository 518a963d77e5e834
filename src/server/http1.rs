//! HTTP/1.1: one request at a time on a connection.

use http_body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::HttpService;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use super::connection::{BoxError, drive};
use super::connections::Registration;

/// Speaks HTTP/1.1 on `io` until the connection ends.
pub(super) async fn serve<I, S, B>(io: I, service: S, registration: Registration)
where
    S: HttpService<Incoming, ResBody = B, Error: Into<BoxError>>,
    I: AsyncRead + AsyncWrite + Unpin,
    B: Body<Error: Into<BoxError>> + 'static,
{
    let connection = http1::Builder::new()
        // A client that closes its sending side still gets its response.
        .half_close(true)
        // `Connections::close_overdue` enforces the time limit of a head.
        .header_read_timeout(None)
        .max_buf_size(registration.connections.limits.max_head_len)
        .serve_connection(TokioIo::new(io), service);
    drive(connection, http1::Connection::graceful_shutdown, registration).await;
}
