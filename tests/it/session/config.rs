//! Settings of sessions: the name and the attributes of the cookie, and settings that are rejected.

use std::time::Duration;

use serde_json::json;
use sessctl::session::{ConfigError, CookieConfig, CookiePrefix, SameSitePolicy, SessionConfig, Sessions};
use sessctl::stores::MemoryStore;

/// The `Set-Cookie` line of a login, with `TOKEN` for the token.
async fn line(cookie: CookieConfig) -> Result<String, ConfigError> {
    let sessions = Sessions::new(MemoryStore::new(), SessionConfig::default().cookie(cookie))?;
    let session = sessions.open([]);
    session.login("alice").await.expect("a login");
    let line = session.set_cookie().expect("a cookie").to_str().expect("ASCII").to_owned();
    let (name, rest) = line.split_once('=').expect("a value");
    assert_eq!(name, sessions.cookie_name());
    Ok(format!("{name}=TOKEN{}", &rest[43..]))
}

fn error(config: SessionConfig) -> Option<ConfigError> {
    Sessions::new(MemoryStore::new(), config).err()
}

#[tokio::test]
async fn a_cookie_is_secure_by_default_and_has_the_strictest_prefix_that_its_settings_allow() {
    let cookie = CookieConfig::default;
    let rest = "HttpOnly; SameSite=Lax; Path=/";
    for (config, expected) in [
        (cookie(), format!("__Host-sessionid=TOKEN; {rest}; Secure")),
        (CookieConfig::development(), format!("sessionid=TOKEN; {rest}")),
        (
            cookie().name("sid").domain("example.com"),
            format!("__Secure-sid=TOKEN; {rest}; Secure; Domain=example.com"),
        ),
        (
            cookie().domain(".a.example.com").prefix(CookiePrefix::None),
            format!("sessionid=TOKEN; {rest}; Secure; Domain=a.example.com"),
        ),
        (cookie().path("/app"), format!("__Secure-sessionid=TOKEN; {rest}app; Secure")),
        (
            cookie().name("connect.sid").prefix(CookiePrefix::None),
            format!("connect.sid=TOKEN; {rest}; Secure"),
        ),
        (cookie().name("__Secure-id"), format!("__Secure-id=TOKEN; {rest}; Secure")),
        (cookie().prefix(CookiePrefix::Secure), format!("__Secure-sessionid=TOKEN; {rest}; Secure")),
        (
            cookie().prefix(CookiePrefix::Host).same_site(SameSitePolicy::None).partitioned(true),
            "__Host-sessionid=TOKEN; HttpOnly; SameSite=None; Path=/; Secure; Partitioned".to_owned(),
        ),
        (
            cookie().same_site(SameSitePolicy::Strict),
            "__Host-sessionid=TOKEN; HttpOnly; SameSite=Strict; Path=/; Secure".to_owned(),
        ),
    ] {
        assert_eq!(line(config).await, Ok(expected));
    }
}

#[tokio::test]
async fn a_cookie_that_a_browser_would_reject_is_an_error() {
    let cookie = CookieConfig::default;
    for name in ["__Host-id", "__secure-id", "__HTTP-id"] {
        let config = CookieConfig::development().name(name);
        assert_eq!(line(config).await, Err(ConfigError::PrefixNeedsSecure(name.into())));
    }
    for name in ["", "a b", "a=b", "a;b", "naïve", &"x".repeat(129)] {
        assert_eq!(line(cookie().name(name)).await, Err(ConfigError::CookieName(name.into())));
    }
    for domain in
        ["", ".", "com", "localhost", "127.0.0.1", "[::1]", "a..b", "-a.com", "a.com:80", "a.com; x", "ü.com"]
    {
        assert_eq!(line(cookie().domain(domain)).await, Err(ConfigError::Domain(domain.into())));
    }
    for path in ["", "app", "/a b", "/a;Domain=x", "/é", "/\n"] {
        assert_eq!(line(cookie().path(path)).await, Err(ConfigError::Path(path.into())));
    }
    let host = cookie().prefix(CookiePrefix::Host);
    for config in [
        host.clone().path("/app"),
        host.domain("example.com"),
        cookie().name("__Host-sessionid").path("/app"),
    ] {
        assert_eq!(line(config).await, Err(ConfigError::HostPrefix("__Host-sessionid".into())));
    }
    let plain = CookieConfig::development;
    assert_eq!(
        line(plain().prefix(CookiePrefix::Host)).await,
        Err(ConfigError::PrefixNeedsSecure("__Host-sessionid".into()))
    );
    assert_eq!(
        line(plain().same_site(SameSitePolicy::None)).await,
        Err(ConfigError::SameSiteNoneNeedsSecure)
    );
    assert_eq!(line(plain().partitioned(true)).await, Err(ConfigError::PartitionedNeedsSecure));
}

#[tokio::test]
async fn a_deleted_cookie_has_the_attributes_of_the_one_that_was_set() {
    let cookie = CookieConfig::default().domain("example.com").path("/app").partitioned(true);
    let sessions = Sessions::new(MemoryStore::new(), SessionConfig::default().cookie(cookie)).expect("valid");
    let session = sessions.open([b"__Secure-sessionid=x".as_slice()]);
    session.end().await.expect("a logout");
    assert_eq!(
        session.set_cookie().expect("a cookie"),
        "__Secure-sessionid=; HttpOnly; SameSite=Lax; Path=/app; Secure; Partitioned; Domain=example.com; Max-Age=0; \
         Expires=Thu, 01 Jan 1970 00:00:00 GMT"
    );
}

#[test]
fn a_timeout_of_zero_is_an_error() {
    let config = SessionConfig::default;
    for (config, what) in [
        (config().idle_timeout(Duration::ZERO), "idle timeout"),
        (config().lifetime(Duration::ZERO), "lifetime"),
        (config().anonymous_idle_timeout(Duration::ZERO), "idle timeout of anonymous sessions"),
        (config().anonymous_lifetime(Duration::ZERO), "lifetime of anonymous sessions"),
        (config().sweep_interval(Duration::ZERO), "sweep interval"),
    ] {
        assert_eq!(error(config), Some(ConfigError::ZeroDuration(what)));
    }
}

#[test]
fn a_configuration_is_read_from_a_file() {
    let text = json!({
        "cookie": {"name": "sid", "domain": "example.com", "same_site": "strict", "prefix": "none"},
        "idle_timeout": "15m", "lifetime": "1h 30m", "anonymous_idle_timeout": "PT5M", "max_per_user": 3
    });
    let config: SessionConfig = serde_json::from_value(text).expect("a configuration");
    let cookie = CookieConfig::default().name("sid").domain("example.com").prefix(CookiePrefix::None);
    let minutes = |n: u64| Duration::from_secs(60 * n);
    let expected = SessionConfig::default()
        .cookie(cookie.same_site(SameSitePolicy::Strict))
        .idle_timeout(minutes(15))
        .lifetime(minutes(90))
        .anonymous_idle_timeout(minutes(5))
        .max_per_user(Some(3));
    assert_eq!(config, expected);
    let written = serde_json::to_value(&config).expect("JSON");
    assert_eq!(serde_json::from_value::<SessionConfig>(written).expect("a configuration"), expected);
    for wrong in [json!({"idle_timeout": "-1m"}), json!({"idle_timeout": 5}), json!({"idle": "5m"})] {
        assert!(serde_json::from_value::<SessionConfig>(wrong).is_err());
    }
}

#[test]
fn limits_that_no_session_could_keep_are_rejected() {
    let build = |config| Sessions::new(MemoryStore::new(), config).map(drop);
    let grace = |seconds| SessionConfig::default().rotation_grace(Duration::from_secs(seconds));
    assert_eq!(build(grace(61)), Err(ConfigError::LongRotationGrace));
    assert_eq!(build(grace(60)), Ok(()));
    let none = SessionConfig::default().max_per_user(Some(0));
    assert_eq!(build(none), Err(ConfigError::NoSessionsPerUser));
}
