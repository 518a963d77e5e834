//! [`serve`]: accepting, serving and stopping.

use std::error::Error;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tower_service::Service;

use super::Peer;
use super::connections::{Connections, Registration};
use super::limits::{Limits, RequestBody, limited};

/// hyper reads no less at once.
const SMALLEST_HEAD: usize = 8 * 1024;

/// How long to wait at most when the operating system has no room for a connection.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// How long connections that are told to close may take to do so.
const CLOSING_TIME: Duration = Duration::from_secs(1);

/// Serves `service` on `listener` until `stop` is done; then accepts no more, lets running requests end
/// within [`Limits::drain_time`], and returns.
///
/// Each request carries its [`Peer`] in its extensions, and has a clone of the service to itself.
pub async fn serve<S, R>(listener: TcpListener, service: S, limits: Limits, stop: impl Future<Output = ()>)
where
    S: Service<Request<RequestBody>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    R: Body + From<&'static str> + Send + 'static,
    R::Data: Send,
    R::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let server = Server {
        limits: Arc::new(limits),
        connections: Connections::new(),
        graceful: GracefulShutdown::new(),
    };
    tokio::pin!(stop);
    let mut pause = Duration::from_millis(1);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = server.accept(&listener) => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                pause = Duration::from_millis(1);
                server.spawn(stream, peer, service.clone());
            }
            Err(error) if is_of_one_connection(&error) => {}
            Err(_) => {
                // Out of descriptors or memory: some connection has to end first.
                server.connections.close_oldest_silent();
                tokio::select! {
                    () = &mut stop => break,
                    () = tokio::time::sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
                }
            }
        }
    }
    drop(listener);
    let Server { limits, connections, graceful } = server;
    if tokio::time::timeout(limits.drain_time, graceful.shutdown()).await.is_err() {
        connections.close_all();
        // Each now drops what it was doing, and may have something to finish.
        let _ = tokio::time::timeout(CLOSING_TIME, connections.all_gone()).await;
    }
}

/// The peer went away between its knocking and our opening.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

struct Server {
    limits: Arc<Limits>,
    connections: Arc<Connections>,
    graceful: GracefulShutdown,
}

impl Server {
    async fn accept(&self, listener: &TcpListener) -> io::Result<(TcpStream, Peer)> {
        let (stream, address) = listener.accept().await?;
        self.connections.room(self.limits.connections).await;
        Ok((stream, Peer(address)))
    }

    fn spawn<S, R>(&self, stream: TcpStream, peer: Peer, service: S)
    where
        S: Service<Request<RequestBody>, Response = Response<R>> + Clone + Send + 'static,
        S::Future: Send,
        S::Error: Into<Box<dyn Error + Send + Sync>>,
        R: Body + From<&'static str> + Send + 'static,
        R::Data: Send,
        R::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        // Without it a small response may wait for the acknowledgement of the one before.
        let _ = stream.set_nodelay(true);
        let registration = self.connections.register();
        let connection = Arc::clone(&registration.connection);
        let limits = Arc::clone(&self.limits);
        let handler = service_fn(move |mut request: Request<Incoming>| {
            connection.set_busy(true);
            request.extensions_mut().insert(peer);
            let (mut service, limits, connection) =
                (service.clone(), Arc::clone(&limits), Arc::clone(&connection));
            async move {
                std::future::poll_fn(|cx| service.poll_ready(cx)).await?;
                let response = limited(&mut service, request, &limits).await;
                connection.set_busy(false);
                response
            }
        });
        let served = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.head_time)
            .max_buf_size(self.limits.head_octets.max(SMALLEST_HEAD))
            .serve_connection(TokioIo::new(stream), handler);
        tokio::spawn(until_closed(self.graceful.watch(served), registration));
    }
}

/// Drives a connection to its end. What goes wrong on it is the client's own affair.
async fn until_closed<C, E>(served: C, registration: Registration)
where
    C: Future<Output = Result<(), E>>,
{
    tokio::select! {
        _ = served => {}
        () = registration.connection.close.notified() => {}
    }
}
