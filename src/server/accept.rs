//! [`serve`]: accepting, serving and stopping.

use std::error::Error;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::header::CONNECTION;
use http::{HeaderValue, Request, Response};
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
use super::io::PatientIo;
use super::limits::{Limits, RequestBody, limited};

/// hyper reads no less at once.
const SMALLEST_HEAD: usize = 8 * 1024;

/// How long to wait at most when the operating system has no room for a connection.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// How long requests that are on their way have to arrive once the server is told to stop.
const SETTLING_TIME: Duration = Duration::from_millis(100);

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
        service,
        limits: Arc::new(limits),
        connections: Connections::new(),
        graceful: GracefulShutdown::new(),
        stopping: Arc::default(),
    };
    tokio::pin!(stop);
    let mut pause = Duration::from_millis(1);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, address)) => {
                pause = Duration::from_millis(1);
                // Whoever was let in is served, also by a server that is told to stop meanwhile.
                tokio::select! {
                    () = server.connections.room(server.limits.connections) => server.spawn(stream, Peer(address)),
                    () = &mut stop => {
                        server.spawn(stream, Peer(address));
                        break;
                    }
                }
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
    server.stop(listener).await;
}

/// The peer went away between its knocking and our opening.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

struct Server<S> {
    service: S,
    limits: Arc<Limits>,
    connections: Arc<Connections>,
    graceful: GracefulShutdown,
    /// No more requests are wanted on the connections that there are.
    stopping: Arc<AtomicBool>,
}

impl<S, R> Server<S>
where
    S: Service<Request<RequestBody>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    R: Body + From<&'static str> + Send + 'static,
    R::Data: Send,
    R::Error: Into<Box<dyn Error + Send + Sync>>,
{
    /// Ends without dropping a request that came in time.
    async fn stop(self, listener: TcpListener) {
        self.stopping.store(true, Ordering::Relaxed);
        // Clients that the operating system has let in already would be reset with the listener.
        if let Ok(listener) = listener.into_std() {
            while let Ok((stream, address)) = listener.accept() {
                let stream = stream.set_nonblocking(true).and_then(|()| TcpStream::from_std(stream));
                if let Ok(stream) = stream {
                    self.spawn(stream, Peer(address));
                }
            }
        }
        // Connections that lie idle are closed at once. One whose next request is on its way is given the time
        // to be read, and its client is told with the response that it is the last.
        tokio::time::sleep(SETTLING_TIME.min(self.limits.drain_time)).await;
        if tokio::time::timeout(self.limits.drain_time, self.graceful.shutdown()).await.is_err() {
            self.connections.close_all();
            // Each now drops what it was doing, and may have something to finish.
            let _ = tokio::time::timeout(CLOSING_TIME, self.connections.all_gone()).await;
        }
    }

    fn spawn(&self, stream: TcpStream, peer: Peer) {
        // Without it a small response may wait for the acknowledgement of the one before.
        let _ = stream.set_nodelay(true);
        let registration = self.connections.register();
        let connection = Arc::clone(&registration.connection);
        let limits = Arc::clone(&self.limits);
        let (service, stopping) = (self.service.clone(), Arc::clone(&self.stopping));
        let handler = service_fn(move |mut request: Request<Incoming>| {
            let busy = connection.begin_request();
            request.extensions_mut().insert(peer);
            let (mut service, limits, stopping) =
                (service.clone(), Arc::clone(&limits), Arc::clone(&stopping));
            async move {
                std::future::poll_fn(|cx| service.poll_ready(cx)).await?;
                let mut response = limited(&mut service, request, &limits).await?;
                if stopping.load(Ordering::Relaxed) {
                    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
                }
                Ok::<_, S::Error>(response.map(|body| busy.until_handed_on(body)))
            }
        });
        let io = PatientIo::new(TokioIo::new(stream), self.limits.request_time);
        let served = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.head_time)
            .max_buf_size(self.limits.head_octets.max(SMALLEST_HEAD))
            .serve_connection(io, handler);
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
