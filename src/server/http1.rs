//! HTTP/1.1: one request at a time on a connection.

use http_body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::HttpService;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use super::connection::{BoxError, OpenConnection, drive};

/// Speaks HTTP/1.1 on `io` until the connection ends.
pub(super) async fn serve<I, S, B>(io: I, service: S, open: OpenConnection)
where
    S: HttpService<Incoming, ResBody = B, Error: Into<BoxError>>,
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    B: Body<Error: Into<BoxError>> + 'static,
{
    let connection = http1::Builder::new()
        // A client that closes its sending side still gets its response.
        .half_close(true)
        // `Connections::close_overdue` enforces the time limit of a head.
        .header_read_timeout(None)
        .max_buf_size(open.limits.max_head_len)
        .serve_connection(TokioIo::new(io), service)
        .with_upgrades();
    drive(connection, http1::UpgradeableConnection::graceful_shutdown, &open.connection).await;
}
