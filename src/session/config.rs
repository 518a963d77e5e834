//! How sessions and their cookie are set up, validated once: [`SessionConfig`].

use std::time::Duration;

use thiserror::Error;

use super::cookie::CookieTemplate;

/// Settings of sessions and their cookie. [`Sessions::new`](super::Sessions::new) checks that they go together.
#[derive(Debug, Clone)]
pub struct SessionConfig {
    /// Name of the cookie; default `sessionid`. With [`secure`](SessionConfig::secure) and no prefix of its
    /// own it becomes `__Host-…`: such a cookie can be set by nobody but this host over TLS
    /// (RFC 6265bis §4.1.3.2).
    pub cookie_name: String,
    /// Whether browsers send the cookie over TLS only; default no.
    pub secure: bool,
    /// Which requests of other sites carry the cookie; default [`SameSitePolicy::Lax`].
    pub same_site: SameSitePolicy,
    /// A session ends when it has not been used for this long; default 30 minutes.
    pub idle_timeout: Duration,
    /// A session ends this long after the login, however much it is used; default 12 hours.
    pub lifetime: Duration,
    /// How often room of expired sessions is freed; default every minute.
    pub sweep_interval: Duration,
    /// How many sessions a user may have: one more ends the oldest. Default: any number.
    pub max_per_user: Option<usize>,
}

/// The `SameSite` attribute of the session cookie (RFC 6265bis §4.1.2.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SameSitePolicy {
    /// Only requests of the same site carry the cookie, not even a link from elsewhere.
    Strict,
    /// Links from elsewhere carry the cookie, forms and scripts from elsewhere do not.
    Lax,
    /// All requests carry the cookie; it must be secure.
    None,
}

/// A set-up in which sessions would not work or not be safe.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The name is not a token (RFC 9110 §5.6.2), or too long to be of use.
    #[error(
        "`{0}` cannot be the name of a cookie: use letters, digits and !#$%&'*+-.^_`|~, 1 to 128 of them"
    )]
    CookieName(String),
    /// The prefix promises what the other settings do not keep (RFC 6265bis §4.1.3).
    #[error("browsers refuse a cookie called `{0}` that is not Secure")]
    PrefixNeedsSecure(String),
    /// RFC 6265bis §5.7 step 19.
    #[error("browsers refuse a SameSite=None cookie that is not Secure")]
    SameSiteNoneNeedsSecure,
    /// A timeout of zero would end every session before its first use.
    #[error("the {0} must be longer than zero")]
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
            sweep_interval: Duration::from_secs(60),
            max_per_user: None,
        }
    }
}

/// What a validated configuration comes to.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) cookie: CookieTemplate,
    pub(crate) idle_timeout: Duration,
    pub(crate) lifetime: Duration,
    pub(crate) touch_interval: Duration,
    pub(crate) sweep_interval: Duration,
    pub(crate) max_per_user: Option<usize>,
}

impl SessionConfig {
    /// Checks the settings and works out what follows from them.
    pub(crate) fn build(&self) -> Result<Settings, ConfigError> {
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
        Ok(Settings {
            cookie: CookieTemplate::new(&self.final_cookie_name()?, self.secure, self.same_site),
            idle_timeout: self.idle_timeout,
            lifetime: self.lifetime,
            // Often enough that the idle timeout is right within 4 %, rarely enough that reading writes little.
            touch_interval: self.idle_timeout / 30,
            sweep_interval: self.sweep_interval,
            max_per_user: self.max_per_user.map(|most| most.max(1)),
        })
    }

    fn final_cookie_name(&self) -> Result<String, ConfigError> {
        let name = &self.cookie_name;
        let is_token_char = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        if name.is_empty() || name.len() > 128 || !name.chars().all(is_token_char) {
            return Err(ConfigError::CookieName(name.clone()));
        }
        // The order of RFC 6265bis §5.7 steps 20 and 21, and of the two prefixes that its successor adds.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn built_name(name: &str, secure: bool) -> Result<String, ConfigError> {
        let config = SessionConfig { cookie_name: name.into(), secure, ..SessionConfig::default() };
        config.build().map(|settings| settings.cookie.name().to_owned())
    }

    #[test]
    fn a_secure_cookie_is_bound_to_its_host() {
        assert_eq!(built_name("sessionid", true), Ok("__Host-sessionid".into()));
        assert_eq!(built_name("__Secure-id", true), Ok("__Secure-id".into()));
        assert_eq!(built_name("sessionid", false), Ok("sessionid".into()));
    }

    #[test]
    fn what_a_browser_would_refuse_is_refused_at_once() {
        for name in ["__Host-id", "__secure-id", "__HTTP-id"] {
            assert_eq!(built_name(name, false), Err(ConfigError::PrefixNeedsSecure(name.into())));
        }
        for name in ["", "a b", "a=b", "a;b", "naïve", &"x".repeat(129)] {
            assert_eq!(built_name(name, false), Err(ConfigError::CookieName(name.into())));
        }
        let none = SessionConfig { same_site: SameSitePolicy::None, ..SessionConfig::default() };
        assert_eq!(none.build().err(), Some(ConfigError::SameSiteNoneNeedsSecure));
        let zero = SessionConfig { idle_timeout: Duration::ZERO, ..SessionConfig::default() };
        assert_eq!(zero.build().err(), Some(ConfigError::ZeroDuration("idle timeout")));
    }
}
