//! [`Sessions`]: the store, the clock and the rules, and what is done with sessions from outside a request.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::completion::{Completion, Detached};
use super::config::{ConfigError, SessionConfig, Settings};
use super::dyn_store::AnyStore;
use super::event::{EndReason, Event, Listener};
use super::id::{Handle, TokenHash};
use super::record::Record;
use super::session::Session;
use super::store::{Cursor, Owner, Page, SessionStore, StoreError};
use super::sweeper::spawn_sweeper;
use crate::clock::{Clock, SystemClock, Timestamp};

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
    admission: Option<Admission>,
    listener: Option<Listener>,
    detached: Detached,
}

/// Says of each session that is loaded whether it may go on.
#[derive(Clone)]
struct Admission(Arc<dyn Fn(&Record) -> bool + Send + Sync>);

impl fmt::Debug for Admission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Admission")
    }
}

/// Sessions that are being set up: [`Sessions::builder`].
#[derive(Debug)]
pub struct SessionsBuilder {
    store: AnyStore,
    config: SessionConfig,
    clock: Arc<dyn Clock>,
    admission: Option<Admission>,
    listener: Option<Listener>,
}

impl SessionsBuilder {
    /// With these settings.
    #[must_use]
    pub fn config(mut self, config: &SessionConfig) -> Self {
        self.config = config.clone();
        self
    }

    /// By this clock instead of the system's.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Asks this of each session that is loaded: one that may not go on is ended. An application that counts the
    /// versions of its users' credentials (see [`Session::login_with`](super::Session::login_with)) so ends the
    /// sessions of whoever was removed or got a new password, also if that was while it did not run.
    #[must_use]
    pub fn admission(mut self, admits: impl Fn(&Record) -> bool + Send + Sync + 'static) -> Self {
        self.admission = Some(Admission(Arc::new(admits)));
        self
    }

    /// Tells this of what happens to sessions. It is called where that is done, so it must be quick.
    #[must_use]
    pub fn on_event(mut self, listener: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.listener = Some(Listener(Arc::new(listener)));
        self
    }

    /// Tells this of the calls of the store that took time or failed: what was called, how long it took, what went
    /// wrong. It must be quick.
    #[must_use]
    pub fn on_store_call(
        mut self,
        observer: impl Fn(&'static str, Duration, Result<(), &StoreError>) + Send + Sync + 'static,
    ) -> Self {
        self.store = self.store.observed_by(Arc::new(observer));
        self
    }

    /// The sessions. Called within a tokio runtime, it starts the sweeping of expired ones, which ends with the last
    /// clone.
    ///
    /// # Errors
    /// [`ConfigError`], when the settings do not go together.
    pub fn build(self) -> Result<Sessions, ConfigError> {
        let settings = self.config.build()?;
        let sweep_interval = settings.sweep_interval;
        let SessionsBuilder { store, clock, admission, listener, .. } = self;
        let detached = Detached::default();
        let sessions = Sessions(Arc::new(Inner { store, clock, settings, admission, listener, detached }));
        let Inner { store, clock, listener, .. } = &*sessions.0;
        let (alive, listener) = (Arc::downgrade(&sessions.0), listener.clone());
        spawn_sweeper(store.clone(), Arc::clone(clock), sweep_interval, alive, move |count| {
            if let Some(Listener(tell)) = &listener {
                tell(&Event::Expired { count });
            }
        });
        Ok(sessions)
    }
}

impl Sessions {
    /// Sessions in `store`, to be set up.
    pub fn builder(store: impl SessionStore) -> SessionsBuilder {
        SessionsBuilder {
            store: AnyStore::new(store),
            config: SessionConfig::default(),
            clock: Arc::new(SystemClock),
            admission: None,
            listener: None,
        }
    }

    /// Sessions in `store`, by the system's clock. Called within a tokio runtime, it starts the sweeping of
    /// expired sessions, which ends with the last clone.
    ///
    /// # Errors
    /// [`ConfigError`], when the settings do not go together.
    pub fn new(store: impl SessionStore, config: &SessionConfig) -> Result<Self, ConfigError> {
        Self::builder(store).config(config).build()
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
        Self::builder(store).config(config).clock(clock).build()
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

    /// About how many sessions are alive, if the store can tell without looking at all of them.
    ///
    /// # Errors
    /// [`StoreError`], when the store could not be asked.
    pub async fn count(&self) -> Result<Option<u64>, StoreError> {
        self.store().count(self.now()).await
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
                return self.delete(*key, EndReason::Revoked).await;
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
                ended += usize::from(self.delete(*key, EndReason::Revoked).await?);
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(ended),
            }
        }
    }

    /// Ends the oldest sessions of a user who has more than one may have. Of those who begin at the same time all choose
    /// the same: the store's order decides, not who asks.
    pub(super) async fn end_the_oldest_of(&self, user: &str) -> Result<(), StoreError> {
        let Some(most) = self.settings().max_per_user else { return Ok(()) };
        let (mut live, mut after) = (Vec::new(), None);
        loop {
            let page = self.list(Owner::User(user), after.as_ref(), PAGE).await?;
            live.extend(page.sessions.iter().map(|(key, _)| *key));
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        let surplus = live.len().saturating_sub(most);
        for key in live.into_iter().take(surplus) {
            self.delete(key, EndReason::TooMany).await?;
        }
        Ok(())
    }

    /// Waits until nothing is being done any more for clients that have hung up: logins, changes and ends are brought to
    /// their end without them. A server that stops waits for it, before the runtime that does it is gone. Each call of the
    /// store takes 2 s at most.
    pub async fn settled(&self) {
        self.0.detached.none_left().await;
    }

    /// Does what must not stop half way, also when nobody waits for it any more.
    pub(super) fn complete<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Completion<T> {
        Completion::of(work, &self.0.detached)
    }

    /// Whether a session may go on. One that may not is ended.
    pub(super) async fn admits(&self, key: TokenHash, record: &Record) -> Result<bool, StoreError> {
        let admitted = self.0.admission.as_ref().is_none_or(|Admission(admits)| admits(record));
        if !admitted {
            self.delete(key, EndReason::NotAdmitted).await?;
        }
        Ok(admitted)
    }

    pub(super) async fn delete(&self, key: TokenHash, reason: EndReason) -> Result<bool, StoreError> {
        let removed = self.store().delete(key).await?;
        if let Some(Record { handle, user, .. }) = &removed {
            self.tell(|| Event::Ended { handle: *handle, user: user.clone(), reason });
        }
        Ok(removed.is_some())
    }

    pub(super) fn tell(&self, event: impl FnOnce() -> Event) {
        if let Some(Listener(tell)) = &self.0.listener {
            tell(&event());
        }
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
