//! [`HealthCheck`]: whether the store does what a login needs, asked at most once a second.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::dyn_store::DynStore;
use super::store::StoreError;
use crate::clock::Timestamp;

/// How long a result is valid. Load balancers ask often, and each check writes to the store.
const MAX_AGE: Duration = Duration::from_secs(1);

/// The last result, and when it was known. A check holds the lock, so requests that arrive meanwhile share its result.
#[derive(Default)]
pub(super) struct HealthCheck(tokio::sync::Mutex<Option<(Instant, Health)>>);

type Health = Result<(), Arc<StoreError>>;

impl HealthCheck {
    pub(super) async fn check(&self, store: &dyn DynStore, now: Timestamp) -> Health {
        let mut last = self.0.lock().await;
        if let Some((_, result)) = last.as_ref().filter(|(when, _)| when.elapsed() < MAX_AGE) {
            return result.clone();
        }
        let result = store.ready(now).await.map_err(Arc::new);
        *last = Some((Instant::now(), result.clone()));
        result
    }
}
