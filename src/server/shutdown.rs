//! [`shut_down`]: stops the server without dropping a request that arrived in time.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};

use super::connections::Connections;
use super::listener::is_disconnect;

/// How long to wait for requests that clients have already sent.
const SETTLE_DELAY: Duration = Duration::from_millis(100);

/// How long connections may take to drop what they were doing.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// How long to wait before accepting again when the process is out of file descriptors.
const RETRY_DELAY: Duration = Duration::from_millis(10);

/// Lets active requests finish within the drain timeout, then closes all connections.
///
/// 1. Connections in the backlog are accepted and served: closing the listener would reset them.
/// 2. Requests on their way have [`SETTLE_DELAY`] to arrive. Each response now says that it is the last.
/// 3. Idle connections close; the others close when their responses are sent.
/// 4. At the deadline, what is left is closed.
pub(super) async fn shut_down(
    listener: TcpListener,
    connections: Arc<Connections>,
    start: impl Fn(TcpStream, SocketAddr),
) {
    connections.announce_stop();
    let drained = async {
        accept_backlog(listener, &connections, start).await;
        sleep(SETTLE_DELAY).await;
        connections.finish_all();
        connections.all_ended().await;
    };
    if timeout(connections.limits.drain_timeout, drained).await.is_err() {
        connections.close_all();
        let _ = timeout(CLOSE_TIMEOUT, connections.all_ended()).await;
    }
}

async fn accept_backlog(
    listener: TcpListener,
    connections: &Connections,
    start: impl Fn(TcpStream, SocketAddr),
) {
    // tokio asks the operating system only after an event, so it could miss the newest connections.
    let Ok(listener) = listener.into_std() else { return };
    loop {
        match listener.accept() {
            Ok((stream, address)) => {
                let stream = stream.set_nonblocking(true).and_then(|()| TcpStream::from_std(stream));
                if let Ok(stream) = stream {
                    start(stream, address);
                }
            }
            Err(error) if is_disconnect(&error) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => return,
            Err(_) => {
                connections.close_longest_idle();
                sleep(RETRY_DELAY).await;
            }
        }
    }
}
