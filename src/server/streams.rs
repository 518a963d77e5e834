//! [`Streams`]: what runs the requests of an HTTP/2 connection, each for as long as its client does its part.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::rt::Executor;
use pin_project_lite::pin_project;
use tokio::time::{Sleep, sleep};

use super::connections::Connection;

/// How much later than the request itself its stream is given up: the answer that it took too long goes out first.
const GRACE: Duration = Duration::from_secs(1);

/// Runs each stream as a task of its own. One that moves no further is dropped, which resets it: a client that opens no
/// window would have its response held for ever. Such a client is told to go, too: with ever new requests it would keep
/// its connection for nothing.
#[derive(Debug, Clone)]
pub(super) struct Streams {
    patience: Duration,
    connection: Arc<Connection>,
}

impl Streams {
    pub(super) fn new(patience: Duration, connection: Arc<Connection>) -> Self {
        Streams { patience: patience.saturating_add(GRACE), connection }
    }
}

impl<F> Executor<F> for Streams
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, stream: F) {
        tokio::spawn(Moving { stream, streams: self.clone(), timer: None });
    }
}

pin_project! {
    struct Moving<F> {
        #[pin]
        stream: F,
        streams: Streams,
        timer: Option<Pin<Box<Sleep>>>,
    }
}

impl<F: Future<Output = ()>> Future for Moving<F> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        if this.stream.poll(cx).is_ready() {
            return Poll::Ready(());
        }
        if this.timer.as_ref().is_some_and(|timer| timer.is_elapsed()) {
            this.streams.connection.leave();
            return Poll::Ready(());
        }
        // It has just moved: its time begins anew. Most streams end with their first move, without a timer.
        let timer = this.timer.insert(Box::pin(sleep(this.streams.patience)));
        timer.as_mut().poll(cx)
    }
}
