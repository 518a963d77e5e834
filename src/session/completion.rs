//! [`Completion`]: work that is finished even when nobody waits for it any more.
//!
//! A client that hangs up makes the server drop the future of its request, wherever it stands. A login that
//! has written the new record but not yet deleted the old one must not stop there.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::sync::watch;

type Work<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// A future that, dropped before its end, goes on as a task of its own.
///
/// As long as it is awaited it costs no task: the common case stays cheap.
pub(super) struct Completion<T: Send + 'static> {
    work: Option<Work<T>>,
    detached: Detached,
}

/// How many have become tasks of their own.
#[derive(Debug, Clone, Default)]
pub(super) struct Detached(Arc<watch::Sender<usize>>);

impl Detached {
    fn one_more(&self) -> OneDetached {
        self.0.send_modify(|count| *count += 1);
        OneDetached(self.clone())
    }

    pub(super) async fn none_left(&self) {
        // It fails where no sender is left, and this is one.
        let _ = self.0.subscribe().wait_for(|count| *count == 0).await;
    }
}

struct OneDetached(Detached);

impl Drop for OneDetached {
    fn drop(&mut self) {
        self.0.0.send_modify(|count| *count -= 1);
    }
}

impl<T: Send + 'static> Completion<T> {
    pub(super) fn of(work: impl Future<Output = T> + Send + 'static, detached: &Detached) -> Self {
        Completion { work: Some(Box::pin(work)), detached: detached.clone() }
    }
}

impl<T: Send + 'static> Future for Completion<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let Some(work) = self.work.as_mut() else {
            return Poll::Pending; // polled again after its end, which no caller may do
        };
        let outcome = work.as_mut().poll(cx);
        if outcome.is_ready() {
            self.work = None;
        }
        outcome
    }
}

impl<T: Send + 'static> Drop for Completion<T> {
    fn drop(&mut self) {
        if let Some(work) = self.work.take()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let one = self.detached.one_more();
            runtime.spawn(async move {
                let _ = work.await;
                drop(one);
            });
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
        let (done, mut finished) = oneshot::channel();
        let detached = Detached::default();
        let work = async move {
            let _ = wait.await;
            let _ = done.send(());
        };
        let mut work = Completion::of(work, &detached);
        let mut nobody = Context::from_waker(std::task::Waker::noop());
        assert!(Pin::new(&mut work).poll(&mut nobody).is_pending());
        detached.none_left().await;
        drop(work);
        assert!(std::pin::pin!(detached.none_left()).poll(&mut nobody).is_pending());
        go.send(()).unwrap();
        detached.none_left().await;
        finished.try_recv().expect("the work to be finished");
    }
}
