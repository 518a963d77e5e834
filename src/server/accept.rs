//! [`serve`]: accepting, serving and stopping.

use std::error::Error;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use http::header::CONNECTION;
use http::{HeaderValue, Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::server::graceful::GracefulConnection;
use pin_project_lite::pin_project;
use tokio::net::{TcpListener, TcpStream};
use tower_service::Service;

use super::Peer;
use super::connections::{Connection, Connections, Registration, TrackedBody};
use super::io::WatchedIo;
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
/// Each request carries its [`Peer`] in its extensions, and each connection has a clone of the service to itself.
pub async fn serve<S, R>(listener: TcpListener, service: S, limits: Limits, stop: impl Future<Output = ()>)
where
    S: Service<Request<RequestBody>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    R: Body + From<&'static str> + Send + 'static,
    R::Data: Send,
    R::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let connections = Connections::new();
    tokio::spawn(Connections::close_overdue(Arc::downgrade(&connections), limits.clone()));
    let server = Server { service, limits: Arc::new(limits), connections };
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
        self.connections.stop();
        // Clients that the operating system has let in already would be reset with the listener.
        let deadline = tokio::time::Instant::now() + self.limits.drain_time;
        if let Ok(listener) = listener.into_std() {
            loop {
                match listener.accept() {
                    Ok((stream, address)) => {
                        let stream = stream.set_nonblocking(true).and_then(|()| TcpStream::from_std(stream));
                        if let Ok(stream) = stream {
                            self.spawn(stream, Peer(address));
                        }
                    }
                    Err(error) if is_of_one_connection(&error) => {}
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                    // Out of descriptors: those that run give theirs back when they end.
                    Err(_) if tokio::time::Instant::now() < deadline => {
                        self.connections.close_oldest_silent();
                        tokio::time::sleep(Duration::from_millis(10)).await;
                    }
                    Err(_) => break,
                }
            }
        }
        // Connections that lie idle are closed at once. One whose next request is on its way is given the time
        // to be read, and its client is told with the response that it is the last.
        tokio::time::sleep(SETTLING_TIME.min(self.limits.drain_time)).await;
        self.connections.close_when_answered();
        if tokio::time::timeout_at(deadline, self.connections.all_gone()).await.is_err() {
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
        let answering = Arc::new(Answering {
            service: Mutex::new(self.service.clone()),
            peer,
            limits: Arc::clone(&self.limits),
            connections: Arc::clone(&self.connections),
            connection: Arc::clone(&connection),
        });
        let served = http1::Builder::new()
            // A client that has said all it has to say still wants its answer.
            .half_close(true)
            // How long a head may take is watched from outside.
            .header_read_timeout(None)
            .max_buf_size(self.limits.head_octets.max(SMALLEST_HEAD))
            .serve_connection(
                WatchedIo::new(stream, Arc::clone(&connection)),
                service_fn(move |request| Arc::clone(&answering).answer(request)),
            );
        let driver = tokio::spawn(Driver { served, registration, is_known: false, is_told: false });
        connection.is_driven_by(driver.abort_handle());
    }
}

/// What answers the requests of one connection, in turn: it has a clone of the service to itself.
struct Answering<S> {
    service: Mutex<S>,
    peer: Peer,
    limits: Arc<Limits>,
    connections: Arc<Connections>,
    connection: Arc<Connection>,
}

impl<S, R> Answering<S>
where
    S: Service<Request<RequestBody>, Response = Response<R>>,
    R: From<&'static str>,
{
    async fn answer(
        self: Arc<Self>,
        mut request: Request<Incoming>,
    ) -> Result<Response<TrackedBody<R>>, S::Error> {
        let Some(busy) = self.connection.begin_request() else { return std::future::pending().await };
        request.extensions_mut().insert(self.peer);
        std::future::poll_fn(|cx| self.service().poll_ready(cx)).await?;
        let response = limited(&mut *self.service(), request, &self.limits);
        let mut response = response.await?;
        if self.connections.is_stopping() {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        Ok(response.map(|body| busy.until_handed_on(body)))
    }

    /// Nobody else is there to wait for: HTTP/1 has one request at a time.
    fn service(&self) -> MutexGuard<'_, S> {
        self.service.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pin_project! {
    /// Drives a connection to its end. What goes wrong on it is the client's own affair.
    struct Driver<C> {
        #[pin]
        served: C,
        registration: Registration,
        is_known: bool,
        is_told: bool,
    }
}

impl<C: GracefulConnection> Future for Driver<C> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        let connection = &this.registration.connection;
        if !*this.is_known {
            // A task has one waker for life.
            *this.is_known = true;
            connection.wake_with(cx.waker());
        }
        // What is in the socket already comes first: a connection that is told to close reads no more.
        if this.served.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        if !this.registration.connections.is_closing() {
            return Poll::Pending;
        }
        if !*this.is_told {
            *this.is_told = true;
            this.served.as_mut().graceful_shutdown();
            if this.served.poll(cx).is_ready() {
                return Poll::Ready(());
            }
        }
        // The beginning of a request is none.
        if connection.is_silent() { Poll::Ready(()) } else { Poll::Pending }
    }
}
