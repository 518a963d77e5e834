//! [`Sessions`]: the store, the clock and the rules, and what is done with sessions from outside a request.

use std::sync::Arc;

use super::config::{ConfigError, SessionConfig, Settings};
use super::handle::Session;
use super::record::Record;
use super::token::{Handle, TokenHash};
use crate::clock::{Clock, SystemClock, Timestamp};
use crate::store::{AnyStore, Cursor, Owner, Page, SessionStore, StoreError, spawn_sweeper};

/// How many sessions are read from the store at once when looking through a user's.
const PAGE: usize = 100;

/// The sessions of an application. A clone is cheap and is the same sessions.
#[derive(Debug, Clone)]
pub struct Sessions(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: AnyStore,
    clock: Arc<dyn Clock>,
    settings: Settings,
}

impl Sessions {
    /// Sessions in `store`, by the system's clock. Called within a tokio runtime, it starts the sweeping of
    /// expired sessions, which ends with the last clone.
    ///
    /// # Errors
    /// [`ConfigError`], when the settings do not go together.
    pub fn new(store: impl SessionStore, config: &SessionConfig) -> Result<Self, ConfigError> {
        Self::with_clock(store, config, SystemClock)
    }

    /// The same with a clock of one's own.
    ///
    /// # Errors
    /// [`ConfigError`], when the settings do not go together.
    pub fn with_clock(
        store: impl SessionStore,
        config: &SessionConfig,
        clock: impl Clock,
    ) -> Result<Self, ConfigError> {
        let settings = config.build()?;
        let sweep_interval = settings.sweep_interval;
        let sessions =
            Sessions(Arc::new(Inner { store: AnyStore::new(store), clock: Arc::new(clock), settings }));
        let Inner { store, clock, .. } = &*sessions.0;
        spawn_sweeper(store.clone(), Arc::clone(clock), sweep_interval, Arc::downgrade(&sessions.0));
        Ok(sessions)
    }

    /// The session of a request with these `Cookie` header fields. Nothing is read before it is looked at.
    pub fn open<'a>(&self, cookie_fields: impl IntoIterator<Item = &'a [u8]>) -> Session {
        Session::new(self.clone(), self.settings().cookie.find(cookie_fields.into_iter()))
    }

    /// Name of the session cookie, with its prefix.
    #[must_use]
    pub fn cookie_name(&self) -> &str {
        self.settings().cookie.name()
    }

    /// At most `limit` live sessions of `owner`; see [`SessionStore::list`].
    ///
    /// # Errors
    /// [`StoreError`], when the store cannot tell.
    pub async fn list(
        &self,
        owner: Owner<'_>,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page, StoreError> {
        self.store().list(owner, after, limit, self.now()).await
    }

    /// Ends the session of `owner` with this handle. Tells whether there was one.
    ///
    /// # Errors
    /// [`StoreError`], when it may live on.
    pub async fn revoke(&self, owner: Owner<'_>, handle: Handle) -> Result<bool, StoreError> {
        let mut after = None;
        loop {
            let page = self.list(owner, after.as_ref(), PAGE).await?;
            if let Some((key, _)) = page.sessions.iter().find(|(_, record)| record.handle == handle) {
                return self.delete(*key).await;
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(false),
            }
        }
    }

    /// The session of `owner` with this handle, if it is alive.
    ///
    /// # Errors
    /// [`StoreError`], when the store cannot tell.
    pub async fn find(&self, owner: Owner<'_>, handle: Handle) -> Result<Option<Record>, StoreError> {
        let mut after = None;
        loop {
            let page = self.list(owner, after.as_ref(), PAGE).await?;
            let found = page.sessions.into_iter().find(|(_, record)| record.handle == handle);
            match (found, page.next) {
                (Some((_, record)), _) => return Ok(Some(record)),
                (None, Some(next)) => after = Some(next),
                (None, None) => return Ok(None),
            }
        }
    }

    /// Ends all sessions of `owner` but the one with this handle, and says how many they were. Those that begin
    /// meanwhile may live on.
    ///
    /// # Errors
    /// [`StoreError`], when some may live on.
    pub async fn revoke_all(&self, owner: Owner<'_>, but: Option<Handle>) -> Result<usize, StoreError> {
        let (mut ended, mut after) = (0, None);
        loop {
            let page = self.list(owner, after.as_ref(), PAGE).await?;
            for (key, _) in page.sessions.iter().filter(|(_, record)| Some(record.handle) != but) {
                ended += usize::from(self.delete(*key).await?);
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(ended),
            }
        }
    }

    async fn delete(&self, key: TokenHash) -> Result<bool, StoreError> {
        Ok(self.store().delete(key).await?.is_some())
    }

    pub(super) fn store(&self) -> &AnyStore {
        &self.0.store
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub(super) fn now(&self) -> Timestamp {
        self.0.clock.now()
    }
}
