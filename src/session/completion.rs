//! [`Completion`]: work that finishes even if the client disconnects.
//!
//! When a client disconnects, the server drops the future of its request at its current await point. A login that has
//! written the new record, but not yet deleted the old one, must not stop there.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::sync::watch;

type PendingWork<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// A future that continues as a separate task if it is dropped before it is ready.
///
/// While it is awaited it needs no task, so the common case is cheap.
pub(super) struct Completion<T: Send + 'static> {
    work: Option<PendingWork<T>>,
    detached: Detached,
}

/// The number of completions that now run as separate tasks.
#[derive(Debug, Clone, Default)]
pub(super) struct Detached(Arc<watch::Sender<usize>>);

impl Detached {
    fn add(&self) -> DetachedTask {
        self.0.send_modify(|count| *count += 1);
        DetachedTask(self.clone())
    }

    pub(super) async fn wait_until_finished(&self) {
        // Waiting fails only if the sender is dropped, and `self` owns it.
        let _ = self.0.subscribe().wait_for(|count| *count == 0).await;
    }
}

struct DetachedTask(Detached);

impl Drop for DetachedTask {
    fn drop(&mut self) {
        self.0.0.send_modify(|count| *count -= 1);
    }
}

impl<T: Send + 'static> Completion<T> {
    pub(super) fn new(work: impl Future<Output = T> + Send + 'static, detached: &Detached) -> Self {
        Completion { work: Some(Box::pin(work)), detached: detached.clone() }
    }
}

impl<T: Send + 'static> Future for Completion<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let Some(work) = self.work.as_mut() else {
            return Poll::Pending; // polled after completion, which the Future contract forbids
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
            let task = self.detached.add();
            runtime.spawn(async move {
                let _ = work.await;
                drop(task);
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::oneshot;

    #[tokio::test]
    async fn dropped_work_continues() {
        let (go, wait) = oneshot::channel::<()>();
        let (done, mut finished) = oneshot::channel();
        let detached = Detached::default();
        let work = async move {
            let _ = wait.await;
            let _ = done.send(());
        };
        let mut work = Completion::new(work, &detached);
        let mut context = Context::from_waker(std::task::Waker::noop());
        assert!(Pin::new(&mut work).poll(&mut context).is_pending());
        detached.wait_until_finished().await;
        drop(work);
        assert!(std::pin::pin!(detached.wait_until_finished()).poll(&mut context).is_pending());
        go.send(()).unwrap();
        detached.wait_until_finished().await;
        finished.try_recv().expect("the work to be finished");
    }
}
