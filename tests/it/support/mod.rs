//! What tests stand on: a home of their own, a server of their own, scripted servers that misbehave on cue.

use std::time::{Duration, Instant};

mod browser;
mod home;
mod http;
pub mod plain_words;
mod postgres;
mod redis;
mod script;
mod serve;
mod tls;

pub use browser::{Browser, ENTER, TAB};
pub use home::{Home, Ran};
pub use http::{Answer, Kept, exchange, get, post};
pub use postgres::PostgresServer;
pub use redis::{RedisCluster, RedisServer, free_port};
pub use script::{Script, Seen, html, redirect, respond};
pub use serve::Serve;
pub use tls::Authority;

/// What `scripts/install-applications` has put there.
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

/// Waits until something is so.
#[track_caller]
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(30);
    while !is_so() {
        assert!(Instant::now() < end, "waited for: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Sessions are told apart by when they began, in milliseconds: until the next one.
pub fn in_another_millisecond() {
    let now =
        || std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a time").as_millis();
    let then = now();
    while now() == then {
        std::thread::yield_now();
    }
}
