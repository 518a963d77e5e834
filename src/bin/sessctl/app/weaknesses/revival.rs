//! `revival`: a request that has loaded the session writes it back, even if a logout has deleted it meanwhile.

use http::Method;

use sessctl::session::{Record, SessionStore, StoreError, Timestamp, TokenHash};

use super::hold::HOLD;
use super::layer::{FaultContext, Inner, is};
use crate::app::routes::Handler;

tokio::task_local! {
    /// Set while a request is answered that writes its session back.
    static WRITES_BACK: ();
}

/// All requests write their session back but the logout.
pub(super) fn layer(inner: Inner, _: &FaultContext) -> Inner {
    inner.wrapped(|request, inner| async move {
        if is(&request, &Method::POST, Handler::Logout) {
            return inner.answer(request).await;
        }
        WRITES_BACK.scope((), inner.answer(request)).await
    })
}

pub(super) async fn load_and_write_back(
    store: &impl SessionStore,
    key: TokenHash,
    now: Timestamp,
) -> Result<Option<Record>, StoreError> {
    let loaded = store.load(key, now).await?;
    if let Some(record) = loaded.as_ref().filter(|_| WRITES_BACK.try_with(|()| ()).is_ok()) {
        tokio::time::sleep(HOLD).await;
        match store.create(key, record.clone()).await {
            // Nobody has deleted it.
            Ok(()) | Err(StoreError::Exists) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(loaded)
}
