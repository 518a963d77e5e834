//! [`SessionConfig`]: settings of sessions, validated once.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::cookie_config::CookieConfig;
use super::duration_text;
use super::record::Record;
use super::successor::Successor;

/// Settings of sessions. [`Sessions::new`](super::Sessions::new) checks that they are consistent.
///
/// A shorter timeout reaches the sessions that already exist, too. A longer one applies to new sessions. A timeout that a
/// [login](super::Login) chose is kept.
///
/// With serde, a missing setting has its default, and durations are texts such as `30m` or `12h`.
///
/// ```
/// use std::time::Duration;
/// use sessctl::session::SessionConfig;
///
/// let config = SessionConfig::default().idle_timeout(Duration::from_secs(15 * 60));
/// # drop(config);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct SessionConfig {
    /// The cookie. Default: `__Host-sessionid`, `Secure` and `SameSite=Lax`.
    pub cookie: CookieConfig,
    /// A session expires if it is not used for this long. Default: 30 minutes.
    #[serde(with = "duration_text")]
    pub idle_timeout: Duration,
    /// A session expires this long after the login, even if it is used. Default: 12 hours.
    #[serde(with = "duration_text")]
    pub lifetime: Duration,
    /// The idle timeout of anonymous sessions. Default: the same.
    #[serde(
        serialize_with = "duration_text::serialize_optional",
        deserialize_with = "duration_text::deserialize_optional"
    )]
    pub anonymous_idle_timeout: Option<Duration>,
    /// The lifetime of anonymous sessions. Default: the same.
    #[serde(
        serialize_with = "duration_text::serialize_optional",
        deserialize_with = "duration_text::deserialize_optional"
    )]
    pub anonymous_lifetime: Option<Duration>,
    /// After a rotation ([`Session::cycle_id`](super::Session::cycle_id)), requests that were sent with the previous token
    /// still open the session for this long. Default: 10 seconds; at most one minute. Zero: they are anonymous.
    #[serde(with = "duration_text")]
    pub rotation_grace: Duration,
    /// The time between two sweeps of expired sessions. Default: one minute.
    #[serde(with = "duration_text")]
    pub sweep_interval: Duration,
    /// The maximum number of sessions of one user. One more ends the oldest. Default: no limit.
    pub max_per_user: Option<usize>,
}

/// Why a [`SessionConfig`] is rejected: sessions would not work, or would not be safe.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The name is not a token (RFC 9110 §5.6.2), or is too long.
    #[error("invalid cookie name `{0}`: use 1 to 128 letters, digits and characters of !#$%&'*+-.^_`|~")]
    CookieName(String),
    /// The domain is not a host name, or browsers reject cookies for it.
    #[error(
        "invalid cookie domain `{0}`: use a domain such as example.com, or none if only this host needs the cookie"
    )]
    Domain(String),
    /// The path does not start with `/`, or has characters that would end the attribute.
    #[error("invalid cookie path `{0}`: use a path such as /app, without spaces and semicolons")]
    Path(String),
    /// The prefix requires `Secure` (RFC 6265bis §4.1.3).
    #[error("browsers reject the cookie `{0}` without Secure: set `secure`, or choose a name without prefix")]
    PrefixNeedsSecure(String),
    /// The prefix forbids `Domain`, and paths other than `/` (RFC 6265bis §4.1.3.2).
    #[error(
        "browsers reject the cookie `{0}` with a domain or a path: leave these out, or use the prefix `__Secure-`"
    )]
    HostPrefix(String),
    /// RFC 6265bis §5.7 step 19.
    #[error("browsers reject SameSite=None without Secure: set `secure`, or use SameSite=Lax")]
    SameSiteNoneNeedsSecure,
    /// Browsers reject such a cookie.
    #[error("browsers reject Partitioned without Secure: set `secure`, or leave `partitioned` out")]
    PartitionedNeedsSecure,
    /// The name of a realm becomes a part of the cookie's name.
    #[error("invalid realm `{0}`: use 1 to 64 letters, digits and characters of -_.")]
    Realm(String),
    /// A timeout of zero would expire every session before its first use.
    #[error("the {0} must be greater than zero")]
    ZeroDuration(&'static str),
    /// Stores keep the successor of a token for a minute.
    #[error("the rotation grace must be at most one minute")]
    LongRotationGrace,
    /// Every login would end its own session.
    #[error("the maximum number of sessions per user must not be 0; use no limit, or at least 1")]
    NoSessionsPerUser,
}

impl Default for SessionConfig {
    fn default() -> Self {
        SessionConfig {
            cookie: CookieConfig::default(),
            idle_timeout: Duration::from_secs(30 * 60),
            lifetime: Duration::from_secs(12 * 60 * 60),
            anonymous_idle_timeout: None,
            anonymous_lifetime: None,
            rotation_grace: Duration::from_secs(10),
            sweep_interval: Duration::from_secs(60),
            max_per_user: None,
        }
    }
}

impl SessionConfig {
    /// The default with a cookie that is sent over plain HTTP too, for development on this machine. Anyone on the way to
    /// another machine could read it.
    ///
    /// ```
    /// # use sessctl::session::SessionConfig;
    /// let config = if cfg!(debug_assertions) { SessionConfig::development() } else { SessionConfig::default() };
    /// assert_eq!(config.cookie.secure, !cfg!(debug_assertions));
    /// ```
    #[must_use]
    pub fn development() -> Self {
        SessionConfig { cookie: CookieConfig::development(), ..SessionConfig::default() }
    }

    /// Sets [`cookie`](SessionConfig#structfield.cookie).
    ///
    /// ```
    /// # use sessctl::session::{CookieConfig, SessionConfig};
    /// let config = SessionConfig::default().cookie(CookieConfig::default().name("shop"));
    /// assert_eq!(config.cookie.name.as_deref(), Some("shop"));
    /// ```
    #[must_use]
    pub fn cookie(self, cookie: CookieConfig) -> Self {
        SessionConfig { cookie, ..self }
    }

    /// Sets [`idle_timeout`](SessionConfig#structfield.idle_timeout).
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use sessctl::session::SessionConfig;
    /// const MINUTE: Duration = Duration::from_secs(60);
    /// // The limits that OWASP recommends for high-value applications.
    /// let config = SessionConfig::default().idle_timeout(5 * MINUTE).lifetime(8 * 60 * MINUTE);
    /// ```
    #[must_use]
    pub fn idle_timeout(self, idle_timeout: Duration) -> Self {
        SessionConfig { idle_timeout, ..self }
    }

    /// Sets [`lifetime`](SessionConfig#structfield.lifetime).
    #[must_use]
    pub fn lifetime(self, lifetime: Duration) -> Self {
        SessionConfig { lifetime, ..self }
    }

    /// Sets [`anonymous_idle_timeout`](SessionConfig#structfield.anonymous_idle_timeout).
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use sessctl::session::SessionConfig;
    /// // A crawler gets sessions too: free their memory soon. Logged-in users keep 30 minutes and 12 hours.
    /// let config = SessionConfig::default()
    ///     .anonymous_idle_timeout(Duration::from_secs(5 * 60))
    ///     .anonymous_lifetime(Duration::from_secs(60 * 60));
    /// ```
    #[must_use]
    pub fn anonymous_idle_timeout(self, idle_timeout: Duration) -> Self {
        SessionConfig { anonymous_idle_timeout: Some(idle_timeout), ..self }
    }

    /// Sets [`anonymous_lifetime`](SessionConfig#structfield.anonymous_lifetime).
    #[must_use]
    pub fn anonymous_lifetime(self, lifetime: Duration) -> Self {
        SessionConfig { anonymous_lifetime: Some(lifetime), ..self }
    }

    /// Sets [`rotation_grace`](SessionConfig#structfield.rotation_grace).
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use sessctl::session::SessionConfig;
    /// let strict = SessionConfig::default().rotation_grace(Duration::ZERO); // the previous token is dead at once
    /// ```
    #[must_use]
    pub fn rotation_grace(self, rotation_grace: Duration) -> Self {
        SessionConfig { rotation_grace, ..self }
    }

    /// Sets [`sweep_interval`](SessionConfig#structfield.sweep_interval).
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use sessctl::session::SessionConfig;
    /// // A store never returns an expired session. A rarer sweep only keeps its space for longer.
    /// let config = SessionConfig::default().sweep_interval(Duration::from_secs(10 * 60));
    /// ```
    #[must_use]
    pub fn sweep_interval(self, sweep_interval: Duration) -> Self {
        SessionConfig { sweep_interval, ..self }
    }

    /// Sets [`max_per_user`](SessionConfig#structfield.max_per_user).
    ///
    /// ```
    /// # use sessctl::{session::{Owner, SessionConfig, Sessions}, stores::MemoryStore};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sessions = Sessions::new(MemoryStore::new(), SessionConfig::default().max_per_user(Some(2)))?;
    /// for _ in 0..3 {
    ///     sessions.open([]).login("alice").await?; // the third login ends the oldest session
    /// }
    /// assert_eq!(sessions.list(Owner::User("alice"), None, 10).await?.sessions.len(), 2);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn max_per_user(self, max_per_user: Option<usize>) -> Self {
        SessionConfig { max_per_user, ..self }
    }

    /// Checks the durations and the limit. [`CookieConfig::validate`] checks the cookie.
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        let durations = [
            (Some(self.idle_timeout), "idle timeout"),
            (Some(self.lifetime), "lifetime"),
            (self.anonymous_idle_timeout, "idle timeout of anonymous sessions"),
            (self.anonymous_lifetime, "lifetime of anonymous sessions"),
            (Some(self.sweep_interval), "sweep interval"),
        ];
        if let Some((_, what)) = durations.into_iter().find(|(duration, _)| *duration == Some(Duration::ZERO))
        {
            return Err(ConfigError::ZeroDuration(what));
        }
        if self.rotation_grace > Successor::LIFETIME {
            return Err(ConfigError::LongRotationGrace);
        }
        if self.max_per_user == Some(0) { Err(ConfigError::NoSessionsPerUser) } else { Ok(()) }
    }

    /// The idle timeout and the lifetime of a session with or without a user.
    pub(super) fn timeouts(&self, is_anonymous: bool) -> (Duration, Duration) {
        let chosen = |anonymous: Option<Duration>, general| match anonymous {
            Some(duration) if is_anonymous => duration,
            _ => general,
        };
        (
            chosen(self.anonymous_idle_timeout, self.idle_timeout),
            chosen(self.anonymous_lifetime, self.lifetime),
        )
    }

    /// Shortens the timeouts of a record that was stored with a longer configuration, except those that its login chose.
    pub(super) fn limit(&self, record: &mut Record) {
        let (idle_timeout, lifetime) = self.timeouts(record.user.is_none());
        if !record.options.own_idle_timeout {
            record.idle_timeout = record.idle_timeout.min(idle_timeout);
        }
        if !record.options.own_lifetime {
            record.absolute_expiry = record.absolute_expiry.min(record.created.plus(lifetime));
        }
    }
}
