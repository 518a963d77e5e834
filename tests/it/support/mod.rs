//! Test support: temporary home directories, servers, and scripted servers.

use std::time::{Duration, Instant};

mod browser;
pub mod faulty;
mod forwarder;
mod home;
mod http;
pub mod matrix;
mod pgbouncer;
pub mod plain_words;
mod postgres;
mod redis;
mod script;
mod serve;
pub mod sources;
mod tls;

pub use browser::{Browser, ENTER, TAB};
pub use forwarder::Forwarder;
pub use home::{Home, Ran};
pub use http::{Answer, Kept, exchange, get, post};
pub use pgbouncer::{POOL_SIZE, PgBouncer};
pub use postgres::PostgresServer;
pub use redis::{RedisCluster, RedisServer, Sentinels, free_port};
pub use script::{Script, Seen, html, redirect, respond};
pub use serve::Serve;
pub use tls::Authority;

/// The path of something that `scripts/install-applications` installed.
#[track_caller]
pub fn installed(name: &str) -> std::path::PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(
        || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target"),
        std::path::PathBuf::from,
    );
    let path = std::path::absolute(target.join("applications").join(name)).expect("a path");
    assert!(
        path.exists(),
        "{} is missing: run scripts/install-applications, as scripts/test does",
        path.display()
    );
    path
}

/// The key under which a store keeps the session of this token.
pub fn key_of_token(token: &str) -> sessctl::session::TokenHash {
    use base64::Engine as _;
    use sha2::Digest as _;
    let token = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(token).expect("a token");
    sessctl::session::TokenHash::from_bytes(sha2::Sha256::digest(token).into())
}

/// Waits until a condition is true, for at most 30 seconds.
#[track_caller]
pub fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(30);
    while !condition() {
        assert!(Instant::now() < end, "timed out waiting for: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Waits for the next millisecond: sessions are ordered by their creation time in milliseconds.
pub fn in_another_millisecond() {
    let now =
        || std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a time").as_millis();
    let then = now();
    while now() == then {
        std::thread::yield_now();
    }
}
