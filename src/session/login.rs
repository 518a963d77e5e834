//! [`Login`]: who logs in, and how long the session lasts.

use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

use super::config::SessionConfig;
use super::data::Data;
use super::id::Handle;
use super::record::{Record, RecordOptions};
use crate::clock::Timestamp;

/// Who logs in, and how the session differs from the [configuration](SessionConfig). See
/// [`Session::login`](super::Session::login). A user name alone is a login with the configured timeouts.
///
/// ```
/// use std::time::Duration;
/// use sessctl::session::{Login, Session, SessionError};
///
/// const DAY: Duration = Duration::from_secs(24 * 60 * 60);
///
/// async fn log_in(session: &Session, user: &str, remember_me: bool) -> Result<(), SessionError> {
///     if remember_me {
///         session.login(Login::new(user).persistent(true).idle_timeout(14 * DAY).lifetime(90 * DAY)).await
///     } else {
///         session.login(user).await
///     }
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    pub(super) user: Arc<str>,
    credential_version: u64,
    idle_timeout: Option<Duration>,
    lifetime: Option<Duration>,
    persistent: bool,
}

/// Why a [`Login`] is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InvalidLogin {
    /// The user name is empty: an application that forgets to check it would log in everyone as the same user.
    #[error("the user name is empty")]
    EmptyUser,
    /// The session would expire before its first use.
    #[error("the {0} of the login is zero")]
    ZeroDuration(&'static str),
}

impl Login {
    /// A login of `user` with the configured timeouts.
    ///
    /// ```
    /// # use sessctl::session::{Login, Session, SessionError};
    /// async fn sign_up(session: &Session, user: String) -> Result<(), SessionError> {
    ///     session.login(Login::new(user)).await // the same as `session.login(user)`
    /// }
    /// ```
    #[must_use]
    pub fn new(user: impl Into<Arc<str>>) -> Self {
        Login {
            user: user.into(),
            credential_version: 0,
            idle_timeout: None,
            lifetime: None,
            persistent: false,
        }
    }

    /// Sets the version of the credentials that the user logged in with. Default: 0. See
    /// [`SessionsBuilder::admission`](super::SessionsBuilder::admission).
    ///
    /// ```
    /// # use sessctl::session::{Login, Session, SessionError};
    /// # struct Account { name: String, password_changes: u64 }
    /// async fn log_in(session: &Session, account: &Account) -> Result<(), SessionError> {
    ///     session.login(Login::new(account.name.as_str()).credential_version(account.password_changes)).await
    /// }
    /// ```
    #[must_use]
    pub fn credential_version(self, credential_version: u64) -> Self {
        Login { credential_version, ..self }
    }

    /// Sets how long the session may be unused, instead of [`SessionConfig::idle_timeout`].
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use sessctl::{session::{Login, Sessions}, stores::MemoryStore};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let session = Sessions::new(MemoryStore::new(), Default::default())?.open([]);
    /// session.login(Login::new("root").idle_timeout(Duration::from_secs(120))).await?; // an administrator
    /// assert_eq!(session.peek().await?.map(|record| record.idle_timeout), Some(Duration::from_secs(120)));
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn idle_timeout(self, idle_timeout: Duration) -> Self {
        Login { idle_timeout: Some(idle_timeout), ..self }
    }

    /// Sets how long the session lasts even if it is used, instead of [`SessionConfig::lifetime`].
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use sessctl::session::{Login, Session, SessionError};
    /// const HOUR: Duration = Duration::from_secs(60 * 60);
    ///
    /// async fn log_in_on_shared_computer(session: &Session, user: &str) -> Result<(), SessionError> {
    ///     session.login(Login::new(user).lifetime(HOUR)).await
    /// }
    /// ```
    #[must_use]
    pub fn lifetime(self, lifetime: Duration) -> Self {
        Login { lifetime: Some(lifetime), ..self }
    }

    /// Sets whether the cookie outlives the browser ("remember me"). Default: no. Its `Max-Age` is the time until the session
    /// expires, and is sent again while the session is used.
    ///
    /// ```
    /// # use sessctl::{session::{Login, Sessions}, stores::MemoryStore};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let session = Sessions::new(MemoryStore::new(), Default::default())?.open([]);
    /// session.login(Login::new("alice").persistent(true)).await?;
    /// assert!(session.set_cookie().is_some_and(|line| line.to_str().is_ok_and(|line| line.contains("Max-Age="))));
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn persistent(self, persistent: bool) -> Self {
        Login { persistent, ..self }
    }

    pub(super) fn validate(&self) -> Result<(), InvalidLogin> {
        if self.user.is_empty() {
            return Err(InvalidLogin::EmptyUser);
        }
        let durations = [(self.idle_timeout, "idle timeout"), (self.lifetime, "lifetime")];
        match durations.into_iter().find(|(duration, _)| *duration == Some(Duration::ZERO)) {
            Some((_, what)) => Err(InvalidLogin::ZeroDuration(what)),
            None => Ok(()),
        }
    }

    /// The record of the session.
    pub(super) fn record(self, handle: Handle, data: Data, now: Timestamp, config: &SessionConfig) -> Record {
        let (idle_timeout, lifetime) = config.timeouts(false);
        let expiry = now.plus(self.lifetime.unwrap_or(lifetime));
        let record = Record::new(handle, now, self.idle_timeout.unwrap_or(idle_timeout), expiry);
        let options = RecordOptions {
            persistent: self.persistent,
            own_idle_timeout: self.idle_timeout.is_some(),
            own_lifetime: self.lifetime.is_some(),
        };
        Record { user: Some(self.user), credential_version: self.credential_version, options, data, ..record }
    }
}

impl From<&str> for Login {
    fn from(user: &str) -> Self {
        Login::new(user)
    }
}

impl From<&String> for Login {
    fn from(user: &String) -> Self {
        Login::new(user.as_str())
    }
}

impl From<String> for Login {
    fn from(user: String) -> Self {
        Login::new(user)
    }
}

impl From<Arc<str>> for Login {
    fn from(user: Arc<str>) -> Self {
        Login::new(user)
    }
}
