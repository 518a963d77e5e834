//! [`Streams`]: what runs the requests of HTTP/2 connections, each for as long as its client does its part.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::rt::Executor;
use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep, sleep};

/// How much later than the request itself its stream is given up: the answer that it took too long goes out first.
const GRACE: Duration = Duration::from_secs(1);

/// Runs each stream as a task of its own. One that moves no further is dropped, and the client told that it is reset: a
/// client that opens no window would have its response held for ever.
#[derive(Debug, Clone)]
pub(super) struct Streams {
    patience: Duration,
}

impl Streams {
    pub(super) fn new(patience: Duration) -> Self {
        Streams { patience: patience + GRACE }
    }
}

impl<F> Executor<F> for Streams
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, stream: F) {
        tokio::spawn(Moving { stream, patience: self.patience, timer: None });
    }
}

pin_project! {
    struct Moving<F> {
        #[pin]
        stream: F,
        patience: Duration,
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
        match this.timer {
            // Most streams end at once: a timer is made only for one that does not.
            None => {
                let timer = this.timer.insert(Box::pin(sleep(*this.patience)));
                let _ = timer.as_mut().poll(cx);
                Poll::Pending
            }
            Some(timer) if timer.is_elapsed() => Poll::Ready(()),
            // It has just moved.
            Some(timer) => {
                timer.as_mut().reset(Instant::now() + *this.patience);
                timer.as_mut().poll(cx)
            }
        }
    }
}
