//! [`serve`]: accepts connections, and starts a task for each.

use std::future::{Future, ready};
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper::service::{HttpService, service_fn};
use tokio::net::TcpStream;
use tower_service::Service;

use super::connection::BoxError;
use super::connection_service::ConnectionService;
use super::connection_state::ConnectionState;
use super::connections::{Connections, Registration};
use super::https_redirect::https_redirect;
use super::limits::Limits;
use super::listener::{Listener, RedirectedHosts, is_disconnect};
use super::peer::Peer;
use super::request_body::RequestBody;
use super::shutdown::shut_down;
use super::tls::{Negotiated, Tls};
use super::watched_socket::WatchedSocket;
use super::{http1, http2};

/// The first and the longest pause after the operating system could not accept a connection.
const MIN_RETRY_DELAY: Duration = Duration::from_millis(1);
const MAX_RETRY_DELAY: Duration = Duration::from_secs(1);

/// Serves `service` on `listener` until `stop` completes. Then it accepts no more connections, lets active requests
/// finish within [the drain timeout](Limits::with_drain_timeout), and returns.
///
/// Clones of the service answer the requests. Each request carries its [`Peer`] in its extensions.
///
/// ```no_run
/// use sessctl::server::{Limits, serve};
/// use warp::Filter;
///
/// # async fn run() -> std::io::Result<()> {
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:8000").await?;
/// let service = warp::service(warp::any().map(|| "hello"));
/// let stop = async { let _ = tokio::signal::ctrl_c().await; };
/// serve(listener, service, Limits::default(), stop).await;
/// # Ok(())
/// # }
/// ```
pub async fn serve<S, R>(
    listener: impl Into<Listener>,
    service: S,
    limits: Limits,
    stop: impl Future<Output = ()>,
) where
    S: Service<Request<RequestBody>, Response = Response<R>, Future: Send> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    R: Body<Error: Into<BoxError>> + From<&'static str> + Send + 'static,
{
    let Listener { tcp: listener, tls, redirected_hosts } = listener.into();
    let connections = Connections::new(limits);
    tokio::spawn(Connections::close_overdue(Arc::downgrade(&connections)));
    let registry = Arc::clone(&connections);
    let start = move |stream, address| {
        let registration = registry.register();
        let connection = Arc::clone(&registration.connection);
        let service = Arc::new(ConnectionService::new(service.clone(), Peer(address), connection));
        let service = service_fn(move |request| Arc::clone(&service).answer(request));
        let tls = tls.as_ref().map(|tls| (tls, &redirected_hosts));
        start_connection(stream, tls, service, registration);
    };
    tokio::pin!(stop);
    let mut retry_delay = MIN_RETRY_DELAY;
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, address)) => {
                retry_delay = MIN_RETRY_DELAY;
                let is_stopped = tokio::select! {
                    () = connections.capacity() => false,
                    () = &mut stop => true,
                };
                // An accepted connection is served even if the server stops in the meantime.
                start(stream, address);
                if is_stopped {
                    break;
                }
            }
            Err(error) if is_disconnect(&error) => {}
            // Out of file descriptors or memory: some connection has to end first.
            Err(_) => {
                connections.close_longest_idle();
                tokio::select! {
                    () = &mut stop => break,
                    () = tokio::time::sleep(retry_delay) => retry_delay = (retry_delay * 2).min(MAX_RETRY_DELAY),
                }
            }
        }
    }
    shut_down(listener, connections, start).await;
}

fn start_connection<S, B>(
    stream: TcpStream,
    tls: Option<(&Tls, &RedirectedHosts)>,
    service: S,
    registration: Registration,
) where
    S: HttpService<Incoming, ResBody = B, Future: Send, Error: Into<BoxError>> + Send + 'static,
    B: Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
{
    // Otherwise a small response may wait for the acknowledgment of the previous one (Nagle's algorithm).
    let _ = stream.set_nodelay(true);
    let connection = Arc::clone(&registration.connection);
    let socket = WatchedSocket::new(stream, registration);
    match tls {
        None => tokio::spawn(http1::serve(socket, service, connection)),
        Some((tls, hosts)) => {
            tokio::spawn(serve_tls(tls.clone(), hosts.clone(), socket, service, connection))
        }
    };
}

/// Serves a connection that starts with a TLS handshake. `head_timeout` includes the time of the handshake.
async fn serve_tls<S, B>(
    tls: Tls,
    hosts: RedirectedHosts,
    socket: WatchedSocket,
    service: S,
    connection: Arc<ConnectionState>,
) where
    S: HttpService<Incoming, ResBody = B, Future: Send, Error: Into<BoxError>> + Send + 'static,
    B: Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
{
    let negotiated = tokio::select! {
        biased;
        negotiated = tls.handshake(socket) => negotiated,
        () = connection.signaled() => return,
    };
    match negotiated {
        Ok(Negotiated::Http1(stream)) => http1::serve(stream, service, connection).await,
        Ok(Negotiated::Http2(stream)) => http2::serve(stream, service, connection).await,
        Ok(Negotiated::Plaintext(socket)) => {
            let service = service_fn(|request| {
                ready(Ok::<_, std::convert::Infallible>(https_redirect(&request, &*hosts.0)))
            });
            http1::serve(socket, service, connection).await;
        }
        // The handshake failed: there is no way to tell the client more than the TLS alert did.
        Err(_) => {}
    }
}
