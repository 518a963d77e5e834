//! [`Sessions`]: all sessions of an application: their store, clock and settings.

use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::runtime::Handle as Runtime;

use super::completion::{Completion, Detached};
use super::config::{ConfigError, SessionConfig};
use super::cookie::CookieTemplate;
use super::dyn_store::{DynStore, timed};
use super::event::{EndReason, Event};
use super::health_check::HealthCheck;
use super::id::{Handle, TokenHash};
use super::page::{Cursor, Page};
use super::record::Record;
use super::session::Session;
use super::store::{Owner, SessionStore, StoreError};
use crate::clock::{Clock, SystemClock, Timestamp};

/// The number of sessions per call when a list is read from the store.
const PAGE_SIZE: usize = 100;

/// How often a list is read again to end all of its sessions.
const MAX_PASSES: usize = 5;

/// All sessions of an application. A clone is cheap and refers to the same sessions.
///
/// ```
/// use sessctl::session::{SessionConfig, Sessions};
/// use sessctl::stores::MemoryStore;
///
/// let sessions = Sessions::new(MemoryStore::new(), &SessionConfig::default())?;
/// let session = sessions.open([]); // a request without a `Cookie` header
/// # drop(session);
/// # Ok::<(), sessctl::session::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct Sessions(Arc<SharedSessions>);

struct SharedSessions {
    store: Box<dyn DynStore>,
    clock: Box<dyn Clock>,
    config: SessionConfig,
    cookie: CookieTemplate,
    admission: Option<Admission>,
    listener: Option<EventListener>,
    health_check: HealthCheck,
    detached: Detached,
}

/// Decides for each session that is loaded whether it is still valid.
type Admission = Box<dyn Fn(&Record) -> bool + Send + Sync>;

/// A callback for events.
type EventListener = Box<dyn Fn(&Event) + Send + Sync>;

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions").field("config", self.config()).finish_non_exhaustive()
    }
}

/// Sets up [`Sessions`]. Start with [`Sessions::builder`].
///
/// ```
/// use sessctl::session::{SessionConfig, Sessions};
/// use sessctl::stores::MemoryStore;
///
/// let sessions = Sessions::builder(MemoryStore::new())
///     .config(&SessionConfig::default().secure(true))
///     .on_event(|event| println!("{event:?}"))
///     .build()?;
/// # drop(sessions);
/// # Ok::<(), sessctl::session::ConfigError>(())
/// ```
pub struct SessionsBuilder {
    store: Box<dyn DynStore>,
    config: SessionConfig,
    clock: Box<dyn Clock>,
    admission: Option<Admission>,
    listener: Option<EventListener>,
}

impl fmt::Debug for SessionsBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionsBuilder").field("config", &self.config).finish_non_exhaustive()
    }
}

impl SessionsBuilder {
    /// Sets the configuration.
    #[must_use]
    pub fn config(mut self, config: &SessionConfig) -> Self {
        self.config = config.clone();
        self
    }

    /// Sets the clock. Default: the system's clock.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Box::new(clock);
        self
    }

    /// Sets a check for every session that is loaded. A session that fails the check is ended. An application that
    /// counts the versions of its users' credentials (see [`Session::login_with`](super::Session::login_with)) uses this
    /// to end the sessions of users who were removed or have a new password.
    #[must_use]
    pub fn admission(mut self, admits: impl Fn(&Record) -> bool + Send + Sync + 'static) -> Self {
        self.admission = Some(Box::new(admits));
        self
    }

    /// Sets a callback for events. Requests call it directly, so it must return quickly.
    #[must_use]
    pub fn on_event(mut self, listener: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.listener = Some(Box::new(listener));
        self
    }

    /// Sets a callback for calls of the store that had to wait or failed: the name of the call, its duration and its
    /// result. It must return quickly.
    #[must_use]
    pub fn on_store_call(
        mut self,
        observer: impl Fn(&'static str, Duration, Result<(), &StoreError>) + Send + Sync + 'static,
    ) -> Self {
        self.store.set_observer(Box::new(observer));
        self
    }

    /// Creates the sessions. Inside a tokio runtime it also starts the sweep of expired sessions, which stops when the
    /// last clone is dropped.
    ///
    /// # Errors
    /// [`ConfigError`] if the settings are inconsistent.
    pub fn build(self) -> Result<Sessions, ConfigError> {
        let cookie = self.config.validate()?;
        let SessionsBuilder { store, config, clock, admission, listener } = self;
        let (health_check, detached) = (HealthCheck::default(), Detached::default());
        let shared =
            SharedSessions { store, clock, config, cookie, admission, listener, health_check, detached };
        let shared = Arc::new(shared);
        if let Ok(runtime) = Runtime::try_current() {
            runtime.spawn(sweep_regularly(Arc::downgrade(&shared), shared.config.sweep_interval));
        }
        Ok(Sessions(shared))
    }
}

impl Sessions {
    /// Starts the setup of sessions in `store`.
    pub fn builder(store: impl SessionStore) -> SessionsBuilder {
        SessionsBuilder {
            store: timed(store),
            config: SessionConfig::default(),
            clock: Box::new(SystemClock),
            admission: None,
            listener: None,
        }
    }

    /// Sessions in `store`, with the system's clock. See [`SessionsBuilder::build`].
    ///
    /// # Errors
    /// [`ConfigError`] if the settings are inconsistent.
    pub fn new(store: impl SessionStore, config: &SessionConfig) -> Result<Self, ConfigError> {
        Self::builder(store).config(config).build()
    }

    /// The session of a request with these `Cookie` headers. The store is not asked before the session is used.
    pub fn open<'a>(&self, cookie_fields: impl IntoIterator<Item = &'a [u8]>) -> Session {
        Session::new(self.clone(), self.0.cookie.find(cookie_fields.into_iter()))
    }

    /// The name of the session cookie, including its prefix.
    #[must_use]
    pub fn cookie_name(&self) -> &str {
        self.0.cookie.name()
    }

    /// At most `limit` live sessions of `owner`. See [`SessionStore::list`].
    ///
    /// # Errors
    /// [`StoreError`] if the store failed.
    pub async fn list(
        &self,
        owner: Owner<'_>,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page, StoreError> {
        self.store().list(owner, after, limit, self.now()).await
    }

    /// The approximate number of live sessions. `None` if the store cannot tell without reading all of them.
    ///
    /// # Errors
    /// [`StoreError`] if the store failed.
    pub async fn count(&self) -> Result<Option<u64>, StoreError> {
        self.store().count(self.now()).await
    }

    /// Whether a login would work now: see [`SessionStore::ready`]. The result is kept for a second, so that health checks
    /// cost little.
    ///
    /// # Errors
    /// [`StoreError`] if a login would fail.
    pub async fn ready(&self) -> Result<(), Arc<StoreError>> {
        self.0.health_check.check(self.store(), self.now()).await
    }

    /// Ends the session of `owner` with this handle. Returns whether there was one.
    ///
    /// # Errors
    /// [`StoreError`] if the session may still be live.
    pub async fn revoke(&self, owner: Owner<'_>, handle: Handle) -> Result<bool, StoreError> {
        match self.find_with_key(owner, handle).await? {
            Some((key, _)) => self.delete(key, EndReason::Revoked).await,
            None => Ok(false),
        }
    }

    /// The live session of `owner` with this handle.
    ///
    /// # Errors
    /// [`StoreError`] if the store failed.
    pub async fn find(&self, owner: Owner<'_>, handle: Handle) -> Result<Option<Record>, StoreError> {
        Ok(self.find_with_key(owner, handle).await?.map(|(_, record)| record))
    }

    async fn find_with_key(
        &self,
        owner: Owner<'_>,
        handle: Handle,
    ) -> Result<Option<(TokenHash, Record)>, StoreError> {
        let mut pages = Pages::new(self, owner);
        while let Some(page) = pages.next().await? {
            if let Some(found) = page.sessions.into_iter().find(|(_, record)| record.handle == handle) {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Ends all sessions of `owner` except the one with this handle, and returns their number. Sessions that are
    /// created meanwhile may stay live. Records that cannot be read are deleted too.
    ///
    /// # Errors
    /// [`StoreError`] if some sessions may still be live.
    pub async fn revoke_all(&self, owner: Owner<'_>, except: Option<Handle>) -> Result<usize, StoreError> {
        let mut ended = 0;
        // A session that rotates meanwhile may move to a part of the list that was read already.
        for _ in 0..MAX_PASSES {
            let (mut is_empty, mut pages) = (true, Pages::new(self, owner));
            while let Some(page) = pages.next().await? {
                for (key, _) in page.sessions.iter().filter(|(_, record)| Some(record.handle) != except) {
                    is_empty = false;
                    ended += usize::from(self.delete(*key, EndReason::Revoked).await?);
                }
                for key in page.unreadable {
                    is_empty = false;
                    self.delete(key, EndReason::Revoked).await?;
                    ended += 1;
                }
            }
            if is_empty {
                break;
            }
        }
        Ok(ended)
    }

    /// Ends the oldest sessions of a user who has more than `max_per_user`. The store's order decides which they are,
    /// so concurrent logins choose the same ones.
    pub(super) async fn end_surplus(&self, user: &str) -> Result<(), StoreError> {
        let Some(max) = self.config().max_per_user else { return Ok(()) };
        let (mut live, mut pages) = (Vec::new(), Pages::new(self, Owner::User(user)));
        while let Some(page) = pages.next().await? {
            live.extend(page.sessions.into_iter().map(|(key, _)| key));
        }
        let surplus = live.len().saturating_sub(max.max(1));
        for key in live.into_iter().take(surplus) {
            self.delete(key, EndReason::TooMany).await?;
        }
        Ok(())
    }

    /// Waits for the logins, changes and logouts of clients that have disconnected: they finish in the background. Call
    /// this before the runtime stops. Each call of the store takes at most 2 seconds.
    pub async fn settled(&self) {
        self.0.detached.wait_until_finished().await;
    }

    /// Runs work that must finish even if the client disconnects.
    pub(super) fn complete<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Completion<T> {
        Completion::new(work, &self.0.detached)
    }

    /// Whether a session is still valid. If not, it is ended.
    pub(super) async fn admits(&self, key: TokenHash, record: &Record) -> Result<bool, StoreError> {
        let admitted = self.0.admission.as_ref().is_none_or(|admits| admits(record));
        if !admitted {
            self.delete(key, EndReason::NotAdmitted).await?;
        }
        Ok(admitted)
    }

    pub(super) fn notify_ended(&self, ended: &Record, reason: EndReason) {
        self.notify(|| Event::Ended { handle: ended.handle, user: ended.user.clone(), reason });
    }

    pub(super) fn notify(&self, event: impl FnOnce() -> Event) {
        if let Some(notify) = &self.0.listener {
            notify(&event());
        }
    }

    pub(super) fn store(&self) -> &dyn DynStore {
        &*self.0.store
    }

    pub(super) fn config(&self) -> &SessionConfig {
        &self.0.config
    }

    pub(super) fn cookie(&self) -> &CookieTemplate {
        &self.0.cookie
    }

    /// The time by which sessions expire.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }
}

/// Sweeps the store at an interval until the sessions are dropped. A store never returns expired sessions, so a sweep
/// only frees space.
async fn sweep_regularly(sessions: Weak<SharedSessions>, interval: Duration) {
    loop {
        tokio::time::sleep(interval).await;
        let Some(sessions) = sessions.upgrade().map(Sessions) else { return };
        let tolerance = i64::try_from(sessions.store().clock_tolerance().as_millis()).unwrap_or(i64::MAX);
        let expired_at = Timestamp::from_millis(sessions.now().as_millis().saturating_sub(tolerance));
        // A failed sweep is retried after the next interval.
        if let Ok(count @ 1..) = sessions.store().sweep(expired_at).await {
            sessions.notify(|| Event::Expired { count });
        }
    }
}

/// Reads the sessions of an owner page by page.
struct Pages<'a> {
    sessions: &'a Sessions,
    owner: Owner<'a>,
    after: Option<Cursor>,
    is_last: bool,
}

impl<'a> Pages<'a> {
    fn new(sessions: &'a Sessions, owner: Owner<'a>) -> Self {
        Pages { sessions, owner, after: None, is_last: false }
    }

    async fn next(&mut self) -> Result<Option<Page>, StoreError> {
        if self.is_last {
            return Ok(None);
        }
        let page = self.sessions.list(self.owner, self.after.as_ref(), PAGE_SIZE).await?;
        (self.is_last, self.after) = (page.next.is_none(), page.next.clone());
        Ok(Some(page))
    }
}
