//! [`SessionConfig`]: settings of sessions and their cookie, validated once.

use std::time::Duration;

use thiserror::Error;

use super::cookie::{CookieTemplate, SameSitePolicy};

/// Settings of sessions and their cookie. [`Sessions::new`](super::Sessions::new) checks that they are consistent.
///
/// ```
/// use std::time::Duration;
/// use sessctl::session::SessionConfig;
///
/// let config = SessionConfig::default().secure(true).idle_timeout(Duration::from_secs(15 * 60));
/// # drop(config);
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SessionConfig {
    /// The name of the cookie. Default: `sessionid`. If [`secure`](SessionConfig::secure) is set and the name has no
    /// prefix, it becomes `__Host-…`: only this host, over TLS, can set such a cookie (RFC 6265bis §4.1.3.2).
    pub cookie_name: String,
    /// Whether browsers send the cookie only over TLS. Default: no.
    pub secure: bool,
    /// Which cross-site requests carry the cookie. Default: [`SameSitePolicy::Lax`].
    pub same_site: SameSitePolicy,
    /// A session expires if it is not used for this long. Default: 30 minutes.
    pub idle_timeout: Duration,
    /// A session expires this long after the login, even if it is used. Default: 12 hours.
    pub lifetime: Duration,
    /// After a rotation ([`Session::cycle_id`](super::Session::cycle_id)), requests that were sent with the previous token
    /// still open the session for this long. Default: 10 seconds; at most one minute. Zero: they are anonymous.
    pub rotation_grace: Duration,
    /// The time between two sweeps of expired sessions. Default: one minute.
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
    /// The prefix requires `Secure` (RFC 6265bis §4.1.3).
    #[error("browsers reject the cookie `{0}` without Secure: set `secure`, or choose a name without prefix")]
    PrefixNeedsSecure(String),
    /// RFC 6265bis §5.7 step 19.
    #[error("browsers reject SameSite=None without Secure: set `secure`, or use SameSite=Lax")]
    SameSiteNoneNeedsSecure,
    /// A timeout of zero would expire every session before its first use.
    #[error("the {0} must be greater than zero")]
    ZeroDuration(&'static str),
}

impl Default for SessionConfig {
    fn default() -> Self {
        SessionConfig {
            cookie_name: "sessionid".to_owned(),
            secure: false,
            same_site: SameSitePolicy::Lax,
            idle_timeout: Duration::from_secs(30 * 60),
            lifetime: Duration::from_secs(12 * 60 * 60),
            rotation_grace: Duration::from_secs(10),
            sweep_interval: Duration::from_secs(60),
            max_per_user: None,
        }
    }
}

impl SessionConfig {
    /// Sets [`cookie_name`](SessionConfig#structfield.cookie_name).
    #[must_use]
    pub fn cookie_name(self, name: impl Into<String>) -> Self {
        SessionConfig { cookie_name: name.into(), ..self }
    }

    /// Sets [`secure`](SessionConfig#structfield.secure).
    #[must_use]
    pub fn secure(self, secure: bool) -> Self {
        SessionConfig { secure, ..self }
    }

    /// Sets [`same_site`](SessionConfig#structfield.same_site).
    #[must_use]
    pub fn same_site(self, same_site: SameSitePolicy) -> Self {
        SessionConfig { same_site, ..self }
    }

    /// Sets [`idle_timeout`](SessionConfig#structfield.idle_timeout).
    #[must_use]
    pub fn idle_timeout(self, idle_timeout: Duration) -> Self {
        SessionConfig { idle_timeout, ..self }
    }

    /// Sets [`lifetime`](SessionConfig#structfield.lifetime).
    #[must_use]
    pub fn lifetime(self, lifetime: Duration) -> Self {
        SessionConfig { lifetime, ..self }
    }

    /// Sets [`rotation_grace`](SessionConfig#structfield.rotation_grace).
    #[must_use]
    pub fn rotation_grace(self, rotation_grace: Duration) -> Self {
        SessionConfig { rotation_grace, ..self }
    }

    /// Sets [`sweep_interval`](SessionConfig#structfield.sweep_interval).
    #[must_use]
    pub fn sweep_interval(self, sweep_interval: Duration) -> Self {
        SessionConfig { sweep_interval, ..self }
    }

    /// Sets [`max_per_user`](SessionConfig#structfield.max_per_user).
    #[must_use]
    pub fn max_per_user(self, max_per_user: Option<usize>) -> Self {
        SessionConfig { max_per_user, ..self }
    }

    /// Checks the settings, and returns the cookie that they describe.
    pub(super) fn validate(&self) -> Result<CookieTemplate, ConfigError> {
        if self.same_site == SameSitePolicy::None && !self.secure {
            return Err(ConfigError::SameSiteNoneNeedsSecure);
        }
        for (duration, what) in [
            (self.idle_timeout, "idle timeout"),
            (self.lifetime, "lifetime"),
            (self.sweep_interval, "sweep interval"),
        ] {
            if duration.is_zero() {
                return Err(ConfigError::ZeroDuration(what));
            }
        }
        Ok(CookieTemplate::new(&self.final_cookie_name()?, self.secure, self.same_site))
    }

    fn final_cookie_name(&self) -> Result<String, ConfigError> {
        let name = &self.cookie_name;
        let is_token_char = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        if name.is_empty() || name.len() > 128 || !name.chars().all(is_token_char) {
            return Err(ConfigError::CookieName(name.clone()));
        }
        // RFC 6265bis §5.7 steps 20 and 21, and the two prefixes of its successor draft.
        let lower = name.to_ascii_lowercase();
        let has_prefix =
            ["__secure-", "__host-", "__http-", "__host-http-"].iter().any(|p| lower.starts_with(p));
        match (has_prefix, self.secure) {
            (true, false) => Err(ConfigError::PrefixNeedsSecure(name.clone())),
            (false, true) => Ok(format!("__Host-{name}")),
            _ => Ok(name.clone()),
        }
    }
}
