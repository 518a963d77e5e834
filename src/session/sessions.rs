//! [`Sessions`]: all sessions of an application: their store, clock and settings.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::completion::{Completion, Detached};
use super::config::SessionConfig;
use super::cookie::CookieTemplate;
use super::error::SessionError;
use super::event::{EndReason, Event};
use super::health_check::HealthCheck;
use super::id::{Handle, Token, TokenHash};
use super::page::{Cursor, Page};
use super::record::Record;
use super::scoped_store::ScopedStore;
use super::session::Session;
use super::store::{Owner, StoreError, unless_unreadable};
use super::sweeper::{Sweep, Sweeper};
use crate::clock::{Clock, Timestamp};

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
/// let sessions = Sessions::new(MemoryStore::new(), SessionConfig::default())?;
/// let session = sessions.open([]); // a request without a `Cookie` header
/// # drop(session);
/// # Ok::<(), sessctl::session::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct Sessions(pub(super) Arc<SharedSessions>);

pub(super) struct SharedSessions {
    pub(super) store: ScopedStore,
    pub(super) clock: Box<dyn Clock>,
    pub(super) cookie: CookieTemplate,
    pub(super) admission: Option<Admission>,
    pub(super) listener: Option<EventListener>,
    pub(super) health_check: HealthCheck,
    pub(super) detached: Detached,
    pub(super) sweeper: Sweeper,
}

/// Decides for each session that is loaded whether it is still valid.
pub(super) type Admission = Box<dyn Fn(Arc<Record>) -> AdmissionFuture + Send + Sync>;

type AdmissionFuture = Pin<Box<dyn Future<Output = Result<bool, BoxError>> + Send>>;

/// Any error.
pub(super) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A callback for events.
pub(super) type EventListener = Box<dyn Fn(&Event) + Send + Sync>;

/// Which sessions of an owner [`Sessions::revoke_all`] leaves alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Keep {
    /// None: all sessions end.
    Nothing,
    /// The session with this handle, for example the one of the user who asks for it.
    Session(Handle),
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions").field("config", self.config()).finish_non_exhaustive()
    }
}

impl Sessions {
    /// The session of a request with these `Cookie` headers. The store is not asked before the session is used.
    ///
    /// [`web::SessionLayer`](crate::web::SessionLayer) does this for each request. Without it:
    ///
    /// ```
    /// use http::header::{COOKIE, SET_COOKIE};
    /// use sessctl::session::{SessionError, Sessions};
    ///
    /// async fn count(sessions: &Sessions, request: http::HeaderMap) -> Result<http::HeaderMap, SessionError> {
    ///     let session = sessions.open(request.get_all(COOKIE).iter().map(|line| line.as_bytes()));
    ///     session.increment("visits", 1).await?;
    ///     Ok(session.set_cookie().map(|line| (SET_COOKIE, line)).into_iter().collect())
    /// }
    /// ```
    pub fn open<'a>(&self, cookie_fields: impl IntoIterator<Item = &'a [u8]>) -> Session {
        Session::new(self.clone(), self.0.cookie.find(cookie_fields.into_iter(), |token| self.key_of(token)))
    }

    /// The name of the session cookie, including its prefix.
    #[must_use]
    pub fn cookie_name(&self) -> &str {
        self.0.cookie.name()
    }

    /// The [realm](super::SessionsBuilder::realm), if there is one.
    ///
    /// ```
    /// # use sessctl::{session::Sessions, stores::MemoryStore};
    /// let admins = Sessions::builder(MemoryStore::new()).realm("admin").build()?;
    /// assert_eq!((admins.realm(), admins.cookie_name()), (Some("admin"), "__Host-admin_sessionid"));
    /// # Ok::<(), sessctl::session::ConfigError>(())
    /// ```
    #[must_use]
    pub fn realm(&self) -> Option<&str> {
        self.0.store.realm.name()
    }

    /// At most `limit` live sessions of `owner`. See [`SessionStore::list`](super::SessionStore::list).
    ///
    /// ```
    /// # use std::time::Duration;
    /// use sessctl::session::{Handle, Owner, Sessions, StoreError};
    ///
    /// async fn unused_for(sessions: &Sessions, user: &str) -> Result<Vec<(Handle, Duration)>, StoreError> {
    ///     let page = sessions.list(Owner::User(user), None, 50).await?.sessions.into_iter();
    ///     Ok(page.map(|(_, record)| (record.handle, sessions.now().since(record.last_seen))).collect())
    /// }
    /// ```
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

    /// The approximate number of live sessions of all realms in the store. `None` if the store cannot tell without reading all of them.
    ///
    /// ```
    /// # use sessctl::session::{Sessions, StoreError};
    /// async fn metrics(sessions: &Sessions) -> Result<String, StoreError> {
    ///     Ok(sessions.count().await?.map_or(String::new(), |live| format!("sessions_live {live}\n")))
    /// }
    /// ```
    ///
    /// # Errors
    /// [`StoreError`] if the store failed.
    pub async fn count(&self) -> Result<Option<u64>, StoreError> {
        self.store().inner().count(self.now()).await
    }

    /// Whether a login would work now: see [`SessionStore::ready`](super::SessionStore::ready). The result is kept for a second, so that health checks
    /// cost little.
    ///
    /// ```
    /// # use sessctl::session::Sessions;
    /// async fn readyz(sessions: Sessions) -> http::StatusCode {
    ///     if sessions.ready().await.is_ok() { http::StatusCode::OK } else { http::StatusCode::SERVICE_UNAVAILABLE }
    /// }
    /// ```
    ///
    /// # Errors
    /// [`StoreError`] if a login would fail.
    pub async fn ready(&self) -> Result<(), Arc<StoreError>> {
        self.0.health_check.check(self.store().inner(), self.now()).await
    }

    /// Ends the session of `owner` with this handle. Returns whether there was one.
    ///
    /// ```
    /// use sessctl::session::{Handle, Owner, Sessions, StoreError};
    ///
    /// async fn log_out_device(sessions: &Sessions, user: &str, device: Handle) -> Result<bool, StoreError> {
    ///     sessions.revoke(Owner::User(user), device).await // never the session of another user
    /// }
    /// ```
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
    /// ```
    /// # use sessctl::session::{Handle, Owner, Sessions, StoreError};
    /// async fn is_live(sessions: &Sessions, user: &str, device: Handle) -> Result<bool, StoreError> {
    ///     Ok(sessions.find(Owner::User(user), device).await?.is_some())
    /// }
    /// ```
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

    /// Ends all sessions of `owner`, and returns their number. Sessions that are created meanwhile may stay live. Records that
    /// cannot be read are deleted too.
    ///
    /// ```
    /// use sessctl::session::{Keep, Owner, Sessions, StoreError};
    ///
    /// async fn log_out_everywhere(sessions: &Sessions, user: &str) -> Result<usize, StoreError> {
    ///     sessions.revoke_all(Owner::User(user), Keep::Nothing).await
    /// }
    /// ```
    ///
    /// # Errors
    /// [`StoreError`] if some sessions may still be live.
    pub async fn revoke_all(&self, owner: Owner<'_>, keep: Keep) -> Result<usize, StoreError> {
        let is_kept = |record: &Record| keep == Keep::Session(record.handle);
        let mut ended = 0;
        // A session that rotates meanwhile may move to a part of the list that was read already.
        for _ in 0..MAX_PASSES {
            let (mut is_empty, mut pages) = (true, Pages::new(self, owner));
            while let Some(page) = pages.next().await? {
                for (key, _) in page.sessions.iter().filter(|(_, record)| !is_kept(record)) {
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
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sessions = sessctl::session::Sessions::new(sessctl::stores::MemoryStore::new(), Default::default())?;
    /// // After the listener has stopped:
    /// sessions.settled().await;
    /// # Ok(()) }
    /// ```
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
    pub(super) async fn admits(&self, key: TokenHash, record: &Arc<Record>) -> Result<bool, SessionError> {
        let Some(admits) = &self.0.admission else { return Ok(true) };
        let admitted = admits(Arc::clone(record)).await.map_err(SessionError::Admission)?;
        if !admitted {
            self.delete(key, EndReason::NotAdmitted).await?;
        }
        Ok(admitted)
    }

    /// Removes a session that is live for the store, but expired by the configuration.
    pub(super) async fn expire(&self, key: TokenHash) -> Result<(), StoreError> {
        if let Some(Record { handle, user, .. }) = unless_unreadable(self.store().delete(key).await, None)? {
            let realm = self.realm().map(Arc::from);
            self.notify(|| Event::Expired { handle, user, realm });
        }
        Ok(())
    }

    pub(super) fn notify_ended(&self, ended: &Record, reason: EndReason) {
        self.notify(|| Event::Ended { handle: ended.handle, user: ended.user.clone(), reason });
    }

    pub(super) fn notify(&self, event: impl FnOnce() -> Event) {
        self.0.notify(event);
    }

    pub(super) fn store(&self) -> &ScopedStore {
        Sweeper::ensure_running(&self.0);
        &self.0.store
    }

    /// The key under which the store keeps the session of this token.
    pub(super) fn key_of(&self, token: &Token) -> TokenHash {
        self.0.store.realm.key_of(token)
    }

    pub(super) fn config(&self) -> &SessionConfig {
        &self.0.store.config
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

impl SharedSessions {
    fn notify(&self, event: impl FnOnce() -> Event) {
        if let Some(notify) = &self.listener {
            notify(&event());
        }
    }
}

/// A store never returns expired sessions, so a sweep only frees space and reports them.
impl Sweep for SharedSessions {
    fn sweeper(&self) -> &Sweeper {
        &self.sweeper
    }

    fn interval(&self) -> Duration {
        self.store.config.sweep_interval
    }

    async fn sweep(&self) {
        let tolerance = i64::try_from(self.store.inner().clock_tolerance().as_millis()).unwrap_or(i64::MAX);
        let expired_at = Timestamp::from_millis(self.clock.now().as_millis().saturating_sub(tolerance));
        // A failed sweep is retried after the next interval.
        for event in self.store.sweep(expired_at).await.unwrap_or_default() {
            self.notify(|| event);
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
