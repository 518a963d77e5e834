//! [`StreamExecutor`]: runs the streams of an HTTP/2 connection, and resets those that make no progress.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use hyper::rt::Executor;
use tokio::time::sleep;

use super::connection_state::ConnectionState;

/// How much longer than a request its stream may live, so that the 408 for a slow request is sent before the reset.
const RESET_DELAY: Duration = Duration::from_secs(1);

/// Runs each stream as a task.
///
/// If a stream makes no progress for the timeout, its task is dropped, which resets the stream. Otherwise a client
/// that never opens its window would keep its response in memory forever. The connection gets GOAWAY too, because such
/// a client could keep it open with ever new requests.
#[derive(Debug, Clone)]
pub(super) struct StreamExecutor {
    timeout: Duration,
    connection: Arc<ConnectionState>,
}

impl StreamExecutor {
    pub(super) fn new(request_timeout: Duration, connection: Arc<ConnectionState>) -> Self {
        StreamExecutor { timeout: request_timeout.saturating_add(RESET_DELAY), connection }
    }
}

impl<F> Executor<F> for StreamExecutor
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, stream: F) {
        let StreamExecutor { timeout, connection } = self.clone();
        tokio::spawn(async move {
            let (mut stream, mut timer) = (pin!(stream), pin!(sleep(timeout)));
            poll_fn(|cx| {
                if stream.as_mut().poll(cx).is_ready() {
                    return Poll::Ready(());
                }
                if timer.is_elapsed() {
                    connection.go_away();
                    return Poll::Ready(());
                }
                // The stream was woken, so it made progress: its time starts again.
                timer.set(sleep(timeout));
                timer.as_mut().poll(cx)
            })
            .await;
        });
    }
}
