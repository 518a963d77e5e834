//! [`Sweeper`]: the task that sweeps the store at an interval.
//!
//! The sessions may be created before the runtime, so each call of the store starts the task if it does not run. The task
//! notes when it ends: with its runtime, of which tests have many.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::runtime::Handle as Runtime;

/// What is swept.
pub(super) trait Sweep: Send + Sync + 'static {
    fn sweeper(&self) -> &Sweeper;
    fn interval(&self) -> Duration;
    fn sweep(&self) -> impl Future<Output = ()> + Send;
}

/// Whether the task runs.
#[derive(Debug, Default)]
pub(super) struct Sweeper(AtomicBool);

impl Sweeper {
    /// Starts the task, if it does not run and there is a runtime.
    pub(super) fn ensure_running<S: Sweep>(swept: &Arc<S>) {
        let Sweeper(is_running) = swept.sweeper();
        if is_running.load(Ordering::Relaxed) {
            return;
        }
        if let Ok(runtime) = Runtime::try_current()
            && !is_running.swap(true, Ordering::Relaxed)
        {
            runtime.spawn(SweepTask(Arc::downgrade(swept)).run());
        }
    }
}

/// The task. It is dropped when it ends, also together with its runtime.
struct SweepTask<S: Sweep>(Weak<S>);

impl<S: Sweep> SweepTask<S> {
    /// Sweeps until nothing refers to what is swept.
    async fn run(self) {
        loop {
            let Some(interval) = self.0.upgrade().map(|swept| swept.interval()) else { return };
            tokio::time::sleep(interval).await;
            let Some(swept) = self.0.upgrade() else { return };
            swept.sweep().await;
        }
    }
}

impl<S: Sweep> Drop for SweepTask<S> {
    fn drop(&mut self) {
        if let Some(swept) = self.0.upgrade() {
            swept.sweeper().0.store(false, Ordering::Relaxed);
        }
    }
}
