//! Sweeping in the background: a task that ends by itself when nobody uses the store any more.

use std::sync::{Arc, Weak};
use std::time::Duration;

use super::dyn_store::AnyStore;
use crate::clock::Clock;

/// Sweeps `store` every `interval` for as long as `alive` is, and tells `swept` how many there were.
///
/// Does nothing outside a tokio runtime: a store never shows what has expired, sweeping only frees room.
pub(crate) fn spawn_sweeper<T: Send + Sync + 'static>(
    store: AnyStore,
    clock: Arc<dyn Clock>,
    interval: Duration,
    alive: Weak<T>,
    swept: impl Fn(usize) + Send + 'static,
) {
    let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
    runtime.spawn(async move {
        loop {
            tokio::time::sleep(interval).await;
            if alive.strong_count() == 0 {
                return;
            }
            // A sweep that fails is tried again at its next turn; expired records stay hidden meanwhile.
            if let Ok(count @ 1..) = store.sweep(clock.now()).await {
                swept(count);
            }
        }
    });
}
