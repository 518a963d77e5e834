//! [`Completion`]: work that is finished even when nobody waits for it any more.
//!
//! A client that hangs up makes the server drop the future of its request, wherever it stands. A login that
//! has written the new record but not yet deleted the old one must not stop there.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

type Work<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// A future that, dropped before its end, goes on as a task of its own.
///
/// As long as it is awaited it costs no task: the common case stays cheap.
pub(super) struct Completion<T: Send + 'static>(Option<Work<T>>);

impl<T: Send + 'static> Completion<T> {
    pub(super) fn of(work: impl Future<Output = T> + Send + 'static) -> Self {
        Completion(Some(Box::pin(work)))
    }
}

impl<T: Send + 'static> Future for Completion<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let Some(work) = self.0.as_mut() else {
            return Poll::Pending; // polled again after its end, which no caller may do
        };
        let outcome = work.as_mut().poll(cx);
        if outcome.is_ready() {
            self.0 = None;
        }
        outcome
    }
}

impl<T: Send + 'static> Drop for Completion<T> {
    fn drop(&mut self) {
        if let Some(work) = self.0.take()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(work);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::oneshot;

    #[tokio::test]
    async fn work_goes_on_when_dropped_half_way() {
        let (go, wait) = oneshot::channel::<()>();
        let (done, finished) = oneshot::channel();
        let mut work = Completion::of(async move {
            let _ = wait.await;
            let _ = done.send(());
        });
        assert!(Pin::new(&mut work).poll(&mut Context::from_waker(std::task::Waker::noop())).is_pending());
        drop(work);
        go.send(()).unwrap();
        finished.await.expect("the work to be finished");
    }
}
