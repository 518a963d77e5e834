//! The background task that removes expired sessions from the store.

use std::sync::{Arc, Weak};
use std::time::Duration;

use super::dyn_store::DynStore;
use crate::clock::Clock;

/// Sweeps `store` every `interval` until `alive` is dropped, and calls `on_swept` with the number of removed sessions.
///
/// Outside a tokio runtime it does nothing. A store never returns expired sessions, so a sweep only frees space.
pub(super) fn spawn_sweeper<T: Send + Sync + 'static>(
    store: DynStore,
    clock: Arc<dyn Clock>,
    interval: Duration,
    alive: Weak<T>,
    on_swept: impl Fn(usize) + Send + 'static,
) {
    let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
    runtime.spawn(async move {
        loop {
            tokio::time::sleep(interval).await;
            if alive.strong_count() == 0 {
                return;
            }
            // A failed sweep is retried after the next interval.
            if let Ok(count @ 1..) = store.sweep(clock.now()).await {
                on_swept(count);
            }
        }
    });
}
