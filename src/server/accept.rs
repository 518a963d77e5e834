//! [`serve`]: accepting, serving and stopping.

use std::error::Error;
use std::future::Future;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{Request, Response};
use http_body::Body;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tower_service::Service;

use super::answering::Answering;
use super::clear::over_tls_instead;
use super::connections::{Connections, Registration};
use super::driver::{Driver, at_once, http1, http2, unless_closing};
use super::io::WatchedSocket;
use super::limits::Limits;
use super::request_body::RequestBody;
use super::tls::{Accepted, Tls};
use super::{Listener, Peer};

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
pub async fn serve<S, R>(
    listener: impl Into<Listener>,
    service: S,
    limits: Limits,
    stop: impl Future<Output = ()>,
) where
    S: Service<Request<RequestBody>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    R: Body + From<&'static str> + Send + 'static,
    R::Data: Send,
    R::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let Listener { tcp: listener, tls } = listener.into();
    let connections = Connections::new();
    tokio::spawn(Connections::close_overdue(Arc::downgrade(&connections), limits.clone()));
    let server = Server { service, limits: Arc::new(limits), connections, tls };
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
    tls: Option<Tls>,
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
        let socket = WatchedSocket::new(stream, Arc::clone(&connection));
        let answering = Arc::new(Answering {
            service: Mutex::new(self.service.clone()),
            peer,
            limits: Arc::clone(&self.limits),
            connections: Arc::clone(&self.connections),
            connection: Arc::clone(&connection),
        });
        let driver = match &self.tls {
            None => {
                let service = service_fn(move |request| Arc::clone(&answering).answer(request));
                tokio::spawn(Driver::new(http1(TokioIo::new(socket), service, &self.limits), registration))
            }
            Some(tls) => tokio::spawn(drive_over_tls(tls.clone(), socket, answering, registration)),
        };
        connection.is_driven_by(driver.abort_handle());
    }
}

/// A connection that begins with a handshake, which takes no longer than the head of a request may.
async fn drive_over_tls<S, R>(
    tls: Tls,
    socket: WatchedSocket,
    answering: Arc<Answering<S>>,
    registration: Registration,
) where
    S: Service<Request<RequestBody>, Response = Response<R>> + Send + 'static,
    S::Future: Send,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    R: Body + From<&'static str> + Send + 'static,
    R::Data: Send,
    R::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let Some(accepted) = unless_closing(tls.handshake(socket), &registration).await else { return };
    let (limits, connection) = (Arc::clone(&answering.limits), Arc::clone(&registration.connection));
    let service = service_fn(move |request| Arc::clone(&answering).answer(request));
    match accepted {
        Accepted::Http1(stream) => {
            Driver::new(http1(TokioIo::new(stream), service, &limits), registration).await;
        }
        Accepted::Http2(stream) => {
            connection.can_have_many_at_once();
            Driver::new(http2(TokioIo::new(stream), service, &limits, connection), registration).await;
        }
        Accepted::Clear(stream) => {
            let service = service_fn(at_once(over_tls_instead::<_, R>));
            Driver::new(http1(TokioIo::new(stream), service, &limits), registration).await;
        }
    }
}
