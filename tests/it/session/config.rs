//! Settings of sessions: the final name of the cookie, and settings that are rejected.

use std::time::Duration;

use sessctl::session::{ConfigError, SameSitePolicy, SessionConfig, Sessions};
use sessctl::stores::MemoryStore;

fn built_name(name: &str, secure: bool) -> Result<String, ConfigError> {
    let config = SessionConfig::default().cookie_name(name).secure(secure);
    Sessions::new(MemoryStore::new(), &config).map(|sessions| sessions.cookie_name().to_owned())
}

#[test]
fn a_secure_cookie_gets_the_host_prefix() {
    assert_eq!(built_name("sessionid", true), Ok("__Host-sessionid".into()));
    assert_eq!(built_name("__Secure-id", true), Ok("__Secure-id".into()));
    assert_eq!(built_name("sessionid", false), Ok("sessionid".into()));
}

#[test]
fn settings_that_a_browser_would_reject_are_errors() {
    for name in ["__Host-id", "__secure-id", "__HTTP-id"] {
        assert_eq!(built_name(name, false), Err(ConfigError::PrefixNeedsSecure(name.into())));
    }
    for name in ["", "a b", "a=b", "a;b", "naïve", &"x".repeat(129)] {
        assert_eq!(built_name(name, false), Err(ConfigError::CookieName(name.into())));
    }
    let error = |config: SessionConfig| Sessions::new(MemoryStore::new(), &config).err();
    let none = SessionConfig::default().same_site(SameSitePolicy::None);
    assert_eq!(error(none), Some(ConfigError::SameSiteNoneNeedsSecure));
    let zero = SessionConfig::default().idle_timeout(Duration::ZERO);
    assert_eq!(error(zero), Some(ConfigError::ZeroDuration("idle timeout")));
}
