//! Runs one connection until it ends, in either HTTP version.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;

use super::connection_state::ConnectionState;

/// What hyper takes as the error of a service or a body.
pub(super) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Polls `http` until it ends or [`ConnectionState`](super::connection_state::ConnectionState) signals that it has to.
/// Its errors are dropped: they are network errors, and the client is gone.
pub(super) async fn drive<C: Future>(
    http: C,
    graceful_shutdown: fn(Pin<&mut C>),
    connection: &ConnectionState,
) {
    let mut http = pin!(http);
    let mut is_draining = false;
    loop {
        let ended = poll_fn(|cx| match http.as_mut().poll(cx) {
            // Part of a request head does not hold up the shutdown.
            Poll::Pending if !is_draining || !connection.is_idle_http1() => Poll::Pending,
            _ => Poll::Ready(()),
        });
        tokio::select! {
            // First serve what is already in the socket: after `graceful_shutdown`, nothing more is read.
            biased;
            () = ended => return,
            () = connection.signaled() => {}
        }
        if connection.is_closed() {
            return;
        }
        is_draining = true;
        graceful_shutdown(http.as_mut());
    }
}
