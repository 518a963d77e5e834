//! [`SessionsBuilder`]: sets up [`Sessions`].

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::completion::Detached;
use super::config::{ConfigError, SessionConfig};
use super::dyn_store::{DynStore, timed};
use super::event::Event;
use super::health_check::HealthCheck;
use super::realm::Realm;
use super::record::Record;
use super::scoped_store::ScopedStore;
use super::sessions::{Admission, BoxError, EventListener, Sessions, SharedSessions};
use super::store::{SessionStore, StoreError};
use super::sweeper::Sweeper;
use crate::clock::{Clock, SystemClock};

impl Sessions {
    /// Starts the setup of sessions in `store`.
    ///
    /// ```
    /// # use sessctl::{session::{SessionConfig, Sessions}, stores::MemoryStore};
    /// let sessions = Sessions::builder(MemoryStore::new()).config(SessionConfig::development()).build()?;
    /// assert_eq!(sessions.cookie_name(), "sessionid");
    /// # Ok::<(), sessctl::session::ConfigError>(())
    /// ```
    pub fn builder(store: impl SessionStore) -> SessionsBuilder {
        SessionsBuilder {
            store: timed(store),
            config: SessionConfig::default(),
            realm: None,
            clock: Box::new(SystemClock),
            admission: None,
            listener: None,
        }
    }

    /// Sessions in `store`, with the system's clock. See [`SessionsBuilder::build`].
    ///
    /// ```
    /// # use sessctl::{session::{ConfigError, SessionConfig, Sessions}, stores::MemoryStore};
    /// assert!(Sessions::new(MemoryStore::new(), SessionConfig::default()).is_ok());
    /// let unusable = SessionConfig::default().max_per_user(Some(0));
    /// assert_eq!(Sessions::new(MemoryStore::new(), unusable).err(), Some(ConfigError::NoSessionsPerUser));
    /// ```
    ///
    /// # Errors
    /// [`ConfigError`] if the settings are inconsistent.
    pub fn new(store: impl SessionStore, config: SessionConfig) -> Result<Self, ConfigError> {
        Self::builder(store).config(config).build()
    }
}

/// Sets up [`Sessions`]. Start with [`Sessions::builder`].
///
/// ```
/// use sessctl::session::{SessionConfig, Sessions};
/// use sessctl::stores::MemoryStore;
///
/// let sessions = Sessions::builder(MemoryStore::new())
///     .config(SessionConfig::default().max_per_user(Some(5)))
///     .on_event(|event| println!("{event:?}"))
///     .build()?;
/// # drop(sessions);
/// # Ok::<(), sessctl::session::ConfigError>(())
/// ```
pub struct SessionsBuilder {
    store: Box<dyn DynStore>,
    config: SessionConfig,
    realm: Option<String>,
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
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use sessctl::{session::{SessionConfig, Sessions}, stores::MemoryStore};
    /// let config = SessionConfig::default().idle_timeout(Duration::from_secs(15 * 60)).max_per_user(Some(10));
    /// let sessions = Sessions::builder(MemoryStore::new()).config(config).build()?;
    /// # Ok::<(), sessctl::session::ConfigError>(())
    /// ```
    #[must_use]
    pub fn config(mut self, config: SessionConfig) -> Self {
        self.config = config;
        self
    }

    /// Separates these sessions from others in the same store, for example those of admins from those of customers. A token
    /// opens a session only in its own realm, and `alice` in one realm is another user than `alice` in another one: lists,
    /// revocations and limits concern one of them. The name is stored, so do not change it. Default: no realm.
    ///
    /// A store keeps the anonymous sessions of a realm in one list, so use a realm for an area with a login. The realm of a
    /// record that cannot be read is unknown: [`revoke_all`](super::Sessions::revoke_all) of everyone deletes such records only
    /// if its sessions have no realm.
    ///
    /// ```
    /// use sessctl::session::Sessions;
    /// use sessctl::stores::MemoryStore;
    ///
    /// let admins = Sessions::builder(MemoryStore::new()).realm("admin").build()?;
    /// assert_eq!(admins.cookie_name(), "__Host-admin_sessionid");
    /// # Ok::<(), sessctl::session::ConfigError>(())
    /// ```
    #[must_use]
    pub fn realm(mut self, name: impl Into<String>) -> Self {
        self.realm = Some(name.into());
        self
    }

    /// Sets the clock. Default: the system's clock.
    ///
    /// ```
    /// use std::{sync::Arc, time::Duration};
    /// use sessctl::{clock::ManualClock, session::{Owner, Sessions}, stores::MemoryStore};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let clock = Arc::new(ManualClock::default());
    /// let sessions = Sessions::builder(MemoryStore::new()).clock(Arc::clone(&clock)).build()?;
    /// sessions.open([]).login("alice").await?;
    /// clock.advance(Duration::from_secs(31 * 60)); // longer than the idle timeout
    /// assert!(sessions.list(Owner::User("alice"), None, 10).await?.sessions.is_empty());
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Box::new(clock);
        self
    }

    /// Sets a check for every session that is loaded: `false` ends the session. An application that counts the versions of
    /// its users' credentials (see [`Login::credential_version`](super::Login::credential_version)) uses this to end the
    /// sessions of users who were removed or have a new password. After an error the session is neither used nor ended.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// use sessctl::session::{Record, Sessions};
    /// use sessctl::stores::MemoryStore;
    ///
    /// # #[derive(Clone)]
    /// # struct Users;
    /// # impl Users {
    /// #     async fn credential_version(&self, _: &str) -> Result<Option<u64>, std::io::Error> { Ok(Some(1)) }
    /// # }
    /// # let users = Users;
    /// let sessions = Sessions::builder(MemoryStore::new()).admission(move |record: Arc<Record>| {
    ///     let users = users.clone();
    ///     async move {
    ///         let Some(user) = &record.user else { return Ok(true) };
    ///         Ok(users.credential_version(user).await? == Some(record.credential_version))
    ///     }
    /// });
    /// # drop(sessions);
    /// ```
    #[must_use]
    pub fn admission<F>(mut self, admits: impl Fn(Arc<Record>) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<bool, BoxError>> + Send + 'static,
    {
        self.admission = Some(Box::new(move |record| Box::pin(admits(record))));
        self
    }

    /// Sets a callback for events. Requests call it directly, so it must return quickly.
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::{AtomicU32, Ordering}};
    /// use sessctl::{session::{Event, Sessions}, stores::MemoryStore};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let logouts = Arc::new(AtomicU32::new(0));
    /// let counted = Arc::clone(&logouts);
    /// let sessions = Sessions::builder(MemoryStore::new()).on_event(move |event| match event {
    ///     Event::Ended { reason, .. } => println!("ended: {reason:?}, number {}", counted.fetch_add(1, Ordering::Relaxed)),
    ///     _ => {}
    /// }).build()?;
    /// let session = sessions.open([]);
    /// session.login("alice").await?;
    /// session.end().await?;
    /// assert_eq!(logouts.load(Ordering::Relaxed), 1);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn on_event(mut self, listener: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.listener = Some(Box::new(listener));
        self
    }

    /// Sets a callback for calls of the store that had to wait or failed: the name of the call, its duration and its
    /// result. It must return quickly.
    ///
    /// ```
    /// # use sessctl::{session::Sessions, stores::MemoryStore};
    /// let sessions = Sessions::builder(MemoryStore::new()).on_store_call(|call, duration, result| {
    ///     if let Err(error) = result {
    ///         eprintln!("{call} failed after {duration:?}: {error}");
    ///     }
    /// });
    /// # drop(sessions);
    /// ```
    #[must_use]
    pub fn on_store_call(
        mut self,
        observer: impl Fn(&'static str, Duration, Result<(), &StoreError>) + Send + Sync + 'static,
    ) -> Self {
        self.store.set_observer(Box::new(observer));
        self
    }

    /// Creates the sessions. Their first use in a tokio runtime starts the sweep of expired sessions, which stops when the last
    /// clone is dropped.
    ///
    /// ```
    /// # use sessctl::{session::{ConfigError, CookieConfig, SameSitePolicy, SessionConfig, Sessions}, stores::MemoryStore};
    /// let cookie = CookieConfig::development().same_site(SameSitePolicy::None);
    /// let sessions = Sessions::builder(MemoryStore::new()).config(SessionConfig::default().cookie(cookie));
    /// assert_eq!(sessions.build().err(), Some(ConfigError::SameSiteNoneNeedsSecure));
    /// ```
    ///
    /// # Errors
    /// [`ConfigError`] if the settings are inconsistent.
    pub fn build(self) -> Result<Sessions, ConfigError> {
        self.config.validate()?;
        let realm = self.realm.map_or_else(|| Ok(Realm::default()), |name| Realm::named(&name))?;
        let cookie = self.config.cookie.validate(realm.name())?;
        let sessions = Sessions(Arc::new(SharedSessions {
            store: ScopedStore::new(self.store, self.config, realm),
            clock: self.clock,
            cookie,
            admission: self.admission,
            listener: self.listener,
            health_check: HealthCheck::default(),
            detached: Detached::default(),
            sweeper: Sweeper::default(),
        }));
        Sweeper::ensure_running(&sessions.0);
        Ok(sessions)
    }
}
