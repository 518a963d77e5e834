//! HTTP/1.1: one request at a time on a connection.

use std::sync::Arc;

use http_body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::HttpService;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use super::connection::{BoxError, drive};
use super::connection_state::ConnectionState;

/// Speaks HTTP/1.1 on `io` until the connection ends.
pub(super) async fn serve<I, S, B>(io: I, service: S, connection: Arc<ConnectionState>)
where
    S: HttpService<Incoming, ResBody = B, Error: Into<BoxError>>,
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    B: Body<Error: Into<BoxError>> + 'static,
{
    let http = http1::Builder::new()
        // A client that closes its sending side still gets its response.
        .half_close(true)
        // `Connections::close_overdue` enforces the time limit of a head.
        .header_read_timeout(None)
        .max_buf_size(connection.server.limits.max_head_len)
        .serve_connection(TokioIo::new(io), service)
        .with_upgrades();
    drive(http, http1::UpgradeableConnection::graceful_shutdown, &connection).await;
}
