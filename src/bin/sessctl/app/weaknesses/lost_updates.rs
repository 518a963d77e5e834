//! `lost-updates`: a change reads the data, changes it and writes it back, in three steps.

use sessctl::session::{Change, Changed, SessionStore, StoreError, Timestamp, TokenHash};

use super::hold::HOLD;

/// The second of two writes at the same time overwrites the first one.
pub(super) async fn read_change_write(
    store: &impl SessionStore,
    key: TokenHash,
    change: &Change,
    now: Timestamp,
) -> Result<Changed, StoreError> {
    let Some(record) = store.load(key, now).await? else { return Ok(Changed::NotFound) };
    match change.apply_to(&record.data) {
        Ok(changed) => {
            tokio::time::sleep(HOLD).await;
            store.change(key, &Change::between(&record.data, &changed), now).await
        }
        Err(error) => Ok(Changed::Rejected(error, record.data)),
    }
}
